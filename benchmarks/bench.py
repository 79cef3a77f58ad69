"""What every measure works with: a folder, the server, how often, templates of databases, and rows of the table."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import statistics
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import processes
from benchmarks.processes import PEERS_PYTHON, Telegram, Void, running
from benchmarks.seeding import Seed
from benchmarks.usage import cpu_seconds


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; ``met`` is None where nothing is promised, ``miss`` says by how much it is missed."""

    measure: str
    ours: str
    peers: str = ""
    ratio: str = ""
    target: str = ""
    met: bool | None = None
    miss: str = ""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured; the defaults are the full thing."""

    messages: int = 6_000
    chats: int = 2_000
    broadcast: int = 5_000
    long_run: int = 100_000
    rosters: tuple[int, ...] = (1_000, 10_000, 100_000)


class Bench:
    """One run of the benchmarks; whoever talks to the server runs on ``core``."""

    def __init__(self, folder: Path, server: Telegram, rounds: int, size: Size, core: int | None = None) -> None:
        self.folder, self.server, self.rounds, self.size = folder, server, rounds, size
        self.core = core
        self._templates: dict[str, Path] = {}

    @property
    def peers(self) -> bool:
        """Whether the peers' environment is there."""
        return PEERS_PYTHON.exists()

    def say(self, line: str) -> None:
        """Progress, beside the table."""
        print(line, file=sys.stderr, flush=True)

    def template(self, name: str, make: Callable[[Seed], None]) -> Path:
        """A seeded database, made once a run."""
        if name not in self._templates:
            seed = Seed(self.folder / f"{name}.db")
            make(seed)
            seed.close()
            self._templates[name] = seed.file
        return self._templates[name]

    def place(self, template: Path, now: datetime | None = None) -> Path:
        """A fresh folder with a copy of a template and, where ``now`` is given, a clock that shows it now."""
        there = self.folder / "ours"
        shutil.rmtree(there, ignore_errors=True)
        there.mkdir()
        shutil.copyfile(template, there / "bot.db")
        if now is not None:
            (there / "clock").write_text(str((now - datetime.now(UTC)).total_seconds()))
        return there

    @contextlib.asynccontextmanager
    async def ours(
        self, folder: Path, rates: float = 1000, **env: str
    ) -> AsyncIterator[asyncio.subprocess.Process]:
        """The real program on the client's core."""
        settings = processes.our_settings(folder, self.server.address, rates, **env)
        command = (sys.executable, "-m", "bot", "run")
        async with running(*command, core=self.core, log=folder / "run.log", env=settings, cwd=folder) as process:
            yield process

    @contextlib.asynccontextmanager
    async def peer(self, script: str, *args: object) -> AsyncIterator[asyncio.subprocess.Process]:
        """A bare bot of the field on the client's core."""
        command = (str(PEERS_PYTHON), str(processes.ROOT / "benchmarks" / "peers" / f"{script}.py"))
        log = self.folder / f"{script}.log"
        words = (self.server.address, *map(str, args))
        async with running(*command, *words, core=self.core, log=log) as process:
            yield process

    async def talked(self, process: asyncio.subprocess.Process, seconds: float, log: Path) -> dict[str, Any]:
        """Wait until everything was answered; the report with ``rate`` and ``cpu``. Raises Void."""
        await self.server.until("first_poll", process, 60, least=0, log=log)
        began = cpu_seconds(process.pid)
        await self.server.until("done", process, seconds, log=log)
        used = cpu_seconds(process.pid) - began
        report = await self.server.ask("report")
        return report | {"rate": report["answered"] / report["seconds"], "cpu": used / report["answered"]}


def median(values: Sequence[float]) -> float:
    """The middle one; raises Void for nothing."""
    if not values:
        raise Void("nothing was measured")
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of all lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")
