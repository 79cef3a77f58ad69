"""Has the queues forget what was settled long ago, so slowly that nobody waits for it."""

from __future__ import annotations

import asyncio
from functools import partial

import structlog

from bot.clock import Clock
from storage.database import Database, DatabaseTrouble
from storage.forgetting import KEPT, QUEUES, forget

log = structlog.get_logger()

# More often than once a day: a bot that is started anew every day does it too, and where there is little to do it
# is one look at the oldest rows.
EVERY_SECONDS = 3600.0
_REST_SECONDS = 0.05


async def tidy(database: Database, clock: Clock) -> None:
    """Go through both queues once, with a rest after every piece; never fails."""
    for queue in QUEUES:
        try:
            count = await _tidy(database, clock, queue)
        except DatabaseTrouble as trouble:
            log.error("old rows stay until the next time", trouble=trouble.kind)
            return
        if count:
            log.info("old rows are gone", queue=queue, rows=count)


async def _tidy(database: Database, clock: Clock, queue: str) -> int:
    count, last, before = 0, 0, clock.now() - KEPT
    while True:
        gone = await database.write(partial(forget, queue=queue, before=before, after=last), long=True)
        count += gone.count
        if gone.last is None:
            return count
        last = gone.last
        await asyncio.sleep(_REST_SECONDS)
