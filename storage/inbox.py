"""What messengers brought: raw, once, kept until it has been dealt with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, update

from storage.database import inserting
from storage.prepared import Prepared
from storage.records import Raw
from storage.tables import inbox

WAITING, DONE, DEAD = "waiting", "done", "dead"


_KEEP = inserting(inbox, "channel", "update_id", "chat", "raw", "state", "received_at", returning="id", once=True)


def keep(tx: Connection, updates: Sequence[Raw], now: datetime) -> tuple[Raw, ...]:
    """Keep updates before they are acknowledged; returns those not seen before, with their numbers."""
    fresh = []
    for u in updates:
        kept = _KEEP.row(
            tx,
            channel=u.channel,
            update_id=u.update_id,
            chat=u.chat,
            raw=u.raw,
            state=WAITING,
            received_at=now,
        )
        if kept is not None:
            fresh.append(replace(u, id=kept.id))
    return tuple(fresh)


def waiting(tx: Connection, after: int = 0, limit: int = 200) -> tuple[Raw, ...]:
    """Updates that nobody has dealt with yet, oldest first, with an id greater than ``after``."""
    rows = tx.execute(
        select(inbox.c.id, inbox.c.channel, inbox.c.update_id, inbox.c.chat, inbox.c.raw)
        .where(inbox.c.settled_at.is_(None), inbox.c.id > after)
        .order_by(inbox.c.id)
        .limit(limit)
    )
    return tuple(Raw(r.channel, r.update_id, r.chat, r.raw, r.id) for r in rows)


_FINISH = Prepared(
    lambda _: (
        update(inbox)
        .where(inbox.c.id == bindparam("this"), inbox.c.state == WAITING)
        .values(state=DONE, raw="", settled_at=bindparam("at"))
    )
)
_BURY = Prepared(
    lambda _: (
        update(inbox)
        .where(inbox.c.id == bindparam("this"), inbox.c.state == WAITING)
        .values(state=DEAD, trouble=bindparam("why"), settled_at=bindparam("at"))
    )
)


def settle(tx: Connection, id: int, now: datetime, trouble: str | None = None) -> bool:
    """Mark one update as done, or as dead with its trouble; False where somebody else already did.

    The words of one that is done go: what of them is to stay, a room has kept. Its number stays, to know it again.
    """
    if trouble:
        return _BURY.change(tx, this=id, why=trouble, at=now) > 0
    return _FINISH.change(tx, this=id, at=now) > 0


def backlog(tx: Connection) -> tuple[int, datetime | None]:
    """How many updates wait, and when the first of them came; looks at none that is settled."""
    waits = inbox.c.settled_at.is_(None)
    count, first = tx.execute(select(func.count(), func.min(inbox.c.id)).where(waits)).one()
    return count, tx.execute(select(inbox.c.received_at).where(inbox.c.id == first)).scalar()
