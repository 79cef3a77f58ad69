"""From the start of the process to its first poll, and the memory it holds: idle, and after many messages."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import Bench, Row, median
from benchmarks.measures.throughput import NO_BELL, PATIENCE_SECONDS, WINDOW, talk, verify, writers
from benchmarks.script import SCRIPT
from benchmarks.usage import megabytes

_IDLE_SECONDS = 3
_GROWTH = 0.05


@dataclass(frozen=True, slots=True)
class Print:
    """Seconds to the first poll and megabytes held."""

    start: float
    idle: float


Running = contextlib.AbstractAsyncContextManager[asyncio.subprocess.Process]


async def measure(bench: Bench) -> list[Row]:
    """Starts and idle memory each round; the long run once."""
    template, _ = writers(bench)
    ours, theirs = [], []
    for _ in range(bench.rounds):
        folder = bench.place(template)
        ours.append(await _start(bench, bench.ours(folder, BOT_RING_SECONDS=NO_BELL)))
        if bench.peers:
            theirs.append(await _start(bench, bench.peer("ptb_echo")))
        bench.say(f"ours {ours[-1]} {theirs[-1:]}")
    middle, end = await _long_run(bench)
    peer_end = await _long_echo(bench) if bench.peers else None
    growth = end - middle
    if peer_end is None:
        start, idle = f"{median([p.start for p in ours]):.2f} s", f"{median([p.idle for p in ours]):.0f} MB"
        rows = [Row("start to first poll", start), Row("memory, idle", idle), Row("… at the end", f"{end:.0f} MB")]
    else:
        rows = [
            _twice("start to first poll", "s", median([p.start for p in ours]), median([p.start for p in theirs])),
            _twice("memory, idle", "MB", median([p.idle for p in ours]), median([p.idle for p in theirs])),
            _twice(f"memory after {bench.size.long_run} messages", "MB", end, peer_end),
        ]
    grown = f"{growth:+.1f} MB ({growth / middle:+.1%})"
    name = "… growth in the second half of them"
    met = growth <= middle * _GROWTH
    return [*rows, Row(name, grown, "", "", f"none (≤ {_GROWTH:.0%})", met, f"{growth:.1f} MB")]


async def _start(bench: Bench, program: Running) -> Print:
    await bench.server.plan({})
    began = time.perf_counter()
    async with program as process:
        state = await bench.server.until("first_poll", process, 60, least=0)
        await asyncio.sleep(_IDLE_SECONDS)
        # Both clocks are the machine's own: what the server saw can be compared with when we began.
        return Print(state["first_poll"] - began, megabytes(process.pid))


async def _long_run(bench: Bench) -> tuple[float, float]:
    """Megabytes after half of the messages and after all of them; every answer is in the database."""
    messages = bench.size.long_run
    # As many members as it takes for each to write one form; some stand waiting at any time.
    people = max(bench.size.chats, messages // len(SCRIPT) + WINDOW)
    template, steps = writers(bench, people)
    folder = bench.place(template)
    await bench.server.plan(talk(bench, messages, WINDOW, 0) | {"endless": False, "count": people})
    async with bench.ours(folder, BOT_RING_SECONDS=NO_BELL) as process:
        log = folder / "run.log"
        middle, end = await _twice_asked(bench, process, messages, log)
        report = await bench.server.ask("report")
    verify(folder / "bot.db", report, steps)
    return middle, end


async def _long_echo(bench: Bench) -> float:
    await bench.server.plan(talk(bench, bench.size.long_run, WINDOW, 0))
    async with bench.peer("ptb_echo") as process:
        _, end = await _twice_asked(bench, process, bench.size.long_run, bench.folder / "ptb_echo.log")
    return end


async def _twice_asked(
    bench: Bench, process: asyncio.subprocess.Process, messages: int, log: Path
) -> tuple[float, float]:
    await bench.server.until("count", process, PATIENCE_SECONDS, messages // 2, log)
    middle = megabytes(process.pid)
    await bench.server.until("count", process, PATIENCE_SECONDS, messages, log)
    end = megabytes(process.pid)
    bench.say(f"{messages} messages: {middle:.0f} MB half way, {end:.0f} MB at the end")
    return middle, end


def _twice(name: str, unit: str, ours: float, theirs: float) -> Row:
    ratio = ours / theirs
    met = ratio <= 2
    shown = ".2f" if unit == "s" else ".0f"
    miss = f"{ours - 2 * theirs:{shown}} {unit} too much"
    return Row(name, f"{ours:{shown}} {unit}", f"PTB {theirs:{shown}} {unit}", f"{ratio:.2f} ×", "≤ 2 ×", met, miss)
