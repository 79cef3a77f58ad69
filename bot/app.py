"""The composition root: the one module that knows every room, every channel and the storage."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import structlog

from bot.channels.contract import Channel, DeliveryError
from bot.channels.telegram import TelegramChannel
from bot.clock import Clock
from bot.delivery import Delivery, Limits
from bot.intake import Intake
from bot.scheduler import Alarm, make_scheduler
from bot.settings import Settings
from bot.web import WebServer
from handlers.checklist.actions import ChecklistRoom
from handlers.desk import Desk
from handlers.dialogue.phrases import Plain, paragraphs, t
from handlers.dialogue.room import House, Message, Room
from handlers.home.actions import HomeRoom
from handlers.joining.actions import JoiningRoom
from handlers.organisation.actions import OrganisationRoom
from handlers.organisation.permissions import Verb, commands_for, may
from handlers.posting import post
from handlers.privacy.actions import PrivacyRoom
from handlers.reminders import bell
from handlers.reminders.actions import RemindersRoom
from handlers.reminders.deadlines import DeadlinesRoom
from handlers.review.actions import ReviewRoom
from handlers.summary.actions import SummaryRoom
from storage import inbox, outbox
from storage.database import Database
from storage.records import Raw

log = structlog.get_logger()


def make_rooms() -> tuple[Room[Any], ...]:
    """Every capability of the house; a new one is one line here."""
    return (
        HomeRoom(commands_for),
        JoiningRoom(),
        ReviewRoom(),
        ChecklistRoom(),
        SummaryRoom(),
        RemindersRoom(),
        DeadlinesRoom(),
        OrganisationRoom(),
        PrivacyRoom(),
    )


def make_desk(house: House, rooms: Iterable[Room[Any]] | None = None) -> Desk:
    """The front desk with every room and the permission table."""
    chosen = tuple(rooms) if rooms is not None else make_rooms()
    return Desk(chosen, house, lambda roles, verb: may(roles, Verb(verb)), commands_for)


class Program:
    """The running bot: built from settings, started and stopped as one thing."""

    def __init__(self, settings: Settings, channels: Iterable[Channel] | None = None) -> None:
        self.settings = settings
        self.clock = Clock(settings.bot_clock_file)
        self.database = Database(settings.database_url)
        self.channels = {c.name: c for c in (channels if channels is not None else make_channels(settings))}
        self.house = House(zone=settings.zone, administrators=frozenset(settings.bot_admins))
        self.desk: Desk
        self._opened = AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []
        self._errands: set[asyncio.Task[None]] = set()
        self._last_ring: datetime | None = None

    async def start(self) -> None:
        """Open everything and begin; raises DatabaseTrouble, DeliveryError or OSError with nothing left open."""
        async with AsyncExitStack() as opened:
            opened.push_async_callback(self.database.close)
            await self.database.open()
            for channel in self.channels.values():
                opened.push_async_callback(channel.close)
                await channel.open()
            self._furnish()
            if self.settings.bot_listen:
                web = WebServer(self.settings.bot_listen, self.health)
                opened.push_async_callback(web.close)
                await web.open()
            recovered = await self.intake.recover()
            self._begin()
            self._opened = opened.pop_all()
        log.info("started", username=self.house.bot_username, recovered=recovered)

    def _furnish(self) -> None:
        """Put the rooms, the two queues and the alarm clock together, now that the bot's name is known."""
        username = next((c.username for c in self.channels.values() if c.name == "telegram"), "")
        self.house = replace(self.house, bot_username=username)
        self.desk = make_desk(self.house)
        limits = Limits(self.settings.bot_rates)
        self.delivery = Delivery(self.database, self.channels, self.clock, limits, self.desk.cook)
        self.intake = Intake(
            self.database, self.desk, self.channels, self.clock, spoken=self.delivery.wake, alarm=self._alarm
        )
        self._scheduler = make_scheduler((Alarm("ring", self.settings.bot_ring_seconds, self._ring),))

    def _begin(self) -> None:
        polls = ((f"poll {c.name}", c.poll(self.intake.keep)) for c in self.channels.values())
        loops = (("delivery", self.delivery.run()), *polls)
        self._tasks = [asyncio.create_task(work, name=name) for name, work in loops]
        self._scheduler.start()

    async def run(self, stop: asyncio.Event) -> None:
        """Run until ``stop``; a task that dies is a bug and ends the program."""
        stopping = asyncio.create_task(stop.wait(), name="stop")
        await asyncio.wait({stopping, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
        for task in self._tasks:
            if task.done() and not task.cancelled() and (failure := task.exception()):
                raise failure
        stopping.cancel()

    async def stop(self) -> None:
        """Finish what is in hand, within ten seconds, and close everything."""
        self._scheduler.shutdown(wait=False)
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError, Exception):
                await task
        await self.intake.drain(5)
        await asyncio.gather(*self._errands, return_exceptions=True)
        await self.delivery.drain(4)
        await self._opened.aclose()
        log.info("stopped")

    async def _ring(self) -> None:
        """Let everything that is due by now become rows and posts, one cell a transaction."""
        now, last = self.clock.now(), bell.BEFORE_ALL
        while cells := await self.database.read(partial(bell.cells_to_ring, now=now, after=last)):
            for cell in cells:
                try:
                    await self.database.write(partial(bell.ring, house=self.house, cell=cell, now=now))
                except Exception:
                    # One cell whose data are out of order must not silence the others; it is tried again.
                    log.exception("ring failed", cell=cell)
            last = cells[-1]
        self._last_ring = now
        self.delivery.wake()

    def _alarm(self, trouble: str, raw: Raw) -> None:
        """Tell every administrator that a message was set aside; its words are not repeated."""
        body = paragraphs(t("admin.set_aside", channel=raw.channel, update=raw.update_id), Plain(trouble[:300]))

        async def tell() -> None:
            for address in self.settings.bot_admins:
                message = Message(address, body)
                await self.database.write(partial(post, house=self.house, message=message, now=self.clock.now()))
            self.delivery.wake()

        errand = asyncio.create_task(tell(), name="alarm")
        self._errands.add(errand)
        errand.add_done_callback(self._told)

    def _told(self, errand: asyncio.Task[None]) -> None:
        self._errands.discard(errand)
        if not errand.cancelled() and (failure := errand.exception()):
            log.error("the administrators could not be told", reason=type(failure).__name__)

    async def health(self) -> dict[str, Any]:
        """What the health page shows: counts and times, no personal data."""
        waiting = await self.database.read(inbox.counts)
        posts = await self.database.read(outbox.counts)
        now = self.clock.now()
        due = await self.database.read(partial(bell.next_due, house=self.house, now=now))
        return {
            "ok": not any(task.done() for task in self._tasks),
            "now": now.isoformat(),
            "inbox": waiting,
            "outbox": posts,
            "last_ring": self._last_ring.isoformat() if self._last_ring else None,
            "next_due": due.isoformat() if due else None,
        }


def make_channels(settings: Settings) -> tuple[Channel, ...]:
    """The messengers that the settings name."""
    if settings.bot_token is None:
        raise DeliveryError("BOT_TOKEN: missing; BotFather on Telegram gives one")
    return (TelegramChannel(settings.bot_token.get_secret_value(), settings.bot_api_url),)
