"""Reading what was written into a form that the product no longer has, under headings known from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.review import forms
from handlers.review.rulebook import Form, Kind, Question, Section
from storage.records import FormKind

_OTHER = Section("–", "Nội dung khác đã ghi")
_NOTE = "Mẫu phiếu này không còn trong chương trình; tiêu đề lấy theo mẫu gần nhất, nội dung giữ nguyên."


def form_for_reading(key: str, answers: Mapping[str, Any]) -> Form:
    """The form of that key to read and print answers by, or what stands in for one that is gone. Never raises."""
    try:
        return forms.form(key)
    except (forms.NoRulesError, KeyError):
        return stand_in(key, answers)


def stand_in(key: str, answers: Mapping[str, Any]) -> Form:
    """A form made out of the answers: every one of them has a question, with the heading of the nearest known form.

    It is never filled in (the conversation of such a form only reads), and is marked as unverified.
    """
    year, _, name = key.partition("/")
    nearest = sorted(
        (form for rules in forms.rule_sets() for form in rules.forms),
        key=lambda form: (form.key.partition("/")[2] == name, form.key),
        reverse=True,
    )
    # In the order of the nearest form, what is known from another one behind it, the unknown last.
    order = {
        question.key: (n, m)
        for n, form in reversed([*enumerate(nearest)])
        for m, question in enumerate(form.questions)
    }
    keys = sorted(answers, key=lambda wanted: order.get(wanted, (len(nearest), 0)))
    found = [_question(wanted, answers[wanted], nearest) for wanted in keys]
    # Two years may head the same number differently: the first one met stands.
    sections = tuple(
        {section.number: section for _, section in reversed(found)}[number]
        for number in dict.fromkeys(s.number for _, s in found)
    )
    kind = FormKind(name) if name in set(FormKind) else FormKind.NON_LEADER
    return Form(
        key=key,
        code=f"Mẫu cũ ({year})",
        title="BẢN KIỂM ĐIỂM CÁ NHÂN",
        kinds=(kind,),
        verified=False,
        source=_NOTE,
        note=_NOTE,
        sections=sections,
        questions=tuple(question for question, _ in found),
    )


def _question(key: str, given: Any, nearest: list[Form]) -> tuple[Question, Section]:
    for form in nearest:
        for question in form.questions:
            if question.key == key and (given is None or question.kind in _kinds_of(given)):
                return question, form.section(question.section)
    return Question(key, _OTHER.number, "–", key, _kinds_of(given)[0]), _OTHER


def _kinds_of(given: Any) -> tuple[Kind, ...]:
    """The kinds of question that such an answer can belong to, the plainest first."""
    match given:
        case {"parts": list()} | int():
            return (Kind.SCORE,)
        case {"given": _}:
            return (Kind.TASKS,)
        case [{"text": _, "state": _}, *_]:
            return (Kind.REMEDIATION,)
        case [{"name": _}, *_]:
            return (Kind.UNITS,)
        case []:
            return (Kind.LIST, Kind.REMEDIATION, Kind.UNITS)
        case [*_]:
            return (Kind.LIST,)
        case str():
            return (Kind.TEXT, Kind.LEVEL, Kind.GRADE)
    return (Kind.TEXT,)
