"""Files of this room: the roster as a workbook that can be read in again, an empty one, a list of codes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from handlers.organisation.columns import RosterField, letter_of, vocabulary
from storage.records import FormKind, Member, Role, Status

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
COLUMNS = (
    RosterField.FULL_NAME,
    RosterField.PARTY_NUMBER,
    RosterField.BORN_ON,
    RosterField.ADMITTED_ON,
    RosterField.OFFICIAL_ON,
    RosterField.POSITION,
    RosterField.FORM,
    RosterField.STATUS,
    RosterField.PHONE,
    RosterField.CELL,
    RosterField.ROLE,
    RosterField.AWAY_FROM,
    RosterField.AWAY_TO,
)


def roster_data(people: Iterable[tuple[Member, str]]) -> dict[str, Any]:
    """Members, each with the name of their cell, as the JSON of a roster file."""
    return {"people": [[_shown(member, cell, column) for column in COLUMNS] for member, cell in people]}


def _shown(member: Member, cell: str, column: RosterField) -> str:
    """What stands in a cell of the file; dates as ISO, to become real dates in the sheet."""
    known = vocabulary()
    match column:
        case RosterField.FORM:
            return letter_of(member.form)
        case RosterField.STATUS:
            return known.shown[member.status]
        case RosterField.CELL:
            return cell
        case RosterField.ROLE:
            return ", ".join(known.shown[role] for role in Role if role in member.roles and role in known.shown)
    value = getattr(member, column.value)
    return value.isoformat() if isinstance(value, date) else str(value or "")


def roster_book(data: Mapping[str, Any]) -> bytes:
    """A roster as .xlsx that ``read_roster`` reads back; without people it is the empty form to fill."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Danh sách đảng viên"
    titles = vocabulary().titles
    _head(sheet, [titles[column] for column in COLUMNS], [_WIDTHS.get(column, 16) for column in COLUMNS])
    for place, column in enumerate(COLUMNS, 1):
        sheet.column_dimensions[get_column_letter(place)].number_format = _DATE if column in _DATES else _TEXT
    for number, person in enumerate(data["people"], 2):
        for place, (column, value) in enumerate(zip(COLUMNS, person, strict=True), 1):
            _write(sheet, number, place, value, day=column in _DATES)
    known = vocabulary().shown
    _choices(sheet, RosterField.FORM, [letter_of(kind) for kind in FormKind])
    _choices(sheet, RosterField.STATUS, [known[status] for status in Status])
    return _saved(book)


def table_book(data: Mapping[str, Any]) -> bytes:
    """A plain table of words as .xlsx: ``title``, ``headings`` and ``rows`` in the reader's language."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = str(data["title"])[:31]
    _head(sheet, data["headings"], [24] * len(data["headings"]))
    for number, row in enumerate(data["rows"], 2):
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


def _choices(sheet: Worksheet, column: RosterField, words: Sequence[str]) -> None:
    letter = get_column_letter(COLUMNS.index(column) + 1)
    rule = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True)
    rule.add(f"{letter}2:{letter}1000")
    sheet.add_data_validation(rule)


def _saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
