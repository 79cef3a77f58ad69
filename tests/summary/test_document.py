"""The spreadsheet: the figures of the message, dates that are dates, and no word that becomes a formula."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from handlers.dialogue.phrases import Phrase
from handlers.review.forms import rule_set
from handlers.summary.document import book, file_name
from handlers.summary.grid import Book, Column, Sheet
from handlers.summary.recipes import BOOK, RECIPES, book_to_send
from handlers.summary.report import Counts, Report
from handlers.summary.rules import cap_readings, figures_of, grade_counts
from handlers.summary.spreadsheet import workbook
from handlers.texts import catalogue
from storage.records import (
    CellId,
    ChecklistItem,
    Grade,
    ItemId,
    ItemState,
    Mark,
    MemberId,
    NotRequired,
    RosterLine,
)
from tests.summary.build import CYCLE, HANOI, TOO_LATE, graded, handed_in, look, member

NOW = datetime(2026, 12, 22, 2, 0, tzinfo=UTC)


def say(phrase: Phrase) -> str:
    return catalogue("vi", HANOI).bare(phrase)


def report(lines: list[RosterLine], **more: Any) -> Report:
    found = look(lines, **more)
    readings = cap_readings(rule_set("2025").cap_readings, grade_counts(found))
    return Report(Counts("Chi bộ Một", CYCLE, figures_of(found), NOW), found, readings)


def opened(found: Report) -> Workbook:
    """Written as the program writes it: planned, kept as JSON, made later, opened by another reader."""
    kept = json.loads(json.dumps(book_to_send("a.xlsx", book(found, say)).data))
    made = RECIPES[BOOK](kept)
    assert isinstance(made, bytes)
    return openpyxl.load_workbook(io.BytesIO(made))


def rows(made: Workbook, name: str) -> list[list[Any]]:
    return [list(row) for row in made[name].iter_rows(values_only=True) if any(value is not None for value in row)]


def test_the_line_of_the_cell_in_2020() -> None:
    made = opened(report(graded(9, 32)))
    [line] = [row for row in rows(made, "Tổng hợp") if row[1] == 41]
    assert line[:7] == ["Chi bộ Một", 41, 0, 0, 0, 41, 41]
    assert line[7:15] == [9, 0.22, 32, 0.78, 0, 0, 0, 0]
    heads = rows(made, "Tổng hợp")[3]
    assert heads[7] == "Hoàn thành xuất sắc nhiệm vụ"


def test_members_dates_and_reasons() -> None:
    lines = [
        handed_in(1, Grade.EXCELLENT, full_name="Trần Thị An", position="Bí thư"),
        handed_in(2, Grade.GOOD, TOO_LATE, full_name="Lê Văn Bình"),
        RosterLine(member(3, full_name="Phạm Cúc", phone="0912 345 678"), joined=False),
        RosterLine(member(4, full_name="Vũ Dung")),
    ]
    made = opened(report(lines, not_required={MemberId(4): NotRequired.EXEMPT}))
    found = {row[1]: row for row in rows(made, "Danh sách")[4:]}
    an = found["Trần Thị An"]
    assert an[2:4] == ["001", "Bí thư"]
    assert (an[4], an[5].date(), an[7]) == ("Hoàn thành xuất sắc nhiệm vụ", date(2026, 12, 20), "Đúng hạn")
    assert (found["Lê Văn Bình"][5].date(), found["Lê Văn Bình"][7]) == (date(2026, 12, 21), "Trễ hạn")
    assert found["Phạm Cúc"][7] == "Chưa nộp"
    assert found["Vũ Dung"][7:] == ["Không phải kiểm điểm", None, "Được miễn công tác, sinh hoạt"]
    [missing] = rows(made, "Chưa kiểm điểm")[4:]
    assert (missing[1], missing[3], missing[5]) == ("Phạm Cúc", "0912 345 678", "Chưa tham gia bot")


def test_points_by_item_and_by_member() -> None:
    items = [ChecklistItem(ItemId(n), CellId(1), 2026, n, f"Việc {n}") for n in (1, 2)]
    marks = [
        Mark(ItemId(1), MemberId(1), ItemState.DONE, note="nộp 05/12"),
        Mark(ItemId(2), MemberId(1), ItemState.BLOCKED, reason="thiếu người", note="đã xin"),
        Mark(ItemId(1), MemberId(2), ItemState.NOT_APPLICABLE),
    ]
    made = opened(report([RosterLine(member(1)), RosterLine(member(2))], items=items, marks=marks))
    first, second = rows(made, "Các việc")[4:6]
    assert first[3:11] == [0, 0, 1, 0, 1, 1, 1, 0]
    assert second[3:11] == [1, 0, 0, 1, 0, 2, 0, 0]
    an, binh = rows(made, "Các việc theo đảng viên")[4:6]
    assert an[2:] == ["Xong: nộp 05/12", "Vướng: thiếu người; đã xin", "1/2"]
    assert binh[2:] == ["Không áp dụng", "Chưa làm", "0/1"]


def test_every_reading_of_the_cap_has_its_line() -> None:
    made = opened(report(graded(9, 32)))
    lines = rows(made, "Mức trần xuất sắc")[4:]
    literal = {(row[2], row[3], row[5]) for row in lines if row[0] == "A"}
    assert {(limit, over) for _, limit, over in literal} == {(6, 3), (7, 2)}


@pytest.mark.parametrize(
    "typed",
    [
        "=1+1",
        '=HYPERLINK("http://x")',
        "+84912345678",
        "-5",
        "@SUM(A1)",
        "\t=1",
        "|cmd",
        "%0",
        "a\x00b\x1b",
        "x" * 40_000,
    ],
)
def test_nothing_typed_becomes_a_formula(typed: str) -> None:
    found = report([handed_in(1, Grade.GOOD, full_name=typed, position=typed, party_number=typed)])
    made = opened(found)
    for sheet in made.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", cell.coordinate
    [line] = rows(made, "Danh sách")[4:5]
    assert isinstance(line[1], str)
    name = next(cell for row in made["Danh sách"].iter_rows() for cell in row if cell.value == line[1])
    assert name.quotePrefix is (typed[0] in "=+-@\t|%")


def test_pages_are_ready_to_print() -> None:
    for sheet in opened(report(graded(2, 6))).worksheets:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.paperSize == 9
        assert sheet.print_title_rows
        assert sheet.freeze_panes
        fitting = sheet.sheet_properties.pageSetUpPr
        assert fitting is not None
        assert fitting.fitToPage


def test_a_cell_where_nobody_has_reviewed_and_there_is_no_list() -> None:
    made = opened(report([RosterLine(member(1))]))
    assert "Các việc" not in made.sheetnames
    words = [value for row in rows(made, "Tổng hợp") for value in row if isinstance(value, str)]
    assert any("không đủ dữ liệu để tính tỷ lệ" in word for word in words)
    [line] = [row for row in rows(made, "Tổng hợp") if row[1] == 1]
    assert line[7:9] == [0, "–"]


def test_the_name_of_the_file_is_plain() -> None:
    assert file_name(report(graded(1, 1))) == "tong-hop-chi-bo-mot-2026.xlsx"


def test_awkward_names_of_sheets() -> None:
    sheet = Sheet("a/b:c*d?[e]" + "x" * 40, ("Đầu",), (Column("A", 5), Column("B", 5)), ((1, "x"),))
    made = openpyxl.load_workbook(io.BytesIO(workbook(Book((sheet,), "&P", NOW))))
    assert made.sheetnames == ["a b c d  e " + "x" * 20]
