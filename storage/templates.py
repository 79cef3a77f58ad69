"""Layouts that a cell's secretary changed in Word: every version is kept, the newest not withdrawn one is used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from storage.database import insert_ignore
from storage.records import CellId, MemberId
from storage.tables import members, templates


@dataclass(frozen=True, slots=True)
class Template:
    """One version of a paper's layout, without its bytes."""

    version: int
    put_by: str
    put_at: datetime
    withdrawn: bool


def put(tx: Connection, cell: CellId, paper: str, content: bytes, by: MemberId, now: datetime) -> int:
    """Keep a layout as the next version, not in use yet; returns its number.

    Two secretaries at once: whose number is taken meanwhile comes second, under the next one.
    """
    last = select(func.coalesce(func.max(templates.c.version), 0)).where(_of(cell, paper))
    kept = {"cell_id": cell, "paper": paper, "content": content, "put_by": by, "put_at": now, "withdrawn_at": now}
    while True:
        version = int(tx.execute(last).scalar_one()) + 1
        if insert_ignore(tx, templates, [{**kept, "version": version}]):
            return version


def use(tx: Connection, cell: CellId, paper: str, version: int | None, now: datetime) -> bool:
    """Use this version from now on (None: the product's own layout); False where there is no such version.

    Newer ones are withdrawn; older ones stay as they were.
    """
    if version is not None and content(tx, cell, paper, version) is None:
        return False
    newer = templates.c.version > version if version is not None else templates.c.version > 0
    tx.execute(
        update(templates)
        .where(_of(cell, paper), newer, templates.c.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
    )
    if version is not None:
        this = update(templates).where(_of(cell, paper), templates.c.version == version)
        tx.execute(this.values(withdrawn_at=None))
    return True


def in_use(tx: Connection, cell: CellId, paper: str) -> int | None:
    """The version in use; None: the product's own layout."""
    newest = select(func.max(templates.c.version)).where(_of(cell, paper), templates.c.withdrawn_at.is_(None))
    found = tx.execute(newest).scalar()
    return int(found) if found is not None else None


def content(tx: Connection, cell: CellId, paper: str, version: int) -> bytes | None:
    """The Word file of a version."""
    wanted = select(templates.c.content).where(_of(cell, paper), templates.c.version == version)
    found = tx.execute(wanted).scalar()
    return bytes(found) if found is not None else None


def versions(tx: Connection, cell: CellId, paper: str) -> tuple[Template, ...]:
    """Every version, newest first."""
    rows = tx.execute(
        select(templates.c.version, members.c.full_name, templates.c.put_at, templates.c.withdrawn_at)
        .join(members, members.c.id == templates.c.put_by)
        .where(_of(cell, paper))
        .order_by(templates.c.version.desc())
    )
    return tuple(Template(row.version, row.full_name, row.put_at, row.withdrawn_at is not None) for row in rows)


def _of(cell: CellId, paper: str) -> ColumnElement[bool]:
    return and_(templates.c.cell_id == cell, templates.c.paper == paper)
