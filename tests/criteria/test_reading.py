"""Criteria as they are typed and as they stand in files: what is read, what is refused, what their sum means."""

from __future__ import annotations

import io
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from handlers.criteria.rules import MOST_LINES, put_to, read_lines, standing
from handlers.criteria.sheet import SheetReading, read_sheet
from handlers.dialogue.flow import Refusal
from handlers.texts import catalogue

WORDS = catalogue("vi", ZoneInfo("Asia/Ho_Chi_Minh"))


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("Chấp hành nghị quyết – 5", ("Chấp hành nghị quyết", 50)),
        ("Chấp hành nghị quyết - 5 điểm", ("Chấp hành nghị quyết", 50)),
        ("1. Chấp hành nghị quyết: 2,5đ", ("Chấp hành nghị quyết", 25)),
        ("2) Chấp hành nghị quyết (tối đa 2.5 điểm).", ("Chấp hành nghị quyết", 25)),
        ("- Chấp hành Nghị quyết 35-NQ/TW – 10;", ("Chấp hành Nghị quyết 35-NQ/TW", 100)),
        ("Tự phê bình | 7,5", ("Tự phê bình", 75)),
        ("Tự phê bình\t7,5", ("Tự phê bình", 75)),
        ("  Tự   phê bình = 7  ", ("Tự phê bình", 70)),
    ],
)
def test_a_line_in_the_ways_people_type_it(typed: str, line: tuple[str, int]) -> None:
    assert read_lines(typed) == (line,)


def test_several_lines_at_once() -> None:
    assert read_lines("A – 5\n\nB – 2,5\nC: 1") == (("A", 50), ("B", 25), ("C", 10))


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("Chấp hành nghị quyết", "Dòng 1 “Chấp hành nghị quyết”: chưa thấy số điểm"),
        ("A – 5\nNghị quyết 35", "Dòng 2 “Nghị quyết 35”: chưa thấy số điểm"),
        ("A – 0", "điểm phải lớn hơn 0"),
        ("A – 2,55", "điểm lẻ quá một chữ số"),
        ("x" * 301 + " – 5", "dài quá 300 ký tự"),
        (" \n ", "mỗi dòng một tiêu chí"),
    ],
)
def test_a_line_that_cannot_be_taken_is_named_and_nothing_is_saved(typed: str, why: str) -> None:
    read = read_lines(typed)
    assert isinstance(read, Refusal)
    assert why in WORDS.bare(read.why)


def test_the_same_words_again_change_the_points() -> None:
    assert put_to((("Tự phê bình", 50), ("Nêu gương", 30)), (("tự  phê bình", 75),)) == (
        ("Tự phê bình", 75),
        ("Nêu gương", 30),
    )
    assert isinstance(put_to((), tuple((f"Tiêu chí {n}", 10) for n in range(MOST_LINES + 1))), Refusal)


@pytest.mark.parametrize(
    ("points", "told"),
    [
        ((), "Chưa đặt tiêu chí"),
        ((100, 125, 75), "3 tiêu chí, cộng đủ 30 điểm: đang dùng để chấm."),
        ((100, 125), "mới cộng 22,5/30 điểm, còn thiếu 7,5"),
        ((100, 125, 80), "cộng 30,5/30 điểm, thừa 0,5"),
    ],
)
def test_the_difference_to_the_groups_points_is_said(points: tuple[int, ...], told: str) -> None:
    lines = tuple((f"Tiêu chí {n}", p) for n, p in enumerate(points))
    assert told in WORDS.bare(standing(lines, 30))


def book(*rows: tuple[str | float | None, ...]) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_a_workbook_with_what_stands_around_the_table() -> None:
    content = book(
        ("ĐẢNG ỦY TRƯỜNG",),
        (),
        ("TT", "Nội dung", "Điểm tối đa", "Ghi chú"),
        (1, "Chính trị,  đạo đức", 10, ""),
        (2, "Năng lực", 12.5, ""),
        ("II", "Nhóm phụ", None, ""),
        (3, "Tự phê bình", "7,5", ""),
        ("", "Tổng cộng", 30, ""),
    )
    read = read_sheet(content)
    assert isinstance(read, SheetReading)
    assert read.lines == (("Chính trị, đạo đức", 100), ("Năng lực", 125), ("Tự phê bình", 75))
    assert [(wrong.number, wrong.words, wrong.why) for wrong in read.wrong] == [(6, "Nhóm phụ", "unread")]


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_a_csv_with_any_separator(separator: str) -> None:
    text = "\n".join(separator.join(row) for row in (("Tiêu chí", "Điểm"), ("Chính trị", "10"), ("Năng lực", "20")))
    read = read_sheet(text.encode("utf-8-sig"))
    assert isinstance(read, SheetReading)
    assert read.lines == (("Chính trị", 100), ("Năng lực", 200))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "organisation.file.empty"),
        (b"%PDF-1.7", "organisation.file.no_table"),
        (book(("Họ tên", "Ngày sinh"), ("An", "x")), "criteria.file.no_columns"),
        (book(("Nội dung", "Điểm"), ("Tổng", 30)), "criteria.file.nothing"),
    ],
)
def test_a_file_that_is_no_list_of_criteria_says_why(content: bytes, why: str) -> None:
    read = read_sheet(content)
    assert isinstance(read, Refusal)
    assert read.why.id == why
