"""The benchmarks themselves: the smallest run of one against the real program, and that it would notice a loss."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, select

from benchmarks import seeding
from benchmarks.bench import Bench, Size
from benchmarks.filling import handed_in
from benchmarks.measures.throughput import our_round, verify, writers
from benchmarks.processes import Void, telegram
from benchmarks.script import expected
from benchmarks.seeding import MORNING, Seed
from handlers.dialogue.said import Pressed
from storage import tables

pytestmark = pytest.mark.process

WRITERS, MESSAGES, AT_A_TIME = 6, 90, 4


async def test_every_message_of_a_small_run_is_answered_and_kept(tmp_path: Path) -> None:
    async with telegram(tmp_path) as server:
        bench = Bench(tmp_path, server, 1, Size(messages=MESSAGES, chats=WRITERS))
        report = await our_round(bench, MESSAGES, AT_A_TIME)
    assert report["given"] == report["answered"] == len(report["waits"]) == MESSAGES
    assert report["rate"] > 0
    assert report["calls"]["sendmessage"] == MESSAGES
    _, steps = writers(bench)
    with sqlite3.connect(tmp_path / "ours" / "bot.db") as kept:
        kept.execute("DELETE FROM review_answers WHERE key = 'conduct' AND review_id = 1")
    kept.close()
    with pytest.raises(Void, match="member 1 "):
        verify(tmp_path / "ours" / "bot.db", report, steps)


def test_filled_records_are_those_that_the_rooms_write(tmp_path: Path) -> None:
    seed = Seed(tmp_path / "seed.db")
    seed.write(lambda tx: seeding.members(tx, seeding.PER_CELL, MORNING))

    def write_for_real(tx: Connection) -> dict[str, Any]:
        front = seeding.desk()
        seeding.begin_writing(tx, front, range(3, 4), MORNING)
        answers = expected(tx, 3, MORNING)[-1]
        for option in ("submit", "yes"):
            seeding.hear(tx, front, 3, Pressed(seeding.serial_of(tx, 3), option), MORNING)
        return answers | {"rows": _rows_of(tx)}

    real = seed.rehearse(write_for_real)
    rows = real.pop("rows")
    seed.write(lambda tx: handed_in(tx, seeding.PER_CELL, real, MORNING))
    filled = seed.write(_rows_of)
    seed.close()
    assert rows == filled


def _rows_of(tx: Connection) -> dict[str, list[dict[str, Any]]]:
    """What is kept of member 3's self-assessment, without numbers, times and the grade (chosen by number)."""
    found: dict[str, list[dict[str, Any]]] = {}
    review = tx.execute(select(tables.reviews.c.id).where(tables.reviews.c.member_id == 3)).scalar_one()
    wanted: tuple[tuple[Table, Any], ...] = (
        (tables.reviews, tables.reviews.c.id == review),
        (tables.review_answers, tables.review_answers.c.review_id == review),
        (tables.review_versions, tables.review_versions.c.review_id == review),
    )
    for table, here in wanted:
        left_out = {"id", "review_id", "begun_at", "submitted_at", "written_at", "self_grade"}
        rows = [dict(row._mapping) for row in tx.execute(select(table).where(here))]
        for row in rows:
            row.get("answers", {}).pop("self_grade", None)
        found[table.name] = sorted(
            (
                {name: value for name, value in row.items() if name not in left_out}
                for row in rows
                if row.get("key") != "self_grade"
            ),
            key=lambda row: str(row.get("key")),
        )
    return found
