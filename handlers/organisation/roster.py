"""A roster file as rows of people; every row that cannot be right is named by its number and its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import TypeVar

from handlers.dialogue.flow import Refusal
from handlers.dialogue.phrases import Text, t
from handlers.organisation import values
from handlers.organisation.columns import Columns, RosterField, recognise
from handlers.organisation.sheet import Fault, Grid, Raw, RosterReading, RosterRow, Row, text_of
from handlers.organisation.workbook import UnreadableError, read_grids

T = TypeVar("T")

# Titles, the name of the organisation and an empty line stand above the headings of many lists.
HEADING_WITHIN = 30
# The latest year that two digits can mean, from this year on: nobody is a member before eighteen (Statutes,
# Article 1), while a leave may end some years from now.
_LATEST = {
    RosterField.BORN_ON: -18,
    RosterField.ADMITTED_ON: 0,
    RosterField.OFFICIAL_ON: 1,
    RosterField.AWAY_FROM: 5,
    RosterField.AWAY_TO: 5,
}
_NEEDED = (RosterField.FULL_NAME, RosterField.PARTY_NUMBER)


def read_roster(content: bytes, today: date) -> RosterReading | Refusal:
    """Read a roster (.xlsx or .csv). A file that is none, or has no people in it, is refused as a whole.

    ``today`` is the calendar day, against which births and admissions are checked.
    """
    try:
        grids = read_grids(content)
    except UnreadableError as error:
        return Refusal(error.why)
    found = [hit for hit in map(_heading, grids) if hit]
    if not found:
        return Refusal(t("organisation.file.no_heading"))
    grid, heading, columns = max(found, key=lambda hit: len(hit[2].place))
    if missing := [name for name in _NEEDED if not _present(columns, name)]:
        return Refusal(t("organisation.file.no_column", column=columns.title(missing[0])))
    reading = _read_rows([row for row in grid.rows if row[0] > heading], columns, grid.epoch, today)
    if not reading.rows and not reading.faults:
        return Refusal(t("organisation.file.nobody"))
    return reading


def _heading(grid: Grid) -> tuple[Grid, int, Columns] | None:
    """The row of headings: among the first ones, that in which most columns are known."""
    candidates = [(number, recognise(row)) for number, row in grid.rows[:HEADING_WITHIN]]
    tables = [(number, columns) for number, columns in candidates if columns.is_table]
    if not tables:
        return None
    number, columns = max(tables, key=lambda hit: (len(hit[1].place), -hit[0]))
    return grid, number, columns


def _present(columns: Columns, name: RosterField) -> bool:
    if name is RosterField.FULL_NAME:
        return columns.is_table
    return name in columns.place


def _read_rows(rows: Sequence[Row], columns: Columns, epoch: datetime, today: date) -> RosterReading:
    good: list[RosterRow] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    for number, cells in rows:
        by_field = {name: cells[place] for name, place in columns.place.items() if place < len(cells)}
        if not any(text_of(raw).strip() for raw in by_field.values()):
            continue
        reader = _RowReader(number, by_field, columns, epoch, today)
        row = reader.read()
        key = values.number_key(row.party_number)
        if key and (first := seen.setdefault(key, number)) != number:
            twice = t("organisation.fault.number_twice", value=row.party_number, first=first)
            reader.fault(RosterField.PARTY_NUMBER, twice)
        faults.extend(reader.faults)
        if not reader.faults:
            good.append(row)
    return RosterReading(tuple(good), tuple(faults), columns.ignored)


class _RowReader:
    """Reads one row, collecting every fault of it and not only the first."""

    def __init__(
        self, number: int, cells: Mapping[RosterField, Raw], columns: Columns, epoch: datetime, today: date
    ) -> None:
        self.number, self.cells, self.columns, self.today = number, cells, columns, today
        self.faults: list[Fault] = []
        self._epoch = epoch

    def fault(self, name: RosterField, why: Text) -> None:
        self.faults.append(Fault(self.number, self.columns.title(name), why))

    def day(self, name: RosterField) -> date | None:
        """A date column; how a two-digit year is meant depends on what the column is about."""
        latest = self.today.year + _LATEST[name]
        read = partial(values.read_date, latest_year=latest, epoch=self._epoch)
        return self.take(name, read, None)

    def take(self, name: RosterField, read: Callable[[Raw], T | Refusal], otherwise: T) -> T:
        """The value of a column, or ``otherwise`` with a fault noted."""
        if name not in self.cells:
            return otherwise
        value = read(self.cells[name])
        if isinstance(value, Refusal):
            self.fault(name, value.why)
            return otherwise
        return value

    def read(self) -> RosterRow:
        f = RosterField
        row = RosterRow(
            number=self.number,
            full_name=self._name(),
            party_number=self.take(f.PARTY_NUMBER, values.read_number, ""),
            form=self.take(f.FORM, values.read_form, None),
            status=self.take(f.STATUS, values.read_status, None),
            born_on=self.day(f.BORN_ON),
            admitted_on=self.day(f.ADMITTED_ON),
            official_on=self.day(f.OFFICIAL_ON),
            position=self.take(f.POSITION, values.read_words, ""),
            phone=self.take(f.PHONE, values.read_phone, ""),
            cell_name=self.take(f.CELL, values.read_words, ""),
            roles=self.take(f.ROLE, values.read_roles, frozenset()),
            away_from=self.day(f.AWAY_FROM),
            away_to=self.day(f.AWAY_TO),
        )
        self._check(row)
        return row

    def _name(self) -> str:
        f = RosterField
        if f.FULL_NAME in self.columns.place:
            return self.take(f.FULL_NAME, values.read_name, "")
        both = (text_of(self.cells.get(part)).strip() for part in (f.FAMILY_NAME, f.GIVEN_NAME))
        name = values.read_name(" ".join(both))
        if isinstance(name, Refusal):
            self.fault(f.GIVEN_NAME, name.why)
            return ""
        return name

    def _check(self, row: RosterRow) -> None:
        """Dates that contradict each other or the calendar."""
        f = RosterField
        for name, day in ((f.BORN_ON, row.born_on), (f.ADMITTED_ON, row.admitted_on)):
            if day and day > self.today:
                self.fault(name, t("organisation.fault.date_future", value=day))
        if row.born_on and row.admitted_on and row.admitted_on <= row.born_on:
            self.fault(f.ADMITTED_ON, t("organisation.fault.admitted_before_born", value=row.admitted_on))
        if row.admitted_on and row.official_on and row.official_on < row.admitted_on:
            self.fault(f.OFFICIAL_ON, t("organisation.fault.official_before_admitted", value=row.official_on))
        if row.away_from and row.away_to and row.away_to < row.away_from:
            self.fault(f.AWAY_TO, t("organisation.fault.away_ends_before", value=row.away_to))
        if row.away_from is None and (row.away_to or values.is_away(self.cells.get(f.STATUS))):
            self.fault(f.AWAY_FROM, t("organisation.fault.away_without_day"))
