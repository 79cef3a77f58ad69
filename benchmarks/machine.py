"""The machine on which was measured: figures mean little without it."""

from __future__ import annotations

import asyncio
import os
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.processes import CLIENT_CORE, SERVER_CORE, can_pin, running


def facts(server_rate: float) -> dict[str, str]:
    """Cores, processor, versions, what a synced write costs, and what the server itself can do."""
    pinned = f"server on core {SERVER_CORE}, client on core {CLIENT_CORE}" if can_pin() else "cores not chosen here"
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores; {pinned}",
        "system": f"{platform.system()} {platform.release()}, files in {_filesystem(Path(tempfile.gettempdir()))}",
        "Python": f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}",
        "a write of 4 KB, synced": f"{_synced_write() * 1e6:.0f} µs (median)",
        "the server itself": f"{server_rate:.0f} calls a second from a bare aiohttp client, 32 at once",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _filesystem(folder: Path) -> str:
    """The kind of filesystem under a folder, where the system tells."""
    try:
        mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    except OSError:
        return "an unknown filesystem"
    inside = [(len(at), kind) for at, kind in mounts if folder.resolve().is_relative_to(at)]
    return max(inside)[1] if inside else "an unknown filesystem"


def _synced_write(times: int = 300) -> float:
    """Seconds that writing 4 KB and syncing them takes, the middle of many."""
    taken = []
    with tempfile.NamedTemporaryFile() as file:
        for _ in range(times):
            began = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - began)
    return statistics.median(taken)


async def server_rate(bench: Bench, calls: int = 6000) -> float:
    """How many sends a second the server answers to a client that does nothing else, on the client's core."""
    await bench.server.plan({})
    log = bench.folder / "ceiling.log"
    command = (sys.executable, "-m", "benchmarks.ceiling", bench.server.address, str(calls))
    async with running(*command, core=CLIENT_CORE, log=log) as process:
        await asyncio.wait_for(process.wait(), 120)
    sends = (await bench.server.ask("report"))["sends"]
    return float((len(sends) - 1) / (sends[-1] - sends[0]))
