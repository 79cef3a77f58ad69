"""The criteria of the points: what a committee set for a year's score question; maxima are tenths of a point."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from storage.records import CellId, MemberId
from storage.tables import criteria

Lines = tuple[tuple[str, int], ...]


def of_question(tx: Connection, cell: CellId, year: int, form: str, question: str) -> Lines:
    """The criteria of one question, in order: label and greatest number of points, in tenths."""
    return of_form(tx, cell, year, form).get(question, ())


def of_form(tx: Connection, cell: CellId, year: int, form: str) -> dict[str, Lines]:
    """The criteria of every question of a form that has some."""
    rows = tx.execute(
        select(criteria.c.question, criteria.c.label, criteria.c.maximum)
        .where(criteria.c.cell_id == cell, criteria.c.year == year, criteria.c.form == form)
        .order_by(criteria.c.question, criteria.c.number)
    )
    found: dict[str, list[tuple[str, int]]] = {}
    for row in rows:
        found.setdefault(row.question, []).append((row.label, row.maximum))
    return {question: tuple(lines) for question, lines in found.items()}


def put(
    tx: Connection,
    cell: CellId,
    year: int,
    form: str,
    question: str,
    lines: Sequence[tuple[str, int]],
    by: MemberId,
    now: datetime,
) -> None:
    """Set the criteria of one question; what stood there before goes (whoever calls this writes the audit)."""
    whose = {"cell_id": cell, "year": year, "form": form, "question": question}
    tx.execute(delete(criteria).where(*(criteria.c[name] == value for name, value in whose.items())))
    rows = [
        {**whose, "number": number, "label": label, "maximum": maximum, "set_by": by, "set_at": now}
        for number, (label, maximum) in enumerate(lines, 1)
    ]
    if rows:
        tx.execute(insert(criteria), rows)
