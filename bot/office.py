"""The administrator's office on the command line: import a roster, make codes, count all cells together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from bot.clock import Clock
from bot.opening import opened
from bot.settings import Settings
from bot.troubles import of_setting
from handlers.dialogue.flow import Refusal
from handlers.dialogue.phrases import Phrase
from handlers.dialogue.room import House
from handlers.joining import rules
from handlers.joining.invite import issue
from handlers.organisation.importing import import_as_administrator
from handlers.posting import words_of
from handlers.summary.actions import gather_all
from handlers.summary.report import for_observer
from storage import members
from storage.database import DatabaseTrouble
from storage.transaction import Connection

WRONG_INPUT, CANNOT_OPEN = 1, 3
_RUNNING = (
    "DATABASE_URL: a bot is running on it ({process}). Do this in the chat with /members, or stop the bot first"
)

Say = Callable[[str], None]
T = TypeVar("T")


async def import_roster(settings: Settings, file: Path, say: Say) -> int:
    """Import a roster, all or nothing; says each bad row by its number and reason. Returns the exit status."""
    words = words_of("vi", House(zone=settings.zone))
    now = Clock(settings.bot_clock_file).now()
    try:
        content = file.read_bytes()
    except OSError as error:
        say(f"{file}: {error.strerror}")
        return WRONG_INPUT

    def work(tx: Connection) -> tuple[list[Phrase | str], int]:
        today = now.astimezone(settings.zone).date()
        done = import_as_administrator(tx, content, now=now, today=today)
        if isinstance(done, Refusal):
            return [done.why], WRONG_INPUT
        lines: list[Phrase | str] = []
        for fault in done.plan.faults:
            place = f"{fault.row}  {fault.column}".rstrip()
            lines.append(f"{place}: {words.bare(fault.why)}")
        plan = done.plan
        lines.append(
            f"+{len(plan.added)} ~{len(plan.changed)} ={len(plan.unchanged)} !{len(plan.faults)}"
            f"  {'imported' if done.done else 'nothing to do' if not plan.faults else 'nothing imported'}"
        )
        return lines, WRONG_INPUT if plan.faults else 0

    found = await _with_database(settings, work, say)
    if found is None:
        return CANNOT_OPEN
    for line in found[0]:
        say(line if isinstance(line, str) else words.bare(line))
    return found[1]


async def invite(settings: Settings, party_number: str, say: Say) -> int:
    """Make a code for one member and say it; earlier codes of that member end. Returns the exit status."""
    now = Clock(settings.bot_clock_file).now()

    def work(tx: Connection) -> str | None:
        member = members.by_number(tx, party_number)
        if member is None or member.removed_at is not None:
            return None
        return rules.shown(issue(tx, House(zone=settings.zone), member, by=None, now=now).code)

    found = await _with_database(settings, lambda tx: (work(tx),), say)
    if found is None:
        return CANNOT_OPEN
    say(found[0] or f"{party_number}: not on any roster")
    return 0 if found[0] else WRONG_INPUT


async def count_all(settings: Settings, year: int, say: Say) -> int:
    """Say the counts of all cells together in that year: no name in it. Returns the exit status."""
    house = House(zone=settings.zone)
    now = Clock(settings.bot_clock_file).now()
    found = await _with_database(settings, lambda tx: (gather_all(tx, house, year, now),), say, writes=False)
    if found is None:
        return CANNOT_OPEN
    if found[0] is None:
        say(f"{year}: no cell has a cycle of that year")
        return WRONG_INPUT
    for body in for_observer(found[0]):
        say(words_of("vi", house).bare(body) + "\n")
    return 0


async def make_codes(settings: Settings) -> dict[str, str]:
    """A code for every member of every cell, by party number: for the demo and examples."""
    now = Clock(settings.bot_clock_file).now()
    async with opened(settings.database_url) as (database, _):
        return await database.write(lambda tx: _codes(tx, House(zone=settings.zone), now))


def _codes(tx: Connection, house: House, now: datetime) -> dict[str, str]:
    return {
        member.party_number: issue(tx, house, member, by=None, now=now).code for member in members.everybody(tx)
    }


async def _with_database(
    settings: Settings, work: Callable[[Connection], T], say: Say, *, writes: bool = True
) -> T | None:
    """Do it as the only program on the database; what only reads goes beside a running bot."""
    try:
        async with opened(settings.database_url, beside_bot=not writes) as (database, running):
            return await (database.read(work) if running else database.write(work))
    except DatabaseTrouble as trouble:
        line = of_setting(trouble, settings.database_url)
        say(_RUNNING.format(process=trouble.detail) if trouble.kind == "owned" else line)
        return None
