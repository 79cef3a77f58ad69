"""What messengers brought: raw, once, kept until it has been dealt with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from storage.database import insert_ignore
from storage.records import Raw
from storage.tables import inbox

WAITING, DONE, DEAD = "waiting", "done", "dead"


def keep(tx: Connection, updates: Sequence[Raw], now: datetime) -> int:
    """Keep updates before they are acknowledged; those seen before are left out. Returns how many are new."""
    return insert_ignore(
        tx,
        inbox,
        [
            {
                "channel": u.channel,
                "update_id": u.update_id,
                "chat": u.chat,
                "raw": u.raw,
                "state": WAITING,
                "received_at": now,
            }
            for u in updates
        ],
    )


def waiting(tx: Connection, after: int = 0, limit: int = 200) -> tuple[Raw, ...]:
    """Updates that nobody has dealt with yet, oldest first, with an id greater than ``after``."""
    rows = tx.execute(
        select(inbox.c.id, inbox.c.channel, inbox.c.update_id, inbox.c.chat, inbox.c.raw)
        .where(inbox.c.state == WAITING, inbox.c.id > after)
        .order_by(inbox.c.id)
        .limit(limit)
    )
    return tuple(Raw(r.channel, r.update_id, r.chat, r.raw, r.id) for r in rows)


def settle(tx: Connection, id: int, now: datetime, trouble: str | None = None) -> bool:
    """Mark one update as done, or as dead with its trouble; False where somebody else already did.

    The words of one that is done go: what of them is to stay, a room has kept. Its number stays, to know it again.
    """
    values = {"state": DEAD, "trouble": trouble} if trouble else {"state": DONE, "raw": ""}
    found = tx.execute(
        update(inbox).where(inbox.c.id == id, inbox.c.state == WAITING).values(settled_at=now, **values)
    )
    return found.rowcount > 0


def counts(tx: Connection) -> dict[str, int]:
    """How many updates are in each state."""
    rows = tx.execute(select(inbox.c.state, func.count()).group_by(inbox.c.state))
    return {str(row[0]): int(row[1]) for row in rows}
