"""What the answers of a form say in figures: points, tasks, earlier faults, levels; what the rules look at."""

from __future__ import annotations

from collections.abc import Mapping
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
class Facts:
    """The figures of one review. None, or a missing key, means not answered; an answered "none" is a fact."""

    points: ScoreTenths | None = None
    tasks: Mapping[str, Tasks] = field(default_factory=dict)
    remedied: Remedied | None = None
    levels: Mapping[str, ItemLevel | None] = field(default_factory=dict)
    work_grade: Grade | None = None
    no_work_grade: bool = False


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
    )


def total_points(form: Form, answers: Answers) -> ScoreTenths | None:
    """The sum of all points, in tenths; None while one of them is missing or the form has none."""
    scores = form.of_kind(Kind.SCORE)
    if not scores or any(answers.get(question.key) is None for question in scores):
        return None
    return ScoreTenths(sum(answers[question.key] for question in scores))


def running_points(form: Form, answers: Answers) -> tuple[ScoreTenths, int]:
    """The points given so far, in tenths, and the maximum of the questions answered, in whole points."""
    answered = [question for question in form.of_kind(Kind.SCORE) if answers.get(question.key) is not None]
    return (
        ScoreTenths(sum(answers[question.key] for question in answered)),
        sum(question.maximum for question in answered),
    )


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
    return True


def _remedied(form: Form, answers: Answers) -> Remedied | None:
    for question in form.of_kind(Kind.REMEDIATION):
        if question.key in answers:
            faults = answers[question.key] or []
            return Remedied(len(faults), sum(fault["state"] == Remedy.DONE for fault in faults))
    return None
