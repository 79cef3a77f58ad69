"""When the bot may speak: quiet hours, windows, Tết, zones with summer time, years that nobody knows."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.reminders.calendar import Calendar, Hours, NoMomentError, next_allowed, next_awake, next_window
from handlers.reminders.daysoff import calendar_around, holiday_name, known_years

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
ZONES = (
    "Asia/Ho_Chi_Minh",
    "Europe/Berlin",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/New_York",
    "Asia/Beirut",
    "Pacific/Apia",
)


def local(words: str, zone: ZoneInfo = HANOI) -> datetime:
    return datetime.strptime(words, "%d/%m/%Y %H:%M").replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("moment", "allowed"),
    [
        ("14/12/2026 08:00", "14/12/2026 08:00"),
        ("14/12/2026 10:59", "14/12/2026 10:59"),
        ("14/12/2026 06:59", "14/12/2026 08:00"),
        ("14/12/2026 11:00", "14/12/2026 14:00"),  # lunch and the nap
        ("14/12/2026 12:30", "14/12/2026 14:00"),
        ("14/12/2026 17:30", "14/12/2026 19:00"),  # supper
        ("14/12/2026 20:29", "14/12/2026 20:29"),
        ("14/12/2026 20:30", "15/12/2026 08:00"),
        ("14/12/2026 23:59", "15/12/2026 08:00"),
        ("31/12/2026 20:30", "02/01/2027 08:00"),  # New Year's Day
        ("15/02/2026 20:30", "21/02/2026 08:00"),  # Tết of 2026: 16 to 20 February
        ("17/02/2026 08:00", "21/02/2026 08:00"),
        ("29/04/2027 21:00", "02/05/2027 08:00"),  # 30/4 and 1/5
        ("01/09/2026 09:00", "03/09/2026 08:00"),
    ],
)
def test_the_first_moment_to_speak(moment: str, allowed: str) -> None:
    calendar = calendar_around(2026, HANOI)
    assert next_allowed(local(moment), calendar) == local(allowed)


def test_by_hand_meals_do_not_count_but_nights_and_holidays_do() -> None:
    calendar = calendar_around(2026, HANOI)
    assert next_awake(local("14/12/2026 12:00"), calendar) == local("14/12/2026 12:00")
    assert next_awake(local("14/12/2026 07:00"), calendar) == local("14/12/2026 07:00")
    assert next_awake(local("14/12/2026 21:00"), calendar) == local("15/12/2026 08:00")
    assert next_awake(local("01/01/2027 12:00"), calendar) == local("02/01/2027 08:00")


def test_the_next_window_is_strictly_later() -> None:
    calendar = calendar_around(2026, HANOI)
    assert next_window(local("14/12/2026 08:00"), calendar) == local("14/12/2026 14:00")
    assert next_window(local("14/12/2026 20:00"), calendar) == local("15/12/2026 08:00")


@pytest.mark.parametrize("year", [2019, 2020, 2026, 2027, 2035])
def test_tet_is_off_by_the_lunar_calendar(year: int) -> None:
    first_days = {2019: (2, 5), 2020: (1, 25), 2026: (2, 17), 2027: (2, 6), 2035: (2, 8)}
    first = date(year, *first_days[year])
    calendar = calendar_around(year, HANOI)
    assert {first + timedelta(days=n) for n in (-1, 0, 1, 2)} <= calendar.days_off
    assert "Tết" in (holiday_name(first, "vi") or "")
    assert "Tết" not in (holiday_name(first, "en") or "Tết")


def test_a_year_that_nobody_knows_has_quiet_hours_but_no_holidays() -> None:
    beyond = known_years().stop + 5
    calendar = calendar_around(beyond, HANOI)
    assert not calendar.knows(date(beyond, 1, 1))
    assert holiday_name(date(beyond, 1, 1), "vi") is None
    assert next_allowed(datetime(beyond, 1, 1, 5, tzinfo=HANOI), calendar) == datetime(
        beyond, 1, 1, 8, tzinfo=HANOI
    )
    assert calendar_around(2026, HANOI).knows(date(2027, 6, 1))
    assert not calendar_around(2026, HANOI).knows(date(2029, 1, 1))


def test_local_days_off_are_added() -> None:
    calendar = calendar_around(2026, HANOI, extra_days_off=[date(2026, 12, 15)])
    assert next_allowed(local("14/12/2026 21:00"), calendar) == local("16/12/2026 08:00")


def test_days_off_without_an_end_are_an_error_not_a_hang() -> None:
    start = date(2026, 1, 1)
    calendar = Calendar(HANOI, frozenset(start + timedelta(days=n) for n in range(90)))
    with pytest.raises(NoMomentError):
        next_allowed(local("01/01/2026 08:00"), calendar)


@pytest.mark.parametrize(
    "hours",
    [
        {"windows": ()},
        {"windows": ((time(9), time(8)),)},
        {"windows": ((time(8), time(12)), (time(11), time(13)))},
        {"windows": ((time(6), time(12)),)},
        {"windows": ((time(8), time(12)),), "evening": time(19)},
        {"windows": ((time(8), time(21)),)},
    ],
)
def test_hours_that_contradict_each_other_are_refused(hours: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must"):
        Hours(**hours)  # type: ignore[arg-type]


moments = st.datetimes(datetime(2010, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(moments, st.sampled_from(ZONES))
def test_in_every_zone_the_moment_is_allowed_not_earlier_and_stays(moment: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    calendar = calendar_around(moment.astimezone(zone).year, zone)
    found = next_allowed(moment, calendar)
    there = found.astimezone(zone)
    assert found >= moment
    assert found == next_allowed(found, calendar)
    assert there.date() not in calendar.days_off
    assert any(a <= there.time() < b for a, b in calendar.hours.windows)


@given(moments, moments, st.sampled_from(ZONES))
def test_later_never_comes_out_earlier(one: datetime, other: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    first, second = sorted((one, one + (other - one) % timedelta(days=20)))
    calendar = calendar_around(first.astimezone(zone).year, zone)
    assert next_allowed(first, calendar) <= next_allowed(second, calendar)


@given(moments, st.integers(0, 24 * 60 * 3), st.sampled_from(ZONES))
def test_nothing_between_was_allowed(moment: datetime, minutes: int, name: str) -> None:
    zone = ZoneInfo(name)
    calendar = calendar_around(moment.astimezone(zone).year, zone)
    between = moment + timedelta(minutes=minutes)
    there = between.astimezone(zone)
    if between < next_allowed(moment, calendar):
        inside = any(a <= there.time() < b for a, b in calendar.hours.windows)
        assert not inside or there.date() in calendar.days_off
