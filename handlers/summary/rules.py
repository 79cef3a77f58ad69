"""The figures of a cell: counted from records, each share with the name of what it is a share of; pure.

``Figures`` holds counts and nothing personal, so whatever is made from it alone may be shown where names may not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, tzinfo
from enum import StrEnum
from fractions import Fraction

from handlers.checklist.rules import Point, is_overdue, points_of
from handlers.dialogue.fold import fold
from handlers.review.cap import CapReading, CapResult, GradeCounts, cap_check
from storage.records import (
    ChecklistItem,
    Cycle,
    Grade,
    ItemState,
    Mark,
    MemberId,
    NotRequired,
    Role,
    RosterLine,
)


class NotYet(StrEnum):
    """Why somebody who must review has not handed in, the reason that a human being can act on first."""

    AWAY = "away"
    NEVER_JOINED = "never_joined"
    UNREACHABLE = "unreachable"
    BEGUN = "begun"
    NOTHING = "nothing"


class Denominator(StrEnum):
    """The five totals that a share may be taken of; a per cent without one of these names is no figure."""

    TOTAL = "total"
    REQUIRED = "required"
    REVIEWED = "reviewed"
    GOOD = "good"
    GOOD_OR_BETTER = "good_or_better"


@dataclass(frozen=True, slots=True)
class Case:
    """One member in one cycle: required or why not; handed in (when, late or not) or why not; the points.

    ``not_yet`` is None for those who handed in and for those who need not; ``points`` is empty for those whom the
    checklist does not concern (exempt, suspended).
    """

    line: RosterLine
    deadline: date
    not_required: NotRequired | None = None
    not_yet: NotYet | None = None
    submitted_on: date | None = None
    late: bool = False
    points: tuple[Point, ...] = ()
    overdue: tuple[int, ...] = ()

    @property
    def reviewed(self) -> bool:
        """Required and handed in: one of those who are counted by grade."""
        return self.not_required is None and self.not_yet is None


@dataclass(frozen=True, slots=True)
class PointFigures:
    """One point of the list over all members it concerns: how many stand where, how many are overdue."""

    number: int
    label: str
    due_on: date | None
    states: Mapping[ItemState, int]
    overdue: int = 0

    @property
    def done(self) -> int:
        """How many are done."""
        return self.states.get(ItemState.DONE, 0)

    @property
    def counted(self) -> int:
        """How many members the point applies to: the denominator of ``done``."""
        return sum(self.states.values()) - self.states.get(ItemState.NOT_APPLICABLE, 0)


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of one cell (or of several together) in one year; inconsistent counts cannot be built.

    ``grades`` are the members' own (self) grades; nobody has decided anything yet. ``beyond`` are people who handed
    in without having to: they are told apart and counted nowhere else.
    """

    total: int
    exempt: int
    suspended: int
    under_six_months: int
    on_time: int
    late: int
    grades: Mapping[Grade, int]
    not_yet: Mapping[NotYet, int]
    beyond: int = 0
    points: tuple[PointFigures, ...] = ()
    required: int = field(init=False)
    reviewed: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "required", self.total - self.exempt - self.suspended - self.under_six_months)
        object.__setattr__(self, "reviewed", sum(self.grades.values()))
        if self.reviewed != self.on_time + self.late:
            raise ValueError(f"{self.reviewed} graded, but {self.on_time} on time and {self.late} late")
        if self.required - self.reviewed != self.missing:
            raise ValueError(f"{self.required} required, {self.reviewed} reviewed, {self.missing} missing")

    @property
    def missing(self) -> int:
        """How many must hand in and have not."""
        return sum(self.not_yet.values())

    def of(self, denominator: Denominator) -> int:
        """The total of that name."""
        good = self.grades.get(Grade.GOOD, 0)
        return {
            Denominator.TOTAL: self.total,
            Denominator.REQUIRED: self.required,
            Denominator.REVIEWED: self.reviewed,
            Denominator.GOOD: good,
            Denominator.GOOD_OR_BETTER: good + self.grades.get(Grade.EXCELLENT, 0),
        }[denominator]

    def share(self, count: int, denominator: Denominator) -> Fraction | None:
        """The count as an exact share of that total; None where nobody is in it."""
        return share(count, self.of(denominator))


def share(count: int, of: int | None) -> Fraction | None:
    """An exact share; None where the total is unknown or nought: not enough is known for a per cent."""
    return Fraction(count, of) if of else None


def cases(
    lines: Iterable[RosterLine],
    not_required: Mapping[MemberId, NotRequired],
    cycle: Cycle,
    items: Sequence[ChecklistItem],
    marks: Iterable[Mark],
    today: date,
    zone: tzinfo,
) -> tuple[Case, ...]:
    """Where every member stands on ``today`` (a day in ``zone``), by given name; removed ones are left out."""
    of_member: dict[MemberId, list[Mark]] = {}
    for mark in marks:
        of_member.setdefault(mark.member_id, []).append(mark)
    here = [line for line in lines if line.member.removed_at is None]
    here.sort(key=lambda line: by_given_name(line.member.full_name))
    return tuple(
        _case(
            line,
            not_required.get(line.member.id),
            cycle.deadline_of(line.member.id),
            points_of(items, of_member.get(line.member.id, ())),
            today,
            zone,
        )
        for line in here
    )


def _case(
    line: RosterLine,
    not_required: NotRequired | None,
    deadline: date,
    points: tuple[Point, ...],
    today: date,
    zone: tzinfo,
) -> Case:
    submitted = line.first_submitted_at.astimezone(zone).date() if line.first_submitted_at else None
    if not_required in {NotRequired.EXEMPT, NotRequired.SUSPENDED}:
        points = ()
    return Case(
        line,
        deadline,
        not_required=not_required,
        not_yet=_why_not(line, today) if submitted is None and not_required is None else None,
        submitted_on=submitted,
        late=submitted is not None and submitted > deadline,
        points=points,
        overdue=tuple(p.item.number for p in points if is_overdue(p.item, p.state, today)),
    )


def _why_not(line: RosterLine, today: date) -> NotYet:
    if line.member.away_on(today):
        return NotYet.AWAY
    if not line.joined:
        return NotYet.NEVER_JOINED
    if line.trouble is not None:
        return NotYet.UNREACHABLE
    return NotYet.BEGUN if line.begun else NotYet.NOTHING


def figures_of(found: Sequence[Case]) -> Figures:
    """Count the cases; raises ValueError for a submission without a grade (every form asks for one)."""
    reasons = Counter(case.not_required for case in found)
    reviewed = [case for case in found if case.reviewed]
    grades = Counter(case.line.self_grade for case in reviewed)
    if None in grades:
        raise ValueError("handed in without a grade")
    late = sum(case.late for case in reviewed)
    return Figures(
        total=len(found),
        exempt=reasons[NotRequired.EXEMPT],
        suspended=reasons[NotRequired.SUSPENDED],
        under_six_months=reasons[NotRequired.UNDER_SIX_MONTHS],
        on_time=len(reviewed) - late,
        late=late,
        grades={grade: grades[grade] for grade in Grade},
        not_yet={why: sum(case.not_yet is why for case in found) for why in NotYet},
        beyond=sum(case.not_required is not None and case.submitted_on is not None for case in found),
        points=_point_figures(found),
    )


def _point_figures(found: Sequence[Case]) -> tuple[PointFigures, ...]:
    concerned = [case for case in found if case.points]
    figures = []
    for column in zip(*(case.points for case in concerned), strict=True):
        item = column[0].item
        states = Counter(point.state for point in column)
        late = sum(item.number in case.overdue for case in concerned)
        figures.append(PointFigures(item.number, item.label, item.due_on, dict(states), late))
    return tuple(figures)


def together(parts: Sequence[Figures]) -> Figures:
    """The figures of several cells as one; their lists of points differ and are left out."""
    return Figures(
        total=sum(part.total for part in parts),
        exempt=sum(part.exempt for part in parts),
        suspended=sum(part.suspended for part in parts),
        under_six_months=sum(part.under_six_months for part in parts),
        on_time=sum(part.on_time for part in parts),
        late=sum(part.late for part in parts),
        grades={grade: sum(part.grades.get(grade, 0) for part in parts) for grade in Grade},
        not_yet={why: sum(part.not_yet.get(why, 0) for part in parts) for why in NotYet},
        beyond=sum(part.beyond for part in parts),
    )


def missing_people(found: Sequence[Case]) -> tuple[Case, ...]:
    """Those who must hand in and have not, by reason and then by name; for the secretary and the chair only."""
    return tuple(case for why in NotYet for case in found if case.not_yet is why)


def by_given_name(full_name: str) -> tuple[str, str, str]:
    """The key that puts people in the order of a Vietnamese list: given name (the last word) first."""
    words = fold(full_name).split()
    return (words[-1] if words else "", " ".join(words), full_name)


def grade_counts(found: Sequence[Case]) -> GradeCounts:
    """The self grades as the cap wants them, the chair's told apart because one reading leaves the head out."""
    graded = [
        (case.line.self_grade, Role.CHAIR in case.line.member.roles)
        for case in found
        if case.reviewed and case.line.self_grade
    ]
    return GradeCounts(
        by_grade=Counter(grade for grade, _ in graded), heads=tuple(grade for grade, head in graded if head)
    )


def cap_readings(readings: Sequence[CapReading], counts: GradeCounts) -> tuple[tuple[CapResult, ...], ...]:
    """What every reading of the cap says: a tuple a reading, a result for each rounding; a warning at most."""
    return tuple(tuple(cap_check(policy, counts) for policy in reading.policies) for reading in readings)
