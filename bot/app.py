"""The composition root: the one module that knows every room, every channel and the storage."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from typing import Any

import structlog

from bot import tidying
from bot.administrators import Administrators
from bot.backups import make_backups
from bot.channels.contract import Channel
from bot.channels.telegram import TelegramChannel
from bot.channels.zalo import ZaloChannel
from bot.clock import Clock
from bot.delivery import Delivery
from bot.download import Downloads
from bot.fitting import Fitting
from bot.handouts import PURGE_SECONDS, Handouts
from bot.health import Watch
from bot.intake import Intake
from bot.limits import Limits
from bot.messengers import Messengers
from bot.metrics import Metrics
from bot.pdf import Soffice
from bot.pdf import find as find_office
from bot.plan_keeper import PlanKeeper
from bot.ringer import Ringer
from bot.scheduler import Alarm, make_scheduler
from bot.settings import NO_TOKEN, Settings, SettingsTrouble, plans_of
from bot.trial import LayoutTrial
from bot.web import WebServer
from handlers.assisting.actions import AssistingRoom
from handlers.checklist.actions import ChecklistRoom
from handlers.criteria.actions import CriteriaRoom
from handlers.desk import Desk
from handlers.dialogue.room import House, Room
from handlers.home.actions import HomeRoom
from handlers.improvements.actions import ImprovementsRoom
from handlers.joining.actions import JoiningRoom
from handlers.notes.actions import NotesRoom
from handlers.organisation.actions import OrganisationRoom
from handlers.organisation.permissions import Verb, commands_for, may
from handlers.papers.actions import PapersRoom
from handlers.papers.copying_actions import CopyingRoom
from handlers.papers.printing import ToPdf
from handlers.papers.template_actions import TemplatesRoom, Trial
from handlers.papers.template_trial import try_layout
from handlers.practice.actions import PracticeRoom
from handlers.privacy.actions import PrivacyRoom
from handlers.reminders.actions import RemindersRoom
from handlers.reminders.deadlines import DeadlinesRoom
from handlers.review.actions import ReviewRoom
from handlers.review.hearing import HearingRoom
from handlers.review.lost import LostRoom
from handlers.summary.actions import SummaryRoom
from handlers.tasks.actions import TasksRoom
from storage.backup import claim
from storage.database import Database, DatabaseTrouble
from storage.records import Raw

log = structlog.get_logger()

_RETRY_SECONDS = 2.0


def make_rooms(to_pdf: ToPdf | None = None, trial: Trial = try_layout) -> tuple[Room[Any], ...]:
    """Every capability of the house; a new one is one line here.

    ``to_pdf`` makes PDF files, where something does; ``trial`` tries a layout that a secretary sent.
    """
    return (
        HomeRoom(commands_for),
        JoiningRoom(),
        ReviewRoom(),
        PapersRoom(to_pdf),
        TemplatesRoom(trial),
        CopyingRoom(to_pdf),
        HearingRoom(),
        LostRoom(),
        CriteriaRoom(),
        ChecklistRoom(),
        NotesRoom(),
        TasksRoom(),
        ImprovementsRoom(),
        SummaryRoom(),
        RemindersRoom(),
        DeadlinesRoom(),
        OrganisationRoom(),
        AssistingRoom(),
        PracticeRoom(),
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
        self.messengers = Messengers(channels if channels is not None else make_channels(settings), settings)
        self.channels = self.messengers.channels
        self.metrics = Metrics()
        served = settings.public_url if settings.bot_listen else None  # an address that nobody answers helps nobody
        self.handouts = Handouts(self.database, self.clock, self.metrics, served, settings.bot_link_minutes)
        self.house = House(zone=settings.zone, administrators=frozenset(settings.bot_admins))
        program = find_office(settings.bot_soffice)
        self._office = Soffice(program) if program else None
        self.desk: Desk
        self._opened = AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []
        self._web: WebServer | None = None
        self._recovered = {name: asyncio.Event() for name in self.channels}

    async def start(self, stop: asyncio.Event | None = None) -> None:
        """Open everything and begin, with those messengers that can be opened.

        Raises, with nothing left open, DatabaseTrouble, DeliveryError, SettingsTrouble, OSError, or StoppedEarly
        where ``stop`` was set meanwhile.
        """
        async with AsyncExitStack() as opened:
            opened.callback((await asyncio.to_thread(claim, self.settings.database_url)).release)
            if self.backups is not None:
                self.backups.prepare()
            opened.push_async_callback(self.database.close)
            await self.database.open()
            await self.handouts.open()
            opened.push_async_callback(self.messengers.close)
            self._furnish()
            opened.push_async_callback(self.watch.close)
            if self.settings.bot_listen:
                self._web = self.watch.web = self._make_web(self.settings.bot_listen)
                opened.push_async_callback(self._web.close)
                await self._web.open()
            await self.messengers.open(stop)
            recovered = await self._welcome(self.messengers.is_open)
            self._begin()
            self._opened = opened.pop_all()
        log.info("started", doors=[f"{door.channel}:{door.name}" for door in self.house.doors], recovered=recovered)

    def _furnish(self) -> None:
        """Put the rooms, the two queues and the alarm clock together."""
        self.desk = make_desk(self.house, make_rooms(self._office.to_pdf if self._office else None, LayoutTrial()))
        limits = Limits(self.settings.bot_rates)
        plans = PlanKeeper(plans_of(self.settings), self.house)
        self.delivery = Delivery(
            *(self.database, self.channels, self.clock, limits, self.desk.cook, self.metrics, plans),
            fitting=Fitting(self.handouts),
        )
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
        self.watch = Watch(
            self.database,
            self.messengers,
            self.house,
            self.clock,
            self.metrics,
            self.ringer,
            self.backups,
            ring_every=self.settings.bot_ring_seconds,
            webhook=self.settings.bot_mode == "webhook",
            plans=plans,
        )
        alarms = [
            Alarm("ring", self.settings.bot_ring_seconds, self.ringer.ring),
            Alarm("links", PURGE_SECONDS, self.handouts.purge),
            Alarm("tidy", tidying.EVERY_SECONDS, partial(tidying.tidy, self.database, self.clock)),
        ]
        if self.backups is not None:
            alarms.append(Alarm("backup", self.backups.every, self.backups.look))
        self._scheduler = make_scheduler(tuple(alarms))

    async def _welcome(self, opened: Callable[[str], bool]) -> int:
        """Messengers are open: their doors are known from now on, and what an earlier process had kept of them goes
        before anything new. Returns how much that was."""
        self.house = self.desk.house = replace(self.house, doors=self.messengers.doors)
        recovered = await self.intake.recover(opened)
        for name in filter(opened, self.channels):
            self._recovered[name].set()
        return recovered

    def _begin(self) -> None:
        for name, why in self.messengers.shut.items():
            self.delivery.hold(name)
            self.administrators.messenger(name, why)
        way = "poll" if self.settings.bot_mode == "polling" else "webhook"
        loops = [("delivery", self.delivery.run())]
        loops += [(f"{way} {channel.name}", self._hear(channel)) for channel in self.channels.values()]
        self._tasks = [asyncio.create_task(work, name=name) for name, work in loops]
        self.watch.begun(self._tasks)
        self._scheduler.start()

    async def _hear(self, channel: Channel) -> None:
        """Listen to a messenger for ever; one that could not be opened at the start is tried until it is."""
        if not self.messengers.is_open(channel.name):
            await self.messengers.open_at_last(channel)
            await self._welcome_late(channel.name)
            self.delivery.release(channel.name)
            self.administrators.messenger(channel.name, None)
        await self.messengers.listen(channel, self.intake.keep)

    async def _welcome_late(self, name: str) -> None:
        while True:
            try:
                await self._welcome(lambda channel: channel == name)
            except DatabaseTrouble as trouble:
                self.metrics.trouble(trouble.kind)
                log.error("messenger waits for the database", channel=name, trouble=trouble.kind)
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                return

    def _make_web(self, listen: str) -> WebServer:
        accept = {c.name: c.accept for c in self.channels.values() if self.messengers.webhook_of(c) is not None}
        files = Downloads(self.handouts, self.settings.zone).routes() if self.handouts.public_url else ()
        return WebServer(
            listen, self.watch.report, self.watch.page, self.metrics, accept, self._keep_brought, files
        )

    async def _keep_brought(self, updates: Sequence[Raw]) -> None:
        """What a messenger brings goes behind what an earlier process had kept already."""
        for name in {raw.channel for raw in updates}:
            await self._recovered[name].wait()
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
        """Finish what is in hand, answers included, within ten seconds, and close everything.

        What is left goes out after the next start.

        A webhook stays registered: the messenger keeps what comes meanwhile, and brings it to the next process.
        """
        self._scheduler.shutdown(wait=False)
        if self._web is not None:
            await self._web.close()
        delivering, *hearing = self._tasks
        for task in hearing:
            task.cancel()
        await asyncio.gather(*hearing, return_exceptions=True)
        if self.backups is not None:
            await self.backups.close()
        await self.intake.drain(4)
        await self.administrators.drain(1)
        await self.delivery.drain(3)
        if self._office is not None:
            self._office.close()  # what was to become a PDF goes out after the next start
        delivering.cancel()  # it has ended, unless it never began
        await asyncio.gather(delivering, return_exceptions=True)
        await self._opened.aclose()
        log.info("stopped")

    async def _tell_of_backups(self, failed: bool, reason: str) -> None:
        await self.administrators.backup(failed, reason)  # who comes into being after the first look at the file


def make_channels(settings: Settings) -> tuple[Channel, ...]:
    """The messengers that the settings name. Raises SettingsTrouble where they name none."""
    found: list[Channel] = []
    if settings.bot_token is not None:
        found.append(TelegramChannel(settings.bot_token.get_secret_value(), settings.bot_api_url))
    if settings.zalo_token is not None:
        found.append(ZaloChannel(settings.zalo_token.get_secret_value(), settings.zalo_api_url))
    if not found:
        raise SettingsTrouble(NO_TOKEN)
    return tuple(found)
