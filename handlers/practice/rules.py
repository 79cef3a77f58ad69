"""What practice remembers: which questions were answered, and nothing of what anybody typed; pure."""

from __future__ import annotations

from typing import Any

from handlers.review.facts import UNIT_PARTS, Answers, answered
from handlers.review.rulebook import Form, Kind, Question
from handlers.review.taken import Taken
from handlers.review.writing import TASK_PARTS


def answers_at(form: Form, sample: Answers, done: int, step: str) -> dict[str, Any]:
    """The invented answers of the questions that were answered, and half an answer inside of one of several steps.

    ``done`` has bit n set where question n was answered.
    """
    kept = {
        question.key: sample.get(question.key) for place, question in enumerate(form.questions) if done >> place & 1
    }
    key, _, part = step.partition(".")
    question = next((question for question in form.questions if question.key == key), None)
    if part and question is not None:
        kept[key] = _half(question, sample.get(key), part)
    return kept


def _half(question: Question, whole: Any, part: str) -> Any:
    """What stands there while one of the later steps of a question is asked."""
    if question.kind is Kind.TASKS:
        return {name: whole[name] for name in TASK_PARTS[: TASK_PARTS.index(part)]}
    if question.kind is Kind.REMEDIATION:
        first = dict((whole or [{"text": "…"}])[0])
        return [{**first, "state": None if part == "state" else "ongoing", "note": ""}]
    if question.kind is Kind.UNITS:
        known = UNIT_PARTS[: UNIT_PARTS.index(part)]
        return [{"name": whole[0]["name"], **{name: whole[0][name] for name in known}}]
    return whole


def after(form: Form, question: Question, taken: Taken, done: int) -> int:
    """Which questions are answered now: this one where what was typed makes a whole answer of it."""
    bit = 1 << form.questions.index(question)
    if taken.removes:
        return done & ~bit
    if taken.writes and answered(question, {question.key: taken.value}):
        return done | bit
    return done
