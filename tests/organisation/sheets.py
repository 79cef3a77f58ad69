"""Roster files for the tests, built as offices build them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import openpyxl

from handlers.dialogue.flow import Refusal
from handlers.organisation.roster import read_roster
from handlers.organisation.sheet import RosterReading, RosterRow

TODAY = date(2026, 11, 21)
HEADINGS = (
    "Họ và tên",
    "Mã đảng viên",
    "Ngày sinh",
    "Ngày kết nạp",
    "Ngày chính thức",
    "Chức vụ",
    "Loại mẫu",
    "Trạng thái",
    "Điện thoại",
    "Chi bộ",
)
LAN = (
    "Nguyễn Thị Lan",
    "25001234",
    date(1980, 3, 2),
    date(2005, 5, 19),
    date(2006, 5, 19),
    "Giảng viên",
    "2B",
    "Chính thức",
    "0912345678",
    "Chi bộ Phòng Đào tạo",
)


def xlsx(rows: Sequence[Sequence[Any]], headings: Sequence[Any] = HEADINGS) -> bytes:
    """A workbook with one sheet: headings and rows."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (headings, *rows):
        sheet.append(list(row))
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv(rows: Sequence[Sequence[str]], headings: Sequence[str] = HEADINGS, delimiter: str = ",") -> str:
    return "\r\n".join(delimiter.join(row) for row in (headings, *rows)) + "\r\n"


def read(content: bytes, today: date = TODAY) -> RosterReading:
    reading = read_roster(content, today)
    assert isinstance(reading, RosterReading), reading
    return reading


def refused(content: bytes) -> str:
    reading = read_roster(content, TODAY)
    assert isinstance(reading, Refusal)
    return reading.why.id


def only(content: bytes) -> RosterRow:
    reading = read(content)
    assert reading.faults == ()
    (row,) = reading.rows
    return row


def faults(content: bytes) -> list[tuple[int, str, str]]:
    return [(f.row, f.column, f.why.id.removeprefix("organisation.fault.")) for f in read(content).faults]
