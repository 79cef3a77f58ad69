"""What the review's screens are built from: the facts of one turn, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from handlers.dialogue.flow import JSON, Option, Refusal, refusal
from handlers.dialogue.phrases import Phrase
from handlers.review.changes import Compared
from handlers.review.facts import Answers, Facts, Part, answered, facts_of, missing, self_grade
from handlers.review.naming import year_of
from handlers.review.offers import NOTHING, Offers
from handlers.review.rulebook import Form, Question, ReviewPlace, RuleSet
from handlers.review.rules import Reason, Suggestion, shortfalls, suggest
from storage.records import (
    Cycle,
    CycleState,
    FormKind,
    Grade,
    Hearing,
    Member,
    NotRequired,
    Return,
    Review,
    ReviewState,
    ReviewVersion,
)


@dataclass(frozen=True, slots=True)
class ReviewView:
    """One member's review in one cycle, as it stands today.

    ``review`` is None while nothing was begun; ``others`` is how many members of the cell must review (0: unknown);
    ``reads_cell`` says that this person may read what the cell submitted; ``cursor`` is the state's data.
    ``criteria`` are the committee's criteria by score question, ``hearings`` where and when the form was reviewed.
    ``helper`` types for the member (None: the member does); ``banner`` stands at the head of every screen, and
    ``aids`` are what every screen offers beside its own options; nothing of a ``practice`` is kept.
    ``typed_by`` says who typed the version that is read. ``given_back`` is the open return, ``base`` the
    answers of the newest submission, there while a return is open.
    """

    member: Member
    cell: str
    cycle: Cycle
    today: date
    rules: RuleSet
    form: Form
    review: Review | None = None
    not_required: NotRequired | None = None
    reads_cell: bool = False
    graded: int = 0
    versions: tuple[ReviewVersion, ...] = ()
    cursor: Mapping[str, JSON] = field(default_factory=dict)
    helper: Member | None = None
    banner: Phrase | None = None
    aids: tuple[Option, ...] = ()
    practice: bool = False
    typed_by: tuple[Phrase, ...] = ()
    criteria: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)
    hearings: tuple[Hearing, ...] = ()
    given_back: Return | None = None
    base: Answers = field(default_factory=dict)
    compared: Compared | None = None
    offers: Offers = NOTHING

    @property
    def answers(self) -> Answers:
        """The draft's answers by question; where only parts are open, all others are those handed in."""
        draft = self.review.answers if self.review else {}
        if self.given_back is None or not self.limited:
            return draft
        open_now = self.given_back.questions
        kept = {key: given for key, given in self.base.items() if key not in open_now}
        return kept | {key: given for key, given in draft.items() if key in open_now}

    @property
    def kind(self) -> FormKind:
        """The kind of person that the form was begun for, even if the roster says otherwise since."""
        return self.member.form if self.member.form in self.form.kinds else self.form.kinds[0]

    @property
    def facts(self) -> Facts:
        """The figures of the draft."""
        return facts_of(self.form, self.answers)

    @property
    def own_deadline(self) -> date:
        """The last day on which this member may change and submit everything."""
        return self.cycle.deadline_of(self.member.id)

    @property
    def deadline(self) -> date:
        """The last day on which this member may submit: a return may give more time for what it names."""
        given = self.given_back
        return max(self.own_deadline, given.until_on) if given and given.until_on else self.own_deadline

    @property
    def limited(self) -> bool:
        """Whether only the parts that were given back can be changed: the deadline for all others has passed."""
        return self.given_back is not None and self.own_deadline < self.today <= self.deadline

    @property
    def late(self) -> bool:
        """Whether that day has passed."""
        return self.today > self.deadline

    @property
    def submitted(self) -> bool:
        """Whether the newest submission is what the draft says, with nothing changed since."""
        return self.review is not None and self.review.state is ReviewState.SUBMITTED

    @property
    def missing(self) -> tuple[Question, ...]:
        """The questions that are still to be answered before the form can be submitted."""
        return missing(self.form, self.answers)

    @property
    def done(self) -> int:
        """How many questions need no more attention."""
        return sum(answered(question, self.answers) for question in self.form.questions)

    @property
    def suggestion(self) -> Suggestion:
        """What points and conditions suggest at this moment."""
        return suggest(self.rules, self.kind, self.facts)

    @property
    def own_grade(self) -> Grade | None:
        """The grade that the member takes."""
        return self_grade(self.form, self.answers)

    def gap(self) -> tuple[Reason, ...]:
        """What the rules miss for the grade taken, where it is better than the suggested one."""
        own, suggested = self.own_grade, self.suggestion
        order = list(Grade)
        if own is None or (suggested.grade and order.index(own) >= order.index(suggested.grade)):
            return ()
        return shortfalls(self.rules, self.kind, self.facts, own)

    def place_of(self, question: Question) -> int:
        """The question's number in order, from 1."""
        return self.form.questions.index(question) + 1


@dataclass(frozen=True, slots=True)
class PickView:
    """The cycles to choose from: (cycle, whether it can be opened, whether this member has a review in it)."""

    cycles: tuple[tuple[Cycle, bool, bool], ...] = ()
    reads_cell: bool = False


@dataclass(frozen=True, slots=True)
class CellView:
    """What the members of the reader's own cell submitted in one cycle, and the one being read.

    ``others`` are further cycles to look at; ``returned`` are the people whose form is given back,
    ``given_back`` is that of the one being read, ``may_return`` says that the reader may give it back.
    ``typed_by`` says who typed it for the member.
    """

    year: int = 0
    cycle: int = 0
    people: tuple[tuple[int, str, Grade], ...] = ()
    name: str = ""
    version: ReviewVersion | None = None
    form: Form | None = None
    hearings: tuple[Hearing, ...] = ()
    places: tuple[ReviewPlace, ...] = ()
    rules: RuleSet | None = None
    cursor: Mapping[str, JSON] = field(default_factory=dict)
    of: Cycle | None = None
    others: tuple[Cycle, ...] = ()
    returned: frozenset[int] = frozenset()
    given_back: Return | None = None
    may_return: bool = False
    compared: Compared | None = None
    typed_by: tuple[Phrase, ...] = ()


def may_write(view: ReviewView) -> Refusal | None:
    """Why nothing can be written into this review any more; the deadline alone does not stop a draft."""
    if view.cycle.cell_id != view.member.cell_id:
        return refusal("review.refused.other_cell", year=year_of(view.cycle))
    if view.cycle.state is CycleState.CLOSED:
        return refusal("review.refused.closed", year=year_of(view.cycle))
    if view.cycle.state is CycleState.PAUSED:
        return refusal("review.refused.paused", year=year_of(view.cycle), reason=view.cycle.paused_reason)
    if not view.cycle.takes_answers_on(view.today):
        return refusal("review.refused.not_open_yet", day=view.cycle.opens_on)
    if view.not_required is not None:
        return refusal(f"review.refused.{view.not_required}")
    return None


def may_change(view: ReviewView, question: Question) -> Refusal | None:
    """Why this question cannot be answered anew while others can: it is not among those given back."""
    if view.limited and view.given_back is not None and question.key not in view.given_back.questions:
        return refusal("review.refused.not_returned", day=view.own_deadline)
    return None


def may_submit(view: ReviewView) -> Refusal | None:
    """Why this review cannot be submitted now; what is written stays in any case."""
    if refused := may_write(view):
        return refused
    if view.late:
        again = "review.refused.late_again" if view.review and view.review.version else "review.refused.late"
        return refusal(again, day=view.deadline)
    if view.missing:
        return refusal("review.refused.missing", count=len(view.missing))
    if view.submitted:
        return refusal("review.refused.nothing_new")
    return None


def cursor_of(values: Mapping[str, Any], name: str) -> int:
    """A whole number of the cursor; 0 where it has none."""
    value = values.get(name)
    return value if isinstance(value, int) else 0
