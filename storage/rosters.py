"""Rosters that were read from a file and wait for a yes; nothing in them counts until then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from storage.database import upsert
from storage.records import MemberId
from storage.tables import roster_drafts


@dataclass(frozen=True, slots=True)
class RosterDraft:
    """What one person read in: the file's name, its good rows as JSON, when."""

    name: str
    rows: Sequence[Mapping[str, Any]]
    read_at: datetime


def keep(tx: Connection, member: MemberId, draft: RosterDraft) -> None:
    """Keep a draft in place of the person's earlier one."""
    upsert(
        tx,
        roster_drafts,
        ("member_id",),
        {"member_id": member, "name": draft.name[:200], "rows": list(draft.rows), "read_at": draft.read_at},
    )


def draft(tx: Connection, member: MemberId) -> RosterDraft | None:
    """The person's draft."""
    row = tx.execute(select(roster_drafts).where(roster_drafts.c.member_id == member)).one_or_none()
    return RosterDraft(row.name, row.rows, row.read_at) if row else None


def drop(tx: Connection, member: MemberId) -> None:
    """Forget the person's draft."""
    tx.execute(delete(roster_drafts).where(roster_drafts.c.member_id == member))


def drop_before(tx: Connection, moment: datetime) -> int:
    """Forget drafts that nobody answered; returns how many."""
    return tx.execute(delete(roster_drafts).where(roster_drafts.c.read_at < moment)).rowcount
