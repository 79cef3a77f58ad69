"""Programs that are measured: each a process on a core of its own, stopped by its number."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp

ROOT = Path(__file__).parent.parent
PEERS_PYTHON = ROOT / ".venv-peers" / "bin" / "python"
TOKEN = "123456:bench"
SERVER_CORE, CLIENT_CORE = 0, 1
_STOP_SECONDS = 15


class Void(Exception):  # noqa: N818 - it is what a measure is called that cannot be counted
    """A measure that does not count: work was dropped, a program ended, nothing came for too long."""


def can_pin() -> bool:
    """Whether server and client can be given cores of their own here."""
    return hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1


@contextlib.asynccontextmanager
async def running(
    *command: str, core: int | None, log: Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process on that core (None: on any); what it prints goes to ``log``. Ended by SIGTERM, then SIGKILL."""
    with log.open("wb") as words:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=words, stderr=words, env={**os.environ, **(env or {})}, cwd=cwd or ROOT
        )
    if core is not None and can_pin():
        os.sched_setaffinity(process.pid, {core})
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), _STOP_SECONDS)
        if process.returncode is None:
            process.kill()
            await process.wait()


class Telegram:
    """The local server seen from the harness."""

    def __init__(self, address: str, session: aiohttp.ClientSession) -> None:
        self.address = address
        self._session = session

    async def plan(self, plan: Mapping[str, Any], *, go: bool = False) -> None:
        """Begin anew with these people; ``go`` changes only the people, while the bot is connected."""
        async with self._session.post(f"{self.address}/bench/{'go' if go else 'start'}", json=plan) as answer:
            answer.raise_for_status()

    async def ask(self, what: str) -> dict[str, Any]:
        """``state`` (small) or ``report`` (everything)."""
        async with self._session.get(f"{self.address}/bench/{what}") as answer:
            found: dict[str, Any] = (await answer.json())["result"]
            return found

    async def until(
        self,
        key: str,
        process: asyncio.subprocess.Process,
        seconds: float,
        least: float = 1,
        log: Path | None = None,
    ) -> dict[str, Any]:
        """Wait until that figure of the state is at least so much. Raises Void where that does not come."""
        for _ in range(int(seconds / 0.1)):
            state = await self.ask("state")
            if state[key] is not None and state[key] >= least:
                return state
            if process.returncode is not None:
                break
            await asyncio.sleep(0.1)
        said = _last_words(log) if log else ""
        raise Void(f"{key} did not reach {least} in {seconds} s, status {process.returncode}: {state} {said}")


def _last_words(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]


@contextlib.asynccontextmanager
async def telegram(folder: Path, core: int | None = None) -> AsyncIterator[Telegram]:
    """The lean server, on a core of its own where one is named."""
    python = str(PEERS_PYTHON) if PEERS_PYTHON.exists() else sys.executable
    log = folder / "server.log"
    command = (python, "-m", "benchmarks.server")
    async with running(*command, core=core, log=log) as process, aiohttp.ClientSession() as session:
        for _ in range(100):
            if port := log.read_text().split("\n")[0]:
                break
            if process.returncode is not None:
                break
            await asyncio.sleep(0.05)
        if not port.isdigit():
            raise Void(f"the server did not start: {log.read_text()}")
        yield Telegram(f"http://127.0.0.1:{port}", session)


def our_settings(folder: Path, address: str, rates: float, **more: str) -> dict[str, str]:
    """The environment of our program, with its database (and its clock, where there is one) in ``folder``."""
    clock = folder / "clock"
    return {
        "PYTHONPATH": str(ROOT),
        "BOT_TOKEN": TOKEN,
        "BOT_API_URL": address,
        "BOT_RATES": str(rates),
        "BOT_CLOCK_FILE": str(clock) if clock.exists() else "",
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'bot.db'}",
        "BOT_ADMINS": "",
        "BOT_LISTEN": "",
        **more,
    }
