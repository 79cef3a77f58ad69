"""``bot check``: settings, database, token and clock, each as one plain line."""

from __future__ import annotations

import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import aiohttp

from bot.channels.contract import DeliveryError
from bot.channels.telegram import TelegramChannel
from bot.hooks import failing
from bot.opening import opened
from bot.settings import Settings
from bot.troubles import of_setting
from bot.web import hook_path
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
        await _token(settings),
        *await _webhook(settings),
        await _clock(settings),
    )


async def _database(settings: Settings) -> Finding:
    try:
        async with opened(settings.database_url, beside_bot=True) as (database, running):
            revision, cells = await database.read(_look)
    except DatabaseTrouble as trouble:
        return Finding(good=False, line=f"database   {of_setting(trouble, settings.database_url)}")
    beside = "; a bot is running on it" if running else ""
    return Finding(good=True, line=f"database   ok: schema {revision}, {cells} cells{beside}")


def _look(tx: Connection) -> tuple[str | None, int]:
    return current(tx), len(members.every_cell(tx))


async def _token(settings: Settings) -> Finding:
    if settings.bot_token is None:
        return Finding(good=False, line="token      BOT_TOKEN: missing; BotFather on Telegram gives one")
    channel = TelegramChannel(settings.bot_token.get_secret_value(), settings.bot_api_url)
    try:
        await channel.open()
    except DeliveryError as refused:
        name = "BOT_TOKEN" if refused.everywhere else "BOT_API_URL"
        return Finding(good=False, line=f"token      {name}: {refused}")
    finally:
        await channel.close()
    return Finding(good=True, line=f"token      ok: @{channel.username}")


async def _webhook(settings: Settings) -> tuple[Finding, ...]:
    """What Telegram says of a webhook of this bot; nothing where updates are polled and there is none."""
    if settings.bot_token is None:
        return ()
    channel = TelegramChannel(settings.bot_token.get_secret_value(), settings.bot_api_url)
    try:
        await channel.open()
        state = await channel.webhook_state()
    except DeliveryError:
        return ()  # said about the token
    finally:
        await channel.close()
    host = urlsplit(state.url).netloc if state.url else ""
    if settings.bot_mode == "polling":
        line = f"webhook    there is one at {host}; `run` takes it away, because BOT_MODE is polling"
        return (Finding(good=True, line=line),) if state.url else ()
    if state.url != f"{settings.bot_webhook_url}{hook_path(channel.name)}":
        return (Finding(good=True, line="webhook    ok: not registered yet; `run` does that"),)
    if words := failing(state):
        line = f"webhook    BOT_WEBHOOK_URL: {state.waiting} updates cannot be brought: {words}"
        return (Finding(good=False, line=line),)
    return (Finding(good=True, line=f"webhook    ok: at {host}, {state.waiting} updates wait"),)


async def _clock(settings: Settings) -> Finding:
    """Compare with the time that the messenger's server puts on its answers."""
    try:
        async with aiohttp.ClientSession() as session, session.head(settings.bot_api_url) as answer:
            there = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    except (aiohttp.ClientError, OSError, KeyError, ValueError):
        return Finding(good=True, line="clock      not compared: the messenger's server gave no time")
    off = round(time.time() - there)
    if abs(off) > _FAST_CLOCK_SECONDS:
        return Finding(good=False, line=f"clock      {off:+d} seconds off; set this machine's clock (NTP)")
    return Finding(good=True, line="clock      ok")
