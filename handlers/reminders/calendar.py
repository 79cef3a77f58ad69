"""When the bot may speak on its own: windows of the day, quiet hours, public holidays. Values only, no clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Longer than any run of days off: Tết with its neighbours is nine days at most.
_LOOK_AHEAD_DAYS = 60


class NoMomentError(ValueError):
    """No moment is allowed within two months: the hours or the days off are set wrong."""


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of the day, in the zone of the cell.

    ``windows`` are when the bot may begin to speak on its own: outside meals and the midday nap, each with its
    end left out; their beginnings are the preferred hours. ``awake_from`` and ``quiet_from`` bound everything,
    what a secretary sends by hand included. ``evening`` is what "tối nay" means, ``morning`` what "ngày mai" means.
    Raises ValueError where they contradict each other.
    """

    windows: tuple[tuple[time, time], ...] = (
        (time(8), time(11)),
        (time(14), time(17, 30)),
        (time(19), time(20, 30)),
    )
    awake_from: time = time(7)
    quiet_from: time = time(20, 30)
    morning: time = time(8)
    evening: time = time(19)

    def __post_init__(self) -> None:
        edges = [edge for window in self.windows for edge in window]
        if not edges or edges != sorted(set(edges)):
            raise ValueError("windows must be in order, not empty, and may not overlap")
        if edges[0] < self.awake_from or edges[-1] > self.quiet_from:
            raise ValueError("windows must lie outside the quiet hours")
        if not all(any(a <= t < b for a, b in self.windows) for t in (self.morning, self.evening)):
            raise ValueError("morning and evening must lie inside a window")


@dataclass(frozen=True, slots=True)
class Calendar:
    """Hours and days off of one place. ``known_years`` are the years whose holidays ``days_off`` really has."""

    zone: ZoneInfo
    days_off: frozenset[date] = frozenset()
    known_years: range = range(0)
    hours: Hours = Hours()

    def knows(self, day: date) -> bool:
        """Whether the holidays of that year are known; where not, every day counts as a working day."""
        return day.year in self.known_years

    def day(self, moment: datetime) -> date:
        """The calendar day of a moment in this zone."""
        return moment.astimezone(self.zone).date()

    def at(self, day: date, clock: time) -> datetime:
        """The moment (UTC) of that hour on that day; an hour that a change of clocks skips counts as passed."""
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    def day_begins(self, day: date) -> datetime:
        """The moment (UTC) at which that day begins."""
        return self.at(day, time())


def next_allowed(moment: datetime, calendar: Calendar) -> datetime:
    """The first moment, ``moment`` or later (UTC), at which the bot may speak on its own."""
    return _first(moment, calendar, calendar.hours.windows)


def next_awake(moment: datetime, calendar: Calendar) -> datetime:
    """The first moment, ``moment`` or later (UTC), outside quiet hours and holidays: for what is sent by hand."""
    hours = calendar.hours
    if _first(moment, calendar, ((hours.awake_from, hours.quiet_from),)) == moment:
        return moment
    return next_allowed(moment, calendar)


def next_window(moment: datetime, calendar: Calendar) -> datetime:
    """The beginning of the first window that begins later than ``moment`` (UTC)."""
    for start, _ in _spans(moment, calendar, calendar.hours.windows):
        if start > moment:
            return start
    raise NoMomentError(f"nothing allowed after {moment}")


def _first(moment: datetime, calendar: Calendar, windows: tuple[tuple[time, time], ...]) -> datetime:
    for start, end in _spans(moment, calendar, windows):
        if moment < end:
            return max(start, moment.astimezone(UTC))
    raise NoMomentError(f"nothing allowed after {moment}")


def _spans(
    moment: datetime, calendar: Calendar, windows: tuple[tuple[time, time], ...]
) -> Iterator[tuple[datetime, datetime]]:
    first = calendar.day(moment)
    for day in (first + timedelta(days=n) for n in range(_LOOK_AHEAD_DAYS)):
        if day in calendar.days_off:
            continue
        for begins, ends in windows:
            start, end = calendar.at(day, begins), calendar.at(day, ends)
            # A zone can leave out a whole day (Samoa, 30/12/2011): then the hour belongs to another one.
            if calendar.day(start) == day and start < end:
                yield start, end
