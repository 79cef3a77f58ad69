"""Whether all is well, from what is known without asking anybody for long: the health page and the gauges."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from bot.backups import Backups
from bot.clock import Clock
from bot.messengers import Messengers
from bot.metrics import Levels, Metrics
from bot.plan_keeper import NO_PLANS, PlanKeeper
from bot.plans import Figures
from bot.ringer import Ringer
from bot.web import WebServer
from handlers.dialogue.room import House
from handlers.reminders import bell
from storage import inbox, outbox
from storage.database import Database, DatabaseTrouble
from storage.records import Urgency
from storage.transaction import Connection

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
    plans: tuple[Figures, ...] = ()


@dataclass(frozen=True, slots=True)
class Vitals:
    """Everything that the pages show; ages in seconds. ``silence``: since the last answered poll or delivery (None:
    none yet), by channel that is open; ``open_for``: how long it has been. ``shut``: why the others are not."""

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
    shut: Mapping[str, str] = field(default_factory=dict)
    open_for: Mapping[str, float] = field(default_factory=dict)

    def complaints(self) -> list[str]:
        """What is wrong, each in a few words; empty where all is well."""
        found = [f"stopped: {name}" for name in self.dead]
        if self.trouble:
            found.append(f"database: {self.trouble}")
        found += [f"not open: {channel} ({why})" for channel, why in self.shut.items()]
        if not self.webhook:  # a webhook may be silent all night
            for channel, age in self.silence.items():
                silent = self.open_for.get(channel, self.up) if age is None else age
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
            plans=queues.plans if queues else (),
            channels={**dict.fromkeys(self.silence, True), **dict.fromkeys(self.shut, False)},
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
            "channels": {name: {"open": True, last: _rounded(age)} for name, age in self.silence.items()}
            | {name: {"open": False, "reason": why} for name, why in self.shut.items()},
            "inbox": {"waiting": queues.inbox, "oldest_age": _rounded(levels.inbox_oldest)} if queues else None,
            "outbox": {
                "waiting": {u.name.lower(): queues.outbox.get(u, 0) for u in Urgency},
                "oldest_age": _rounded(levels.outbox_oldest),
            }
            if queues
            else None,
            "plans": {plan.channel: plan.report() for plan in queues.plans} if queues else None,
            "last_ring": _iso(self.last_ring),
            "next_due": _iso(queues.next_due if queues else None),
            "last_backup": _iso(self.last_backup),
            "last_backup_age": _rounded(levels.backup_age),
        }

    def _age(self, then: datetime | None) -> float | None:
        return None if then is None else max(0.0, (self.now - then).total_seconds())


class Watch:
    """Looks at the running parts for whoever asks how the bot is: the health page and the metrics."""

    def __init__(
        self,
        database: Database,
        messengers: Messengers,
        house: House,
        clock: Clock,
        metrics: Metrics,
        ringer: Ringer,
        backups: Backups | None,
        *,
        ring_every: float,
        webhook: bool,
        plans: PlanKeeper = NO_PLANS,
    ) -> None:
        self._plans = plans
        self._database = database
        self._messengers = messengers
        self._house = house
        self._clock = clock
        self._metrics = metrics
        self._ringer = ringer
        self._backups = backups
        self._ring_every = ring_every
        self._webhook = webhook
        self._look = Look(self._queues)
        self._loops: Sequence[asyncio.Task[None]] = ()
        self._began_at: float | None = None
        self.web: WebServer | None = None

    def begun(self, loops: Sequence[asyncio.Task[None]]) -> None:
        """Everything runs from now on; none of these loops ends by itself."""
        self._loops = loops
        self._began_at = asyncio.get_running_loop().time()

    async def report(self) -> dict[str, Any]:
        """What the health page shows: counts and times, no personal data; answers within seconds whatever hangs."""
        return (await self._vitals()).report()

    async def page(self) -> bytes:
        """The same and what has been counted, for Prometheus."""
        return self._metrics.page((await self._vitals()).levels())

    async def close(self) -> None:
        """Ask no more."""
        await self._look.close()

    async def _vitals(self) -> Vitals:
        queues, trouble = None, self._metrics.recent_trouble(RECENT_TROUBLE_SECONDS)
        try:
            queues = await self._look.result()
        except DatabaseTrouble as found:
            trouble = found.kind
        loop = asyncio.get_running_loop().time()
        heard = {
            c.name: self.web.delivered_at(c.name) if self._webhook and self.web else c.fetched_at()
            for c in self._messengers.channels.values()
            if self._messengers.is_open(c.name)
        }
        return Vitals(
            now=self._clock.now(),
            up=0.0 if self._began_at is None else loop - self._began_at,
            webhook=self._webhook,
            dead=tuple(task.get_name() for task in self._loops if task.done()),
            queues=queues,
            trouble=trouble,
            silence={name: None if at is None else loop - at for name, at in heard.items()},
            last_ring=self._ringer.last,
            ring_age=self._ringer.age,
            ring_every=self._ring_every,
            last_backup=self._backups.newest() if self._backups is not None else None,
            shut=self._messengers.shut,
            open_for={name: loop - (self._messengers.open_since(name) or loop) for name in heard},
        )

    async def _queues(self) -> Queues:
        now = self._clock.now()

        def look(tx: Connection) -> Queues:
            due, plans = bell.next_due(tx, self._house, now), self._plans.figures(tx, now)
            return Queues(*inbox.backlog(tx), *outbox.backlog(tx), due, plans)

        return await self._database.read(look)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
