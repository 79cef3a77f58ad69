"""Every screen of every form, empty, full and overfull, in both languages: written, and fit for a message."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.dialogue.drawing import faults
from handlers.dialogue.engine import all_options
from handlers.review import forms
from handlers.review.actions import ReviewRoom
from handlers.review.flow import form_flow
from handlers.review.reading import reading
from handlers.review.rulebook import Form, Kind, Measure, Question, RuleSet
from handlers.review.screens import clip, units
from handlers.review.views import ReviewView
from handlers.texts import LANGUAGES, catalogue, sentences
from storage.records import (
    CellId,
    Cycle,
    CycleId,
    Grade,
    Member,
    MemberId,
    NotRequired,
    Review,
    ReviewId,
    ReviewState,
    ReviewVersion,
    Status,
)

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
FORMS = [(rules, form) for rules in forms.rule_sets() for form in rules.forms]
_TAGS = re.compile(r"</?(?:b|i|code)>")


def answer_to(question: Question, words: str) -> Any:
    match question.kind:
        case Kind.TEXT:
            return words * 3
        case Kind.LIST:
            return [words] * question.max_items
        case Kind.REMEDIATION:
            states = ["done", "ongoing", None]
            return [{"text": words, "state": states[n % 3], "note": words} for n in range(question.max_items)]
        case Kind.TASKS:
            return {"given": 20, "done": 18, "late": 2, "exceeded": 1}
        case Kind.UNITS:
            figures = {"done": 1000, "late": 55, "exceeded": None, "grade": "completed"}
            known = [{"name": words[:200], **figures} for _ in range(question.max_items - 1)]
            return [*known, {"name": words[:200]}]
        case Kind.SCORE:
            return question.maximum * 10 - 5
        case Kind.LEVEL:
            return "poor"
    return Grade.EXCELLENT.value


def view_of(rules: RuleSet, form: Form, answers: dict[str, Any] | None, **other: Any) -> ReviewView:
    member = Member(
        MemberId(1), CellId(1), "1", "Nguyễn Thị <Hoa> & " + "Ánh " * 40, form.kinds[0], Status.OFFICIAL
    )
    review = None
    if answers is not None:
        review = Review(ReviewId(1), CycleId(1), MemberId(1), form.key, ReviewState.DRAFT, answers, None, NOW, 2)
    cycle = Cycle(CycleId(1), CellId(1), 2026, rules.id, date(2026, 11, 1), date(2026, 12, 15))
    given_: dict[str, Any] = {"today": date(2026, 11, 22), "graded": 41, "reads_cell": True, **other}
    return ReviewView(
        member=member, cell="Chi bộ Một", cycle=cycle, rules=rules, form=form, review=review, **given_
    )


def views(rules: RuleSet, form: Form) -> Iterator[ReviewView]:
    short = {q.key: answer_to(q, "Một câu ngắn.") for q in form.questions}
    long = {q.key: answer_to(q, "🙂" * 3990) for q in form.questions}
    versions = tuple(ReviewVersion(ReviewId(1), n, short, Grade.GOOD, None, NOW) for n in range(1, 40))
    yield view_of(rules, form, None)
    yield view_of(rules, form, {})
    yield view_of(rules, form, dict.fromkeys(short))
    yield view_of(rules, form, {key: [] if isinstance(value, list) else value for key, value in short.items()})
    yield view_of(rules, form, short, versions=versions, cursor={"edit": True, "undo": 3, "undo_of": "conduct"})
    yield view_of(rules, form, short, versions=versions, cursor={"version": 7, "section": 1, "item": 2})
    yield view_of(rules, form, long, cursor={"page": 99})
    yield view_of(rules, form, long, today=date(2026, 12, 24))
    for reason in NotRequired:
        yield view_of(rules, form, short, not_required=reason)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("rules", "form"), FORMS, ids=[form.key for _, form in FORMS])
def test_every_screen_can_be_written_and_fits(rules: RuleSet, form: Form, language: str) -> None:
    words = catalogue(language, ZONE)
    flow = form_flow(rules, form)
    for view in views(rules, form):
        for step in flow.steps:
            text = html.unescape(_TAGS.sub("", str(words.write(step.says(view)))))
            assert 0 < units(text) <= 4096 - 300, (step.id, units(text))
            for option in all_options(flow, step, view):
                assert 0 < len(words.bare(option.label)) <= 56, (step.id, option.id)


def test_the_flows_have_no_faults() -> None:
    for flow in ReviewRoom().flows:
        assert faults(flow, sentences("vi").get) == []


@pytest.mark.parametrize(("rules", "form"), FORMS, ids=[form.key for _, form in FORMS])
def test_every_question_has_its_words_in_every_language(rules: RuleSet, form: Form) -> None:
    for language in LANGUAGES:
        known = sentences(language)
        for question in form.questions:
            assert f"review.short.{question.key}" in known
            assert question.kind is Kind.LEVEL or f"review.help.{question.key}" in known
        for trigger in rules.triggers:
            assert f"review.trigger.{trigger.key}" in known
        for condition in rules.conditions:
            family = "judged" if condition.measure is Measure.JUDGED else "short"
            assert f"review.{family}.{condition.question}" in known


def test_grades_and_levels_are_named_as_the_rules_name_them() -> None:
    known = sentences("vi")
    for rules in forms.rule_sets():
        for grade, name in rules.grade_names.items():
            assert known[f"review.grade.{grade}"] == name
        for level, name in (rules.level_names or {}).items():
            assert known[f"review.level.{level}"] == name


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.integers(10, 200), st.booleans())
def test_clipping_never_exceeds_and_says_that_it_cut(text: str, most: int, tail: bool) -> None:
    cut = clip(text, most, tail=tail)
    assert units(cut) <= most or units(text) <= most
    assert cut == text or "…" in cut


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=1500), max_size=8))
def test_reading_shows_every_word_on_some_page(items: list[str]) -> None:
    form = forms.form("2025/non_leader")
    words = catalogue("vi", ZONE)
    pages = [str(words.write(page)) for page in reading(form, {"shortcomings": items, "conduct": "\n".join(items)})]
    assert all(units(html.unescape(_TAGS.sub("", page))) <= 3600 for page in pages)
    shown = "".join("".join(html.unescape(page).split()) for page in pages)
    for place, item in enumerate(items, 1):
        assert "".join(f"{place}. {item}".split()) in shown
