"""Setting two versions side by side: load them, lead between the screens, send the file."""

from __future__ import annotations

from handlers.dialogue.engine import Answer
from handlers.dialogue.fold import fold
from handlers.dialogue.phrases import Param, Plain, t
from handlers.dialogue.room import Message, Outcome, Visit, go, stay
from handlers.papers.difference import difference_to_send
from handlers.posting import words_of
from handlers.review.changes import Compared
from handlers.review.comparing import Comparing, chosen_two, facts_of
from handlers.review.difference import differences
from handlers.review.rulebook import Form
from handlers.review.views import cursor_of
from storage.records import ReviewVersion

COMPARING = frozenset({"difference", "compare", "compare_to"})


def compare(
    visit: Visit, form: Form, versions: tuple[ReviewVersion, ...], name: str, year: Param
) -> Compared | None:
    """The two versions that the cursor means, set side by side in the reader's words."""
    by_number = {version.version: version for version in versions}
    two = chosen_two(tuple(by_number), visit.state.data)
    if two is None:
        return None
    earlier, later = by_number[two[0]], by_number[two[1]]
    say = words_of(visit.language, visit.house).bare
    return Compared(
        name=name,
        year=year,
        earlier=(earlier.version, earlier.submitted_at),
        later=(later.version, later.submitted_at),
        numbers=tuple(by_number),
        changes=differences(form, earlier.answers, later.answers, say),
    )


def answer_comparing(visit: Visit, view: Comparing, answer: Answer) -> Outcome:
    """Turn a page, send the file, choose two others."""
    option = answer.option or ""
    match answer.step, option:
        case "difference", "prev" | "more":
            return stay(None, page=max(0, cursor_of(view.cursor, "page") + (1 if option == "more" else -1)))
        case "difference", "file" if view.compared is not None:
            return stay(t("review.difference.sent"), _file(visit, view.compared))
        case "difference", "other":
            return go("compare")
        case "compare", _:
            return go("compare_to", earlier=int(option.removeprefix("v")))
        case "compare_to", _:
            return go("difference", later=int(option.removeprefix("v")), page=0)
    return stay()


def _file(visit: Visit, compared: Compared) -> Message:
    say = words_of(visit.language, visit.house).bare
    title = t("review.difference.title", name=compared.name, year=compared.year)
    whose = fold(compared.name).replace(" ", "-")[:60]
    name = f"so-sanh-{whose}-{compared.earlier[0]}-{compared.later[0]}.docx"
    file = difference_to_send(name, title, [facts_of(compared)], compared.changes, say)
    return Message(visit.address, t("review.difference.caption", name=Plain(compared.name)), attachment=file)
