"""Typed words and written figures."""

import unicodedata
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.dialogue.buttons import read_data, screen_data, standing_data
from handlers.dialogue.fold import fold, tidy
from handlers.dialogue.phrases import Number, Percent, Plain, Points, Text, Weekday, paragraphs
from handlers.dialogue.said import Command, Forged, Pressed
from handlers.texts import Catalogue
from tests.stage import ZONE


@pytest.mark.parametrize(
    "typed",
    ["Hoàn thành tốt", "hoan thanh tot", "HOÀN THÀNH TỐT", " hoàn  thành, tốt. "],
)
def test_one_answer_in_many_spellings(typed: str) -> None:
    assert fold(typed) == "hoan thanh tot"
    assert fold(unicodedata.normalize("NFD", typed)) == "hoan thanh tot"


def test_either_tone_placement_is_the_same_word() -> None:
    assert fold("hoá thuỷ khoẻ") == fold("hóa thủy khỏe") == "hoa thuy khoe"
    assert fold("Đồng chí đã đến") == "dong chi da den"


@given(st.text())
def test_folding_is_stable_whatever_comes(typed: str) -> None:
    assert fold(fold(typed)) == fold(typed)
    assert fold(unicodedata.normalize("NFD", typed)) == fold(unicodedata.normalize("NFC", typed))


def test_tidying_keeps_every_word_and_line() -> None:
    assert tidy("  một\r\nhai\x00\x07 ba\tbốn ") == "một\nhai ba\tbốn"
    assert tidy("một\x0bhai\x0cba\u2028bốn") == "một\nhai\nba\nbốn"  # pasted from Word


@pytest.mark.parametrize(
    ("param", "vi", "en"),
    [
        (Number(2157), "2.157", "2,157"),
        (Points(895), "89,5", "89.5"),
        (Points(900), "90", "90"),
        (Percent(Fraction(9, 41)), "22,0%", "22.0%"),
        (Percent(Fraction(32, 41)), "78,0%", "78.0%"),
        (Percent(Fraction(38, 28)), "135,7%", "135.7%"),
        (Weekday(date(2026, 12, 14)), "Thứ Hai, 14/12/2026", "Monday, 14/12/2026"),
        (date(2026, 12, 31), "31/12/2026", "31/12/2026"),
        (datetime(2026, 12, 31, 17, 30, tzinfo=UTC), "00:30 01/01/2027", "00:30 01/01/2027"),
        (2026, "2026", "2026"),
    ],
)
def test_figures_and_dates_as_the_reader_writes_them(param: object, vi: str, en: str) -> None:
    phrase = Text("checklist.detail.due", (("on", param),))  # type: ignore[arg-type]
    assert Catalogue("vi", ZONE).bare(phrase) == f"Hạn {vi}"
    assert Catalogue("en", ZONE).bare(phrase).endswith(en)


def test_what_people_typed_is_shown_as_typed() -> None:
    phrase = paragraphs(Text("home.welcome", (("name", "<b>An</b> & Co"), ("cell", "<script>"))), Plain("1 < 2"))
    html = str(Catalogue("vi", ZONE).write(phrase))
    assert "&lt;b&gt;An&lt;/b&gt; &amp; Co" in html
    assert "<script>" not in html
    assert "1 &lt; 2" in html
    assert "<b>An</b> & Co" in Catalogue("vi", ZONE).bare(phrase)


@given(st.text(max_size=80))
def test_forged_button_data_is_never_an_exception(data: str) -> None:
    assert isinstance(read_data(data), Pressed | Command | Forged)


def test_buttons_are_read_back_and_never_longer_than_telegram_takes() -> None:
    assert read_data(screen_data(999999999, "a" * 48)) == Pressed(999999999, "a" * 48)
    assert len(screen_data(999999999, "a" * 48).encode()) <= 64
    assert read_data(standing_data("approve", "12")) == Command("approve", "12", standing=True)
    for nonsense in ("1:1:", "1:x:yes", "2:1:yes", "1!Approve:5", "1!approve:é", "1:٣:yes"):
        assert read_data(nonsense) == Forged()
