"""``bot check``: settings, database, token and clock, each as one plain line."""

from __future__ import annotations

import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import aiohttp

from bot.channels.contract import DeliveryError
from bot.channels.telegram import TelegramChannel
from bot.settings import Settings
from storage import members
from storage.database import Database, DatabaseTrouble
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
        await _clock(settings),
    )


async def _database(settings: Settings) -> Finding:
    database = Database(settings.database_url)
    try:
        await database.open()
        revision, cells = await database.read(_look)
    except DatabaseTrouble as trouble:
        return Finding(good=False, line=f"database   DATABASE_URL: {trouble}")
    finally:
        await database.close()
    return Finding(good=True, line=f"database   ok: schema {revision}, {cells} cells")


def _look(tx: Connection) -> tuple[str | None, int]:
    return current(tx), len(members.every_cell(tx))


async def _token(settings: Settings) -> Finding:
    if settings.bot_token is None:
        return Finding(good=False, line="token      BOT_TOKEN: missing; BotFather on Telegram gives one")
    channel = TelegramChannel(settings.bot_token.get_secret_value(), settings.bot_api_url)
    try:
        await channel.introduce()
    except DeliveryError as refused:
        name = "BOT_TOKEN" if refused.everywhere else "BOT_API_URL"
        return Finding(good=False, line=f"token      {name}: {refused}")
    finally:
        await channel.close()
    return Finding(good=True, line=f"token      ok: @{channel.username}")


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
