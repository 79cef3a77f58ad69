"""Which period a new cycle is for: a year, a quarter, or the next one that is needed; and a cycle copied. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from handlers.dialogue.flow import Refusal, refusal
from handlers.dialogue.fold import fold
from handlers.review.rules import months_after
from storage.records import Cycle, CycleKind

_QUARTER = re.compile(r"(?:quy |q ?)?([1-4]|iv|i{1,3})(?: (?:nam )?(\d{4}))?")
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}


@dataclass(frozen=True, slots=True)
class Period:
    """What a cycle is for: ``number`` is the quarter, or counts those that were needed; 0 for a whole year."""

    year: int
    kind: CycleKind = CycleKind.YEARLY
    number: int = 0

    @property
    def ends_on(self) -> date:
        """The last day of the year or the quarter; of one that was needed, of its year."""
        if self.kind is CycleKind.QUARTERLY:
            return months_after(date(self.year, 1, 1), 3 * self.number) - timedelta(days=1)
        return date(self.year, 12, 31)


@dataclass(frozen=True, slots=True)
class Copy:
    """A new cycle as proposed from an earlier one (``of``); every day of it can be changed."""

    of: Cycle
    period: Period
    opens: date
    deadline: date
    meeting: date | None


def period_of(cycle: Cycle) -> Period:
    """What a cycle is for."""
    return Period(cycle.year, cycle.kind, cycle.period)


def quarter_of(day: date) -> Period:
    """The quarter in which a day lies."""
    return Period(day.year, CycleKind.QUARTERLY, (day.month + 2) // 3)


def quarter_after(period: Period, by: int = 1) -> Period:
    """The quarter that many later (negative: earlier)."""
    year, place = divmod(period.year * 4 + period.number - 1 + by, 4)
    return Period(year, CycleKind.QUARTERLY, place + 1)


def quarters_to_open(today: date, taken: Iterable[Period]) -> tuple[Period, ...]:
    """The quarter that runs, the next and the last, as far as they have no cycle yet."""
    now, known = quarter_of(today), set(taken)
    return tuple(found for by in (0, 1, -1) if (found := quarter_after(now, by)) not in known)


def read_quarter(text: str) -> Period | Refusal:
    """Read ``4/2026``, ``quý 4``, ``Quý IV/2026``; without a year the year is 0."""
    found = _QUARTER.fullmatch(fold(text))
    if not found:
        return refusal("deadlines.quarter.unreadable")
    number = _ROMAN.get(found[1]) or int(found[1])
    return Period(int(found[2]) if found[2] else 0, CycleKind.QUARTERLY, number)


def copied(cycle: Cycle, taken: Iterable[Period], today: date, working: Callable[[date], date]) -> Copy | None:
    """The cycle that would follow this one, its days as far on as the period is; None where they lie in the past.

    ``working`` gives a working day for one that is none. What opened earlier than today opens today.
    """
    known = set(taken)
    period = _following(cycle, known, today)
    months = 12 * (period.year - cycle.year) + 3 * (period.number - cycle.period) * (
        period.kind is CycleKind.QUARTERLY
    )
    if period.kind is CycleKind.WHEN_NEEDED:
        by = today - cycle.opens_on
        opens, deadline = today, cycle.deadline_on + by
        meeting = cycle.meeting_on + by if cycle.meeting_on else None
    else:
        opens, deadline = months_after(cycle.opens_on, months), months_after(cycle.deadline_on, months)
        meeting = months_after(cycle.meeting_on, months) if cycle.meeting_on else None
    deadline = working(deadline)
    if deadline < today:
        return None
    opens = min(max(opens, today), deadline)
    return Copy(cycle, period, opens, deadline, max(working(meeting), deadline) if meeting else None)


def _following(cycle: Cycle, known: set[Period], today: date) -> Period:
    """The next period without a cycle; one that is long over is passed by."""
    if cycle.kind is CycleKind.QUARTERLY:
        found = quarter_after(period_of(cycle))
        while found in known or found.ends_on < quarter_after(quarter_of(today), -1).ends_on:
            found = quarter_after(found)
        return found
    if cycle.kind is CycleKind.WHEN_NEEDED:
        numbers = [one.number for one in known if one.kind is cycle.kind and one.year == today.year]
        return Period(today.year, cycle.kind, max(numbers, default=0) + 1)
    year = max(cycle.year + 1, today.year - 1)
    while Period(year) in known:
        year += 1
    return Period(year)
