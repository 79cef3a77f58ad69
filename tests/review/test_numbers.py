"""Numbers as people type them: points, counts, figures of the seeds."""

from __future__ import annotations

import unicodedata
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.dialogue.flow import Refusal
from handlers.review.numbers import parse_count, parse_number, parse_points


@pytest.mark.parametrize(
    ("typed", "tenths"),
    [
        ("29,5", 295),
        ("29.5", 295),
        ("29", 290),
        ("29,50", 295),
        (" 29,5 ", 295),
        ("29,5 điểm", 295),
        ("29,5 Điểm", 295),
        (unicodedata.normalize("NFD", "29,5 điểm"), 295),
        ("29,5đ", 295),
        ("29,5/30", 295),
        ("29,5 / 30", 295),
        ("30/30", 300),
        ("0", 0),
        ("007", 70),
        ("２９，５", 295),
    ],
)
def test_points_in_every_way_they_are_written(typed: str, tenths: int) -> None:
    assert parse_points(typed, 30) == tenths


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("hai chục", "words"),
        ("tám chín", "words"),
        ("năm mươi hai ba", "words"),
        ("không", "words"),
        ("rưỡi", "words"),
        ("", "words"),
        ("29,5 hoặc 30", "words"),
        ("29-30", "words"),
        ("khoảng 29", "words"),
        ("½", "words"),
        ("29中5", "words"),
        ("1e1", "words"),
        ("NaN", "words"),
        ("9" * 5000, "words"),
        ("-1", "negative"),
        ("−1", "negative"),
        ("-0,5", "negative"),
        ("31", "too_many"),
        ("31/30", "too_many"),
        ("30,1", "too_many"),
        ("100", "too_many"),
        ("29,55", "too_fine"),
        ("29,5/70", "other_maximum"),
    ],
)
def test_points_that_cannot_be_taken_say_why(typed: str, why: str) -> None:
    refused = parse_points(typed, 30)
    assert isinstance(refused, Refusal)
    assert refused.why.id == f"review.points.{why}"
    assert dict(refused.why.params)["max"] == 30


@pytest.mark.parametrize(("typed", "maximum"), [("31", 30), ("71", 70)])
def test_s22_more_than_the_group_has(typed: str, maximum: int) -> None:
    assert isinstance(parse_points(typed, maximum), Refusal)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("2157", Fraction(2157)),
        ("2.157", Fraction(2157)),
        ("2 157", Fraction(2157)),
        ("2\u00a0157", Fraction(2157)),
        ("1.234.567", Fraction(1234567)),
        ("2.157,5", Fraction(4315, 2)),
        ("135,7%", Fraction(1357, 10)),
        ("135,7 %", Fraction(1357, 10)),
        ("135.7", Fraction(1357, 10)),
        ("02", Fraction(2)),
        ("0.157", Fraction(157, 1000)),
        ("12.34", Fraction(617, 50)),
    ],
)
def test_s17_figures_with_and_without_the_dot(typed: str, value: Fraction) -> None:
    assert parse_number(typed) == value


@pytest.mark.parametrize(
    "typed", ["", "09/41", "1/5", "29/01/2021", "hơn 22 nghìn", "1.2.3", "1,2,3", "9" * 5000, "٣"]
)
def test_what_is_no_figure(typed: str) -> None:
    assert parse_number(typed) is None


@pytest.mark.parametrize(
    ("typed", "why"),
    [("-1", "negative"), ("mười", "words"), ("1,5", "whole"), ("10.000", "too_many"), ("", "words")],
)
def test_counts_that_cannot_be_taken_say_why(typed: str, why: str) -> None:
    refused = parse_count(typed)
    assert isinstance(refused, Refusal)
    assert refused.why.id == f"review.count.{why}"


@pytest.mark.parametrize(("typed", "count"), [("0", 0), ("12", 12), ("2.157", 2157), ("09", 9), ("12,0", 12)])
def test_counts(typed: str, count: int) -> None:
    assert parse_count(typed) == count


@given(st.integers(0, 300))
def test_what_the_bot_writes_it_also_reads(tenths: int) -> None:
    whole, part = divmod(tenths, 10)
    written = f"{whole},{part}" if part else str(whole)
    assert parse_points(written, 30) == tenths
    assert parse_points(written.replace(",", "."), 30) == tenths


@given(st.integers(1000, 10**9))
def test_a_dot_between_thousands_changes_nothing(number: int) -> None:
    assert parse_number(f"{number:,}".replace(",", ".")) == number == parse_number(str(number))


@given(st.text(max_size=60))
def test_no_words_ever_break_the_readers(typed: str) -> None:
    points = parse_points(typed, 30)
    assert isinstance(points, Refusal) or 0 <= points <= 300
    count = parse_count(typed)
    assert isinstance(count, Refusal) or 0 <= count <= 9_999
