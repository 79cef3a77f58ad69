"""Papers for the tests: every form there is, filled, printed and read back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from handlers.papers.checking import words_in
from handlers.papers.document import Handed, paper_of
from handlers.papers.layout import layout_of, template_of
from handlers.papers.paper import Paper
from handlers.papers.printing import word_file
from handlers.papers.sample import sample_of
from handlers.review import forms
from handlers.review.rulebook import Form, RuleSet

AT = datetime(2026, 12, 12, 20, 15, tzinfo=UTC)
FORMS: tuple[tuple[RuleSet, Form], ...] = tuple(
    (rules, form) for rules in forms.rule_sets() for form in rules.forms
)
NAMES = [form.key for _, form in FORMS]


def handed_of(key: str, **answers: Any) -> Handed:
    """The sample of that form, some answers replaced."""
    handed = sample_of(forms.form(key), 2026, AT)
    return replace(handed, answers={**handed.answers, **answers})


def paper(key: str, handed: Handed) -> Paper:
    """One form laid out."""
    rules = forms.rule_set(key.partition("/")[0])
    return paper_of(rules, rules.form(key), layout_of(rules.id), handed)


def printed(key: str, handed: Handed) -> bytes:
    """One form as a Word file."""
    return word_file(template_of(key.partition("/")[0]), paper(key, handed))


def lines(key: str, handed: Handed) -> tuple[str, ...]:
    """What the Word file says, line by line."""
    return words_in(printed(key, handed))
