"""Whether all is well, from what is known without asking anybody for long: the health page and the gauges."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from bot.metrics import Levels
from storage.database import DatabaseTrouble
from storage.records import Urgency

T = TypeVar("T")

LOOK_SECONDS = 2.0
SILENT_POLL_SECONDS = 120.0
SILENT_RING_SECONDS = 600.0
RECENT_TROUBLE_SECONDS = 60.0


class Look(Generic[T]):
    """A question to the database that is asked once at a time, and waited for so long and no longer."""

    def __init__(self, ask: Callable[[], Awaitable[T]], seconds: float = LOOK_SECONDS) -> None:
        self._ask = ask
        self._seconds = seconds
        self._asked: asyncio.Future[T] | None = None

    async def result(self) -> T:
        """The answer. Raises DatabaseTrouble, ``slow`` where there is none in time, whatever else went wrong."""
        if self._asked is None or self._asked.done():
            self._asked = asyncio.ensure_future(self._ask())
        asked = self._asked
        await asyncio.wait({asked}, timeout=self._seconds)
        if not asked.done():
            raise DatabaseTrouble("slow")
        failure = asked.exception()
        if failure is None:
            return asked.result()
        if isinstance(failure, DatabaseTrouble):
            raise failure
        raise DatabaseTrouble(type(failure).__name__)

    async def close(self) -> None:
        """Ask no more."""
        if self._asked is not None:
            self._asked.cancel()
            await asyncio.gather(self._asked, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class Queues:
    """What waits in the database, when the oldest of it came, and what is due next."""

    inbox: int
    inbox_oldest: datetime | None
    outbox: Mapping[Urgency, int]
    outbox_oldest: datetime | None
    next_due: datetime | None


@dataclass(frozen=True, slots=True)
class Vitals:
    """Everything that the pages show; ages in seconds. ``silence``: since the last answered poll or delivery (None:
    none yet), by channel."""

    now: datetime
    up: float
    webhook: bool
    dead: tuple[str, ...]
    queues: Queues | None
    trouble: str | None
    silence: Mapping[str, float | None]
    last_ring: datetime | None
    ring_age: float | None
    ring_every: float
    last_backup: datetime | None

    def complaints(self) -> list[str]:
        """What is wrong, each in a few words; empty where all is well."""
        found = [f"stopped: {name}" for name in self.dead]
        if self.trouble:
            found.append(f"database: {self.trouble}")
        if not self.webhook:  # a webhook may be silent all night
            for channel, age in self.silence.items():
                silent = self.up if age is None else age
                if silent > SILENT_POLL_SECONDS:
                    found.append(f"poll {channel}: no answer for {round(silent)} s")
        ring = self.up if self.ring_age is None else self.ring_age
        if ring > max(SILENT_RING_SECONDS, 3 * self.ring_every):
            found.append(f"ring: not for {round(ring)} s")
        return found

    def levels(self) -> Levels:
        """The same as gauges."""
        queues = self.queues
        return Levels(
            healthy=not self.complaints(),
            inbox_waiting=queues.inbox if queues else None,
            inbox_oldest=self._age(queues.inbox_oldest if queues else None),
            outbox_waiting=queues.outbox if queues else None,
            outbox_oldest=self._age(queues.outbox_oldest if queues else None),
            updates_age=self.silence,
            ring_age=self.ring_age,
            backup_age=self._age(self.last_backup),
        )

    def report(self) -> dict[str, Any]:
        """The same as JSON."""
        complaints, levels, queues = self.complaints(), self.levels(), self.queues
        last = "last_delivery_age" if self.webhook else "last_poll_age"
        return {
            "ok": not complaints,
            "wrong": complaints,
            "now": self.now.isoformat(),
            "up": round(self.up, 1),
            "database": {"ok": self.trouble is None, "trouble": self.trouble},
            "mode": "webhook" if self.webhook else "polling",
            "channels": {name: {last: _rounded(age)} for name, age in self.silence.items()},
            "inbox": {"waiting": queues.inbox, "oldest_age": _rounded(levels.inbox_oldest)} if queues else None,
            "outbox": {
                "waiting": {u.name.lower(): queues.outbox.get(u, 0) for u in Urgency},
                "oldest_age": _rounded(levels.outbox_oldest),
            }
            if queues
            else None,
            "last_ring": _iso(self.last_ring),
            "next_due": _iso(queues.next_due if queues else None),
            "last_backup": _iso(self.last_backup),
            "last_backup_age": _rounded(levels.backup_age),
        }

    def _age(self, then: datetime | None) -> float | None:
        return None if then is None else max(0.0, (self.now - then).total_seconds())


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
