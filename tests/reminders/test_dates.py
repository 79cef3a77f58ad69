"""Dates as people type them."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.dialogue.flow import Refusal
from handlers.reminders.dates import TypedDay, on_calendar, read_day

TODAY = date(2026, 11, 22)


def understood(text: str, today: date = TODAY) -> date | Refusal:
    typed = read_day(text)
    return typed if isinstance(typed, Refusal) else on_calendar(typed, today)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("31/12", date(2026, 12, 31)),
        ("31/12/2026", date(2026, 12, 31)),
        ("31-12-2026", date(2026, 12, 31)),
        ("31.12.2026", date(2026, 12, 31)),
        ("31.12.", date(2026, 12, 31)),
        ("31 / 12 / 2026", date(2026, 12, 31)),
        ("31/12/26", date(2026, 12, 31)),
        ("2026-12-31", date(2026, 12, 31)),
        ("ngày 31/12", date(2026, 12, 31)),
        ("NGÀY 31 THÁNG 12", date(2026, 12, 31)),
        ("ngay 31 thang 12 nam 2026", date(2026, 12, 31)),
        ("31 tháng 12 năm 2027", date(2027, 12, 31)),
        ("thứ Năm, 31/12/2026", date(2026, 12, 31)),
        ("hạn: 5/1", date(2027, 1, 5)),
        ("đến ngày 5/1", date(2027, 1, 5)),
        ("22/11", TODAY),
        ("21/11", date(2027, 11, 21)),
        ("21/11/2026", date(2026, 11, 21)),
        ("29/2", date(2028, 2, 29)),
    ],
)
def test_what_is_meant(typed: str, meant: date) -> None:
    assert understood(typed) == meant
    assert understood(unicodedata.normalize("NFD", typed)) == meant


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("31/2", "deadlines.date.impossible"),
        ("31/02/2027", "deadlines.date.impossible"),
        ("29/2/2027", "deadlines.date.impossible"),
        ("12/31/2026", "deadlines.date.impossible"),
        ("0/12", "deadlines.date.impossible"),
        ("1/5/0000", "deadlines.date.impossible"),
        ("1/5/0001", "deadlines.date.far"),
        ("31/12/9999", "deadlines.date.far"),
        ("31", "deadlines.date.unreadable"),
        ("cuối tháng", "deadlines.date.unreadable"),
        ("31/12/202", "deadlines.date.unreadable"),
        ("tháng 12", "deadlines.date.unreadable"),
        ("😀", "deadlines.date.unreadable"),
        ("31/12 hoặc 30/12", "deadlines.date.unreadable"),
        ("", "deadlines.date.unreadable"),
    ],
)
def test_what_is_refused(typed: str, why: str) -> None:
    found = understood(typed)
    assert isinstance(found, Refusal)
    assert found.why.id == why


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)), st.sampled_from(["/", "-", ".", " / "]))
def test_every_day_written_in_full_is_itself(day: date, sign: str) -> None:
    assert understood(f"{day.day}{sign}{day.month}{sign}{day.year}") == day
    assert understood(day.isoformat()) == day


@given(st.dates(date(2026, 1, 1), date(2031, 12, 31)), st.dates(date(2026, 1, 1), date(2031, 12, 31)))
def test_without_a_year_it_is_the_next_such_day(day: date, today: date) -> None:
    found = on_calendar(TypedDay(day.day, day.month), today)
    assert isinstance(found, date)
    assert found >= today
    assert (found.day, found.month) == (day.day, day.month)
