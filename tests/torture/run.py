"""One torture run from beginning to end: gather a cast, let it talk while the bot is killed, then judge."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.simulator.zalo.world import REPEAT
from tests.e2e.process import environment
from tests.torture import cast as casting
from tests.torture.acts import Act
from tests.torture.cast import Member
from tests.torture.judge import Played, Round, judge
from tests.torture.killer import Killer
from tests.torture.model import Model
from tests.torture.person import UNKNOWN, Person, Stuck
from tests.torture.process import Keeper
from tests.torture.records import read, rung
from tests.torture.road import SECRET, Road
from tests.torture.server import Messenger
from tests.torture.size import SHARES, Outcome, Plan, Size, plan_for
from tests.torture.watching import watch

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
# Working days in the quiet weeks before the year's end, each at nine in the morning.
GATHERING, OPENING, DEADLINE = date(2026, 11, 2), date(2026, 11, 3), date(2026, 12, 2)
_RINGS_WITHIN = 120.0
_ROUNDS = (
    ("review.invitation", OPENING),
    ("review.before_14", DEADLINE - timedelta(days=14)),
    ("review.before_7", DEADLINE - timedelta(days=7)),
)
_ONE_GOES_IN = 20
_COULD_NOT_START = 3


class Run:
    """The parts of one run, and what each phase does with them."""

    def __init__(self, size: Size, folder: Path, told: Callable[[str], None]) -> None:
        self.size = size
        self.outcome = Outcome(size)
        self._folder = folder
        self._told = told
        self._messenger = Messenger(size.channel)
        self._rounds: list[Round] = []
        self._persons: list[Person] = []
        self._began = time.monotonic()

    async def play(self) -> Outcome:
        """All of it."""
        size, messenger = self.size, self._messenger
        await messenger.open(self._folder)
        self._move_clock(GATHERING)
        cast, roster = casting.make_cast(size.members, messenger, random.Random(f"{size.seed}:cast"))
        plans = [plan_for(size, place, member) for place, member in enumerate(cast)]
        codes = await casting.enlist(self._folder, messenger.address, roster)
        env = self._environment()
        keeper = Keeper(self._folder, env, self._begun)
        rng = random.Random(f"{size.seed}:kills")
        self._killer = Killer(keeper, messenger, rng, size.kills, size.messages, ahead=max(30, size.members))
        keeper.open()
        watching = asyncio.create_task(watch(self._folder / "bot.db", messenger, keeper), name="phones")
        watching.add_done_callback(self._watched)
        try:
            opens, deadline = (day.strftime("%d/%m/%Y") for day in (OPENING, DEADLINE))
            await casting.gather(cast, codes, messenger.address, opens, deadline)
            await self._quiet()
            # With faults longer than the longest pause of a delivery that failed again and again.
            patience = 20.0 + 340.0 * bool(size.faults)
            self._persons = [Person(m, messenger, self._killer.gate, patience) for m in cast]
            await asyncio.gather(*(person.take_up() for person in self._persons))
            await self._quiet()
            self._lap("gathering")
            messenger.calls[:] = [call for call in messenger.calls if call.chat in messenger.plain]
            messenger.sent = 0
            await self._play(keeper, plans)
            status = await keeper.stop()
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            await keeper.stop()
            await messenger.close()
        self._judge(keeper, cast, plans, status)
        return self.outcome

    def _environment(self) -> dict[str, str]:
        """The program's settings: the token of each messenger that is played, and no end to Zalo's plan."""
        address, settings = self._messenger.address, self._messenger.world.settings
        more = {"BOT_CLOCK_FILE": str(self._folder / "clock"), "BOT_LISTEN": f"127.0.0.1:{free_port()}"}
        if self.size.channel != "telegram":
            more |= {"ZALO_TOKEN": settings.zalo_token, "ZALO_API_URL": f"{address}/zalo"}
            more |= {"ZALO_PLAN_USERS": "0", "ZALO_PLAN_MESSAGES": "0"}
        if self.size.channel == "zalo":
            more |= {"BOT_TOKEN": ""}
        return environment(self._folder, address, **more)

    async def _play(self, keeper: Keeper, plans: list[Plan]) -> None:
        acts = [mine for _, mine in plans]
        kills = asyncio.create_task(self._killer.run(), name="kills")
        teller = asyncio.create_task(self._tell(), name="progress")
        await self._stretch(acts, 0)
        self._messenger.deliver(REPEAT)
        self._lap("before the opening")
        self._round(0)
        await self._stretch_with_round(acts, 1)
        self._lap("polling")
        self._messenger.faults(self.size.faults, self.size.seed)
        await self._stretch_with_round(acts, 2)
        await self._reminders_there()
        self._messenger.faults(0, 0)
        self._lap("faults")
        road = await self._to_webhook(keeper)
        await self._stretch(acts, 3)
        if any(person.trouble for person in self._persons):
            kills.cancel()  # there are not as many messages as planned, so not every kill's moment comes
        await asyncio.wait({kills})
        self._lap("webhook")
        self.outcome.messages = self._messenger.sent
        await self._probe()
        self._vanish([model for model, _ in plans])
        await self._messenger.handed_over()
        await road.close()
        await self._quiet()
        self._lap("last words")
        teller.cancel()
        self.outcome.deliveries = road.brought
        if road.wrong_secret:
            self.outcome.verdict.note("broken", "webhook", "the secret was not the one set", road.wrong_secret)

    def _watched(self, watching: asyncio.Task[None]) -> None:
        failure = None if watching.cancelled() else watching.exception()
        if failure is not None:
            self.outcome.verdict.note("broken", "the phones without buttons", repr(failure))
            for person in self._persons:
                person.trouble = person.trouble or repr(failure)

    async def _to_webhook(self, keeper: Keeper) -> Road:
        """Stop in good order and start again in the other mode, over a bad road."""
        road = Road(random.Random(f"{self.size.seed}:road"), self._killer.delivered)
        await road.open(f"http://{keeper.env['BOT_LISTEN']}")
        status = await keeper.stop()
        if status not in {0, -9}:
            self.outcome.verdict.note("broken", "SIGTERM", f"exit status {status}")
        more = {"BOT_MODE": "webhook", "BOT_WEBHOOK_URL": road.address, "BOT_WEBHOOK_SECRET": SECRET}
        keeper.env = keeper.env | more
        keeper.open()
        return road

    async def _stretch(self, acts: list[list[tuple[Act, ...]]], number: int) -> None:
        pairs = zip(self._persons, acts, strict=True)
        await asyncio.gather(*(person.play(mine[number]) for person, mine in pairs))

    def _move_clock(self, day: date) -> datetime:
        moment = datetime(day.year, day.month, day.day, 9, tzinfo=ZONE).astimezone(UTC)
        world = self._messenger.world
        world.move_clock(moment.timestamp() - world.clock.real())
        return moment

    def _round(self, number: int) -> None:
        """Move the clock to the next morning on which reminders fall due."""
        rule, day = _ROUNDS[number]
        self._rounds.append(Round(rule, self._move_clock(day)))

    async def _stretch_with_round(self, acts: list[list[tuple[Act, ...]]], number: int) -> None:
        """In the middle of the stretch, when everybody has answered the round before, the next one falls due.

        Not before the bell has rung for the last one: what a whole day's outage does to reminders is right, and is
        not what is counted here.
        """
        playing = asyncio.create_task(self._stretch(acts, number), name="stretch")
        half = self._messenger.sent + int(self.size.messages * SHARES[number] * 0.4)
        before = [person.done for person in self._persons]
        while not playing.done():
            spoken = all(p.done > was or p.trouble for p, was in zip(self._persons, before, strict=True))
            if spoken and self._messenger.sent >= half:
                break
            await asyncio.sleep(0.02)
        async with asyncio.timeout(_RINGS_WITHIN):
            while not rung(self._folder / "bot.db", self._rounds[-1].at):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        self._round(number)
        await playing

    async def _reminders_there(self) -> None:
        """Give the last round time to arrive while the server's answers still go wrong."""
        await asyncio.sleep(2)

    async def _probe(self) -> None:
        """Everybody says one more word: the screen they are at has to come back."""

        async def ask(person: Person) -> None:
            if person.trouble is None:
                phone = person.member.phone
                self._messenger.say(phone, "/conDoKhong")
                person.expected += 1
                try:
                    await person.settled("at the last word")
                except Stuck as stuck:
                    person.trouble = str(stuck)
                    return
                if not phone.text.startswith(UNKNOWN):
                    person.trouble = f"the last word was answered with {phone.text[:60]!r}"

        await asyncio.gather(*(ask(person) for person in self._persons))

    def _vanish(self, models: list[Model]) -> None:
        """Some block the bot right after a word: its answer cannot arrive, and that has to be on record."""
        for person, model in list(zip(self._persons, models, strict=True))[::_ONE_GOES_IN]:
            if person.trouble is None:
                self._messenger.say(person.member.phone, "/menu")
                self._messenger.block(person.member.phone)
                model.enter("home", "doors")
                person.expected += 1
                person.gone = True

    async def _quiet(self) -> None:
        """Wait until the bot has had nothing to say for a while."""
        before = -1
        while before != len(self._messenger.calls):
            before = len(self._messenger.calls)
            await asyncio.sleep(0.5)

    def _begun(self, life: int) -> None:
        self._messenger.life = life
        self._killer.begun()

    def _lap(self, what: str) -> None:
        now = time.monotonic()
        self.outcome.seconds[what] = now - self._began
        self._began = now

    async def _tell(self) -> None:
        while True:
            troubles = [f"{p.member.number}: {p.trouble}" for p in self._persons if p.trouble is not None]
            said, killed = self._messenger.sent, self._killer.done
            self._told(
                f"messages {said}/{self.size.messages}  kills {killed}/{self.size.kills}  "
                f"posts {len(self._messenger.calls)}  stuck {len(troubles)} {troubles[:1]}"
            )
            await asyncio.sleep(1)

    def _judge(
        self,
        keeper: Keeper,
        cast: list[Member],
        plans: list[Plan],
        status: int,
    ) -> None:
        outcome = self.outcome
        played = [
            Played(
                *(m.number, m.phone.user, model, person.expected, person.trouble, person.extra, person.gone),
                plain=m.phone.user in self._messenger.plain,
            )
            for m, (model, _), person in zip(cast, plans, self._persons, strict=True)
        ]
        messenger, records = self._messenger, read(self._folder / "bot.db")
        events = tuple(messenger.events.all.values())
        found = judge(played, records, messenger.calls, keeper.kills, tuple(self._rounds), events)
        early = outcome.verdict
        found.broken += early.broken
        found.findings[:0] = early.findings
        outcome.verdict = found
        if status != 0:
            outcome.verdict.note("broken", "SIGTERM", f"exit status {status}")
        ended = [d for d in keeper.deaths if d.life not in keeper.kills and d.status != 0]
        outcome.failed_starts = sum(d.status == _COULD_NOT_START for d in ended)
        for death in ended:
            if death.status != _COULD_NOT_START or not self.size.faults:
                outcome.verdict.note("broken", f"process {death.life}", f"ended by itself, status {death.status}")
        outcome.kills = len(keeper.kills)


def free_port() -> int:
    """A port that nobody listens at."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
