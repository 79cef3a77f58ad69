"""The composition root: the one module that knows every room, every channel and the storage."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import Any

import structlog

from bot import hooks
from bot.administrators import Administrators
from bot.backups import make_backups
from bot.channels.contract import Channel, DeliveryError, Webhook
from bot.channels.telegram import TelegramChannel
from bot.channels.zalo import ZaloChannel
from bot.clock import Clock
from bot.delivery import Delivery
from bot.health import RECENT_TROUBLE_SECONDS, Look, Queues, Vitals
from bot.intake import Intake
from bot.limits import Limits
from bot.metrics import Metrics
from bot.ringer import Ringer
from bot.scheduler import Alarm, make_scheduler
from bot.settings import Settings, SettingsTrouble
from bot.web import WebServer, hook_path
from handlers.checklist.actions import ChecklistRoom
from handlers.desk import Desk
from handlers.dialogue.room import Door, House, Room
from handlers.home.actions import HomeRoom
from handlers.joining.actions import JoiningRoom
from handlers.organisation.actions import OrganisationRoom
from handlers.organisation.permissions import Verb, commands_for, may
from handlers.privacy.actions import PrivacyRoom
from handlers.reminders import bell
from handlers.reminders.actions import RemindersRoom
from handlers.reminders.deadlines import DeadlinesRoom
from handlers.review.actions import ReviewRoom
from handlers.summary.actions import SummaryRoom
from storage import inbox, outbox
from storage.backup import claim
from storage.database import Database, DatabaseTrouble
from storage.records import Raw
from storage.transaction import Connection

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
        self.backups = make_backups(settings, self.clock, self._tell_of_backups)
        self.channels = {c.name: c for c in (channels if channels is not None else make_channels(settings))}
        self.metrics = Metrics()
        self.house = House(zone=settings.zone, administrators=frozenset(settings.bot_admins))
        self.desk: Desk
        self._opened = AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []
        self._began_at = 0.0
        self._web: WebServer | None = None
        self._recovered = asyncio.Event()
        self._look = Look(self._queues)

    async def start(self) -> None:
        """Open everything and begin; raises DatabaseTrouble, DeliveryError or OSError with nothing left open."""
        async with AsyncExitStack() as opened:
            opened.callback((await asyncio.to_thread(claim, self.settings.database_url)).release)
            if self.backups is not None:
                self.backups.prepare()
            opened.push_async_callback(self.database.close)
            await self.database.open()
            for channel in self.channels.values():
                opened.push_async_callback(channel.close)
                await channel.open()
            self._furnish()
            opened.push_async_callback(self._look.close)
            if self.settings.bot_listen:
                self._web = self._make_web(self.settings.bot_listen)
                opened.push_async_callback(self._web.close)
                await self._web.open()
            for channel in self.channels.values():
                await self._expect(channel)
            recovered = await self.intake.recover()
            self._recovered.set()
            self._begin()
            self._opened = opened.pop_all()
        log.info("started", doors=[f"{door.channel}:{door.name}" for door in self.house.doors], recovered=recovered)

    def _furnish(self) -> None:
        """Put the rooms, the two queues and the alarm clock together, now that the bot's name is known."""
        doors = tuple(Door(c.name, c.username, c.invite_link) for c in self.channels.values())
        self.house = replace(self.house, doors=doors)
        self.desk = make_desk(self.house)
        limits = Limits(self.settings.bot_rates)
        self.delivery = Delivery(self.database, self.channels, self.clock, limits, self.desk.cook, self.metrics)
        self.administrators = Administrators(
            self.database, self.channels, self.house, self.clock, self.delivery.wake
        )
        self.intake = Intake(
            self.database,
            self.desk,
            self.channels,
            self.clock,
            spoken=self.delivery.wake,
            alarm=self.administrators.set_aside,
            stuck=self.administrators.stuck,
            metrics=self.metrics,
        )
        self.ringer = Ringer(self.database, self.house, self.clock, self.delivery.wake)
        alarms = [Alarm("ring", self.settings.bot_ring_seconds, self.ringer.ring)]
        if self.backups is not None:
            alarms.append(Alarm("backup", self.backups.every, self.backups.look))
        self._scheduler = make_scheduler(tuple(alarms))

    def _begin(self) -> None:
        loops = [("delivery", self.delivery.run())]
        for channel in self.channels.values():
            webhook = self._webhook_of(channel)
            if webhook is None:
                loops.append((f"poll {channel.name}", channel.poll(self.intake.keep)))
            else:
                loops.append((f"webhook {channel.name}", hooks.guard(channel, webhook)))
        self._tasks = [asyncio.create_task(work, name=name) for name, work in loops]
        self._began_at = asyncio.get_running_loop().time()
        self._scheduler.start()

    def _make_web(self, listen: str) -> WebServer:
        accept = {c.name: c.accept for c in self.channels.values() if self._webhook_of(c) is not None}
        return WebServer(listen, self.health, self.metrics_page, self.metrics, accept, self._keep_brought)

    def _webhook_of(self, channel: Channel) -> Webhook | None:
        """Where this channel's updates are brought; None where they are polled."""
        url, secret = self.settings.bot_webhook_url, self.settings.bot_webhook_secret
        if self.settings.bot_mode == "polling" or url is None or secret is None:
            return None
        return Webhook(url + hook_path(channel.name), secret.get_secret_value())

    async def _expect(self, channel: Channel) -> None:
        try:
            await channel.expect(self._webhook_of(channel))
        except DeliveryError as refused:
            if self.settings.bot_mode == "polling" or refused.everywhere or refused.retry_after is not None:
                raise
            raise SettingsTrouble(f"BOT_WEBHOOK_URL: {refused}") from None

    async def _keep_brought(self, updates: Sequence[Raw]) -> None:
        """What a messenger brings goes behind what an earlier process had kept already."""
        await self._recovered.wait()
        await self.intake.keep_now(updates)

    async def run(self, stop: asyncio.Event) -> None:
        """Run until ``stop``; a task that dies is a bug and ends the program."""
        stopping = asyncio.create_task(stop.wait(), name="stop")
        await asyncio.wait({stopping, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
        for task in self._tasks:
            if task.done() and not task.cancelled() and (failure := task.exception()):
                raise failure
        stopping.cancel()

    async def stop(self) -> None:
        """Finish what is in hand, within ten seconds, and close everything; answers that no call is under way for
        go out after the next start.

        A webhook stays registered: the messenger keeps what comes meanwhile, and brings it to the next process.
        """
        self._scheduler.shutdown(wait=False)
        if self._web is not None:
            await self._web.close()
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError, Exception):
                await task
        if self.backups is not None:
            await self.backups.close()
        await self.intake.drain(4)
        await self.administrators.drain(1)
        await self.delivery.drain(3)
        await self._opened.aclose()
        log.info("stopped")

    async def _tell_of_backups(self, failed: bool, reason: str) -> None:
        await self.administrators.backup(failed, reason)  # who comes into being after the first look at the file

    async def health(self) -> dict[str, Any]:
        """What the health page shows: counts and times, no personal data; answers within seconds whatever hangs."""
        return (await self._vitals()).report()

    async def metrics_page(self) -> bytes:
        """The same and what has been counted, for Prometheus."""
        return self.metrics.page((await self._vitals()).levels())

    async def _vitals(self) -> Vitals:
        queues, trouble = None, self.metrics.recent_trouble(RECENT_TROUBLE_SECONDS)
        try:
            queues = await self._look.result()
        except DatabaseTrouble as found:
            trouble = found.kind
        loop = asyncio.get_running_loop().time()
        webhook = self.settings.bot_mode == "webhook"
        heard = {
            c.name: self._web.delivered_at(c.name) if webhook and self._web else c.fetched_at()
            for c in self.channels.values()
        }
        return Vitals(
            now=self.clock.now(),
            up=loop - self._began_at if self._tasks else 0.0,
            webhook=webhook,
            dead=tuple(task.get_name() for task in self._tasks if task.done()),
            queues=queues,
            trouble=trouble,
            silence={name: None if at is None else loop - at for name, at in heard.items()},
            last_ring=self.ringer.last,
            ring_age=self.ringer.age,
            ring_every=self.settings.bot_ring_seconds,
            last_backup=self.backups.newest() if self.backups is not None else None,
        )

    async def _queues(self) -> Queues:
        now = self.clock.now()

        def look(tx: Connection) -> Queues:
            return Queues(*inbox.backlog(tx), *outbox.backlog(tx), bell.next_due(tx, self.house, now))

        return await self.database.read(look)


def make_channels(settings: Settings) -> tuple[Channel, ...]:
    """The messengers that the settings name. Raises DeliveryError where they name none."""
    found: list[Channel] = []
    if settings.bot_token is not None:
        found.append(TelegramChannel(settings.bot_token.get_secret_value(), settings.bot_api_url))
    if settings.zalo_token is not None:
        found.append(ZaloChannel(settings.zalo_token.get_secret_value(), settings.zalo_api_url))
    if not found:
        raise DeliveryError("BOT_TOKEN or ZALO_TOKEN: missing; BotFather on Telegram or Zalo Bot Creator gives one")
    return tuple(found)
