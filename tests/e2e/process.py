"""The program as a process of its own, with its own environment and files."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from bot.simulator.settings import SimulatorSettings

ROOT = Path(__file__).parent.parent.parent
SIMULATED = SimulatorSettings(port=0, rates="off")


def environment(folder: Path, address: str = "http://127.0.0.1:9", **more: str) -> dict[str, str]:
    """Settings of a bot whose files lie in ``folder`` and whose messenger is at ``address``."""
    given = {name: value for name, value in os.environ.items() if not name.startswith(("BOT_", "DATABASE_"))}
    return given | {
        "BOT_TOKEN": SIMULATED.token,
        "BOT_API_URL": address,
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'bot.db'}",
        "BOT_RATES": "100",
        "BOT_RING_SECONDS": "0.5",
        **more,
    }


async def command(*words: str, env: dict[str, str], folder: Path) -> tuple[int, str]:
    """Run one command to its end; returns exit status and everything it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *words),
        env=env | {"PYTHONPATH": str(ROOT)},
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, printed.decode()


@contextlib.asynccontextmanager
async def bot_running(env: dict[str, str], folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The bot, ended by SIGTERM where the test did not end it."""
    with (folder / "run.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"),
            env=env | {"PYTHONPATH": str(ROOT)},
            cwd=folder,
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.wait(), 15)
