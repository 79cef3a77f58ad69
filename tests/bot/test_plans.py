"""A messenger's plan: counted exactly, told before it is reached, and reminders are what is saved first."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot.channels.contract import DeliveryError, Sent
from bot.clock import Clock
from bot.delivery import Delivery
from bot.health import Queues, Vitals
from bot.limits import Limits
from bot.metrics import Levels, Metrics
from bot.plan_keeper import HELD_BACK, PlanKeeper
from bot.plans import Figures, Plan, message_level, month_begins, user_level
from handlers.dialogue.room import House, Made
from handlers.reminders.bell import ring
from handlers.review.forms import rule_set_for
from storage import accounts, conversations, cycles, outbox, plan_use, tables
from storage.database import Database
from storage.records import Address, Post, Role, Urgency
from tests.bot.test_delivery import Wire
from tests.program import states
from tests.stage import ZONE, Stage

ADMIN = Address("telegram", "99")
NOON = datetime(2026, 11, 10, 12, tzinfo=ZONE)
MONTH = "2026-11"
REMINDER = Urgency.REMINDER


class Zalo(Wire):
    """A messenger with a plan; says long texts in as many messages as they have lines."""

    name = "zalo"

    async def send(self, post: Post) -> Sent:
        first, _, rest = post.text.partition("\n")
        sent = await super().send(replace(post, text=first))
        return replace(sent, rest=replace(post, text=rest) if rest else None)


class Wires:
    """A delivery over both messengers, started and stopped as often as a test likes."""

    def __init__(self, database: Database, clock_file: Path, plan: Plan) -> None:
        self.database, self.clock_file = database, clock_file
        self.zalo, self.telegram = Zalo(), Wire()
        self.house = House(zone=ZONE, administrators=frozenset({ADMIN}))
        self.plan = plan
        self.stands_at(NOON)

    def stands_at(self, moment: datetime) -> None:
        self.clock_file.write_text(str((moment - datetime.now(UTC)).total_seconds()))

    @property
    def now(self) -> datetime:
        return Clock(self.clock_file).now()

    def keeper(self) -> PlanKeeper:
        return PlanKeeper({"zalo": self.plan}, self.house)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Delivery]:
        channels: Any = {"zalo": self.zalo, "telegram": self.telegram}
        clock, limits = Clock(self.clock_file), Limits(200)
        delivery = Delivery(
            self.database, channels, clock, limits, lambda name, data: Made(b""), plans=self.keeper()
        )
        task = asyncio.create_task(delivery.run())
        try:
            yield delivery
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await delivery.drain(1)

    async def deliver(self, *posts: Post) -> None:
        """Post, and run until nothing in the outbox waits for its turn."""
        await self.put(*posts)
        async with self.running():
            await until(self.is_done)

    async def is_done(self) -> bool:
        now = self.now

        def work(tx: Connection) -> bool:
            table = tables.outbox
            later = table.c.not_before.is_not(None) & (table.c.not_before > now)
            waits = select(table.c.id).where(table.c.settled_at.is_(None), ~later)
            return tx.execute(waits).first() is None

        return await self.database.read(work)

    async def put(self, *posts: Post) -> None:
        now = self.now
        await self.database.write(lambda tx: [outbox.put(tx, post, now) for post in posts] and None)

    async def sent(self, month: str = MONTH) -> int:
        return (await self.database.read(partial(plan_use.load, channel="zalo", month=month))).sent

    async def have_sent(self, count: int) -> None:
        """As if so many had been sent this month before anybody counted levels."""
        await self.database.write(lambda tx: plan_use.count(tx, "zalo", MONTH, count))

    async def states(self) -> dict[str, int]:
        return await self.database.read(partial(states, queue=tables.outbox))

    def told(self) -> list[str]:
        """What the administrator has read."""
        return [words for _, chat, words in self.telegram.sent if chat == ADMIN.chat]


async def until(holds: Callable[[], Any]) -> None:
    async with asyncio.timeout(10):
        while not await holds():  # noqa: ASYNC110 - what is awaited lies in the database
            await asyncio.sleep(0.02)


def posts(count: int, urgency: Urgency = Urgency.ANSWER, words: str = "x") -> Sequence[Post]:
    return [Post(Address("zalo", f"{urgency}{n}"), words, urgency=urgency) for n in range(count)]


Make = Callable[[Plan], Wires]


@pytest.fixture
def make(database: Database, tmp_path: Path) -> Make:
    return lambda plan: Wires(database, tmp_path / "clock", plan)


async def test_the_count_is_exact_over_restarts_and_every_part_counts(make: Make) -> None:
    wires = make(Plan(messages=3000))
    await wires.deliver(*posts(7))
    await wires.deliver(*posts(5), Post(Address("zalo", "long"), "one\ntwo\nthree"))
    assert len(wires.zalo.sent) == 15
    assert await wires.sent() == 15
    await wires.deliver(Post(Address("telegram", "1"), "another messenger"))
    assert await wires.sent() == 15


async def test_a_call_that_may_have_been_taken_counts(make: Make) -> None:
    wires = make(Plan(messages=3000))
    wires.zalo.refusals = [DeliveryError("answer lost", retry_after=0.01, lost=True)]
    await wires.deliver(*posts(1))
    assert await wires.sent() >= 1, "its answer was lost"
    now = wires.now
    await wires.put(Post(Address("zalo", "cut short"), "x"))
    await wires.database.write(lambda tx: outbox.claim(tx, now, 30))  # and here the process is killed
    await wires.deliver()
    async with wires.running():
        await until(lambda: asyncio.sleep(0, result=len(wires.zalo.sent) == 2))
        await until(wires.is_done)
    assert {chat for _, chat, _ in wires.zalo.sent} == {"cut short", "00"}
    assert await wires.sent() == 4, "two that arrived, one without an answer, one cut short"


async def test_two_levels_at_once_are_one_warning_and_none_is_repeated(make: Make) -> None:
    wires = make(Plan(messages=100))
    await wires.have_sent(94)
    await wires.deliver(*posts(1))
    [told] = wires.told()
    assert "Zalo, tháng 11/2026: bot đã gửi 95 trong 100 tin của gói (95%), còn 5 tin." in told
    assert "01/12/2026" in told
    assert "không gửi lời nhắc qua Zalo" in told
    assert "Theo đà này sẽ hết tin vào ngày 11/11/2026." in told, "95 in nine and a half days"
    await wires.deliver(*posts(3))
    await wires.deliver(*posts(1))
    assert len(wires.told()) == 1
    await wires.deliver(*posts(1))
    assert len(wires.told()) == 2
    assert "Gói đã hết tin" in wires.told()[1]
    assert "Theo đà này" not in wires.told()[1]


async def test_eighty_percent_says_what_will_happen(make: Make) -> None:
    wires = make(Plan(messages=3000))
    wires.stands_at(datetime(2026, 11, 28, tzinfo=ZONE))
    await wires.have_sent(2399)
    await wires.deliver(*posts(1))
    [told] = wires.told()
    assert "2.400 trong 3.000 tin của gói (80%)" in told
    assert "Khi chỉ còn 300 tin" in told
    assert "Theo đà này" not in told, "2,400 in 27 days are enough for 30"


async def test_a_level_is_told_once_whoever_reaches_it_first(make: Make) -> None:
    wires, now = make(Plan(messages=20)), NOON
    keepers = [wires.keeper() for _ in range(4)]
    takes = [partial(keeper.took, channel="zalo", now=now) for keeper in keepers for _ in range(4)]
    await asyncio.gather(*(wires.database.write(take) for take in takes))
    assert await wires.sent() == 16
    await wires.deliver()
    assert len(wires.told()) == 1


async def test_of_sixty_reminders_with_forty_left_thirty_go_and_the_reserve_stays(make: Make) -> None:
    wires = make(Plan(messages=100))
    await wires.have_sent(60)
    await wires.deliver(*posts(60, REMINDER, "reminder"))
    assert len(wires.zalo.sent) == 30
    assert await wires.sent() == 90
    assert await wires.states() == {outbox.SENT: 31, outbox.FAILED: 30}  # and one warning
    why = select(tables.outbox.c.trouble).where(tables.outbox.c.state == outbox.FAILED).distinct()
    assert await wires.database.read(lambda tx: tx.execute(why).scalars().all()) == [HELD_BACK]


async def test_reminders_are_held_back_while_answers_and_the_summary_go_to_the_last_message(make: Make) -> None:
    wires = make(Plan(messages=100))
    await wires.have_sent(90)
    summary = Post(Address("zalo", "chair"), "summary", urgency=Urgency.SUMMARY)
    await wires.deliver(*posts(5, REMINDER, "reminder"), *posts(9, words="answer"), summary)
    assert sorted({words for _, _, words in wires.zalo.sent}) == ["answer", "summary"]
    assert await wires.sent() == 100


async def test_a_long_reminder_that_was_begun_is_finished(make: Make) -> None:
    wires = make(Plan(messages=100))
    await wires.have_sent(89)
    begun = Post(Address("zalo", "1"), "one\ntwo", urgency=REMINDER, parts=2)
    await wires.deliver(begun)
    assert [words for _, _, words in wires.zalo.sent] == ["one", "two"]


async def test_no_limit_holds_nothing_back_and_tells_nothing(make: Make) -> None:
    wires = make(Plan(messages=0, users=0))
    await wires.have_sent(5000)
    await wires.deliver(*posts(20, REMINDER), *posts(20))
    assert len(wires.zalo.sent) == 40
    assert await wires.sent() == 5040
    assert wires.told() == []


async def test_the_month_turns_at_midnight_in_the_house(make: Make) -> None:
    wires = make(Plan(messages=10))
    await wires.have_sent(9)
    wires.stands_at(datetime(2026, 11, 30, 16, 59, 30, tzinfo=UTC))
    await wires.deliver(*posts(3, REMINDER))
    assert wires.zalo.sent == []
    wires.stands_at(datetime(2026, 11, 30, 17, 0, 1, tzinfo=UTC))
    await wires.deliver(*posts(3, REMINDER))
    assert len(wires.zalo.sent) == 3
    assert (await wires.sent(), await wires.sent("2026-12")) == (9, 3)


async def test_what_the_messenger_says_when_nothing_is_left_is_no_reason_to_hammer_or_to_lose(make: Make) -> None:
    wires = make(Plan(messages=10))
    await wires.have_sent(10)
    wires.zalo.refusals = [DeliveryError("quota, in words that nobody has written down")] * 50
    await wires.deliver(*posts(20), Post(Address("telegram", "1"), "not concerned"))
    assert 1 <= 50 - len(wires.zalo.refusals) <= 20, "those that were on their way at once, and no more"
    tried = len(wires.zalo.refusals)
    async with wires.running():  # a restart tries anew; within it nothing is tried again
        await asyncio.sleep(0.3)
    assert len(wires.zalo.refusals) == tried
    assert [words for _, chat, words in wires.telegram.sent if chat == "1"] == ["not concerned"]
    [told] = wires.told()
    assert "Zalo không nhận tin nữa" in told
    assert await wires.states() == {outbox.WAITING: 20, outbox.SENT: 2}
    wires.zalo.refusals = []
    wires.stands_at(datetime(2026, 12, 1, 0, 0, 5, tzinfo=ZONE))
    await wires.deliver()
    assert len(wires.zalo.sent) == 20
    assert await wires.sent("2026-12") == 20


async def test_a_refusal_before_the_plan_is_spent_is_what_it_was(make: Make) -> None:
    wires = make(Plan(messages=10))
    wires.zalo.refusals = [DeliveryError("no such chat")]
    await wires.deliver(*posts(1))
    assert await wires.states() == {outbox.FAILED: 1}


async def test_people_are_told_of_at_eighty_and_a_hundred_percent_and_beyond(make: Make) -> None:
    wires = make(Plan(users=5))

    async def come(*chats: str) -> list[str]:
        before, now = len(wires.told()), NOON
        for chat in chats:
            address = Address("zalo", chat)
            await wires.database.write(partial(conversations.save, address=address, state={}, menu=None, now=now))
            await wires.deliver(Post(address, "welcome"))
        return wires.told()[before:]

    assert await come("a", "b", "c") == []
    [ahead] = await come("d")
    assert "Zalo: 4 người đã dùng bot, gói cho phép 5 người (80%)" in ahead
    [full] = await come("e")
    assert "5 người (100%)" in full
    [beyond] = await come("f")
    assert "6 người đã dùng bot" in beyond
    wires.stands_at(datetime(2026, 12, 2, tzinfo=ZONE))
    await wires.deliver(*posts(1))
    assert len(wires.told()) == 3, "a new month is nothing new about people"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    made.now = datetime(2026, 11, 22, 9, tzinfo=ZONE)
    cell, rules = made.cell(), rule_set_for(2026).id
    opens, deadline, today = date(2026, 11, 23), date(2026, 12, 25), date(2026, 11, 22)
    made.write(lambda tx: cycles.create(tx, cell, 2026, rules, opens, deadline, None, today, made.now))
    yield made
    made.close()


def hold_back(stage: Stage, sent: int) -> None:
    """Ring, and let the keeper judge what came of it, with so many of a hundred messages sent."""
    keeper = PlanKeeper({"zalo": Plan(messages=100)}, stage.house)

    def work(tx: Connection) -> None:
        ring(tx, stage.house, stage.cell(), stage.now)
        plan_use.count(tx, "zalo", f"{month_begins(stage.now, ZONE):%Y-%m}", sent)
        for queued in keeper.hold_back(tx, outbox.claim(tx, stage.now, 30), stage.now):
            outbox.sent(tx, queued.id, "1", stage.now)

    stage.write(work)


def on_zalo(stage: Stage, name: str, *roles: Role) -> Address:
    phone, address = stage.member(name, *roles, joined=False), Address("zalo", name.lower())
    assert phone.member is not None
    member = phone.member
    stage.write(lambda tx: accounts.link(tx, address, member, stage.now))
    return address


def test_whoever_is_left_without_a_reminder_stands_in_the_secretarys_call_list(stage: Stage) -> None:
    secretary = stage.member("Bình", Role.SECRETARY)
    address = on_zalo(stage, "An")
    stage.now = datetime(2026, 11, 23, 8, tzinfo=ZONE)
    hold_back(stage, sent=95)
    rows = select(tables.reminders.c.rule, tables.reminders.c.state, tables.reminders.c.reason).where(
        tables.reminders.c.state == "dropped"
    )
    assert stage.write(lambda tx: [tuple(row) for row in tx.execute(rows)]) == [
        ("bundle", "dropped", "plan"),
        ("review.invitation", "dropped", "plan"),
    ]
    stage.write(lambda tx: ring(tx, stage.house, stage.cell(), stage.now))
    stage.deliver()
    [listed] = stage.delivered(secretary)
    assert "An" in listed.text
    assert "gói tin nhắn tháng này sắp hết, bot không gửi lời nhắc" in listed.text
    found = stage.write(lambda tx: accounts.speaker(tx, address))
    assert found is not None
    assert found[2].trouble is None, "they can be reached"
    again = stage.write(lambda tx: ring(tx, stage.house, stage.cell(), stage.now))
    assert (again.calls, again.sent) == (0, 0)


def test_whoever_has_another_account_is_reminded_there(stage: Stage) -> None:
    on_zalo(stage, "An")
    member = stage.write(lambda tx: tx.execute(select(tables.accounts.c.member_id)).scalar_one())
    telegram, zalo = Address("telegram", "7"), Address("zalo", "an")
    stage.write(lambda tx: accounts.link(tx, telegram, member, stage.now))
    stage.write(lambda tx: accounts.prefer(tx, member, zalo))
    stage.now = datetime(2026, 11, 23, 8, tzinfo=ZONE)
    hold_back(stage, sent=95)
    waits = select(tables.outbox.c.channel, tables.outbox.c.chat).where(tables.outbox.c.state == outbox.WAITING)
    assert stage.write(lambda tx: [tuple(row) for row in tx.execute(waits)]) == [("telegram", "7")]
    carried = select(tables.reminders.c.state).where(tables.reminders.c.post_id.is_not(None))
    assert stage.write(lambda tx: tx.execute(carried).scalars().all()) == ["sent"]


@pytest.mark.parametrize(
    ("sent", "level"), [(0, 0), (79, 0), (80, 80), (94, 80), (95, 95), (99, 95), (100, 100), (130, 100)]
)
def test_levels_of_messages(sent: int, level: int) -> None:
    assert message_level(Plan(messages=100), sent) == level
    assert message_level(Plan(messages=0), sent) == 0


@pytest.mark.parametrize(
    ("users", "level"), [(39, 0), (40, 80), (49, 80), (50, 100), (51, 101), (55, 101), (56, 102)]
)
def test_levels_of_people(users: int, level: int) -> None:
    assert user_level(Plan(users=50), users) == level


def figures(sent: int, now: datetime, plan: Plan = Plan(50, 3000)) -> Figures:  # noqa: B008 - a frozen value
    return Figures("zalo", plan, month_begins(now, ZONE), sent, users=12)


@pytest.mark.parametrize(
    ("sent", "now", "gone"),
    [
        (0, NOON, None),
        (1500, datetime(2026, 11, 11, tzinfo=ZONE), date(2026, 11, 21)),
        (900, datetime(2026, 11, 11, tzinfo=ZONE), None),
        (90, datetime(2026, 11, 1, 0, 5, tzinfo=ZONE), None),
        (200, datetime(2026, 11, 1, 0, 5, tzinfo=ZONE), date(2026, 11, 15)),
        (3000, NOON, None),
    ],
)
def test_the_pace_of_the_month_says_when_it_ends(sent: int, now: datetime, gone: date | None) -> None:
    assert figures(sent, now).runs_out_on(now) == gone


def test_the_plan_is_shown_to_the_operator_as_counts() -> None:
    now = datetime(2026, 12, 31, 23, tzinfo=ZONE)
    stands = figures(1200, now)
    assert stands.line(now) == (
        "zalo: 1200 of 3000 messages in 2026-12, 12 of 50 people, counted anew on 2027-01-01"
    )
    nothing: dict[str, Any] = dict.fromkeys(("last_ring", "ring_age", "last_backup", "trouble"))
    queues = Queues(0, None, {}, None, None, (stands,))
    vitals = Vitals(now=now, up=1, webhook=True, dead=(), queues=queues, silence={}, ring_every=30, **nothing)
    assert vitals.report()["plans"] == {
        "zalo": {
            "month": "2026-12",
            "messages": {"used": 1200, "limit": 3000},
            "users": {"used": 12, "limit": 50},
            "counted_anew_on": "2027-01-01",
        }
    }
    assert vitals.levels().plans == (stands,)
    page = Metrics().page(Levels(healthy=True, plans=(stands,))).decode()
    assert 'chibo_plan_used{channel="zalo",of="messages"} 1200.0' in page
    assert 'chibo_plan_limit{channel="zalo",of="users"} 50.0' in page
