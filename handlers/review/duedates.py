"""The days that the rules of a year name, as words: for whoever sets the local ones; suggestions, never a block."""

from __future__ import annotations

from handlers.dialogue.phrases import Phrase, lines, t
from handlers.review import forms
from handlers.review.rules import suggested_dates


def national_days(rules: str, year: int) -> Phrase | None:
    """Each national day of the review year with its article; None where the rules name none or are not known."""
    try:
        days = suggested_dates(forms.rule_set(rules), year)
    except forms.NoRulesError:
        return None
    told = [
        t("review.date" if due.verified else "review.date.unverified", what=due.heading, article=due.article)
        for due, _ in days
    ]
    return lines(t("review.dates"), *told) if told else None
