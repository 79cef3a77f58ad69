"""The messenger's side of a torture run: the local Bot API server in this process, its phones and its calls."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.simulator import groups, people
from bot.simulator.faults import TRANSPORT, Fault, Faults
from bot.simulator.model import User
from bot.simulator.server import WORLD, start
from bot.simulator.settings import SimulatorSettings
from bot.simulator.world import World

POSTS = frozenset({"sendMessage", "sendPhoto", "sendDocument", "editMessageText"})
_UNCHANGED = "message is not modified"

# What becomes of the answer to the call that this task is serving: the name of a fault, or nothing.
_struck: ContextVar[str] = ContextVar("struck", default="")


@dataclass(frozen=True)
class Call:
    """One call of the bot that reached the server. ``at`` in loop seconds; ``life`` counts the bot's processes.

    ``arrived``: it was carried out. ``lost``: the fault that kept its answer from the bot. ``words`` are what a
    reader would see, with the buttons: two posts are the same if these are.
    """

    at: float
    life: int
    method: str
    chat: int
    words: str
    arrived: bool
    lost: str = ""


class _Faults(Faults):
    """Faults that leave a note with the call whose answer they spoil."""

    def take(self, method: str, kinds: frozenset[str]) -> Fault | None:
        fault = super().take(method, kinds)
        if kinds == TRANSPORT:
            _struck.set(fault.kind if fault is not None and fault.kind != "slow" else "")
        return fault


class _Calls(deque[dict[str, Any]]):
    """The server's list of calls, told on at once: before the bot has its answer."""

    def __init__(self, told: Callable[[dict[str, Any]], None]) -> None:
        super().__init__(maxlen=50)
        self._told = told

    def append(self, entry: dict[str, Any], /) -> None:
        super().append(entry)
        self._told(entry)


@dataclass
class Phone:
    """What one person sees: the newest screen by its serial, and the reminders."""

    user: int
    serial: int = 0
    message: int = 0
    text: str = ""
    options: dict[str, str] = field(default_factory=dict)
    older: list[tuple[int, str]] = field(default_factory=list)
    reminders: list[tuple[int, str]] = field(default_factory=list)
    own: tuple[int, str] | None = None
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def sees(self, message: dict[str, Any]) -> None:
        """A message of the bot is new or has changed."""
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        datas = [button.get("callback_data", "") for row in rows for button in row]
        if any(data.startswith("1!later:") for data in datas):
            work = next(data for data in datas if data.startswith(("1!review:", "1!checklist:")))
            self.reminders.append((message["message_id"], work))
        screens = [data.split(":", 2) for data in datas if data.startswith("1:")]
        if screens and int(screens[0][1]) > self.serial:
            if self.options:
                self.older.append((self.message, next(iter(self.options.values()))))
            self.serial, self.message, self.text = int(screens[0][1]), message["message_id"], message["text"]
            self.options = {option: f"1:{serial}:{option}" for _, serial, option in screens}
        self.news.set()


class Messenger:
    """A local Bot API server; people act on it directly, the bot over HTTP. ``life``: as its keeper counts."""

    def __init__(self) -> None:
        self.address = ""
        self.calls: list[Call] = []
        self.phones: dict[int, Phone] = {}
        self.life = 0
        self.heeds: list[Callable[[Call], None]] = []
        self.sent = 0
        self._runner: web.AppRunner | None = None

    async def open(self, folder: Path) -> None:
        """Listen on a free port; the bot's clock lies in ``folder``."""
        settings = SimulatorSettings(port=0, rates="off", clock_file=folder / "clock")
        self._runner, self.address = await start(settings)
        self.world.faults = _Faults()
        self.world.calls = _Calls(self._called)
        self.world.listeners.append(self._seen)

    @property
    def world(self) -> World:
        """The state behind the server."""
        assert self._runner is not None
        return self._runner.app[WORLD]

    async def close(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    def phone(self, name: str) -> Phone:
        """A new person."""
        person: User = people.add_user(self.world, {"first_name": name})
        return self.phones.setdefault(person.id, Phone(person.id))

    def faults(self, share: float, seed: int) -> None:
        """So many of all answers (0 to 1) go wrong, each way of going wrong equally often; 0 ends it."""
        self.world.faults.clear()
        wrong = [("429", False), ("500", False), ("502", False), ("truncate", False), ("notjson", False)]
        wrong += [(kind, after) for kind in ("timeout", "reset") for after in (False, True)]
        each = 1 - (1 - share) ** (1 / len(wrong))
        for number, (kind, after) in enumerate(wrong):
            seconds = 1.0 if kind == "429" else 0.3
            fault = Fault(
                kind, times=None, probability=each, seed=seed * 100 + number, seconds=seconds, after=after
            )
            if share > 0:
                self.world.faults.add(fault)

    # What people do.

    def say(self, phone: Phone, text: str) -> None:
        """Type."""
        done = people.send(self.world, {"user": phone.user, "text": text})
        phone.own = (done["message_id"], text)
        self.sent += 1

    def sticker(self, phone: Phone) -> None:
        """Send a sticker."""
        people.send(self.world, {"user": phone.user, "sticker": True})
        self.sent += 1

    def edit(self, phone: Phone) -> None:
        """Change one's last words."""
        assert phone.own is not None
        message, text = phone.own
        phone.own = (message, f"{text[:3000]} (sửa)")
        people.edit(self.world, {"user": phone.user, "message_id": message, "text": phone.own[1]})
        self.sent += 1

    def press(self, phone: Phone, message: int, data: str) -> None:
        """Press a button."""
        people.press(self.world, {"user": phone.user, "message_id": message, "data": data})
        self.sent += 1

    def block(self, phone: Phone) -> None:
        """Have enough of the bot."""
        groups.set_blocked(self.world, {"user": phone.user, "blocked": True})

    # What happens.

    def _seen(self, event: dict[str, Any]) -> None:
        if event["type"] in {"message", "edit"} and event["message"]["from_bot"]:
            phone = self.phones.get(event["chat"])
            if phone is not None:
                phone.sees(event["message"])

    def _called(self, entry: dict[str, Any]) -> None:
        method, params = entry["method"], entry["params"]
        unchanged = _UNCHANGED in (entry["description"] or "")
        post = method in POSTS
        reads = method == "getUpdates" and entry["status"] == 200 and self.world.store.updates
        call = Call(
            at=asyncio.get_running_loop().time(),
            life=self.life,
            method=method,
            chat=int(params.get("chat_id") or 0),
            words=_words(params) if post else "some" if reads else "",
            arrived=entry["status"] == 200 or unchanged,
            lost=_struck.get(),
        )
        if post:
            self.calls.append(call)
        for heed in tuple(self.heeds):
            heed(call)


def _words(params: dict[str, Any]) -> str:
    given = {name: params.get(name) for name in ("message_id", "text", "caption", "reply_markup")}
    return json.dumps({name: value for name, value in given.items() if value is not None}, ensure_ascii=False)
