"""Tables of typed values, as ``spreadsheet`` writes them into an .xlsx."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Share:
    """An exact share, shown in per cent with one decimal."""

    part: int
    whole: int


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day, shown as dd/mm/yyyy."""

    on: date


Value = str | int | Share | Day | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, its width in letters, and the heading that it shares with its neighbours, if any."""

    heading: str
    width: int
    group: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: lines above it, its columns and rows, lines below it; ``keep`` columns stay in view."""

    name: str
    title: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    notes: tuple[str, ...] = ()
    keep: int = 2


@dataclass(frozen=True, slots=True)
class Book:
    """A whole spreadsheet; ``page`` is the foot of a printed page (``&P``, ``&N``: numbers), ``made_at`` is UTC."""

    sheets: tuple[Sheet, ...]
    page: str
    made_at: datetime
