"""The question screens of a form: heading, one line of help, what is written already, and the ways on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from handlers.dialogue.flow import Option
from handlers.dialogue.phrases import Number, Phrase, Plain, Points, Text, lines, paragraphs, t
from handlers.review.cap import CapPolicy, Rounding, cap_label, most_excellent
from handlers.review.drafts_screens import offer_lines, offer_options
from handlers.review.facts import Remedy, running_points
from handlers.review.rulebook import GradeOf, Kind, Need, Question
from handlers.review.rules import Reason, grade_text
from handlers.review.scoring import parts_now, score_options, score_phrase, score_screen
from handlers.review.units import unit_lines, waiting_unit
from handlers.review.views import ReviewView, cursor_of
from handlers.review.writing import TASK_PARTS, noted_fault, onwards_label, waiting_fault
from storage.records import Grade

_SHOWN = 700
_BRIEF = 90
_WORDS = {Kind.TEXT, Kind.LIST, Kind.REMEDIATION}
_GRADE_WORDS = {
    Grade.EXCELLENT: ("xuat sac", "excellent", "htxs", "htxsnv"),
    Grade.GOOD: ("tot", "good", "htt", "httnv"),
    Grade.COMPLETED: ("hoan thanh", "completed", "htnv"),
    Grade.NOT_COMPLETED: ("khong hoan thanh", "not completed", "kht", "khtnv"),
}


def question_screen(question: Question) -> Callable[[ReviewView], Phrase]:
    """The whole screen of a question."""

    def body(view: ReviewView) -> Phrase:
        written = _written(view, question)
        # Who has begun to write knows the question: the words written need the room more than the heading.
        help_line = None if written and question.kind in _WORDS else _help(question)
        return paragraphs(
            _head(view, question, brief=help_line is None),
            help_line,
            _extras(view, question),
            written,
            offer_lines(view, question),
        )

    return body


def question_options(question: Question) -> Callable[[ReviewView], tuple[Option, ...]]:
    """The buttons of a question: what can be chosen, and the ways on."""

    def options(view: ReviewView) -> tuple[Option, ...]:
        given = view.answers.get(question.key)
        chosen = tuple(_choices(view, question))
        return (*chosen, *offer_options(view, question), *_ways(view, question, given))

    return options


def short(question: Question) -> Text:
    """The question's short label."""
    return t(f"review.short.{question.key}")


def clip(text: str, most: int, *, tail: bool = False) -> str:
    """At most ``most`` UTF-16 units of a text, its beginning or its end, marked where something is cut."""
    if units(text) <= most:
        return text
    kept = text[-most:] if tail else text[:most]
    while units(kept) > most - 2:
        kept = kept[1:] if tail else kept[:-1]
    return f"… {kept.lstrip()}" if tail else f"{kept.rstrip()} …"


def units(text: str) -> int:
    """How long a messenger takes a text to be: UTF-16 units, an emoji has two or more."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def reason_line(reason: Reason) -> Phrase:
    """A reason with the article it rests on."""
    return t("review.reason", what=reason.text, article=reason.article)


def suggestion_lines(view: ReviewView) -> Phrase:
    """The suggested grade with its reasons, or why there is none."""
    suggestion = view.suggestion
    head = t("review.suggested", grade=grade_text(suggestion.grade)) if suggestion.grade else t("review.undecided")
    return lines(head, *map(reason_line, suggestion.reasons))


def _head(view: ReviewView, question: Question, *, brief: bool = False) -> Phrase:
    head = t(
        "review.question",
        place=view.place_of(question),
        total=len(view.form.questions),
        number=question.number,
        short=short(question),
    )
    if not question.printed:
        return lines(head, t("review.not_printed"))
    return lines(head, Plain(clip(question.heading, _BRIEF) if brief else question.heading))


def _help(question: Question) -> Phrase:
    if question.kind is Kind.LEVEL:
        return t("review.help.level")
    return t(f"review.help.{question.key}")


def _extras(view: ReviewView, question: Question) -> Phrase | None:
    match question.kind:
        case Kind.SCORE if parts_now(view, question):
            return score_screen(view, question)
        case Kind.SCORE:
            return _score_lines(view, question)
        case Kind.GRADE if question.grade_of is GradeOf.PARTY:
            return paragraphs(suggestion_lines(view), _cap_line(view), t("review.your_choice"))
    return None


def _score_lines(view: ReviewView, question: Question) -> Phrase:
    group = next(group for group in view.form.scores if group.key == question.group)
    total, answered_of = running_points(view.form, view.answers)
    running = t("review.running", total=Points(total), of=answered_of) if answered_of else None
    criteria = lines(t("review.criteria"), *(Plain(f"• {name}") for name in group.criteria))
    return paragraphs(criteria if group.criteria else None, running, t("review.type_points", max=question.maximum))


def _cap_line(view: ReviewView) -> Phrase | None:
    """What the cap could mean for the cell; told early, so that nobody is surprised at the meeting."""
    caps = {policy.key: policy for policy in view.rules.caps if policy.rounding is Rounding.FLOOR}
    policy: CapPolicy | None = caps.get(view.rules.cap_default)
    if policy is None or view.graded < 2:
        return None
    return t(
        "review.cap.line",
        count=view.graded,
        most=most_excellent(policy, view.graded),
        reading=cap_label(policy),
        article=policy.article,
    )


def _written(view: ReviewView, question: Question) -> Phrase | None:
    if question.key not in view.answers:
        return None
    given = view.answers[question.key]
    if given is None:
        return left_empty(question)
    match question.kind:
        case Kind.TEXT:
            return lines(t("review.written", count=Number(len(given))), Plain(clip(given, _SHOWN, tail=True)))
        case Kind.LIST:
            return lines(t("review.items", count=len(given)), *numbered_items(given, _SHOWN))
        case Kind.REMEDIATION:
            return lines(t("review.items", count=len(given)), *fault_lines(given, _SHOWN))
        case Kind.UNITS:
            shown = unit_lines(given, lambda name: clip(name, 60))
            return lines(t("review.units.count", count=len(given)), *shown)
        case Kind.SCORE if parts_now(view, question):
            return None  # the criteria above say it all
    return t("review.now", answer=answer_phrase(question, given))


def left_empty(question: Question) -> Text:
    """What an answer left open says: "none" where the form asks "if any", else nothing."""
    return t("review.none" if question.need is Need.IF_ANY else "review.empty")


def answer_phrase(question: Question, given: Any) -> Phrase:
    """A short answer (points, level, grade, figures) as words."""
    match question.kind:
        case Kind.SCORE:
            return score_phrase(question, given)
        case Kind.LEVEL:
            return t(f"review.level.{given}")
        case Kind.GRADE:
            return t(f"review.grade.{given}")
        case Kind.TASKS:
            counted = {part: Number(given[part]) if part in given else "?" for part in TASK_PARTS}
            return t("review.tasks", **counted)
    return Plain(str(given))


def numbered_items(items: list[str], most: int) -> tuple[Phrase, ...]:
    """List items with their numbers; the oldest are left out where there is no room, never the newest."""
    room = max(60, most // max(1, len(items[-8:])))
    first = max(0, len(items) - 8)
    shown = [Plain(f"{place}. {clip(item, room)}") for place, item in enumerate(items[first:], first + 1)]
    return (Plain("…"), *shown) if first else tuple(shown)


def fault_lines(faults: list[dict[str, Any]], most: int) -> tuple[Phrase, ...]:
    """Earlier faults with their state."""
    shown: list[Phrase] = []
    room = max(60, most // max(1, len(faults[-8:])))
    for place, fault in list(enumerate(faults, 1))[-8:]:
        state = t(f"review.remedy.{fault['state']}" if fault["state"] else "review.remedy.open")
        shown.append(t("review.fault", number=place, text=clip(fault["text"], room), state=state))
    return tuple(shown)


def _choices(view: ReviewView, question: Question) -> tuple[Option, ...]:
    if question.kind is Kind.LEVEL:
        return tuple(Option(level, t(f"review.level.{level}")) for level in view.rules.level_names or {})
    if question.kind is Kind.SCORE:
        return score_options(view, question)
    if question.kind is Kind.GRADE:
        return tuple(Option(grade, t(f"review.grade.{grade}"), _GRADE_WORDS[grade]) for grade in Grade)
    return ()


def _ways(view: ReviewView, question: Question, given: Any) -> tuple[Option, ...]:
    ways = []
    if question.key in view.answers or view.cursor.get("edit"):
        ways.append(
            Option(
                "next",
                onwards_label(view, question),
                ("tiep", "tiep theo", "tiep tuc", "xong", "next", "continue", "done"),
            )
        )
    if question.need is not Need.REQUIRED and not given:
        label = "review.option.none" if question.need is Need.IF_ANY else "review.option.empty"
        ways.append(Option("none", t(label), ("khong co", "khong", "de trong", "none", "no")))
    if given and question.kind is Kind.TEXT:
        ways.append(Option("again", t("review.option.again"), ("viet lai", "rewrite")))
    if given and question.kind in {Kind.LIST, Kind.REMEDIATION, Kind.UNITS}:
        ways.append(Option("drop", t("review.option.drop"), ("bo y cuoi", "drop last")))
    if cursor_of(view.cursor, "undo") and view.cursor.get("undo_of") == question.key:
        ways.append(Option("undo", t("review.option.undo"), ("lay lai", "undo")))
    return tuple(ways)


def state_screen(question: Question) -> Callable[[ReviewView], Phrase]:
    """Where the earlier fault stands that has no state yet."""

    def body(view: ReviewView) -> Phrase:
        faults = view.answers.get(question.key) or []
        place = waiting_fault(faults)
        words = Plain(clip(faults[place]["text"], _SHOWN)) if place is not None else None
        return paragraphs(_head(view, question, brief=True), words, t("review.help.remedy"))

    return body


def state_options(_: ReviewView) -> tuple[Option, ...]:
    """The three states of the form."""
    words = {
        Remedy.DONE: ("da", "da khac phuc", "done"),
        Remedy.ONGOING: ("dang", "dang khac phuc", "ongoing"),
        Remedy.NOT_YET: ("chua", "chua khac phuc", "not yet"),
    }
    return tuple(Option(remedy, t(f"review.remedy.{remedy}"), words[remedy]) for remedy in Remedy)


def note_screen(question: Question) -> Callable[[ReviewView], Phrase]:
    """How far, what stands in the way, whose part it is."""

    def body(view: ReviewView) -> Phrase:
        faults = view.answers.get(question.key) or []
        place = noted_fault(faults)
        words = Plain(clip(faults[place]["text"], _SHOWN)) if place is not None else None
        return paragraphs(_head(view, question, brief=True), words, t("review.help.remedy_note"))

    return body


def note_options(_: ReviewView) -> tuple[Option, ...]:
    """Nothing to add is an answer, too."""
    return (Option("list", t("review.option.no_note"), ("khong", "bo qua", "no", "skip")),)


def task_screen(question: Question, part: str) -> Callable[[ReviewView], Phrase]:
    """One of the four counts."""

    def body(view: ReviewView) -> Phrase:
        given = view.answers.get(question.key) or {}
        so_far = t("review.now", answer=answer_phrase(question, given)) if given else None
        return paragraphs(_head(view, question), so_far, t(f"review.ask.tasks.{part}"))

    return body


def unit_screen(question: Question, part: str) -> Callable[[ReviewView], Phrase]:
    """One share, or the grade, of the unit that is asked about."""

    def body(view: ReviewView) -> Phrase:
        waiting = waiting_unit(view.answers.get(question.key))
        place = waiting[0] if waiting else len(view.answers.get(question.key) or []) - 1
        shown = unit_lines(view.answers.get(question.key), lambda name: clip(name, 120))
        return paragraphs(
            _head(view, question, brief=True), shown[place] if place >= 0 else None, t(f"review.ask.units.{part}")
        )

    return body
