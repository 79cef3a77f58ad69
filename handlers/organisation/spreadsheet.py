"""The workbooks of this room: what is typed into a roster is kept to its kind, and words stay words."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from handlers.organisation.columns import RosterField, letter_of, vocabulary
from storage.records import FormKind, Status

_DATES = {
    RosterField.BORN_ON,
    RosterField.ADMITTED_ON,
    RosterField.OFFICIAL_ON,
    RosterField.AWAY_FROM,
    RosterField.AWAY_TO,
}
# What Excel would take for a number, losing its zeros, or for a formula.
_TEXT = "@"
_DATE = "dd/mm/yyyy"
_WIDTHS = {RosterField.FULL_NAME: 28, RosterField.POSITION: 24, RosterField.CELL: 28, RosterField.STATUS: 26}


def roster_sheet(columns: Sequence[RosterField], people: Sequence[Sequence[str]]) -> bytes:
    """The roster: a row for each person, a value for each of ``columns`` (days as ISO), and what may be typed."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Danh sách đảng viên"
    titles = vocabulary().titles
    _head(sheet, [titles[column] for column in columns], [_WIDTHS.get(column, 16) for column in columns])
    for place, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(place)].number_format = _DATE if column in _DATES else _TEXT
    for number, person in enumerate(people, 2):
        for place, (column, value) in enumerate(zip(columns, person, strict=True), 1):
            _write(sheet, number, place, value, day=column in _DATES)
    known = vocabulary().shown
    _choices(sheet, columns.index(RosterField.FORM), [letter_of(kind) for kind in FormKind])
    _choices(sheet, columns.index(RosterField.STATUS), [known[status] for status in Status])
    return _saved(book)


def plain_sheet(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """A table of words under its headings."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = title[:31]
    _head(sheet, headings, [24] * len(headings))
    for number, row in enumerate(rows, 2):
        for place, value in enumerate(row, 1):
            _write(sheet, number, place, value, day=False)
    return _saved(book)


def _head(sheet: Worksheet, headings: Sequence[str], widths: Sequence[int]) -> None:
    for place, (heading, width) in enumerate(zip(headings, widths, strict=True), 1):
        cell = sheet.cell(1, place)
        cell.value = heading
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "A2"


def _write(sheet: Worksheet, row: int, place: int, value: str, *, day: bool) -> None:
    if not value:
        return
    cell: Any = sheet.cell(row, place)
    if day:
        cell.value = date.fromisoformat(value)
        cell.number_format = _DATE
    else:
        # Explicitly words: a name that begins with "=" must not become a formula on somebody's computer.
        cell.value = value
        cell.data_type = "s"
        cell.number_format = _TEXT


def _choices(sheet: Worksheet, place: int, words: Sequence[str]) -> None:
    letter = get_column_letter(place + 1)
    rule = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True)
    rule.add(f"{letter}2:{letter}1000")
    sheet.add_data_validation(rule)


def _saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
