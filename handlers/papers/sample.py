"""An invented member's form: what a layout is tried with, and what the samples in docs/ are made of."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

from handlers.papers.document import Handed
from handlers.review.facts import Answers
from handlers.review.rulebook import Form, Kind, Question
from storage.records import Grade


def sample_of(form: Form, year: int, at: datetime, *, version: int | None = 1) -> Handed:
    """The invented member who fills this kind of form, with every question answered."""
    person = _data(form)["person"]
    return Handed(
        full_name=person["full_name"],
        cell=person["cell"],
        year=year,
        answers=sample_answers(form),
        at=at,
        version=version,
        born_on=person["born_on"],
        position=person["position"],
    )


def sample_answers(form: Form) -> Answers:
    """An answer to every question of the form, whatever the year asks."""
    data = _data(form)
    return {question.key: _answer(question, data) for question in form.questions}


def _answer(question: Question, data: Mapping[str, Any]) -> Any:
    given = data["answers"].get(question.key)
    match question.kind:
        case Kind.TEXT:
            return given if isinstance(given, str) else f"Trả lời mẫu cho mục: {question.heading}."
        case Kind.LIST:
            return given if isinstance(given, list) else [f"Ý mẫu cho mục: {question.heading}."]
        case Kind.REMEDIATION:
            return data["remediation"]
        case Kind.LEVEL:
            return "good"
        case Kind.GRADE:
            return Grade.GOOD.value
        case Kind.SCORE:
            return question.maximum * 17 // 20 * 10  # about 85 of 100
        case Kind.UNITS:
            return [{"name": "Khoa Xây dựng Đảng", "done": 1000, "late": 0, "exceeded": 333, "grade": "good"}]
        case Kind.TASKS:
            return {"given": 20, "done": 20, "late": 0, "exceeded": 4}


def _data(form: Form) -> Mapping[str, Any]:
    """The answers for this form: what is said of its kind of person stands before what is said of everybody."""
    everybody = _file()
    own: Mapping[str, Any] = next(
        (everybody[kind] for kind in form.kinds if len(form.kinds) == 1 and kind in everybody), {}
    )
    return {
        "person": own.get("person", everybody["person"]),
        "answers": {**everybody["answers"], **own.get("answers", {})},
        "remediation": own.get("remediation", everybody["remediation"]),
    }


@cache
def _file() -> Mapping[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("sample.toml").read_text(encoding="utf-8"))
