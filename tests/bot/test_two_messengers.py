"""Two messengers at the end of the line: what hinders one of them does not hinder the other."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest
from sqlalchemy import Connection, insert

from bot.channels.contract import DeliveryError
from bot.clock import Clock
from bot.delivery import Delivery
from bot.limits import Limits
from handlers.dialogue.room import Made
from storage import outbox, tables
from storage.database import Database
from storage.records import Address, Post, Urgency
from tests.bot.test_delivery import NOW, Wire, put
from tests.program import states

MANY = 5000
REFUSED = DeliveryError("the token was refused", retry_after=30, everywhere=True)


def posts(channel: str, count: int, urgency: Urgency = Urgency.REMINDER) -> list[Post]:
    return [Post(Address(channel, str(n)), str(n), urgency=urgency) for n in range(count)]


async def put_many(database: Database, channel: str) -> None:
    """Thousands of posts to as many chats, in one statement."""
    payload = outbox._to_row(Post(Address(channel, "0"), "waits"))["payload"]

    def work(tx: Connection) -> None:
        row = {"channel": channel, "urgency": 0, "kind": "new", "payload": payload, "state": outbox.WAITING}
        more = {"attempts": 0, "posted_at": NOW}
        tx.execute(insert(tables.outbox), [row | more | {"chat": str(n)} for n in range(MANY)])

    await database.write(work)


@asynccontextmanager
async def delivering(database: Database, *wires: Wire, rates: float = 1) -> AsyncIterator[Delivery]:
    delivery = Delivery(database, {w.name: w for w in wires}, Clock(), Limits(rates), lambda name, data: Made(b""))
    task = asyncio.create_task(delivery.run())
    try:
        yield delivery
    finally:
        await delivery.drain(2)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def arrived(wire: Wire, count: int, seconds: float = 15) -> float:
    """Wait until so many have arrived; the seconds between the first and the last."""
    async with asyncio.timeout(seconds):
        while len(wire.sent) < count:  # noqa: ASYNC110 - what is measured is the delivery's own pace
            await asyncio.sleep(0.01)
    return wire.sent[count - 1][0] - wire.sent[0][0]


@pytest.mark.parametrize("held", [True, False])
async def test_thousands_that_wait_for_one_do_not_slow_the_other(database: Database, *, held: bool) -> None:
    well, ill = Wire("telegram"), Wire("zalo")
    ill.refusals = [REFUSED for _ in range(10)]
    await put_many(database, "zalo")
    await put(database, *posts("telegram", 60, Urgency.ANSWER))
    async with delivering(database, well, ill) as delivery:
        if held:
            delivery.hold("zalo")
        assert await arrived(well, 60) < 2, "thirty at once, thirty a second later"
    assert ill.sent == []
    assert len(ill.refusals) == (10 if held else 0), "a second's allowance at most finds out that it is refused"
    found = await database.read(partial(states, queue=tables.outbox))
    assert found == {outbox.SENT: 60, outbox.WAITING: MANY}


async def test_a_queue_at_its_own_pace_leaves_the_other_its_own(database: Database) -> None:
    quick, slow = Wire("telegram"), Wire("zalo")
    await put_many(database, "zalo")
    await put(database, *posts("telegram", 60))
    async with delivering(database, quick, slow):
        assert await arrived(quick, 60) < 4, "thirty a second, calmly"
        told = [at for at, _, _ in slow.sent]
    assert len(told) >= 15
    assert all(told[n + 10] - told[n] >= 0.95 for n in range(len(told) - 10)), "ten a second"


async def test_both_are_faster_by_the_same_factor(database: Database) -> None:
    quick, slow = Wire("telegram"), Wire("zalo")
    await put(database, *posts("telegram", 60, Urgency.ANSWER), *posts("zalo", 40, Urgency.ANSWER))
    async with delivering(database, quick, slow, rates=10):
        await arrived(quick, 60)
        assert 0.28 < await arrived(slow, 40) < 1, "four times ten, a tenth of a second apart"


async def test_what_waited_goes_out_when_the_messenger_is_open(database: Database) -> None:
    wire, other = Wire("zalo"), Wire("telegram")
    await put(database, *posts("zalo", 3, Urgency.ANSWER))
    async with delivering(database, wire, other, rates=50) as delivery:
        delivery.hold("zalo")
        await asyncio.sleep(0.2)
        assert wire.sent == []
        delivery.release("zalo")
        await arrived(wire, 3, seconds=1)


async def test_a_stop_does_not_wait_for_answers_that_cannot_go(database: Database) -> None:
    wire, other = Wire("zalo"), Wire("telegram")
    await put(database, *posts("zalo", 3, Urgency.ANSWER), *posts("telegram", 3, Urgency.ANSWER))
    async with delivering(database, wire, other, rates=50) as delivery:
        delivery.hold("zalo")
        await arrived(other, 3)
        began = time.monotonic()
        await delivery.drain(5)
        assert time.monotonic() - began < 1
    assert (await database.read(partial(states, queue=tables.outbox)))[outbox.WAITING] == 3


async def test_a_post_for_a_messenger_that_is_not_set_up_any_more_is_settled(database: Database) -> None:
    wire = Wire("telegram")
    await put(database, *posts("zalo", 1), *posts("telegram", 1))
    async with delivering(database, wire, rates=50), asyncio.timeout(5):
        while await database.read(partial(states, queue=tables.outbox)) != {outbox.SENT: 1, outbox.FAILED: 1}:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
