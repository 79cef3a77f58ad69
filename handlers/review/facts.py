"""What the answers of a form say in figures: points, tasks, earlier faults, levels; what the rules look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from fractions import Fraction
from typing import Any

from handlers.dialogue.flow import Refusal, refusal
from handlers.review.rulebook import Form, GradeOf, ItemLevel, Kind, Need, Question
from storage.records import Grade, ScoreTenths

Answers = Mapping[str, Any]


class Remedy(StrEnum):
    """Where one earlier fault stands (the form's three words: đã, đang, chưa được khắc phục)."""

    DONE = "done"
    ONGOING = "ongoing"
    NOT_YET = "not_yet"


@dataclass(frozen=True, slots=True)
class Tasks:
    """How many tasks of the year were given, done, done late, done beyond what was asked."""

    given: int
    done: int
    late: int
    exceeded: int

    def share(self, part: int) -> Fraction | None:
        """``part`` in per cent of the tasks given; None where none was given."""
        return Fraction(100 * part, self.given) if self.given else None


@dataclass(frozen=True, slots=True)
class Remedied:
    """How many earlier faults are named, and how many of them are remedied."""

    named: int
    done: int


@dataclass(frozen=True, slots=True)
class Part:
    """One criterion of a score question: its words, its greatest number of points and those given, in tenths."""

    label: str
    maximum: int
    points: ScoreTenths | None = None


UNIT_PARTS = ("done", "late", "exceeded", "grade")


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisation that a leader leads: shares of its tasks in tenths of a per cent, and its grade.

    None means that it is not known; ``asked`` are those of ``UNIT_PARTS`` that were answered, if only so.
    """

    name: str
    done: int | None = None
    late: int | None = None
    exceeded: int | None = None
    grade: Grade | None = None
    asked: frozenset[str] = frozenset()

    @property
    def complete(self) -> bool:
        """Whether everything was asked."""
        return self.asked.issuperset(UNIT_PARTS)


@dataclass(frozen=True, slots=True)
class Facts:
    """The figures of one review. None, or a missing key, means not answered; an answered "none" is a fact."""

    points: ScoreTenths | None = None
    tasks: Mapping[str, Tasks] = field(default_factory=dict)
    remedied: Remedied | None = None
    levels: Mapping[str, ItemLevel | None] = field(default_factory=dict)
    work_grade: Grade | None = None
    no_work_grade: bool = False
    units: Mapping[str, tuple[Unit, ...]] = field(default_factory=dict)


def facts_of(form: Form, answers: Answers) -> Facts:
    """Read the figures out of the answers to this form."""
    work = [question.key for question in form.of_kind(Kind.GRADE) if question.grade_of is GradeOf.WORK]
    given = answers.get(work[0]) if work else None
    return Facts(
        points=total_points(form, answers),
        tasks={
            question.key: Tasks(**answers[question.key])
            for question in form.of_kind(Kind.TASKS)
            if _complete(question, answers.get(question.key))
        },
        remedied=_remedied(form, answers),
        levels={
            question.key: ItemLevel(answers[question.key]) if answers[question.key] else None
            for question in form.of_kind(Kind.LEVEL)
            if question.key in answers
        },
        work_grade=Grade(given) if given else None,
        no_work_grade=bool(work) and work[0] in answers and not given,
        units={
            question.key: tuple(unit for unit in units_of(answers.get(question.key)) if unit.complete)
            for question in form.of_kind(Kind.UNITS)
        },
    )


def points_of(given: Any) -> ScoreTenths | None:
    """The points of one score answer, in tenths; None while it, or one of its parts, is missing."""
    if isinstance(given, dict):
        points = [part.points for part in parts_of(given)]
        return ScoreTenths(sum(p or 0 for p in points)) if points and None not in points else None
    return None if given is None else ScoreTenths(given)


def parts_of(given: Any) -> tuple[Part, ...]:
    """The criteria of a score answer with the points given so far; nothing where only a total was given."""
    if not isinstance(given, dict):
        return ()
    return tuple(Part(part["label"], part["maximum"], part["points"]) for part in given["parts"])


def in_parts(parts: Iterable[Part]) -> dict[str, Any]:
    """A score answer out of its criteria: what ``parts_of`` reads."""
    return {"parts": [{"label": p.label, "maximum": p.maximum, "points": p.points} for p in parts]}


def units_of(given: Any) -> tuple[Unit, ...]:
    """The units of an answer, complete or not."""
    return tuple(
        Unit(
            name=unit["name"],
            done=unit.get("done"),
            late=unit.get("late"),
            exceeded=unit.get("exceeded"),
            grade=Grade(unit["grade"]) if unit.get("grade") else None,
            asked=frozenset(unit) & frozenset(UNIT_PARTS),
        )
        for unit in given or ()
    )


def total_points(form: Form, answers: Answers) -> ScoreTenths | None:
    """The sum of all points, in tenths; None while one of them is missing or the form has none."""
    given = [points_of(answers.get(question.key)) for question in form.of_kind(Kind.SCORE)]
    return ScoreTenths(sum(p or 0 for p in given)) if given and None not in given else None


def running_points(form: Form, answers: Answers) -> tuple[ScoreTenths, int]:
    """The points given so far, in tenths, and the maximum of the questions answered, in whole points."""
    answered = [question for question in form.of_kind(Kind.SCORE) if answers.get(question.key) is not None]
    return (
        ScoreTenths(sum(points_so_far(answers[question.key]) for question in answered)),
        sum(question.maximum for question in answered),
    )


def points_so_far(given: Any) -> ScoreTenths:
    """The points of one score answer, in tenths, as far as its parts are given."""
    whole = points_of(given)
    return ScoreTenths(sum(part.points or 0 for part in parts_of(given))) if whole is None else whole


def tasks_from(given: int, done: int, late: int, exceeded: int) -> Tasks | Refusal:
    """Put the four counts together; refused where they contradict each other."""
    if done > given:
        return refusal("review.tasks.done_over_given", done=done, given=given)
    if late > done:
        return refusal("review.tasks.late_over_done", late=late, done=done)
    if exceeded > done:
        return refusal("review.tasks.exceeded_over_done", exceeded=exceeded, done=done)
    return Tasks(given, done, late, exceeded)


def answered(question: Question, answers: Answers) -> bool:
    """Whether the question needs no more attention: answered, or left as its form allows."""
    if question.key not in answers:
        return False
    given = answers[question.key]
    if given in (None, "", []):
        return question.need is not Need.REQUIRED
    return _complete(question, given)


def missing(form: Form, answers: Answers) -> tuple[Question, ...]:
    """The questions that keep the form from being submitted, in order ("nếu có" asks for at least a "none")."""
    return tuple(
        question
        for question in form.questions
        if (question.need is not Need.OPTIONAL or question.key in answers) and not answered(question, answers)
    )


def self_grade(form: Form, answers: Answers) -> Grade | None:
    """The grade that the member takes for themselves; None while it is not chosen."""
    own = next(question for question in form.of_kind(Kind.GRADE) if question.grade_of is GradeOf.PARTY)
    given = answers.get(own.key)
    return Grade(given) if given else None


def _complete(question: Question, given: Any) -> bool:
    """Whether an answer of several steps has all of them."""
    if question.kind is Kind.TASKS:
        return given is not None and set(given) == {part.name for part in fields(Tasks)}
    if question.kind is Kind.REMEDIATION:
        return all(fault["state"] for fault in given)
    if question.kind is Kind.UNITS:
        return all(unit.complete for unit in units_of(given))
    if question.kind is Kind.SCORE:
        return points_of(given) is not None
    return True


def _remedied(form: Form, answers: Answers) -> Remedied | None:
    for question in form.of_kind(Kind.REMEDIATION):
        if question.key in answers:
            faults = answers[question.key] or []
            return Remedied(len(faults), sum(fault["state"] == Remedy.DONE for fault in faults))
    return None
