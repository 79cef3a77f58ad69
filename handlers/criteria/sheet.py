"""Criteria from a file (.xlsx or .csv): the column of the words and that of the points, whatever stands around."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from handlers.criteria.rules import Line, Wrong, checked
from handlers.dialogue.flow import Refusal
from handlers.dialogue.fold import fold
from handlers.dialogue.phrases import t
from handlers.organisation.sheet import Grid, Raw, text_of
from handlers.organisation.workbook import UnreadableError, read_grids

_HEADING_WITHIN = 30
_LABELS = ("noi dung", "tieu chi", "nhom tieu chi", "noi dung danh gia", "noi dung tieu chi", "tieu chi danh gia")
_POINTS = ("diem toi da", "diem", "so diem", "diem chuan", "thang diem", "muc diem")
_SUMS = ("tong", "tong cong", "cong", "tong diem", "tong so", "tong so diem")


@dataclass(frozen=True, slots=True)
class SheetReading:
    """The criteria of a file, in order, and the rows that could not be taken."""

    lines: tuple[Line, ...]
    wrong: tuple[Wrong, ...]


def read_sheet(content: bytes) -> SheetReading | Refusal:
    """Read the table in which most criteria stand; refused where there is none. Rows that add up are left out."""
    try:
        grids = read_grids(content)
    except UnreadableError as error:
        return Refusal(error.why)
    readings = [_read(grid, found) for grid in grids if (found := _columns(grid))]
    best = max(readings, key=lambda reading: len(reading.lines), default=None)
    if best is None:
        return Refusal(t("criteria.file.no_columns"))
    return best if best.lines else Refusal(t("criteria.file.nothing"))


def _columns(grid: Grid) -> tuple[int, int, int] | None:
    """The row of headings and the places of words and points in it."""
    for number, row in grid.rows[:_HEADING_WITHIN]:
        names = [fold(text_of(raw)) for raw in row]
        label = next((names.index(name) for name in _LABELS if name in names), None)
        points = next((names.index(name) for name in _POINTS if name in names), None)
        if label is not None and points is not None:
            return number, label, points
    return None


def _read(grid: Grid, columns: tuple[int, int, int]) -> SheetReading:
    heading, label_at, points_at = columns
    found: list[Line] = []
    wrong: list[Wrong] = []
    for number, row in grid.rows:
        label = _cell(row, label_at)
        if number <= heading or not label or fold(label) in _SUMS:
            continue
        points = _figure(row[points_at] if points_at < len(row) else None)
        line = checked(label, points) if points is not None else "unread"
        if isinstance(line, tuple):
            found.append(line)
        else:
            wrong.append(Wrong(number, label, line))
    return SheetReading(tuple(found), tuple(wrong))


def _cell(row: tuple[Raw, ...], place: int) -> str:
    return " ".join(text_of(row[place]).split()) if place < len(row) else ""


def _figure(raw: Raw) -> str | None:
    """A cell's figure as written: ``2.5``, ``5``; None where it holds none."""
    text = text_of(raw).strip().replace(",", ".").removesuffix("điểm").removesuffix("đ").strip()
    try:
        figure = Fraction(text) if len(text) <= 8 and "/" not in text else None
    except ValueError:
        return None
    return text if figure is not None and figure >= 0 else None
