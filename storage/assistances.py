"""Who types for whom: opened for a day, ended in one way, and how the member made the words their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from storage.database import insert_new
from storage.records import CellId, CycleId, MemberId
from storage.tables import assistances, evidence, members, paper_pages


class Source(StrEnum):
    """Where the helper has the words from: the member tells them, or they stand on the paper form."""

    SPOKEN = "spoken"
    PAPER = "paper"


class Proof(StrEnum):
    """How the member made the typed words their own."""

    CODE = "code"
    PHONE = "phone"
    VOICE = "voice"
    SIGNATURE = "signature"


class Ended(StrEnum):
    """Why nobody types any more."""

    CONFIRMED = "confirmed"
    REVOKED = "revoked"
    DECLINED = "declined"
    EXPIRED = "expired"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Assistance:
    """One helper for one member in one cycle; ``written`` counts the answers that the helper changed.

    ``offered_at`` and ``digest`` (of the answers) are set while what was typed waits for the member; ``wrong``
    counts mistyped codes; ``version`` is the submission into which the words went.
    """

    id: int
    member_id: MemberId
    helper_id: MemberId
    opened_by: MemberId
    cycle_id: CycleId
    source: Source
    began_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    ended_how: Ended | None = None
    written: int = 0
    offered_at: datetime | None = None
    digest: str | None = None
    code_hash: str | None = None
    wrong: int = 0
    version: int | None = None
    confirmed_by: Proof | None = None
    confirmed_at: datetime | None = None
    evidence_id: int | None = None

    def open_at(self, now: datetime) -> bool:
        """Whether the helper may type at that moment."""
        return self.ended_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class Page:
    """A photograph of a filled form: its file's name and bytes."""

    id: int
    evidence_id: int
    file_name: str
    content: bytes
    sent_at: datetime


def begin(
    tx: Connection,
    *,
    member: MemberId,
    helper: MemberId,
    opened_by: MemberId,
    cycle: CycleId,
    source: Source,
    now: datetime,
    expires_at: datetime,
) -> Assistance | None:
    """Let somebody type for a member; None where somebody does already (one helper at a time)."""
    expire(tx, now, member, cycle)
    row = {
        "member_id": member,
        "helper_id": helper,
        "opened_by": opened_by,
        "cycle_id": cycle,
        "source": source,
        "began_at": now,
        "expires_at": expires_at,
        "written": 0,
        "wrong": 0,
    }
    made = insert_new(tx, assistances, [row], ("id",))
    return get(tx, next(iter(made))[0]) if made else None


def expire(tx: Connection, now: datetime, member: MemberId, cycle: CycleId) -> None:
    """Settle what ran out of time, as of the moment when it did."""
    tx.execute(
        update(assistances)
        .where(
            assistances.c.member_id == member,
            assistances.c.cycle_id == cycle,
            assistances.c.ended_at.is_(None),
            assistances.c.expires_at <= now,
        )
        .values(ended_at=assistances.c.expires_at, ended_how=Ended.EXPIRED)
    )


def get(tx: Connection, number: int) -> Assistance | None:
    """One by its number, in whatever state."""
    row = tx.execute(select(assistances).where(assistances.c.id == number)).one_or_none()
    return _record(row) if row else None


def running(tx: Connection, member: MemberId, cycle: CycleId, now: datetime) -> Assistance | None:
    """The one under which somebody may type for this member at that moment."""
    row = tx.execute(
        select(assistances).where(
            assistances.c.member_id == member,
            assistances.c.cycle_id == cycle,
            assistances.c.ended_at.is_(None),
            assistances.c.expires_at > now,
        )
    ).one_or_none()
    return _record(row) if row else None


def open_for(tx: Connection, helper: MemberId, now: datetime, cell: CellId | None = None) -> tuple[Assistance, ...]:
    """What this person helps with at that moment; with ``cell`` everything that is open in that cell, too."""
    whose = assistances.c.helper_id == helper
    if cell is not None:
        in_cell = select(members.c.id).where(members.c.cell_id == cell)
        whose = or_(whose, assistances.c.member_id.in_(in_cell))
    rows = tx.execute(
        select(assistances)
        .where(whose, assistances.c.ended_at.is_(None), assistances.c.expires_at > now)
        .order_by(assistances.c.id)
    )
    return tuple(_record(row) for row in rows)


def of_review(tx: Connection, member: MemberId, cycle: CycleId) -> tuple[Assistance, ...]:
    """Everybody who ever typed, or was to type, for this member in a cycle, in order."""
    rows = tx.execute(
        select(assistances)
        .where(assistances.c.member_id == member, assistances.c.cycle_id == cycle)
        .order_by(assistances.c.id)
    )
    return tuple(_record(row) for row in rows)


def end(tx: Connection, number: int, how: Ended, now: datetime) -> bool:
    """Nobody types under it any more; False where it had ended already."""
    return _change(tx, number, ended_at=now, ended_how=how, code_hash=None)


def wrote(tx: Connection, number: int) -> None:
    """The helper changed an answer: what waited for the member waits no more, and its code opens nothing."""
    _change(tx, number, written=assistances.c.written + 1, offered_at=None, digest=None, code_hash=None)


def offer(tx: Connection, number: int, digest: str, code_hash: str | None, now: datetime, until: datetime) -> bool:
    """What stands there waits for the member until that moment; a new code ends the one before."""
    return _change(tx, number, offered_at=now, digest=digest, code_hash=code_hash, wrong=0, expires_at=until)


def mistyped(tx: Connection, number: int, *, spent: bool) -> None:
    """Count a wrong code; where too many were typed (``spent``) the right one opens nothing either."""
    ended = {"code_hash": None} if spent else {}
    _change(tx, number, wrong=assistances.c.wrong + 1, **ended)


def confirm(
    tx: Connection, number: int, version: int, proof: Proof, now: datetime, evidence_id: int | None = None
) -> bool:
    """The member made the words their own: they are that version; False where it had ended already."""
    return _change(
        tx,
        number,
        version=version,
        confirmed_by=proof,
        confirmed_at=now,
        evidence_id=evidence_id,
        ended_at=now,
        ended_how=Ended.CONFIRMED,
        code_hash=None,
    )


def adopt(tx: Connection, member: MemberId, cycle: CycleId, version: int, now: datetime) -> None:
    """The member submits from their own phone what others typed meanwhile: all of it is theirs by that."""
    mine = assistances.c.member_id == member, assistances.c.cycle_id == cycle
    tx.execute(
        update(assistances)
        .where(*mine, assistances.c.version.is_(None), assistances.c.written > 0)
        .values(version=version, confirmed_by=Proof.PHONE, confirmed_at=now, code_hash=None)
    )
    tx.execute(
        update(assistances)
        .where(*mine, assistances.c.ended_at.is_(None))
        .values(ended_at=now, ended_how=Ended.CONFIRMED, code_hash=None)
    )


def join(tx: Connection, found: Assistance) -> None:
    """Earlier helpers' words went into the same version: they are confirmed with it, by the same proof."""
    tx.execute(
        update(assistances)
        .where(
            assistances.c.member_id == found.member_id,
            assistances.c.cycle_id == found.cycle_id,
            assistances.c.version.is_(None),
            assistances.c.written > 0,
        )
        .values(
            version=found.version,
            confirmed_by=found.confirmed_by,
            confirmed_at=found.confirmed_at,
            evidence_id=found.evidence_id,
        )
    )


def add_page(
    tx: Connection, member: MemberId, cycle: CycleId, evidence_id: int, by: MemberId, now: datetime
) -> int:
    """Put one photograph to a member's paper form; returns how many there are now."""
    values = {
        "member_id": member,
        "cycle_id": cycle,
        "evidence_id": evidence_id,
        "sent_by": by,
        "sent_at": now,
    }
    tx.execute(insert(paper_pages).values(values))
    return count_pages(tx, member, cycle)


def count_pages(tx: Connection, member: MemberId, cycle: CycleId) -> int:
    """How many photographs of this member's paper form there are."""
    mine = paper_pages.c.member_id == member, paper_pages.c.cycle_id == cycle
    return len(tx.execute(select(paper_pages.c.id).where(*mine)).all())


def pages(tx: Connection, member: MemberId, cycle: CycleId, *, newest: int = 10) -> tuple[Page, ...]:
    """The photographs of this member's paper form in the order in which they came, the newest ones."""
    rows = tx.execute(
        select(paper_pages.c.id, paper_pages.c.evidence_id, paper_pages.c.sent_at, evidence.c.file_name)
        .add_columns(evidence.c.content)
        .join(evidence, evidence.c.id == paper_pages.c.evidence_id)
        .where(paper_pages.c.member_id == member, paper_pages.c.cycle_id == cycle)
        .order_by(paper_pages.c.id.desc())
        .limit(newest)
    ).all()
    return tuple(Page(r.id, r.evidence_id, r.file_name, r.content, r.sent_at) for r in reversed(rows))


def _change(tx: Connection, number: int, **values: Any) -> bool:
    still_open = assistances.c.id == number, assistances.c.ended_at.is_(None)
    return tx.execute(update(assistances).where(*still_open).values(**values)).rowcount > 0


def _record(row: Row[Any]) -> Assistance:
    return Assistance(
        id=row.id,
        member_id=MemberId(row.member_id),
        helper_id=MemberId(row.helper_id),
        opened_by=MemberId(row.opened_by),
        cycle_id=CycleId(row.cycle_id),
        source=Source(row.source),
        began_at=row.began_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        ended_how=Ended(row.ended_how) if row.ended_how else None,
        written=row.written,
        offered_at=row.offered_at,
        digest=row.digest,
        code_hash=row.code_hash,
        wrong=row.wrong,
        version=row.version,
        confirmed_by=Proof(row.confirmed_by) if row.confirmed_by else None,
        confirmed_at=row.confirmed_at,
        evidence_id=row.evidence_id,
    )
