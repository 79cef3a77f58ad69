"""The program as a process of its own, with its own environment and files."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import IO, Any

from tests.program import SIMULATED

ROOT = Path(__file__).parent.parent.parent


def environment(folder: Path, address: str = "http://127.0.0.1:9", **more: str) -> dict[str, str]:
    """Settings of a bot whose files lie in ``folder`` and whose messenger is at ``address``."""
    ours = ("BOT_", "ZALO_", "DATABASE_")
    given = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return given | {
        "BOT_TOKEN": SIMULATED.token,
        "BOT_API_URL": address,
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'bot.db'}",
        "BOT_RATES": "100",
        "BOT_RING_SECONDS": "0.5",
        **more,
    }


async def begin(
    *words: str, env: dict[str, str], folder: Path, out: IO[bytes] | int, python: Sequence[str] = ("-m", "bot")
) -> asyncio.subprocess.Process:
    """Start one command, which prints to ``out``; ``python``: what the interpreter runs, with these words."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, *python, *words),
        env=env | {"PYTHONPATH": str(ROOT)},
        cwd=folder,
        stdout=out,
        stderr=asyncio.subprocess.STDOUT,
    )


async def command(
    *words: str, env: dict[str, str], folder: Path, python: Sequence[str] = ("-m", "bot")
) -> tuple[int, str]:
    """Run one command to its end; returns exit status and everything it printed."""
    process = await begin(*words, env=env, folder=folder, out=asyncio.subprocess.PIPE, python=python)
    printed, _ = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, printed.decode()


@contextlib.asynccontextmanager
async def bot_running(env: dict[str, str], folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The bot, ended by SIGTERM where the test did not end it."""
    with (folder / "run.log").open("ab") as log:
        process = await begin("run", env=env, folder=folder, out=log)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.wait(), 15)


async def all_handled(folder: Path, wanted: int) -> None:
    """Wait until the bot has dealt with so many updates."""
    async with asyncio.timeout(40):
        while rows(folder / "bot.db", "SELECT count(*) FROM inbox WHERE state = 'done'")[0][0] < wanted:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def rows(file: Path, question: str) -> list[tuple[Any, ...]]:
    """What the database of a bot says, which may be running."""
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as found:
        return list(found.execute(question))
