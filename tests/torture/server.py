"""The messenger's side of a torture run: the local Bot API server in this process, its phones and its calls."""

from __future__ import annotations

import asyncio
import json
import random
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unicodedata import normalize

from aiohttp import web

from bot.simulator import groups, people
from bot.simulator.faults import TRANSPORT, Fault, Faults
from bot.simulator.model import User
from bot.simulator.server import WORLD, start
from bot.simulator.settings import SimulatorSettings
from bot.simulator.world import World
from bot.simulator.zalo import people as zalo
from bot.simulator.zalo.world import ONCE
from tests.torture.events import Event, Events
from tests.torture.phones import Phone, ZaloPhone

POSTS = frozenset({"sendMessage", "sendPhoto", "sendDocument", "editMessageText"})
_UNCHANGED = "message is not modified"
# Ids of Zalo's people, far from Telegram's; and where events come again: so often, until some answer to a poll gets
# through, and which share of those that had got through.
_FIRST_ZALO = 7_000_000_000_000
_TIMES = 8
_COMES_AGAIN = 0.1
_HANDED_OVER_WITHIN = 20.0

# What becomes of the answer to the call that this task is serving: the name of a fault, or nothing.
_struck: ContextVar[str] = ContextVar("struck", default="")
# Which process made it, by the time at which it came.
_life: ContextVar[int] = ContextVar("life", default=0)


@dataclass(frozen=True)
class Call:
    """One call of the bot that reached the server. ``at`` in loop seconds; ``life`` counts the bot's processes.

    ``arrived``: it was carried out. ``lost``: the fault that kept its answer from the bot. ``words`` are what a
    reader would see, with the buttons: two posts are the same if these are. ``ref`` is the id of the message that
    was made, where words alone do not tell which post it was.
    """

    at: float
    life: int
    method: str
    chat: int
    words: str
    arrived: bool
    lost: str = ""
    ref: str = ""


class _Faults(Faults):
    """Faults that leave a note with the call whose answer they spoil; ``begins`` is told of every call."""

    def __init__(self, begins: Callable[[str], None]) -> None:
        super().__init__()
        self._begins = begins

    def take(self, method: str, kinds: frozenset[str]) -> Fault | None:
        fault = super().take(method, kinds)
        if kinds == TRANSPORT:
            self._begins(method)
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


class Messenger:
    """A local Bot API server; people act on it directly, the bot over HTTP. ``life``: as its keeper counts.

    ``channel``: telegram, zalo, or both, where every other person has Zalo.
    """

    def __init__(self, channel: str = "telegram") -> None:
        self.channel = channel
        self.address = ""
        self.calls: list[Call] = []
        self.phones: dict[int, Phone] = {}
        self.events = Events()
        self.life = 0
        self.heeds: list[Callable[[Call], None]] = []
        self.sent = 0
        self._rng = random.Random(len(channel))
        self._runner: web.AppRunner | None = None

    async def open(self, folder: Path) -> None:
        """Listen on a free port; the bot's clock lies in ``folder``."""
        settings = SimulatorSettings(port=0, rates="off", clock_file=folder / "clock")
        self._runner, self.address = await start(settings)
        self.world.faults = _Faults(self._begins)
        self.world.calls = _Calls(self._called)
        self.world.zalo.calls = _Calls(self._called_by_zalo)
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
        number = _FIRST_ZALO + len(self.phones)
        if self.channel == "zalo" or (self.channel == "both" and number % 2):
            zalo.add_account(self.world, {"first_name": name, "id": str(number)})
            return self.phones.setdefault(number, ZaloPhone(number))
        person: User = people.add_user(self.world, {"first_name": name})
        return self.phones.setdefault(person.id, Phone(person.id))

    @property
    def plain(self) -> dict[int, ZaloPhone]:
        """The phones that show Zalo."""
        return {chat: phone for chat, phone in self.phones.items() if isinstance(phone, ZaloPhone)}

    @property
    def gives_once(self) -> bool:
        """Whether Zalo gives every event out once, whoever gets it."""
        return bool(self.world.zalo.delivery["mode"] == ONCE)

    async def handed_over(self) -> None:
        """Wait until nothing that was said in Zalo waits at the server; not for ever: what stays there is lost."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_HANDED_OVER_WITHIN):
                while self.world.store.zalo_events:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)

    def deliver(self, mode: str) -> None:
        """How Zalo gives events out to polls: once, or again and again."""
        zalo.set_delivery(self.world, {"mode": mode, "times": _TIMES, "seconds": 0.3})

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
        if isinstance(phone, ZaloPhone):
            short = text if len(text) <= zalo.LONGEST else normalize("NFC", text)
            self._by_zalo(phone, {"text": short})
        else:
            done = people.send(self.world, {"user": phone.user, "text": text})
            phone.own = (done["message_id"], text)
        self.sent += 1

    def sticker(self, phone: Phone) -> None:
        """Send a sticker."""
        if isinstance(phone, ZaloPhone):
            self._by_zalo(phone, {"sticker": True})
        else:
            people.send(self.world, {"user": phone.user, "sticker": True})
        self.sent += 1

    def edit(self, phone: Phone) -> None:
        """Change one's last words; where that cannot be, send what the bot cannot read."""
        if isinstance(phone, ZaloPhone):
            self._by_zalo(phone, {"unsupported": True})
        else:
            assert phone.own is not None
            message, text = phone.own
            phone.own = (message, f"{text[:3000]} (sửa)")
            people.edit(self.world, {"user": phone.user, "message_id": message, "text": phone.own[1]})
        self.sent += 1

    def press(self, phone: Phone, message: int, data: str) -> None:
        """Press a button; where there are none, type what stands beside the choice."""
        if isinstance(phone, ZaloPhone):
            self._by_zalo(phone, {"text": data})
        else:
            people.press(self.world, {"user": phone.user, "message_id": message, "data": data})
        self.sent += 1

    def block(self, phone: Phone) -> None:
        """Have enough of the bot."""
        if isinstance(phone, ZaloPhone):
            zalo.set_blocked(self.world, {"user": str(phone.user), "blocked": True})
        else:
            groups.set_blocked(self.world, {"user": phone.user, "blocked": True})

    def _by_zalo(self, phone: ZaloPhone, what: dict[str, Any]) -> None:
        done = zalo.send(self.world, {"user": str(phone.user), **what})
        event = Event(done["message_id"], phone.user, next(iter(what)), lambda: self._by_zalo(phone, what))
        self.events.all[event.message] = event

    # What happens.

    def _begins(self, method: str) -> None:
        _life.set(self.life)
        had = self.events.poll_begins(self.life) if method == "zalo/getUpdates" else None
        if had is not None and self._rng.random() >= _COMES_AGAIN:
            waiting = self.world.store.zalo_events.values()
            for event in [event for event in waiting if event.message_id == had]:
                self.world.zalo.drop(event)

    def _seen(self, event: dict[str, Any]) -> None:
        if event["type"] in {"message", "edit"} and event["message"]["from_bot"]:
            phone = self.phones.get(int(event["chat"]))
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
        self._told(call)

    def _called_by_zalo(self, entry: dict[str, Any]) -> None:
        method, params, lost = entry["method"], entry["params"], _struck.get()
        if method == "getUpdates":
            self.events.poll_ends(_life.get(), entry["given"], lost)
        words = (params.get("text") or params.get("caption") or "") if method in POSTS else entry["given"] or ""
        chat = str(params.get("chat_id") or "")
        call = Call(
            at=asyncio.get_running_loop().time(),
            life=_life.get(),
            method=method,
            chat=int(chat) if chat.isdigit() else 0,
            words=words,
            arrived=entry["status"] == 200,
            lost=lost,
            ref=(entry["result"] or {}).get("message_id", "") if method in POSTS else "",
        )
        self._told(call)

    def _told(self, call: Call) -> None:
        if call.method in POSTS:
            self.calls.append(call)
        for heed in tuple(self.heeds):
            heed(call)


def _words(params: dict[str, Any]) -> str:
    given = {name: params.get(name) for name in ("message_id", "text", "caption", "reply_markup")}
    return json.dumps({name: value for name, value in given.items() if value is not None}, ensure_ascii=False)
