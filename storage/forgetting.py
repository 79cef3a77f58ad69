"""The two queues do not grow for ever: what has long been settled goes, a small piece at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select

from storage.inbox import DEAD
from storage.tables import inbox, outbox

# The number of an update is kept to know it again: Telegram repeats for a day, others do not say for how long.
KEPT = timedelta(days=30)
QUEUES = {table.name: table for table in (inbox, outbox)}
PIECE = 200
# These stay whatever the clock says: numbers of rows must not be given out again, and one clock that was wrong for
# an hour must not take the updates that a messenger may be about to repeat.
_NEWEST = 1000


@dataclass(frozen=True, slots=True)
class Gone:
    """How many rows of a piece went, and the number after which to go on (None: there is nothing more to do)."""

    count: int
    last: int | None


def forget(tx: Connection, queue: str, before: datetime, after: int = 0) -> Gone:
    """Delete those of the next ``PIECE`` rows of one of ``QUEUES`` that were settled before that time.

    Rows are as old as their numbers, so the look goes by primary key from the oldest on and ends where nothing old
    is found. An update that was set aside stays until a person has dealt with it.
    """
    table = QUEUES[queue]
    newest = tx.execute(select(func.max(table.c.id))).scalar() or 0
    rows = tx.execute(
        select(table.c.id, table.c.state, table.c.settled_at)
        .where(table.c.id > after, table.c.id <= newest - _NEWEST)
        .order_by(table.c.id)
        .limit(PIECE)
    ).all()
    old = [row for row in rows if row.settled_at is not None and row.settled_at < before]
    gone = [row.id for row in old if row.state != DEAD]
    if gone:
        tx.execute(delete(table).where(table.c.id.in_(gone)))
    return Gone(len(gone), rows[-1].id if old and len(rows) == PIECE else None)
