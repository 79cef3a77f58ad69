"""``python -m benchmarks``: every measure, or those named in ONLY; prints the machine and the table."""

from __future__ import annotations

import asyncio
import importlib
import signal
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from benchmarks import machine, report
from benchmarks.bench import Bench, Row, Size
from benchmarks.processes import CLIENT_CORE, SERVER_CORE, Void, telegram

FULL = Size()
MEASURES = ("throughput", "slow_answers", "broadcast", "footprint", "summary", "planning")


def main(
    only: Annotated[str, typer.Option(envvar="ONLY", help="Names of measures, with commas between.")] = "",
    rounds: Annotated[int, typer.Option(envvar="ROUNDS", help="How often; the median counts.")] = 3,
    messages: Annotated[int, typer.Option(envvar="MESSAGES", help="Messages a round.")] = FULL.messages,
    broadcast: Annotated[int, typer.Option(envvar="BROADCAST", help="Reminders that go out.")] = FULL.broadcast,
    long_run: Annotated[
        int, typer.Option(envvar="LONG", help="Messages of the run that watches memory.")
    ] = FULL.long_run,
    largest: Annotated[
        int, typer.Option(envvar="LARGEST", help="Leave out databases with more members.")
    ] = 100_000,
    write: Annotated[bool, typer.Option(help="Write docs/benchmarks.md.")] = False,
) -> None:
    """Measure, and say how it compares; a measure whose work was dropped is void and ends everything."""
    chosen = [name.strip() for name in only.split(",") if name.strip()] or list(MEASURES)
    unknown = set(chosen) - set(MEASURES)
    if unknown:
        raise typer.BadParameter(f"ONLY: {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}")
    size = Size(
        messages=messages,
        broadcast=broadcast,
        long_run=long_run,
        rosters=tuple(count for count in FULL.rosters if count <= max(largest, FULL.rosters[0])),
    )
    try:
        rows, server = asyncio.run(_run(chosen, rounds, size))
    except Void as why:
        print(f"void: {why}")
        raise typer.Exit(1) from None
    report.show(rows, machine.facts(server))
    if write:
        report.write(rows, machine.facts(server))


async def _run(chosen: list[str], rounds: int, size: Size) -> tuple[list[Row], float]:
    current = asyncio.current_task()
    if current is not None:
        # Whoever ends us ends the programs that we started, too.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, current.cancel)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="chibo-bench-") as folder:
        async with telegram(Path(folder), SERVER_CORE) as server:
            bench = Bench(Path(folder), server, rounds, size, CLIENT_CORE)
            ceiling = await machine.server_rate(bench)
            for name in chosen:
                bench.say(f"{name} …")
                rows += await importlib.import_module(f"benchmarks.measures.{name}").measure(bench)
    return rows, ceiling


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(main)
    app()
