"""Whoever rings the bell: everything that is due becomes rows and posts, one cell a transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial

import structlog

from bot.clock import Clock
from handlers.dialogue.room import House
from handlers.reminders import bell
from storage.database import Database, DatabaseTrouble
from storage.records import CellId

log = structlog.get_logger()


class Ringer:
    """``ring`` is called every few seconds; ``posted`` is called when there may be something to send."""

    def __init__(self, database: Database, house: House, clock: Clock, posted: Callable[[], None]) -> None:
        self._database = database
        self._house = house
        self._clock = clock
        self._posted = posted
        self._rang_at: float | None = None
        self.last: datetime | None = None

    @property
    def age(self) -> float | None:
        """Seconds since the last whole round; None before the first."""
        return None if self._rang_at is None else asyncio.get_running_loop().time() - self._rang_at

    async def ring(self) -> None:
        """Go round the cells once; one whose data are out of order does not silence the others."""
        now, last = self._clock.now(), bell.BEFORE_ALL
        while cells := await self._database.read(partial(bell.cells_to_ring, now=now, after=last)):
            for cell in cells:
                if not await self._ring_in(cell, now):
                    return
            last = cells[-1]
        self.last, self._rang_at = now, asyncio.get_running_loop().time()
        self._posted()

    async def _ring_in(self, cell: CellId, now: datetime) -> bool:
        """Whether it is worth while to go on: what hinders the whole database would hinder every cell."""
        try:
            await self._database.write(partial(bell.ring, house=self._house, cell=cell, now=now), long=True)
        except DatabaseTrouble as trouble:
            if trouble.kind != "damaged":
                log.error("the bell waits for the database", trouble=trouble.kind)
                return False
            log.exception("ring failed", cell=cell)
        except Exception:  # it is tried again at the next round
            log.exception("ring failed", cell=cell)
        return True
