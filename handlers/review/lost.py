"""A review whose form the product no longer has: all that was written can be read, and nothing of it goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from handlers.assisting.rights import helping, shut_out
from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import END, JSON, Flow, Option, Step, Takes
from handlers.dialogue.phrases import Phrase, lines, paragraphs, t
from handlers.dialogue.room import Outcome, Recipe, Visit, enter, finish, stay
from handlers.dialogue.said import Command
from handlers.organisation.permissions import Verb
from handlers.review.facts import Answers
from handlers.review.reading import page_of, page_options, reading
from handlers.review.rulebook import Form
from handlers.review.salvage import form_for_reading
from handlers.review.views import cursor_of
from storage import cycles, reviews
from storage.records import CycleId, Review
from storage.transaction import Connection

LOST = "review_lost"


@dataclass(frozen=True, slots=True)
class LostView:
    """What was written, and a form to read it by; ``review`` is None where there is nothing."""

    year: int = 0
    review: Review | None = None
    form: Form | None = None
    answers: Answers = field(default_factory=dict)
    cursor: Mapping[str, JSON] = field(default_factory=dict)


def _pages(view: LostView) -> tuple[Phrase, ...]:
    return reading(view.form, view.answers) if view.form and view.answers else ()


def _body(view: LostView) -> Phrase:
    if view.review is None:
        return t("review.lost.nothing")
    head = t("review.lost", year=view.year)
    if view.review.version:
        head = t("review.lost.submitted", year=view.year, version=view.review.version)
    pages = _pages(view)
    if not pages:
        return head
    page = page_of(pages, view.cursor)
    return paragraphs(lines(head, t("review.page", page=page + 1, pages=len(pages))), pages[page])


def _options(view: LostView) -> tuple[Option, ...]:
    pages = _pages(view)
    return page_options(len(pages), page_of(pages, view.cursor)) if pages else ()


LOST_FLOW = Flow[LostView](
    name=LOST,
    first="read",
    verb=Verb.REVIEW_WRITE,
    steps=(
        Step("read", ask="review.lost", takes=Takes.LONG_TEXT, body=_body, options=_options, leads=("read", END)),
    ),
)


class LostRoom:
    """Takes over where a form's own conversation is gone."""

    flows: tuple[Flow[LostView], ...] = (LOST_FLOW,)
    commands: Mapping[str, str | None] = {}
    recipes: Mapping[str, Recipe] = {}
    group_commands: frozenset[str] = frozenset()

    def inherits(self, flow: str) -> str | None:
        """The flow that takes over for one that is gone: every form's is called ``review.<folder>.<file>``."""
        return LOST if flow.startswith("review.") else None

    def shut_out(self, tx: Connection, visit: Visit) -> Phrase | None:
        """Whoever typed for a member stands here with the same right, and no longer."""
        return shut_out(tx, visit)

    def load(self, tx: Connection, visit: Visit) -> LostView:
        """Fetch the draft, or what was submitted last where there is no draft beside it."""
        cycle = cycles.get(tx, CycleId(cursor_of(visit.state.data, "cycle")))
        help = helping(tx, visit)
        member = help.member if help else visit.known.member
        review = reviews.find(tx, cycle.id, member.id) if cycle else None
        if cycle is None or review is None:
            return LostView(cursor=visit.state.data)
        answers = review.answers
        form = form_for_reading(review.form, answers)
        return LostView(cycle.year, review, form, answers, visit.state.data)

    def command(self, tx: Connection, visit: Visit, command: Command) -> Outcome:
        """No command leads here."""
        return enter(LOST)

    def answer(self, tx: Connection, visit: Visit, view: LostView, answer: Answer) -> Outcome:
        """Turn a page; words typed for the question that is gone are put away beside the draft."""
        if answer.option in {"prev", "more"}:
            return stay(None, page=cursor_of(view.cursor, "page") + (1 if answer.option == "more" else -1))
        if view.review is None:
            return finish(t("review.lost.nothing"))
        if answer.value is not None:
            reviews.keep(tx, view.review, str(view.cursor.get("was") or "unplaced")[:80], answer.value, visit.now)
            return stay(t("review.kept_aside"))
        return stay()
