"""A world with a clock in the test's hand, and a served simulator with the real python-telegram-bot before it."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from aiohttp import ClientSession, web
from telegram import Bot

from bot.simulator import people
from bot.simulator.clock import Clock
from bot.simulator.replies import Json, Upload
from bot.simulator.server import WORLD, create_app
from bot.simulator.settings import SimulatorSettings
from bot.simulator.world import World

START = 1_797_210_000.0


@dataclass
class Hand:
    """A clock that moves when the test says so; seconds since 1970."""

    at: float = START

    def __call__(self) -> float:
        return self.at


@dataclass
class Stage:
    """A world, its clock, one person who has pressed Start, and short words for both sides."""

    world: World
    hand: Hand
    user: int = 0

    def call(self, method: str, **params: Any) -> tuple[int, Any]:
        """Status, and the result or the description."""
        files = {name: params.pop(name) for name in [n for n, v in params.items() if isinstance(v, Upload)]}
        reply = self.world.call(method, params, files)
        return reply.status, reply.payload.get("result", reply.payload.get("description"))

    def sent(self, text: str = "x", **params: Any) -> Json:
        """A message that the bot has sent to the person."""
        status, result = self.call("sendMessage", **{"chat_id": self.user, "text": text, **params})
        assert status == 200, result
        found: Json = result
        return found

    def updates(self) -> list[Json]:
        """All that wait for the bot."""
        found: list[Json] = self.call("getUpdates")[1]
        return found


Staged = Callable[..., Stage]


@pytest.fixture
def staged() -> Staged:
    def make(**settings: Any) -> Stage:
        hand = Hand()
        world = World(SimulatorSettings(**({"rates": "off"} | settings)), Clock(hand))
        stage = Stage(world, hand)
        stage.user = people.add_user(world, {"first_name": "Lan", "start": True}).id
        return stage

    return make


@pytest.fixture
def stage(staged: Staged) -> Stage:
    return staged()


@dataclass
class Served:
    """A simulator that listens on a free port; ``control`` posts JSON and gives status and body."""

    world: World
    address: str
    session: ClientSession
    bots: list[Bot] = field(default_factory=list)

    async def bot(self) -> Bot:
        """One more real Bot, shut down with the test."""
        token = self.world.settings.token
        bot = Bot(token, base_url=f"{self.address}/bot", base_file_url=f"{self.address}/file/bot")
        await bot.initialize()
        self.bots.append(bot)
        return bot

    async def control(self, path: str, **body: Any) -> tuple[int, Any]:
        async with self.session.post(f"{self.address}/control/{path}", json=body) as answer:
            return answer.status, await answer.json()

    async def look(self, path: str) -> Any:
        async with self.session.get(f"{self.address}/control/{path}") as answer:
            return await answer.json()

    async def person(self, **wish: Any) -> int:
        return int((await self.control("users", **({"first_name": "Lan", "start": True} | wish)))[1]["id"])


Serve = Callable[..., Any]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    open_: list[tuple[web.AppRunner, Served]] = []

    async def start(settings: SimulatorSettings | None = None, **changes: Any) -> Served:
        app = create_app(replace(settings or SimulatorSettings(rates="off"), **changes))
        runner = web.AppRunner(app, shutdown_timeout=0.5)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        served = Served(app[WORLD], f"http://127.0.0.1:{runner.addresses[0][1]}", ClientSession())
        open_.append((runner, served))
        return served

    yield start
    for runner, served in open_:
        for bot in served.bots:
            await bot.shutdown()
        await served.session.close()
        await runner.cleanup()
