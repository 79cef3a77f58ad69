"""The program in the test's own process: its settings, its start and stop, and what its queues hold."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Connection, Table, func, select

from bot.app import Program
from bot.settings import Settings
from bot.simulator.settings import SimulatorSettings

SIMULATED = SimulatorSettings(port=0, rates="off")


def settings_for(folder: Path, address: str, **more: Any) -> Settings:
    """A bot whose database lies in ``folder`` and whose messenger is at ``address``; no bell rings by itself."""
    given: dict[str, Any] = {
        "bot_token": SecretStr(SIMULATED.token),
        "bot_api_url": address,
        "database_url": f"sqlite+aiosqlite:///{folder / 'bot.db'}",
        "bot_rates": 100,
        "bot_ring_seconds": 3600,
    }
    return Settings(**(given | more))


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Program]:
    """The program from its start to its orderly stop."""
    program = Program(settings)
    await program.start()
    try:
        yield program
    finally:
        await program.stop()


def states(tx: Connection, queue: Table) -> dict[str, int]:
    """How many rows of the inbox or the outbox are in each state."""
    rows = tx.execute(select(queue.c.state, func.count()).group_by(queue.c.state))
    return {str(row[0]): int(row[1]) for row in rows}
