"""``bot check``: settings, database, token and clock, each as one plain line."""

from __future__ import annotations

import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import partial
from urllib.parse import urlsplit

import aiohttp

from bot.app import make_channels
from bot.channels.contract import Channel, DeliveryError, WebhookState
from bot.clock import Clock
from bot.hooks import failing
from bot.opening import opened
from bot.pdf import find as find_office
from bot.plan_keeper import PlanKeeper
from bot.settings import Settings, SettingsTrouble, plans_of, setting_of
from bot.troubles import of_setting
from bot.web import hook_path
from handlers.dialogue.room import House
from storage import members
from storage.database import DatabaseTrouble
from storage.migrations import current
from storage.transaction import Connection

_FAST_CLOCK_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """One line and whether it is good news."""

    good: bool
    line: str


async def checkup(settings: Settings) -> tuple[Finding, ...]:
    """Look at everything that the bot needs; changes nothing but an old database, which it upgrades."""
    return (
        Finding(
            good=True,
            line=f"settings   ok: zone {settings.bot_timezone}, {len(settings.bot_admins)} administrators",
        ),
        await _database(settings),
        _prints(settings),
        *await _plans(settings),
        *await _messengers(settings),
        await _clock(settings),
    )


def _prints(settings: Settings) -> Finding:
    office = find_office(settings.bot_soffice)
    how = f"Word, and PDF by {office}" if office else "Word only; with LibreOffice on this machine PDF, too"
    return Finding(good=True, line=f"prints     ok: {how}")


async def _database(settings: Settings) -> Finding:
    try:
        async with opened(settings.database_url, beside_bot=True) as (database, running):
            revision, cells = await database.read(_look)
    except DatabaseTrouble as trouble:
        return Finding(good=False, line=f"database   {of_setting(trouble, settings.database_url)}")
    beside = "; a bot is running on it" if running else ""
    return Finding(good=True, line=f"database   ok: schema {revision}, {cells} cells{beside}")


async def _plans(settings: Settings) -> tuple[Finding, ...]:
    """How much of each plan is used; nothing where the database cannot be read, which is said already."""
    keeper, now = PlanKeeper(plans_of(settings), House(zone=settings.zone)), Clock(settings.bot_clock_file).now()
    try:
        async with opened(settings.database_url, beside_bot=True) as (database, _):
            found = await database.read(partial(keeper.figures, now=now))
    except DatabaseTrouble:
        return ()
    return tuple(Finding(good=True, line=f"plan       {figures.line(now)}") for figures in found)


def _look(tx: Connection) -> tuple[str | None, int]:
    return current(tx), len(members.every_cell(tx))


async def _messengers(settings: Settings) -> tuple[Finding, ...]:
    """Token and webhook of each messenger that the settings name."""
    try:
        channels = make_channels(settings)
    except SettingsTrouble as missing:
        return (Finding(good=False, line=f"token      {missing}"),)
    return tuple([finding for channel in channels for finding in await _messenger(settings, channel)])


async def _messenger(settings: Settings, channel: Channel) -> tuple[Finding, ...]:
    try:
        await channel.open()
        state = await channel.webhook_state()
    except DeliveryError as refused:
        name = setting_of(channel.name, token=refused.everywhere)
        return (Finding(good=False, line=f"token      {name}: {refused}"),)
    finally:
        await channel.close()
    found = Finding(good=True, line=f"token      ok: {channel.username} on {channel.name.capitalize()}")
    return (found, *_webhook(settings, channel, state))


def _webhook(settings: Settings, channel: Channel, state: WebhookState) -> tuple[Finding, ...]:
    """What a messenger says of a webhook of this bot; nothing where updates are polled and there is none."""
    host = urlsplit(state.url).netloc if state.url else ""
    if settings.bot_mode == "polling":
        line = f"webhook    {channel.name} has one at {host}; `run` takes it away, because BOT_MODE is polling"
        return (Finding(good=True, line=line),) if state.url else ()
    if state.url != f"{settings.bot_webhook_url}{hook_path(channel.name)}":
        return (Finding(good=True, line=f"webhook    ok: not registered with {channel.name} yet; `run` does that"),)
    if words := failing(state):
        line = f"webhook    BOT_WEBHOOK_URL: {state.waiting} updates of {channel.name} cannot be brought: {words}"
        return (Finding(good=False, line=line),)
    return (Finding(good=True, line=f"webhook    ok: at {host}, {state.waiting} updates of {channel.name} wait"),)


async def _clock(settings: Settings) -> Finding:
    """Compare with the time that the messenger's server puts on its answers."""
    _, url = settings.apis()[0]
    try:
        async with aiohttp.ClientSession() as session, session.head(url) as answer:
            there = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    except (aiohttp.ClientError, OSError, KeyError, ValueError):
        return Finding(good=True, line="clock      not compared: the messenger's server gave no time")
    off = round(time.time() - there)
    if abs(off) > _FAST_CLOCK_SECONDS:
        return Finding(good=False, line=f"clock      {off:+d} seconds off; set this machine's clock (NTP)")
    return Finding(good=True, line="clock      ok")
