"""What members notice of a backup: one small transaction after another while a copy is made (decision 9)."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import Annotated

import typer
from sqlalchemy import Connection

from storage import audit, backup
from storage.database import Database

_ROWS, _WORDS = 100, "x" * 10_000
_ALONE_SECONDS = 4.0


def _write(tx: Connection, rows: int, words: str = "") -> None:
    for _ in range(rows):
        audit.record(tx, now=datetime.now(UTC), who="system", what="noted", details={"words": words})


async def _latencies(database: Database, beside: Awaitable[object]) -> tuple[list[float], float]:
    """Milliseconds of each transaction until ``beside`` has ended, and how many seconds that took."""
    other, taken, began = asyncio.ensure_future(beside), [], time.perf_counter()
    while not other.done():
        start = time.perf_counter()
        await database.write(partial(_write, rows=1))
        taken.append((time.perf_counter() - start) * 1000)
    await other
    return taken, time.perf_counter() - began


async def measure(file: Path, megabytes: int, say: Callable[[str], None]) -> None:
    """Fill a database of that size and say a row of the table for each manner of copying."""
    database = Database(f"sqlite+aiosqlite:///{file}")
    await database.open()
    while file.stat().st_size < megabytes * 1_000_000:  # noqa: ASYNC240 - nothing else runs yet
        await database.write(partial(_write, rows=_ROWS, words=_WORDS), long=True)
    copies: dict[str, Callable[[], Awaitable[object]]] = {
        "no copy": lambda: asyncio.sleep(_ALONE_SECONDS),
        "copy, 10 ms rest": lambda: asyncio.to_thread(backup.copy, file, file.with_name("copy.db")),
        "copy, no rest": lambda: asyncio.to_thread(backup.copy, file, file.with_name("copy.db"), rest=0),
    }
    say("| | transaction p50 | p99 | longest | it took |\n|---|---|---|---|---|")
    for name, copy in copies.items():
        taken, seconds = await _latencies(database, copy())
        cuts = quantiles(taken, n=100)
        say(f"| {name} | {cuts[49]:.0f} ms | {cuts[98]:.0f} ms | {max(taken):.0f} ms | {seconds:.1f} s |")
    await database.close()


def main(megabytes: Annotated[int, typer.Option(min=2, help="Size of the database.")] = 187) -> None:
    """Print the table for a database in the system's folder for temporary files."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder) / "bot.db", megabytes, print))


if __name__ == "__main__":
    typer.run(main)
