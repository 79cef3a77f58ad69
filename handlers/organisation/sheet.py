"""A roster as values: the cells of a sheet, the people in it, and what is wrong with a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from handlers.dialogue.phrases import Text
from storage.records import FormKind, Role, Status

Raw = str | int | float | bool | date | datetime | time | timedelta | None
Row = tuple[int, tuple[Raw, ...]]

# Excel on Windows counts days from here; old Macintosh files from 1904.
WINDOWS_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - cells of a sheet know no zone


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet: its rows with the numbers that the spreadsheet shows, and the day its serials count from."""

    rows: tuple[Row, ...]
    epoch: datetime = WINDOWS_EPOCH


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One person as the file has them; None (or '') means that the file does not say."""

    number: int
    full_name: str
    party_number: str
    form: FormKind | None = None
    status: Status | None = None
    born_on: date | None = None
    admitted_on: date | None = None
    official_on: date | None = None
    position: str = ""
    phone: str = ""
    cell_name: str = ""
    roles: frozenset[Role] = field(default_factory=frozenset)
    away_from: date | None = None
    away_to: date | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot be imported: its number in the sheet, the column's heading ('' for the row), the reason."""

    row: int
    column: str
    why: Text


@dataclass(frozen=True, slots=True)
class RosterReading:
    """What the file holds: good rows, faults of the others, and headings that were not needed."""

    rows: tuple[RosterRow, ...]
    faults: tuple[Fault, ...]
    ignored: tuple[str, ...] = ()


def text_of(raw: Raw) -> str:
    """A cell as words: whole numbers without ``.0``, dates as people write them, nothing as ''."""
    if raw is None or isinstance(raw, bool):
        return ""
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    if isinstance(raw, date):
        return raw.strftime("%d/%m/%Y")
    return str(raw)
