"""Work that waits together is committed together, and what one of them does wrong is no other's."""

import asyncio
import sqlite3
import time
from contextlib import closing
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, bindparam, event, insert, select, text

from storage import audit, cycles, members, tables
from storage.database import Database, DatabaseTrouble, inserting, upsert
from storage.prepared import Prepared

NOW = datetime(2026, 11, 22, 3, 4, 5, 678901, tzinfo=UTC)


def note(tx: Connection, what: str = "noted") -> None:
    audit.record(tx, now=NOW, who="system", what=what)


async def noted(database: Database) -> list[str]:
    return await database.read(lambda tx: list(tx.execute(text("select what from audit order by id")).scalars()))


async def test_fifty_pieces_of_work_need_a_handful_of_commits(database: Database) -> None:
    commits: list[int] = []

    def count(tx: Connection) -> None:
        event.listen(tx.engine, "commit", lambda _: commits.append(1))

    await database.write(count, long=True)
    commits.clear()
    await asyncio.gather(*(database.write(partial(note, what=str(n))) for n in range(50)))
    assert await noted(database) == [str(n) for n in range(50)], "and in the order in which they came"
    assert 1 <= len(commits) <= 5


async def test_one_that_fails_takes_nobody_along(database: Database) -> None:
    def bad(tx: Connection) -> None:
        note(tx, "bad")
        raise KeyError("mine")

    def stupid(tx: Connection) -> None:
        members.add_cell(tx, "Chi bộ Một")
        members.add_cell(tx, "Chi bộ Một")

    work = [note, bad, lambda tx: note(tx, "after"), stupid, note]
    results = await asyncio.gather(*(database.write(w) for w in work), return_exceptions=True)
    assert [type(r).__name__ for r in results] == ["NoneType", "KeyError", "NoneType", "IntegrityError", "NoneType"]
    assert await noted(database) == ["noted", "after", "noted"]


async def test_a_foreign_lock_is_waited_for_once_and_not_once_for_everybody(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database._PATIENCE", 300)
    with closing(sqlite3.connect(tmp_path / "d.db", isolation_level=None)) as foreign:
        foreign.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        results = await asyncio.gather(*(database.write(note) for _ in range(20)), return_exceptions=True)
        took = time.monotonic() - began
        foreign.execute("ROLLBACK")
    assert {r.kind for r in results if isinstance(r, DatabaseTrouble)} == {"locked"}
    assert took < 3, "twenty times 0.3 s would be six"
    await database.write(note)
    assert await noted(database) == ["noted"]


async def test_a_prepared_statement_gives_what_the_usual_way_gives(database: Database) -> None:
    row = {"name": "Chi bộ Một", "settings": {"a": [1, None, "ạ"]}}

    def fill(tx: Connection) -> None:
        cell = tx.execute(insert(tables.cells).values(row).returning(tables.cells.c.id)).scalar_one()
        day = date(2026, 12, 15)
        made = cycles.create(tx, cell, 2026, "2025", date(2026, 11, 1), day, None, date(2026, 11, 22), NOW)
        assert made is not None

    await database.write(fill)
    for statement in (select(tables.cells), select(tables.cycles)):
        usual = await database.read(lambda tx, s=statement: list(map(tuple, tx.execute(s))))  # type: ignore[misc]
        short = await database.read(lambda tx, s=statement: list(map(tuple, Prepared(lambda _: s).rows(tx))))  # type: ignore[misc]
        assert short == usual != []


async def test_a_column_that_only_a_default_would_fill_has_to_be_named(database: Database) -> None:
    with pytest.raises(TypeError, match="attempts"):
        await database.write(lambda tx: inserting(tables.outbox, "channel").change(tx, channel="x"))


async def test_a_parameter_that_is_not_given_is_an_error_and_not_a_null(database: Database) -> None:
    by_name = Prepared(lambda _: select(tables.cells).where(tables.cells.c.name == bindparam("called")))
    with pytest.raises(KeyError, match="called"):
        await database.write(by_name.rows)


async def test_an_upsert_changes_the_row_with_the_same_key_and_no_other(database: Database) -> None:
    key = {"channel": "wire", "chat": "1"}

    def save(tx: Connection, chat: str, menu: str) -> None:
        values = {"channel": "wire", "chat": chat, "state": {"menu": menu}, "menu": menu, "updated_at": NOW}
        upsert(tx, tables.conversations, tuple(key), values)

    for chat, menu in (("1", "a"), ("2", "b"), ("1", "c")):
        await database.write(partial(save, chat=chat, menu=menu))
    found = await database.read(
        lambda tx: tx.execute(select(tables.conversations.c.chat, tables.conversations.c.state)).all()
    )
    assert sorted((row.chat, row.state["menu"]) for row in found) == [("1", "c"), ("2", "b")]


async def test_the_loop_goes_on_while_a_foreign_lock_is_waited_for(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database._PATIENCE", 400)
    with closing(sqlite3.connect(tmp_path / "d.db", isolation_level=None)) as foreign:
        foreign.execute("BEGIN IMMEDIATE")
        waits = asyncio.create_task(database.write(note))
        rounds = 0
        while not waits.done():
            await asyncio.sleep(0.01)
            rounds += 1
        foreign.execute("ROLLBACK")
    assert isinstance(waits.exception(), DatabaseTrouble)
    assert rounds >= 5, "the loop has gone round meanwhile"


async def test_the_loop_goes_on_while_long_work_runs_and_short_work_comes_in_pieces(database: Database) -> None:
    def slow(tx: Connection) -> None:
        until = time.monotonic() + 0.4
        while time.monotonic() < until:
            tx.execute(text("select 1")).all()

    def turn(tx: Connection) -> None:
        note(tx, "turn")
        until = time.monotonic() + 0.005
        while time.monotonic() < until:
            pass

    for work in ([database.write(slow, long=True)], [database.write(turn) for _ in range(60)]):
        done, rounds = asyncio.gather(*work), 0
        while not done.done():
            await asyncio.sleep(0.001)
            rounds += 1
        assert rounds >= 5, "the loop has gone round meanwhile"
    assert await noted(database) == ["turn"] * 60


async def test_a_commit_that_fails_keeps_nothing_and_the_next_one_works(database: Database) -> None:
    def fill(tx: Connection) -> None:
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
        tx.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")

    await database.write(fill, long=True)
    big = partial(audit.record, now=NOW, who="system", what="big", details={"words": "x" * 60_000})
    results = await asyncio.gather(
        database.write(note), database.write(big), database.write(note), return_exceptions=True
    )
    assert [getattr(r, "kind", r) for r in results] == [None, "full", None]
    assert await noted(database) == ["noted", "noted"]


async def test_results_of_sends_do_not_wait_behind_turns(database: Database) -> None:
    def turn(tx: Connection) -> None:
        note(tx, "turn")
        until = time.monotonic() + 0.005
        while time.monotonic() < until:
            pass

    turns = [asyncio.create_task(database.write(turn)) for _ in range(30)]
    await asyncio.sleep(0)
    await database.write(partial(note, what="sent"), ahead=True)
    assert not all(task.done() for task in turns)
    await asyncio.gather(*turns)
    assert (await noted(database)).index("sent") < 15


async def test_what_is_long_cannot_be_ahead_of_others(database: Database) -> None:
    with pytest.raises(ValueError, match="short"):
        async with asyncio.timeout(5):
            await database.write(note, long=True, ahead=True)
    await database.write(note)
    assert await noted(database) == ["noted"]


async def test_an_error_that_no_future_carries_stops_nobody(database: Database) -> None:
    def stops(tx: Connection) -> None:
        note(tx, "half")
        next(iter(()))

    with pytest.raises(RuntimeError, match="StopIteration"):
        async with asyncio.timeout(5):
            await database.write(stops)
    async with asyncio.timeout(5):
        await database.write(note)
    assert await noted(database) == ["noted"]
