"""Planning a day's reminders for more and more members: time, memory, and what members wait meanwhile."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks import seeding
from benchmarks.bench import Bench, Row, median, percentile
from benchmarks.measures.broadcast import plan
from benchmarks.processes import Void
from benchmarks.seeding import MORNING, PER_CELL, Seed
from benchmarks.usage import megabytes

_RING_SECONDS = 10
_PATIENCE_SECONDS = 1800
_LOOK_SECONDS = 0.05
# Time and memory for ten times as many people, against ten times and against the same.
_LINEAR, _BOUNDED, _WAIT_SECONDS = 1.25, 1.5, 1.0


@dataclass(frozen=True, slots=True)
class Planned:
    """Seconds from the first cell planned to the last, megabytes at most, and what taps waited in between."""

    seconds: float
    peak: float
    waits: tuple[float, ...]


async def measure(bench: Bench) -> list[Row]:
    """The real program at eight in the morning; the harness looks into the file from outside."""
    runs: dict[int, list[Planned]] = {count: [] for count in bench.size.rosters}
    for _ in range(bench.rounds):
        for count in bench.size.rosters:
            runs[count].append(await _morning(bench, count))
            bench.say(_said(count, runs[count][-1]))
    return _rows(runs)


async def _morning(bench: Bench, count: int) -> Planned:
    template = bench.template(f"morning-{count}", partial(_members, count=count))
    folder = bench.place(template, MORNING)
    await bench.server.plan(plan(count))
    async with bench.ours(folder, rates=1, BOT_RING_SECONDS=str(_RING_SECONDS)) as process:
        began, ended = await _watched(folder / "bot.db", -(-count // PER_CELL), process)
        peak = megabytes(process.pid, "VmHWM")
        await asyncio.sleep(3)
        report = await bench.server.ask("report")
    waits = [end - start for start, end in report["taps"] if start <= ended and end >= began]
    waits += [report["now"] - since for since in report["waiting_since"] if since <= ended]
    return Planned(ended - began, peak, tuple(waits))


def _members(seed: Seed, count: int) -> None:
    seed.write(lambda tx: seeding.members(tx, count, MORNING))


async def _watched(file: Path, cells: int, process: asyncio.subprocess.Process) -> tuple[float, float]:
    """When the first cell's bell was seen to have rung, and the last one's (seconds of the harness's clock)."""
    began, until = None, time.perf_counter() + _PATIENCE_SECONDS
    looker = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        while time.perf_counter() < until and process.returncode is None:
            await asyncio.sleep(_LOOK_SECONDS)
            before = time.perf_counter()
            (rung,) = looker.execute("SELECT count(*) FROM bells").fetchone()
            if rung and began is None:
                began = before - _LOOK_SECONDS
            if rung >= cells and began is not None:
                return began, before
    finally:
        looker.close()
    raise Void(f"not every cell was planned, status {process.returncode}")


def _said(count: int, run: Planned) -> str:
    waits = run.waits
    return (
        f"{count} members: {run.seconds:.2f} s, {run.peak:.0f} MB at most, {len(waits)} taps, "
        f"p99 {percentile(waits, 0.99):.2f} s, longest {max(waits, default=0):.2f} s"
    )


def _rows(runs: dict[int, list[Planned]]) -> list[Row]:
    rows: list[Row] = []
    smaller: tuple[int, float, float] | None = None
    for count, done in runs.items():
        seconds, peak = median([run.seconds for run in done]), median([run.peak for run in done])
        waits = [wait for run in done for wait in run.waits]
        p99 = percentile(waits, 0.99)
        name = f"planning a day for {count:,} members"
        rate = f"{seconds:.2f} s ({seconds / count * 1e6:.0f} µs each)"
        if smaller is None:
            rows.append(Row(name, rate))
        else:
            grown = (seconds / smaller[1]) / (count / smaller[0])
            miss = f"{grown:.2f} × a member"
            rows.append(Row(name, rate, "", f"{grown:.2f} × each", "linear or better", grown <= _LINEAR, miss))
            more = peak / smaller[2]
            miss = f"{more:.2f} ×"
            rows.append(Row("… memory at most", f"{peak:.0f} MB", "", miss, "bounded", more <= _BOUNDED, miss))
        wait = f"p99 {p99:.2f} s, longest {max(waits, default=float('nan')):.2f} s"
        # So short that nobody tapped: nothing to be delayed.
        met = p99 <= _WAIT_SECONDS if waits else None
        rows.append(Row("… a tap's answer meanwhile", wait, "", "", "≤ 1.0 s", met, f"{p99 - 1:.2f} s"))
        smaller = (count, seconds, peak)
    return rows
