"""Statements of the hot path: written in SQLAlchemy Core, compiled once, run on SQLite's own driver.

To build, look up and wrap a Core statement costs several times what SQLite needs to run it (docs/decisions/0010),
so what every message needs goes the short way. On PostgreSQL the same statement goes the usual way.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import sqlite

_SQLITE = sqlite.dialect()


class Prepared:
    """One statement with named parameters (``bindparam``), built for a dialect's name at its first use.

    Rows come back as named tuples of the values that the columns' types give. Every parameter has to be given:
    a column's Python default is not applied.
    """

    def __init__(self, build: Callable[[str], Any]) -> None:
        self._build = build

    def rows(self, tx: Connection, **values: Any) -> Sequence[Any]:
        """Run it and fetch every row."""
        if tx.dialect.name != "sqlite":
            return tx.execute(self._usual, values).all()
        return self._short.to_rows(self._run(tx, values).fetchall())

    def row(self, tx: Connection, **values: Any) -> Any | None:
        """Run it and fetch the first row; None where it finds none."""
        return next(iter(self.rows(tx, **values)), None)

    def change(self, tx: Connection, **values: Any) -> int:
        """Run it; how many rows it changed."""
        if tx.dialect.name != "sqlite":
            # Without being asked SQLAlchemy forgets the count of an INSERT on PostgreSQL, and says -1.
            return tx.execute(self._usual, values, execution_options={"preserve_rowcount": True}).rowcount
        return int(self._run(tx, values).rowcount)

    @cached_property
    def _usual(self) -> Any:
        return self._build("postgresql")

    @cached_property
    def _short(self) -> _Short:
        return _Short(self._build("sqlite"))

    def _run(self, tx: Connection, values: Mapping[str, Any]) -> Any:
        cursor: Any = tx.connection.cursor()
        cursor.execute(self._short.sql, self._short.bound(values))
        return cursor


class _Short:
    """The text for the driver, what turns values into the driver's, and its rows into ours."""

    def __init__(self, statement: Any) -> None:
        compiled = statement.compile(dialect=_SQLITE)
        if getattr(compiled, "insert_prefetch", None):
            raise TypeError(f"name every column: {[column.name for column in compiled.insert_prefetch]}")
        self.sql = str(compiled)
        self._fixed = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        self._binds = tuple(
            (name, _type(compiled.binds[name]).bind_processor(_SQLITE)) for name in compiled.positiontup or ()
        )
        columns = tuple(statement.exported_columns)
        self._make: Callable[[Any], Any] = namedtuple("Row", [column.key for column in columns])._make  # type: ignore[attr-defined]
        processors = (_type(column).result_processor(_SQLITE, None) for column in columns)
        self._converts = tuple((place, convert) for place, convert in enumerate(processors) if convert)

    def bound(self, values: Mapping[str, Any]) -> list[Any]:
        """Values in the order of the text; raises KeyError for a parameter that was not given."""
        given = {**self._fixed, **values}
        return [convert(given[name]) if convert else given[name] for name, convert in self._binds]

    def to_rows(self, found: Sequence[Sequence[Any]]) -> list[Any]:
        """The driver's rows with the values of the columns' types."""
        if not self._converts:
            return [self._make(row) for row in found]
        rows = []
        for row in found:
            values = list(row)
            for place, convert in self._converts:
                values[place] = convert(values[place])
            rows.append(self._make(values))
        return rows


def _type(holder: Any) -> Any:
    return holder.type.dialect_impl(_SQLITE)
