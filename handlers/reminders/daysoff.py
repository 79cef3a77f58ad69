"""Public holidays of Viet Nam, Tết included, from the ``holidays`` library."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from handlers.reminders.calendar import Calendar, Hours

if TYPE_CHECKING:
    from holidays import HolidayBase

_NAMES = {"vi": "vi", "en": "en_US"}


@lru_cache
def known_years(country: str = "VN") -> range:
    """The years for which the library has that country's holidays; days exchanged by decree only once announced."""
    table = _holidays(country)
    return range(table.start_year, table.end_year + 1)


@lru_cache(maxsize=512)
def _table(year: int, language: str, country: str) -> dict[date, str]:
    if year not in known_years(country):
        return {}
    name = _NAMES.get(language, "vi") if country == "VN" else None
    return dict(_holidays(country, year, name).items())


def _holidays(country: str, year: int | None = None, language: str | None = None) -> HolidayBase:
    # Loaded when days are first asked for: a start answers people before it plans.
    from holidays import country_holidays

    _without_the_other_countries()
    return country_holidays(country, years=year, language=language)


def _without_the_other_countries() -> None:
    """Let the library load the country that is asked for, and not, as its package does, all 250: 8 MB and 0.2 s."""
    name = "holidays.countries"
    if name not in sys.modules and (found := find_spec(name)):
        sys.modules[name] = module_from_spec(found)  # it knows where its modules lie, and has run nothing


def holiday_name(day: date, language: str, country: str = "VN") -> str | None:
    """What that day's holiday is called; None on any other day and in a year that is not known."""
    return _table(day.year, language, country).get(day)


def calendar_around(
    year: int,
    zone: ZoneInfo,
    hours: Hours | None = None,
    extra_days_off: Iterable[date] = (),
    country: str = "VN",
) -> Calendar:
    """The calendar of a place for ``year`` and its two neighbours.

    ``extra_days_off`` are local ones (a school's holidays, days exchanged by decree after the library was built).
    """
    return _calendar(year, zone, hours or Hours(), frozenset(extra_days_off), country)


@lru_cache(maxsize=64)
def _calendar(year: int, zone: ZoneInfo, hours: Hours, extra: frozenset[date], country: str) -> Calendar:
    known = known_years(country)
    years = range(max(year - 1, known.start), min(year + 2, known.stop))
    days = {day for each in years for day in _table(each, "vi", country)}
    return Calendar(zone, frozenset(days) | extra, years, hours)
