"""The year's notes: what a member wants to remember for the self-assessment, and to what each of them belongs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from storage.prepared import Prepared
from storage.records import ItemId, MemberId, Note, NoteId, TaskId
from storage.tables import evidence, notes

_FILES = (
    select(func.count())
    .select_from(evidence)
    .where(evidence.c.note_id == notes.c.id)
    .scalar_subquery()
    .label("files")
)
_OF_YEAR = Prepared(
    lambda _: (
        select(notes, _FILES)
        .where(
            notes.c.member_id == bindparam("whose"),
            notes.c.year == bindparam("within"),
            notes.c.removed_at.is_(None),
        )
        .order_by(notes.c.noted_at, notes.c.id)
    )
)


def add(tx: Connection, member: MemberId, year: int, text: str, now: datetime) -> NoteId:
    """Keep a new note; its text may be empty where a file says all."""
    values = {"member_id": member, "year": year, "text": text, "noted_at": now}
    return NoteId(tx.execute(insert(notes).values(values).returning(notes.c.id)).scalar_one())


def find(tx: Connection, member: MemberId, note: int) -> Note | None:
    """A note of this member that was not removed."""
    row = tx.execute(
        select(notes, _FILES).where(notes.c.id == note, notes.c.member_id == member, notes.c.removed_at.is_(None))
    ).one_or_none()
    return _to_note(row) if row else None


def of_year(tx: Connection, member: MemberId, year: int) -> tuple[Note, ...]:
    """A member's notes of a year, oldest first, without those that were removed."""
    return tuple(map(_to_note, _OF_YEAR.rows(tx, whose=member, within=year)))


def write(tx: Connection, note: NoteId, text: str) -> None:
    """Give a note another text: the old one with more behind it."""
    tx.execute(update(notes).where(notes.c.id == note).values(text=text))


def tie(tx: Connection, note: NoteId, *, item: ItemId | None = None, task: TaskId | None = None) -> None:
    """Say to what a note belongs: a point of the list, a task, or neither."""
    tx.execute(update(notes).where(notes.c.id == note).values(item_id=item, task_id=task))


def remove(tx: Connection, note: NoteId, now: datetime) -> None:
    """Take a note off the list; it stays in the data, with its files."""
    tx.execute(update(notes).where(notes.c.id == note, notes.c.removed_at.is_(None)).values(removed_at=now))


def put_back(tx: Connection, member: MemberId, note: int) -> bool:
    """Put a removed note back on the list; False where this member has no such note."""
    found = tx.execute(
        update(notes)
        .where(notes.c.id == note, notes.c.member_id == member, notes.c.removed_at.is_not(None))
        .values(removed_at=None)
    )
    return found.rowcount > 0


def _to_note(row: Row[Any]) -> Note:
    return Note(
        id=NoteId(row.id),
        member_id=MemberId(row.member_id),
        year=row.year,
        text=row.text,
        noted_at=row.noted_at,
        item_id=ItemId(row.item_id) if row.item_id is not None else None,
        task_id=TaskId(row.task_id) if row.task_id is not None else None,
        files=row.files,
    )
