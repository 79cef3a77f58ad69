"""The database for one command of the office: owned while it lasts, or only read beside a bot that is running."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from storage.backup import claim
from storage.database import Database, DatabaseTrouble


@asynccontextmanager
async def opened(url: str, *, beside_bot: bool = False) -> AsyncIterator[tuple[Database, bool]]:
    """A database and whether a bot is running on it; ``beside_bot`` allows that, and then it may only be read.

    Raises DatabaseTrouble, ``owned`` where a bot is running and must not be.
    """
    async with AsyncExitStack() as stack:
        running = False
        try:
            held = await asyncio.to_thread(claim, url)
            stack.callback(held.release)
        except DatabaseTrouble as trouble:
            if trouble.kind != "owned" or not beside_bot:
                raise
            running = True
        database = Database(url)
        stack.push_async_callback(database.close)
        if not running:
            await database.open()
        yield database, running
