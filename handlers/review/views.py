"""What the review's screens are built from: the facts of one turn, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from handlers.dialogue.flow import JSON, Refusal, refusal
from handlers.review.facts import Answers, Facts, answered, facts_of, missing, self_grade
from handlers.review.rulebook import Form, Question, RuleSet
from handlers.review.rules import Reason, Suggestion, shortfalls, suggest
from storage.records import (
    Cycle,
    CycleState,
    FormKind,
    Grade,
    Member,
    NotRequired,
    Review,
    ReviewState,
    ReviewVersion,
)


@dataclass(frozen=True, slots=True)
class ReviewView:
    """One member's review in one cycle, as it stands today.

    ``review`` is None while nothing was begun; ``others`` is how many members of the cell must review (0: unknown);
    ``reads_cell`` says that this person may read what the cell submitted; ``cursor`` is the state's data.
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

    @property
    def answers(self) -> Answers:
        """The draft's answers by question."""
        return self.review.answers if self.review else {}

    @property
    def kind(self) -> FormKind:
        """The kind of person that the form was begun for, even if the roster says otherwise since."""
        return self.member.form if self.member.form in self.form.kinds else self.form.kinds[0]

    @property
    def facts(self) -> Facts:
        """The figures of the draft."""
        return facts_of(self.form, self.answers)

    @property
    def deadline(self) -> date:
        """The last day on which this member may submit."""
        return self.cycle.deadline_of(self.member.id)

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
    """The cycles to choose from: (cycle, whether it runs, whether this member has a review in it)."""

    cycles: tuple[tuple[Cycle, bool, bool], ...] = ()
    reads_cell: bool = False


@dataclass(frozen=True, slots=True)
class CellView:
    """What the members of the reader's own cell submitted in one cycle, and the one being read."""

    year: int = 0
    cycle: int = 0
    people: tuple[tuple[int, str, Grade], ...] = ()
    name: str = ""
    version: ReviewVersion | None = None
    form: Form | None = None
    rules: RuleSet | None = None
    cursor: Mapping[str, JSON] = field(default_factory=dict)


def may_write(view: ReviewView) -> Refusal | None:
    """Why nothing can be written into this review any more; the deadline alone does not stop a draft."""
    if view.cycle.cell_id != view.member.cell_id:
        return refusal("review.refused.other_cell", year=view.cycle.year)
    if view.cycle.state is CycleState.CLOSED:
        return refusal("review.refused.closed", year=view.cycle.year)
    if not view.cycle.takes_answers_on(view.today):
        return refusal("review.refused.not_open_yet", day=view.cycle.opens_on)
    if view.not_required is not None:
        return refusal(f"review.refused.{view.not_required}")
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
