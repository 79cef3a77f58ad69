"""The summary of one cell of 40, asked for by its chair, in databases of different sizes."""

from __future__ import annotations

import time
from functools import partial

from sqlalchemy import Connection, func, select

from benchmarks import seeding
from benchmarks.bench import Bench, Row, median
from benchmarks.filling import handed_in
from benchmarks.processes import Void
from benchmarks.script import expected
from benchmarks.seeding import MORNING, Seed
from handlers.dialogue.said import Command
from storage import tables
from storage.database import Database

TURNS = 20
_TIMES = 1.5


async def measure(bench: Bench) -> list[Row]:
    """The chair's ``/summary`` through the real desk on the real file, committed; sizes take turns."""
    databases = {}
    for count in bench.size.rosters:
        bench.say(f"a database of {count} members …")
        file = bench.template(f"filled-{count}", partial(_filled, count=count))
        databases[count] = Database(f"sqlite+aiosqlite:///{file}")
    taken: dict[int, list[float]] = {count: [] for count in databases}
    try:
        for database in databases.values():
            await database.open()
        for number in range(bench.rounds * TURNS):
            for count, database in databases.items():
                # Another cell each time: what is measured is not how well one cell is remembered.
                taken[count].append(await _turn(database, number * seeding.PER_CELL % count + 1))
    finally:
        for database in databases.values():
            await database.close()
    return _rows({count: median(seconds) for count, seconds in taken.items()})


def _filled(seed: Seed, count: int) -> None:
    seed.write(lambda tx: seeding.members(tx, count, MORNING))
    answers = seed.rehearse(lambda tx: _answers(tx, 3))
    seed.write(lambda tx: handed_in(tx, count, answers, MORNING))


def _answers(tx: Connection, member: int) -> dict[str, object]:
    """What one member really writes, through the real rooms."""
    front = seeding.desk()
    seeding.begin_writing(tx, front, range(member, member + 1), MORNING)
    return expected(tx, member, MORNING)[-1]


async def _turn(database: Database, chair: int) -> float:
    """Seconds of one turn with its commit. Raises Void where no summary came."""
    front = _DESK
    before = await database.read(_posts)
    began = time.perf_counter()
    await database.write(lambda tx: seeding.hear(tx, front, chair, Command("summary"), MORNING))
    taken = time.perf_counter() - began
    posts = await database.read(_posts) - before
    if posts < 4:  # the overview, the picture, the book, the screen
        raise Void(f"{posts} posts instead of a summary")
    return taken


def _posts(tx: Connection) -> int:
    return tx.execute(select(func.count()).select_from(tables.outbox)).scalar_one()


_DESK = seeding.desk()


def _rows(medians: dict[int, float]) -> list[Row]:
    (_, base), *others = medians.items()
    rows = []
    for count, seconds in others:
        ratio = seconds / base
        rows.append(
            Row(
                f"/summary of a cell of 40 among {count:,} members",
                f"{seconds * 1000:.1f} ms",
                f"among {next(iter(medians)):,}: {base * 1000:.1f} ms",
                f"{ratio:.2f} ×",
                f"≤ {_TIMES} ×",
                ratio <= _TIMES,
                f"{ratio - _TIMES:.2f} ×",
            )
        )
    return rows
