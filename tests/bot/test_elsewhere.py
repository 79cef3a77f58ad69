"""A post that one account of a member will never take goes to another of theirs, once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial

from sqlalchemy import Connection, select

from bot.channels.contract import DeliveryError, Sent
from bot.clock import Clock
from bot.delivery import Delivery
from bot.limits import Limits
from handlers.dialogue.phrases import t
from handlers.dialogue.room import Attachment, House, Made, Message, Standing
from handlers.posting import compose, post
from storage import accounts, members, outbox, reminders, summaries, tables
from storage.database import Database
from storage.records import (
    Address,
    CycleId,
    DeliveryTrouble,
    Due,
    FormKind,
    Member,
    MemberId,
    Post,
    Status,
)
from tests.bot.test_delivery import NOW, Wire
from tests.program import states
from tests.stage import ZONE

HOUSE = House(zone=ZONE)
ZALO, TELEGRAM = Address("zalo", "z1"), Address("telegram", "t1")
BLOCKED = DeliveryError("Forbidden: bot was blocked by the user", trouble=DeliveryTrouble.BLOCKED)


class Line(Wire):
    """One of two messengers; one whose person blocked us refuses everything for good."""

    def __init__(self, name: str, *, blocked: bool = False) -> None:
        super().__init__()
        self.name, self.blocked = name, blocked
        self.posts: list[Post] = []

    async def send(self, post: Post) -> Sent:
        if self.blocked:
            raise BLOCKED
        self.posts.append(post)
        return await super().send(post)


async def lan(database: Database) -> MemberId:
    """Somebody with two accounts, who prefers Zalo."""

    def work(tx: Connection) -> MemberId:
        cell = members.add_cell(tx, "Chi bộ Một")
        (member,) = members.add(
            tx,
            [Member(MemberId(0), cell.id, "25001234", "Lan", FormKind.NON_LEADER, Status.OFFICIAL)],
            NOW,
        )
        for address in (TELEGRAM, ZALO):
            accounts.link(tx, address, member, NOW)
        accounts.prefer(tx, member, ZALO)
        return member

    return await database.write(work)


async def deliver(database: Database, *lines: Line, settled: int) -> None:
    """Run a delivery until so many posts are settled, and a little longer: nothing more may come."""
    limits = Limits(50)
    cook = lambda name, data: Made(f"{name} for {data['whom']}".encode())  # noqa: E731
    delivery = Delivery(database, {line.name: line for line in lines}, Clock(), limits, cook)
    task = asyncio.create_task(delivery.run())
    async with asyncio.timeout(10):
        while sum((await settled_posts(database)).values()) < settled:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await delivery.drain(2)


async def settled_posts(database: Database) -> dict[str, int]:
    found = await database.read(partial(states, queue=tables.outbox))
    return {state: count for state, count in found.items() if state in {outbox.SENT, outbox.FAILED}}


async def say(database: Database, message: Message) -> None:
    await database.write(lambda tx: post(tx, HOUSE, message, NOW))


async def test_the_same_post_arrives_on_the_other_account_once(database: Database) -> None:
    member = await lan(database)
    zalo, telegram = Line("zalo", blocked=True), Line("telegram")
    await say(database, Message(member, t("reminders.hint.list"), (Standing(t("reminders.button.now"), "review"),)))
    await deliver(database, zalo, telegram, settled=2)
    (arrived,) = telegram.posts
    assert (arrived.address, arrived.member_id) == (TELEGRAM, member)
    assert [button.data for row in arrived.buttons for button in row] == ["1!review:"]
    assert await settled_posts(database) == {outbox.FAILED: 1, outbox.SENT: 1}
    first, second = await database.read(lambda tx: accounts.of_member(tx, member))
    assert (first.address, first.trouble) == (TELEGRAM, None)
    assert (second.address, second.trouble, second.preferred) == (ZALO, DeliveryTrouble.BLOCKED, True)


async def test_somebody_with_one_account_left_counts_as_within_reach(database: Database) -> None:
    member = await lan(database)
    await say(database, Message(member, t("reminders.hint.list")))
    await deliver(database, Line("zalo", blocked=True), Line("telegram"), settled=2)

    def look(tx: Connection) -> tuple[DeliveryTrouble | None, DeliveryTrouble | None]:
        found = members.find(tx, member)
        assert found is not None
        (line,) = summaries.roster_lines(tx, found.cell_id, CycleId(1))
        (reach,) = reminders.roster(tx, found.cell_id)
        assert [account.address for account in reach.accounts] == [TELEGRAM, ZALO]
        return line.trouble, reach.trouble

    assert await database.read(look) == (None, None)


async def test_with_no_account_left_it_fails_and_goes_round_no_more(database: Database) -> None:
    member = await lan(database)
    await say(database, Message(member, t("reminders.hint.list")))
    await deliver(database, Line("zalo", blocked=True), Line("telegram", blocked=True), settled=2)
    assert await settled_posts(database) == {outbox.FAILED: 2}
    assert await database.read(partial(states, queue=tables.outbox)) == {outbox.FAILED: 2}


async def test_a_file_is_made_anew_by_its_recipe(database: Database) -> None:
    member = await lan(database)
    table = Attachment("bang.xlsx", recipe="table", data={"whom": "Lan"})
    await say(database, Message(member, t("reminders.hint.list"), attachment=table))
    telegram = Line("telegram")
    await deliver(database, Line("zalo", blocked=True), telegram, settled=2)
    assert [(p.file_name, p.file) for p in telegram.posts] == [("bang.xlsx", b"table for Lan")]


async def test_what_belongs_to_one_chat_stays_there(database: Database) -> None:
    member = await lan(database)

    def work(tx: Connection) -> None:
        named = compose(tx, HOUSE, Message(ZALO, t("joining.refused")))
        assert named is not None
        outbox.put(tx, named, NOW)
        outbox.put(tx, Post(ZALO, "a screen", screen=3, member_id=member), NOW)
        outbox.put(tx, Post(ZALO, "a card", edits="7", member_id=member), NOW)

    await database.write(work)
    telegram = Line("telegram")
    await deliver(database, Line("zalo", blocked=True), telegram, settled=3)
    assert telegram.posts == []


async def test_a_refusal_that_is_not_about_the_account_moves_nothing(database: Database) -> None:
    member = await lan(database)
    zalo, telegram = Line("zalo"), Line("telegram")
    zalo.refusals = [DeliveryError("can't parse entities")]
    await say(database, Message(member, t("reminders.hint.list")))
    await deliver(database, zalo, telegram, settled=1)
    assert telegram.posts == []


async def test_the_reminder_is_carried_by_the_post_that_arrived(database: Database) -> None:
    member = await lan(database)

    def work(tx: Connection) -> None:
        found = members.find(tx, member)
        assert found is not None
        due = Due(found.cell_id, f"member:{member}", "deadline", "2026", NOW, member_id=member)
        reminders.keep(tx, [due], NOW)
        number = post(tx, HOUSE, Message(member, t("reminders.hint.list")), NOW)
        assert number is not None
        reminders.carried_by(tx, [(due, number)])

    await database.write(work)
    await deliver(database, Line("zalo", blocked=True), Line("telegram"), settled=2)
    carried = select(tables.outbox.c.channel).join(
        tables.reminders, tables.reminders.c.post_id == tables.outbox.c.id
    )
    assert await database.read(lambda tx: tx.execute(carried).scalars().all()) == ["telegram"]


async def test_plain_words_of_which_a_part_was_said_are_words_elsewhere_too(database: Database) -> None:
    member = await lan(database)
    rest = Post(ZALO, "mức < 50 & còn lại", member_id=member, movable=True, parts=2)
    await database.write(lambda tx: outbox.put(tx, rest, NOW))
    telegram = Line("telegram")
    await deliver(database, Line("zalo", blocked=True), telegram, settled=2)
    assert telegram.posts == [
        replace(rest, address=TELEGRAM, text="mức &lt; 50 &amp; còn lại", parts=None, file=telegram.posts[0].file)
    ]
