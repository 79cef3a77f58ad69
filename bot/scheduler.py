"""APScheduler as an alarm clock: a short table of how often, which action; what is due is decided elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from apscheduler.schedulers.asyncio import AsyncIOScheduler


@dataclass(frozen=True, slots=True)
class Alarm:
    """An action that is rung every so many seconds."""

    name: str
    seconds: float
    action: Callable[[], Awaitable[None]]


def make_scheduler(alarms: tuple[Alarm, ...]) -> AsyncIOScheduler:
    """A scheduler that rings late rather than never, once for several missed times, never twice at once."""
    scheduler = AsyncIOScheduler(timezone="UTC")
    for alarm in alarms:
        scheduler.add_job(
            alarm.action,
            "interval",
            seconds=alarm.seconds,
            id=alarm.name,
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
    return scheduler
