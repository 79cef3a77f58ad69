"""Looks at the records while a run goes on: what shows on phones without buttons, and who was not heard."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import suppress
from pathlib import Path

from tests.torture.process import Keeper
from tests.torture.records import Glance
from tests.torture.server import Messenger

_EVERY = 0.02


async def watch(file: Path, messenger: Messenger, keeper: Keeper) -> None:
    """Look for as long as there are such phones."""
    glance = Glance(file)
    try:
        while messenger.plain:
            with suppress(sqlite3.OperationalError):  # after a kill the file is being set right
                _look(glance, messenger, keeper)
            await asyncio.sleep(_EVERY)
    finally:
        glance.close()


def _look(glance: Glance, messenger: Messenger, keeper: Keeper) -> None:
    """Show what has arrived. Where the messenger gives an event out once only, and it died with the process that it
    was given to, whoever wrote it types again."""
    phones = messenger.plain
    for chat, serial, ref, options in glance.screens({chat: phone.known for chat, phone in phones.items()}):
        phones[chat].shows(serial, ref, options)
    if messenger.gives_once:
        kept = glance.kept()
        for event in messenger.events.died(keeper.kills, keeper.life):
            if event.message not in kept:
                event.again()
