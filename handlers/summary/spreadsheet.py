"""Tables as a spreadsheet: sheets of typed values in, an .xlsx that prints well on A4 out.

Nothing that a person typed can become a formula: words are written as text, and one that begins like a formula is
marked as text for good, so that it stays text when somebody edits the cell or saves the sheet in another format.
"""

from __future__ import annotations

import io
from decimal import Decimal
from math import ceil
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from handlers.summary.grid import Book, Column, Day, Share, Sheet, Value

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "|", "%")
_LONGEST = 32_000
_THIN = Side(style="thin", color="808080")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD = PatternFill("solid", fgColor="E8EEF4")
# What offices print in; spreadsheets without it fall back to a font of the same widths.
_FONT = "Times New Roman"
_LINE_HEIGHT = 17


def workbook(book: Book) -> bytes:
    """Write the sheets as .xlsx."""
    target = Workbook()
    target.remove(target.worksheets[0])
    for sheet in book.sheets:
        _write(target.create_sheet(_sheet_name(sheet.name)), sheet, book.page)
    target.properties.creator = ""
    target.properties.created = book.made_at.replace(tzinfo=None)
    content = io.BytesIO()
    target.save(content)
    return content.getvalue()


def _write(target: Worksheet, sheet: Sheet, page: str) -> None:
    for place, line in enumerate(sheet.title, 1):
        cell = _put(target, place, 1, line)
        cell.font = Font(name=_FONT, bold=place == 1, size=14 if place == 1 else 12)
    first = len(sheet.title) + 2
    grouped = any(column.group for column in sheet.columns)
    head_rows = 2 if grouped else 1
    _heads(target, sheet.columns, first, grouped=grouped)
    row = first + head_rows
    for values in sheet.rows:
        for place, value in enumerate(values, 1):
            _style(_put(target, row, place, value), value)
        target.row_dimensions[row].height = _height(values, sheet.columns)
        row += 1
    for line in sheet.notes:
        row += 1
        _put(target, row, 1, line).font = Font(name=_FONT, italic=True, size=12)
    target.freeze_panes = f"{get_column_letter(sheet.keep + 1)}{first + head_rows}"
    _page(target, f"{first}:{first + head_rows - 1}", page)


def _heads(target: Worksheet, columns: tuple[Column, ...], first: int, *, grouped: bool) -> None:
    for place, column in enumerate(columns, 1):
        target.column_dimensions[get_column_letter(place)].width = column.width
        if not grouped:
            _head(_put(target, first, place, column.heading))
            continue
        _head(_put(target, first, place, column.group or column.heading))
        _head(_put(target, first + 1, place, column.heading if column.group else None))
        if not column.group:
            target.merge_cells(start_row=first, end_row=first + 1, start_column=place, end_column=place)
    if grouped:
        _merge_groups(target, columns, first)
        target.row_dimensions[first].height = 36
    target.row_dimensions[first + (1 if grouped else 0)].height = 36


def _merge_groups(target: Worksheet, columns: tuple[Column, ...], first: int) -> None:
    start = 1
    for place in range(1, len(columns) + 1):
        ends = place == len(columns) or columns[place].group != columns[place - 1].group
        if ends:
            if columns[place - 1].group and place > start:
                target.merge_cells(start_row=first, end_row=first, start_column=start, end_column=place)
            start = place + 1


def _put(target: Worksheet, row: int, place: int, value: Value) -> Cell:
    cell: Any = target.cell(row, place)
    if isinstance(value, str):
        words = ILLEGAL_CHARACTERS_RE.sub("", value)[:_LONGEST]
        cell.value = words
        cell.data_type = "s"
        cell.quotePrefix = words.startswith(_FORMULA)
    elif isinstance(value, Share):
        # Half up to a tenth of a per cent, so that the sheet and the message show the same figure.
        cell.value = Decimal((value.part * 2000 + value.whole) // (value.whole * 2)) / 1000
    else:
        cell.value = value.on if isinstance(value, Day) else value
    written: Cell = cell
    return written


def _height(values: tuple[Value, ...], columns: tuple[Column, ...]) -> float:
    """Room for the cell with the most lines; not every program grows rows for wrapped words by itself."""
    wrapped = (
        sum(ceil(max(len(line), 1) / (column.width * 1.15)) for line in value.splitlines() or [""])
        for value, column in zip(values, columns, strict=True)
        if isinstance(value, str)
    )
    return _LINE_HEIGHT * min(max(wrapped, default=1), 12) + 2


def _style(cell: Cell, value: Value) -> None:
    cell.font = Font(name=_FONT, size=12)
    cell.border = _BOX
    words = isinstance(value, str)
    cell.alignment = Alignment(horizontal="left" if words else "center", vertical="center", wrap_text=words)
    if isinstance(value, Share):
        cell.number_format = "0.0%"
    elif isinstance(value, Day):
        cell.number_format = "dd/mm/yyyy"
    elif isinstance(value, int):
        cell.number_format = "#,##0"


def _head(cell: Cell) -> None:
    cell.font = Font(name=_FONT, bold=True, size=12)
    cell.fill = _HEAD
    cell.border = _BOX
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)


def _page(target: Worksheet, head_rows: str, page: str) -> None:
    target.page_setup.orientation = "landscape"
    target.page_setup.paperSize = 9  # A4
    target.page_setup.fitToWidth = 1
    target.page_setup.fitToHeight = 0
    target.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    target.print_title_rows = head_rows
    footer: Any = target.oddFooter
    footer.center.text = page
    target.page_margins.left = target.page_margins.right = 0.5
    target.page_margins.top, target.page_margins.bottom, target.page_margins.footer = 0.6, 0.8, 0.4


def _sheet_name(name: str) -> str:
    return "".join(" " if sign in "[]:*?/\\" else sign for sign in name)[:31]
