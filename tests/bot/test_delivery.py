"""The limits as we keep them, and what becomes of a post that cannot go."""

import asyncio
import time
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise

from bot.channels.contract import DeliveryError, Sent, WebhookState
from bot.channels.telegram import TelegramChannel
from bot.clock import Clock
from bot.delivery import Delivery
from bot.limits import Limits
from handlers.dialogue.room import Made
from handlers.dialogue.said import Incoming
from storage import groups, members, outbox, tables
from storage.database import Database
from storage.records import Address, Post, Raw, Urgency
from tests.program import states

NOW = datetime(2026, 11, 22, tzinfo=UTC)
CHATS = [Address("wire", str(n)) for n in range(60)]


class Wire:
    """A messenger at the end of the line: notes what arrives when, refuses what it is told to refuse."""

    name = "wire"
    username = ""
    abilities = TelegramChannel.abilities

    def __init__(self, name: str = "") -> None:
        self.name = name or self.name
        self.sent: list[tuple[float, str, str]] = []
        self.refusals: list[Exception] = []
        self.began: list[float] = []
        self.takes = 0.0

    def invite_link(self, code: str) -> str | None:
        return None

    async def send(self, post: Post) -> Sent:
        if self.refusals:
            raise self.refusals.pop(0)
        self.began.append(time.monotonic())
        await asyncio.sleep(self.takes)
        self.sent.append((time.monotonic(), post.address.chat, post.text))
        return Sent(str(len(self.sent)))

    async def open(self) -> None: ...
    async def close(self) -> None: ...
    async def expect(self, webhook: object) -> None: ...
    async def poll(self, keep: object) -> None: ...

    def accept(self, body: bytes, headers: object) -> tuple[Raw, ...]:
        return ()

    async def webhook_state(self) -> WebhookState:
        return WebhookState(None, 0)

    def fetched_at(self) -> float | None: ...
    def read(self, raw: Raw) -> Incoming | None: ...
    async def acknowledge(self, query: str, toast: str | None) -> None: ...
    async def show_typing(self, address: Address) -> None: ...

    async def fetch(self, file_id: str) -> bytes:
        raise DeliveryError("no files here")

    def is_group(self, address: Address) -> bool:
        return address.chat.startswith("-")


async def deliver(database: Database, wire: Wire, count: int, *, rates: float = 1, seconds: float = 20) -> None:
    """Run a delivery until ``count`` posts have arrived."""
    delivery = Delivery(database, {"wire": wire}, Clock(), Limits(rates), lambda name, data: Made(b""))
    task = asyncio.create_task(delivery.run())
    async with asyncio.timeout(seconds):
        while len(wire.sent) < count:  # noqa: ASYNC110 - what is measured is the delivery's own pace
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await delivery.drain(2)


async def put(database: Database, *posts: Post) -> None:
    def work(tx):  # type: ignore[no-untyped-def]
        for post in posts:
            outbox.put(tx, post, NOW)

    await database.write(work)


async def test_one_chat_gets_one_message_a_second_in_order(database: Database) -> None:
    wire = Wire()
    await put(database, *(Post(CHATS[0], str(n)) for n in range(3)))
    await deliver(database, wire, 3)
    assert [text for _, _, text in wire.sent] == ["0", "1", "2"]
    times = [at for at, _, _ in wire.sent]
    assert all(later - earlier >= 0.99 for earlier, later in pairwise(times))


async def test_a_message_that_arrives_late_is_followed_a_second_after_its_answer(database: Database) -> None:
    wire = Wire()
    wire.takes = 0.7
    await put(database, *(Post(CHATS[0], str(n)) for n in range(3)))
    await deliver(database, wire, 3)
    arrivals = [at for at, _, _ in wire.sent]
    for arrived, begun in zip(arrivals, wire.began[1:], strict=False):
        assert begun - arrived >= 0.99, "it may arrive at once, and the one before it may have taken all its time"


async def test_never_more_than_thirty_a_second(database: Database) -> None:
    wire = Wire()
    await put(database, *(Post(chat, "x") for chat in CHATS))
    await deliver(database, wire, 60)
    times = [at for at, _, _ in wire.sent]
    assert all(times[n + 30] - times[n] >= 0.95 for n in range(len(times) - 30))
    assert times[-1] - times[0] < 4


async def test_answers_go_before_reminders(database: Database) -> None:
    wire = Wire()
    reminders = [Post(chat, "reminder", urgency=Urgency.REMINDER) for chat in CHATS[:40]]
    await put(database, *reminders, Post(CHATS[50], "summary", urgency=Urgency.SUMMARY), Post(CHATS[51], "answer"))
    await deliver(database, wire, 42)
    assert [text for _, _, text in wire.sent[:2]] == ["answer", "summary"]


async def test_a_refusal_for_a_while_keeps_the_order(database: Database) -> None:
    wire = Wire()
    wire.refusals = [DeliveryError("Too Many Requests", retry_after=0.2), DeliveryError("reset", retry_after=0.1)]
    await put(database, *(Post(CHATS[0], str(n)) for n in range(3)))
    await deliver(database, wire, 3, rates=50)
    assert [text for _, _, text in wire.sent] == ["0", "1", "2"]


async def test_a_refusal_for_good_lets_the_next_one_go(database: Database) -> None:
    wire = Wire()
    wire.refusals = [DeliveryError("can't parse entities")]
    await put(database, Post(CHATS[0], "broken"), Post(CHATS[0], "whole"))
    await deliver(database, wire, 1, rates=50)
    assert wire.sent[0][2] == "whole"
    assert await database.read(partial(states, queue=tables.outbox)) == {outbox.FAILED: 1, outbox.SENT: 1}


async def test_a_bug_in_sending_lets_the_next_one_go(database: Database) -> None:
    wire = Wire()
    wire.refusals = [KeyError("no such recipe")]
    await put(database, Post(CHATS[0], "broken"), Post(CHATS[0], "whole"))
    await deliver(database, wire, 1, rates=50, seconds=5)
    assert wire.sent[0][2] == "whole"
    assert await database.read(partial(states, queue=tables.outbox)) == {outbox.FAILED: 1, outbox.SENT: 1}


async def test_an_edit_that_waits_gives_way_to_a_newer_one(database: Database) -> None:
    wire = Wire()
    await put(database, *(Post(CHATS[0], str(n), edits="7") for n in range(5)), Post(CHATS[0], "new"))
    await deliver(database, wire, 2, rates=50)
    assert [text for _, _, text in wire.sent] == ["4", "new"]


async def test_a_group_that_moved_takes_its_cell_and_its_post_along(database: Database) -> None:
    wire = Wire()
    wire.refusals = [DeliveryError("Group migrated to supergroup", moved_to="-100")]
    cell = await database.write(lambda tx: members.add_cell(tx, "Chi bộ Một"))
    await database.write(lambda tx: groups.link(tx, cell.id, Address("wire", "-7")))
    await put(database, Post(Address("wire", "-7"), "counts"))
    await deliver(database, wire, 1, rates=50)
    assert [(chat, text) for _, chat, text in wire.sent] == [("-100", "counts")]
    moved = await database.read(lambda tx: members.cell(tx, cell.id))
    assert moved is not None
    assert moved.group == Address("wire", "-100")


async def test_an_answer_does_not_wait_behind_reminders_in_its_own_chat(database: Database) -> None:
    reminders = [Post(chat, "reminder", urgency=Urgency.REMINDER) for chat in CHATS]
    answers = [Post(CHATS[59], "first"), Post(CHATS[59], "second")]
    await put(database, *reminders, *answers)
    wire = Wire()
    await deliver(database, wire, 62, rates=20)
    arrived = [(chat, words) for _, chat, words in wire.sent]
    assert [words for chat, words in arrived if chat == "59"] == ["first", "second", "reminder"]
    assert arrived.index(("59", "first")) < 10, "sixty reminders are on their way to as many chats"


async def test_reminders_leave_room_for_an_answer_at_any_moment(database: Database) -> None:
    await put(database, *(Post(chat, "reminder", urgency=Urgency.REMINDER) for chat in CHATS))
    wire = Wire()
    delivery = Delivery(database, {"wire": wire}, Clock(), Limits(1), lambda name, data: Made(b""))
    task = asyncio.create_task(delivery.run())
    waits = []
    for number in range(5):
        await asyncio.sleep(0.23)
        asked = time.monotonic()
        await put(database, Post(Address("wire", f"asks {number}"), "answer"))
        delivery.wake()
        async with asyncio.timeout(5):
            while not any(chat == f"asks {number}" for _, chat, _ in wire.sent):  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        waits.append(time.monotonic() - asked)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await delivery.drain(2)
    assert sum(words == "reminder" for _, _, words in wire.sent) >= 20, "and they do go out meanwhile"
    assert max(waits) < 0.5, "a burst of thirty would have left none for a second"
