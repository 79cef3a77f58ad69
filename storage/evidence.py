"""Files that prove something, as they were sent: of a note, or of what a member confirmed by voice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select

from storage.records import Evidence, EvidenceId, EvidenceKind, MemberId, NoteId
from storage.tables import evidence, notes


def keep(
    tx: Connection,
    member: MemberId,
    note: NoteId | None,
    kind: EvidenceKind,
    file_name: str,
    content: bytes,
    digest: str,
    now: datetime,
) -> EvidenceId:
    """Keep the bytes of a file; ``digest`` is their SHA-256 in hexadecimal."""
    values = {
        "member_id": member,
        "note_id": note,
        "kind": kind,
        "file_name": file_name,
        "content": content,
        "digest": digest,
        "kept_at": now,
    }
    return EvidenceId(tx.execute(insert(evidence).values(values).returning(evidence.c.id)).scalar_one())


def of_note(tx: Connection, note: NoteId) -> tuple[Evidence, ...]:
    """The files of a note without their bytes, in the order in which they came."""
    return tuple(map(_to_evidence, tx.execute(_listed().where(evidence.c.note_id == note).order_by(evidence.c.id))))


def same(tx: Connection, member: MemberId, digest: str) -> Evidence | None:
    """The oldest file of this member with the very same bytes, on a note that was not removed."""
    row = tx.execute(
        _listed()
        .join(notes, notes.c.id == evidence.c.note_id)
        .where(evidence.c.member_id == member, evidence.c.digest == digest, notes.c.removed_at.is_(None))
        .order_by(evidence.c.id)
        .limit(1)
    ).one_or_none()
    return _to_evidence(row) if row else None


def content(tx: Connection, member: MemberId, id: EvidenceId) -> bytes | None:
    """The bytes of a file of this member, as they were sent; None where the member has no such file."""
    found = tx.execute(
        select(evidence.c.content).where(evidence.c.id == id, evidence.c.member_id == member)
    ).scalar()
    return bytes(found) if found is not None else None


def used(tx: Connection, member: MemberId, year: int) -> int:
    """How many bytes the files of a member's notes of that year take, those of removed notes included."""
    total = tx.execute(
        select(func.sum(func.length(evidence.c.content)))
        .join(notes, notes.c.id == evidence.c.note_id)
        .where(evidence.c.member_id == member, notes.c.year == year)
    ).scalar()
    return int(total or 0)


def _listed() -> Select[Any]:
    return select(
        evidence.c.id,
        evidence.c.member_id,
        evidence.c.note_id,
        evidence.c.kind,
        evidence.c.file_name,
        evidence.c.digest,
        evidence.c.kept_at,
        func.length(evidence.c.content).label("size"),
    )


def _to_evidence(row: Row[Any]) -> Evidence:
    return Evidence(
        id=EvidenceId(row.id),
        member_id=MemberId(row.member_id),
        note_id=NoteId(row.note_id) if row.note_id is not None else None,
        kind=EvidenceKind(row.kind),
        file_name=row.file_name,
        digest=row.digest,
        size=row.size,
        kept_at=row.kept_at,
    )
