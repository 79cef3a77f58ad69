"""Dates as Vietnamese people type them: day first, the year often left out; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from handlers.dialogue.flow import Refusal, refusal
from handlers.dialogue.fold import fold

# Folded, every sign between the figures is a space.
_DAY_FIRST = re.compile(r"(\d{1,2}) (?:thang )?(\d{1,2})(?: (?:nam )?(\d{4}|\d{2}))?")
_YEAR_FIRST = re.compile(r"(\d{4}) (\d{1,2}) (\d{1,2})")
# What people put in front. The day of the week is told back to them, not believed.
_FRONT = re.compile(r"(?:(?:han|den|ngay|chu nhat|thu (?:hai|ba|tu|nam|sau|bay|[2-7])) )+")
# A slip of the finger, and near the end of the calendar the reminders could no longer be counted.
_FARTHEST_YEARS = 100


@dataclass(frozen=True, slots=True)
class TypedDay:
    """A day as it was typed; ``year`` None where it was left out."""

    day: int
    month: int
    year: int | None = None


def read_day(text: str) -> TypedDay | Refusal:
    """Read ``31/12``, ``31/12/2026``, ``31-12-26``, ``31.12``, ``2026-12-31``, ``ngày 31 tháng 12 năm 2026``."""
    folded = fold(text)
    front = _FRONT.match(folded)
    bare = folded[front.end() :] if front else folded
    if hit := _YEAR_FIRST.fullmatch(bare):
        return TypedDay(int(hit[3]), int(hit[2]), int(hit[1]))
    if hit := _DAY_FIRST.fullmatch(bare):
        short = hit[3] is not None and len(hit[3]) == 2
        return TypedDay(int(hit[1]), int(hit[2]), int(hit[3]) + 2000 * short if hit[3] else None)
    return refusal("deadlines.date.unreadable")


def on_calendar(typed: TypedDay, today: date) -> date | Refusal:
    """The day that is meant; without a year the next such day, today included. Refuses 31/2 and the like."""
    return in_round(typed, today.year, today)


def in_round(typed: TypedDay, year: int, not_before: date) -> date | Refusal:
    """The day that is meant in the round of a review year: without a year the first one that can still be meant."""
    if typed.year and abs(typed.year - year) > _FARTHEST_YEARS:
        return refusal("deadlines.date.far", year=str(typed.year))
    years = (typed.year,) if typed.year is not None else range(year, max(year, not_before.year) + 9)
    for each in years:
        try:
            found = date(each, typed.month, typed.day)
        except ValueError:
            continue  # 29/2 without a year means the next one that exists
        if typed.year is not None or found >= not_before:
            return found
    return refusal("deadlines.date.impossible", value=f"{typed.day}/{typed.month}")
