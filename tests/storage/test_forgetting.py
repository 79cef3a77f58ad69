"""What goes from the two queues in time, and what has to stay."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, event, func, insert, select

from bot.clock import Clock
from bot.tidying import tidy
from storage import inbox, outbox, tables
from storage.database import Database
from storage.forgetting import KEPT, PIECE, QUEUES, Gone, forget
from storage.records import Address, Post, Raw
from tests.program import states

NOW = datetime(2026, 11, 22, tzinfo=UTC)
OLD = NOW - KEPT - timedelta(days=1)
CHAT = Address("wire", "1")
MANY = 2 * PIECE + 50


@pytest.fixture(autouse=True)
def few_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.forgetting._NEWEST", 3)


def raws(numbers: range) -> list[Raw]:
    return [Raw("wire", str(n), "1", "{}") for n in numbers]


def fill(tx: Connection) -> None:
    """Many old ones, the first dead and the second waiting; then settled ones that are younger."""
    for numbers, kept_at, settled_at in ((range(MANY), OLD, OLD), (range(MANY, MANY + 10), OLD, NOW)):
        for raw in inbox.keep(tx, raws(numbers), kept_at):
            if raw.update_id != "1":
                inbox.settle(tx, raw.id, settled_at, "unreadable" if raw.update_id == "0" else None)
    for number in range(MANY):
        outbox.put(tx, Post(CHAT, "words", edits="7" if number % 2 else None), OLD)
        [queued] = outbox.claim(tx, OLD, 1)
        if number % 3:
            outbox.sent(tx, queued.id, "1", OLD)
        else:
            outbox.failed(tx, queued.id, "blocked", OLD)
    for _ in range(4):
        outbox.put(tx, Post(CHAT, "waits"), OLD)


class At(Clock):
    def now(self) -> datetime:
        return NOW


async def test_what_was_settled_long_ago_goes_and_all_else_stays(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.tidying._REST_SECONDS", 0)
    await database.write(fill, long=True)
    await tidy(database, At())
    left = await database.read(partial(states, queue=tables.inbox))
    assert left == {inbox.DEAD: 1, inbox.WAITING: 1, inbox.DONE: 10}
    assert await database.read(partial(states, queue=tables.outbox)) == {outbox.WAITING: 4}
    again = await database.write(partial(inbox.keep, updates=raws(range(MANY, MANY + 10)), now=NOW))
    assert again == (), "an update is known as long as its messenger may repeat it"
    await tidy(database, At())
    assert await database.read(partial(states, queue=tables.inbox)) == left


async def test_numbers_are_never_given_out_again(database: Database) -> None:
    await database.write(fill, long=True)
    for queue, table in QUEUES.items():
        last = 0
        while (gone := await database.write(partial(_much_later, queue=queue, after=last))).last is not None:
            last = gone.last
        newest = select(func.max(table.c.id))
        found = await database.read(partial(Connection.scalar, statement=newest))
        assert found == (MANY + 10 if queue == "inbox" else MANY + 4), "the newest stay, whatever the clock says"


def _much_later(tx: Connection, queue: str, after: int) -> Gone:
    return forget(tx, queue, NOW + timedelta(days=9999), after)


async def test_a_look_reads_one_piece_by_its_primary_key(database: Database) -> None:
    asked: list[str] = []

    def work(tx: Connection) -> tuple[Gone, list[str]]:
        row = {"channel": "wire", "chat": "1", "raw": "", "state": "done", "received_at": NOW, "settled_at": NOW}
        tx.execute(insert(tables.inbox), [row | {"update_id": str(n)} for n in range(5000)])
        event.listen(tx, "before_cursor_execute", lambda *told: asked.append(_written_out(told)), named=False)
        gone = forget(tx, "inbox", NOW - KEPT)
        plans = [str(tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}").all()) for words in tuple(asked)]
        return gone, plans

    gone, plans = await database.write(work, long=True)
    assert gone == Gone(0, None)
    assert len(plans) == 2, "the newest number, and one piece"
    assert not any("SCAN" in plan for plan in plans), plans
    assert "INTEGER PRIMARY KEY" in plans[1], plans


def _written_out(told: tuple[object, ...]) -> str:
    """A statement with its numbers in it."""
    words, values = str(told[2]), told[3]
    assert isinstance(values, tuple)
    for value in values:
        words = words.replace("?", repr(value), 1)
    return words
