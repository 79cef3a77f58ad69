"""What is kept so that a post can be put into words, and again in the same words: codes, screens, addresses."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from bot.channels.contract import DeliveryError, Sent
from bot.channels.degrade import next_part
from bot.channels.zalo import ZaloChannel
from bot.clock import Clock
from bot.delivery import Delivery
from bot.fitting import Fitting
from bot.limits import Limits
from handlers.dialogue.buttons import screen_data, standing_data
from handlers.dialogue.room import Made
from storage import choices, conversations, outbox, tables
from storage.choices import LETTERS, marks, slot_of
from storage.database import Database
from storage.outbox import Queued
from storage.records import Address, Button, Post, PostId
from storage.transaction import Connection
from tests.bot.test_delivery import Wire

CHAT = Address("zalo", "1")
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
REMINDER = Post(CHAT, "Xin nhắc", tuple((Button(w, standing_data("later", w)),) for w in ("now", "tonight")))
LONG = Post(CHAT, "Một câu dài. " * 400, ((Button("Nộp", screen_data(1, "submit")),),), screen=1, numbered=True)
MENU = Post(CHAT, "", menu=(("menu", "Màn hình chính"),))


class PlainWire(Wire):
    """A messenger without buttons, edits and files; it says at what time a message came into the chat."""

    name = "zalo"
    abilities = ZaloChannel.abilities

    async def send(self, post: Post) -> Sent:
        if self.refusals:
            raise self.refusals.pop(0)
        text, rest = next_part(post, self.abilities)
        self.sent.append((0.0, post.address.chat, text))
        return Sent(f"m{len(self.sent)}", rest, NOW)


async def deliver(database: Database, wire: PlainWire, *posts: Post) -> list[str]:
    """Deliver posts until none is left; returns what came into the chat."""

    def put(tx: Connection) -> None:
        for post in posts:
            outbox.put(tx, post, NOW)

    await database.write(put)
    delivery = Delivery(database, {"zalo": wire}, Clock(), Limits(50), lambda name, data: Made(b""))
    task = asyncio.create_task(delivery.run())
    async with asyncio.timeout(20):
        while (await database.read(outbox.backlog))[0]:  # noqa: ASYNC110 - what is awaited is in the database
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await delivery.drain(1)
    return [text for _, _, text in wire.sent]


async def seen(database: Database) -> conversations.Conversation:
    kept = await database.read(lambda tx: conversations.load(tx, CHAT))
    assert kept is not None
    return kept


def test_no_code_of_a_chat_ever_comes_twice() -> None:
    counts = [1, 3, 10, 12, 2] * 40
    used: list[str] = []
    for count in counts:
        slot = max((slot_of(mark) for mark in used), default=-1) + 1
        used += marks(slot, count)
    assert len(set(used)) == len(used) == sum(counts)
    assert used[:4] == ["B1", "C1", "C2", "C3"]
    assert f"{LETTERS[0]}11" in used
    assert not set(LETTERS) & set("AEIOUYDLJFWZ")


async def test_tried_again_a_post_keeps_its_codes_and_the_next_gets_others(database: Database) -> None:
    def fit(tx: Connection, number: int) -> str:
        return Fitting().fit(tx, Queued(PostId(number), REMINDER, 1, NOW), ZaloChannel.abilities, NOW).post.text

    first, second, again = await database.write(lambda tx: [fit(tx, 1), fit(tx, 2), fit(tx, 1)])
    assert first == again
    assert first.endswith("B1. now\nB2. tonight")
    assert second.endswith("C1. now\nC2. tonight")
    meant = await database.read(lambda tx: choices.find(tx, CHAT, "C2"))
    assert meant is not None
    assert meant.data == standing_data("later", "tonight")


async def test_a_screen_tried_again_much_later_reads_the_same(database: Database) -> None:
    await database.write(lambda tx: conversations.save(tx, CHAT, {"serial": 1}, None, NOW))
    screen = replace(LONG, text="Một\n\nHai\n\nBa\n\nBốn")
    await deliver(database, PlainWire(), screen)
    again = replace(screen, text="Một\n\nHai\n\nBa\n\nNăm", screen=2)

    def fit(tx: Connection, now: datetime) -> str:
        return Fitting().fit(tx, Queued(PostId(9), again, 1, NOW), ZaloChannel.abilities, now).post.text

    first, later = await database.write(lambda tx: [fit(tx, NOW), fit(tx, NOW + timedelta(hours=2))])
    assert first == later
    assert "Hai" not in first


async def test_a_label_is_forgotten_after_two_weeks_and_its_code_is_not(database: Database) -> None:
    def work(tx: Connection) -> None:
        for number, at in ((1, NOW), (2, NOW + timedelta(days=15))):
            choices.give(tx, CHAT, PostId(number), [row[0] for row in REMINDER.buttons], at)

    await database.write(work)
    labels = await database.read(lambda tx: tx.execute(select(tables.typed_choices.c.label)).scalars().all())
    assert sorted(labels) == ["", "", "now", "tonight"]
    assert await database.read(lambda tx: choices.find(tx, CHAT, "B1"))


async def test_a_long_screen_goes_in_parts_and_has_arrived_with_the_last(database: Database) -> None:
    await database.write(lambda tx: conversations.save(tx, CHAT, {"serial": 1}, None, NOW))
    wire = PlainWire()
    wire.refusals = [DeliveryError("busy", retry_after=0.01)]
    texts = await deliver(database, wire, LONG)
    assert [text[:6] for text in texts] == ["(1/3)\n", "(2/3)\n", "(3/3)\n"]
    assert "\n1. Nộp" in texts[-1]
    kept = await seen(database)
    assert (kept.screen_ref, kept.screen_serial, kept.shown_at) == ("m3", 1, NOW)
    assert kept.shown == {}  # nobody scrolls through three messages to find "as above"


async def test_a_screen_is_kept_until_something_else_is_said(database: Database) -> None:
    await database.write(lambda tx: conversations.save(tx, CHAT, {"serial": 1}, None, NOW))
    wire = PlainWire()
    short = replace(LONG, text="<b>Nộp</b> bài")
    assert await deliver(database, wire, MENU, short) == ["Nộp bài\n\nĐồng chí gõ số để chọn:\n1. Nộp"]
    kept = await seen(database)
    assert kept.shown == {"lines": ["Nộp bài"], "choices": [["submit", "Nộp"]], "numbered": True, "repeats": 0}
    await deliver(database, wire, replace(REMINDER, buttons=()))
    assert (await seen(database)).shown == {}
    assert (await seen(database)).screen_serial == 1
