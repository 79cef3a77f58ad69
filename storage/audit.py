"""Who did what to whose records, and when: written in the same transaction as the act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from storage.records import CellId
from storage.tables import audit


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the trail; ``who`` is ``member:12`` or ``system``, ``subject`` likewise."""

    at: datetime
    who: str
    what: str
    subject: str
    cell_id: CellId | None
    details: Mapping[str, Any]


def record(
    tx: Connection,
    *,
    now: datetime,
    who: str,
    what: str,
    subject: str = "",
    cell: CellId | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write one line; ``details`` holds counts and ids, never what a person wrote."""
    tx.execute(
        insert(audit).values(at=now, who=who, what=what, subject=subject, cell_id=cell, details=dict(details or {}))
    )


def record_all(tx: Connection, acts: Sequence[Act]) -> None:
    """Write many lines in one statement."""
    rows = [
        {
            "at": act.at,
            "who": act.who,
            "what": act.what,
            "subject": act.subject,
            "cell_id": act.cell_id,
            "details": dict(act.details),
        }
        for act in acts
    ]
    if rows:
        tx.execute(insert(audit), rows)


def of_cell(tx: Connection, cell: CellId, limit: int = 100) -> tuple[Act, ...]:
    """The newest lines of a cell, newest first."""
    rows = tx.execute(select(audit).where(audit.c.cell_id == cell).order_by(audit.c.id.desc()).limit(limit))
    return tuple(Act(r.at, r.who, r.what, r.subject, r.cell_id, r.details) for r in rows)
