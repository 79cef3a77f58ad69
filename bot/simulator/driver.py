"""Phones driven from a program through the control interface: for the demo's cast, examples and tests."""

from __future__ import annotations

import asyncio
import base64
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

import aiohttp

_PATIENCE = 30.0
_A_MOMENT = 3.0
# How long a label is looked for in what came since one's own last words, before older messages count as well.
_SETTLED = 1.5
_CHOICE = re.compile(r"(\d{1,3}|[A-Z]\d{1,2})\. (.+)")
_WORDS = re.compile(r"• *(.+)")
_ORNAMENT = re.compile(r"^\W+")

Seen = dict[str, Any]


class PhoneError(Exception):
    """A phone was asked for something that it cannot do, or the bot did not answer in time."""


@dataclass
class Driver:
    """One control interface; ``address`` like ``http://127.0.0.1:8081``."""

    address: str
    session: aiohttp.ClientSession

    async def act(self, verb: str, **wish: Any) -> Any:
        """POST to ``/control/<verb>``. Raises PhoneError with the server's reason."""
        async with self.session.post(f"{self.address}/control/{verb}", json=wish) as answer:
            said = await answer.json()
            if answer.status != 200:
                raise PhoneError(f"{verb}: {said.get('error')}")
            return said

    async def look(self, what: str, **query: str | int | float) -> Any:
        """GET ``/control/<what>``."""
        async with self.session.get(f"{self.address}/control/{what}", params=query) as answer:
            return await answer.json()

    async def phone(self, name: str, **more: Any) -> Phone:
        """A new person with a phone; ``label`` and ``show=True`` put it on the page."""
        return Phone(self, (await self.act("users", first_name=name, **more))["id"], name)

    async def zalo_phone(self, name: str, **more: Any) -> ZaloPhone:
        """A person's Zalo; ``person``, the user of a phone that is there, or a new one of that name."""
        whose = {} if "person" in more else {"first_name": name}
        return ZaloPhone(self, (await self.act("zalo/users", **whose, **more))["id"], name)


@dataclass
class Handset:
    """What any phone can do in one person's private chat with the bot: write, read, wait."""

    driver: Driver
    user: Any
    name: str = ""
    _known: dict[Any, int] = field(default_factory=dict)
    _realm = ""

    async def messages(self) -> list[Seen]:
        """The chat as it stands, oldest first."""
        messages: list[Seen] = (await self._chat())["messages"]
        return messages

    async def last_text(self) -> str:
        """The words of the bot's newest message; empty before the first."""
        return next((_text(m) for m in reversed(await self.messages()) if m["from_bot"]), "")

    async def says(self, text: str, *, patience: float = _PATIENCE) -> list[Seen]:
        """Type words; returns what the bot sent or changed in answer."""
        await self._mark()
        await self.driver.act(f"{self._realm}send", user=self.user, text=text)
        return await self.answered(patience)

    async def waits_for(self, words: str, *, patience: float = _PATIENCE) -> Seen:
        """Wait until a message of the bot has these words; returns the newest one that has."""
        async with _limit(patience, f"{self.name}: waited for {words!r}"):
            while True:
                chat = await self._chat()
                for message in reversed(chat["messages"]):
                    if message["from_bot"] and words in _text(message):
                        return message  # type: ignore[no-any-return]
                await self._chat(after=chat["revision"], wait=2)

    async def answers_with(self, *words: str, patience: float = _PATIENCE) -> Seen:
        """Wait for a message of the bot, newer than one's own last words, that has one of these; the newest one."""
        async with _limit(patience, f"{self.name}: no answer with any of {words}"):
            while True:
                chat = await self._chat()
                for message in reversed(chat["messages"]):
                    if not message["from_bot"]:
                        break
                    if any(one in _text(message) for one in words):
                        return message  # type: ignore[no-any-return]
                await self._chat(after=chat["revision"], wait=2)

    async def answered(self, patience: float) -> list[Seen]:
        """Wait for what the bot sends or changes after the last ``_mark``."""
        async with _limit(patience, f"{self.name}: the bot did not answer"):
            while True:
                chat = await self._chat()
                fresh = [m for m in chat["messages"] if m["from_bot"] and self._is_fresh(m)]
                if fresh:
                    return fresh
                await self._chat(after=chat["revision"], wait=2)

    async def _chat(self, **query: str | int | float) -> Any:
        return await self.driver.look(f"{self._realm}chats/{self.user}", user=self.user, **query)

    def _is_fresh(self, message: Seen) -> bool:
        return bool(self._known.get(message["message_id"], -1) != message["edits"])

    async def _mark(self) -> None:
        self._known = {m["message_id"]: m["edits"] for m in await self.messages() if m["from_bot"]}


@dataclass
class Phone(Handset):
    """A phone that shows Telegram: buttons are pressed, files are sent."""

    user: int

    async def screen(self) -> Seen:
        """The newest message of the bot that has buttons."""
        found = [m for m in await self.messages() if m["from_bot"] and buttons_of(m)]
        if not found:
            raise PhoneError(f"{self.name}: there is no screen yet")
        return found[-1]

    async def sends_file(self, name: str, content: bytes, *, patience: float = _PATIENCE) -> list[Seen]:
        """Send a document."""
        await self._mark()
        document = {"name": name, "content_base64": base64.b64encode(content).decode()}
        await self.driver.act("send", user=self.user, document=document)
        return await self.answered(patience)

    async def presses(self, wanted: str, message: Seen | None = None, *, patience: float = _PATIENCE) -> list[Seen]:
        """Press a button of the screen (or of a message) by its label or the end of its data.

        A screen that does not have it yet is given a moment: what came last may not have been the answer.
        """
        until = asyncio.get_running_loop().time() + _A_MOMENT
        while True:
            seen = message or await self.screen()
            for label, data in buttons_of(seen):
                if _same(label, wanted) or data.endswith(f":{wanted}"):
                    await self._mark()
                    await self.driver.act("press", user=self.user, message_id=seen["message_id"], data=data)
                    return await self.answered(patience)
            if message is not None or asyncio.get_running_loop().time() > until:
                raise PhoneError(f"{self.name}: no button {wanted!r} among {[b[0] for b in buttons_of(seen)]}")
            await asyncio.sleep(0.1)


@dataclass
class ZaloPhone(Handset):
    """A phone that shows Zalo: there is nothing to press, so what is chosen is typed."""

    user: str
    _realm = "zalo/"

    async def chooses(self, label: str, *, patience: float = _PATIENCE) -> list[Seen]:
        """Type what stands beside a label: its number, its code (``A1``), or the label itself where it has neither.

        The newest message with that label counts; what is older than one's own last words only after a while.
        """
        return await self.says(await self._typed_for(label, patience), patience=patience)

    async def _typed_for(self, label: str, patience: float) -> str:
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:
            chat = await self._chat()
            own = max((n for n, m in enumerate(chat["messages"]) if not m["from_bot"]), default=-1)
            oldest = 0 if loop.time() - began > min(_SETTLED, patience) else own + 1
            for message in reversed(chat["messages"][oldest:]):
                for typed, seen in choices_of(message):
                    if _same(_bare(seen), _bare(label)):
                        return typed
            if loop.time() - began > patience:
                raise PhoneError(
                    f"{self.name}: no choice {label!r} to be seen; the last words: {await self.last_text()}"
                )
            await self._chat(after=chat["revision"], wait=0.5)

    async def blocks(self) -> None:
        """Have enough of the bot."""
        await self.driver.act("zalo/block", user=self.user, blocked=True)


def choices_of(message: Seen) -> list[tuple[str, str]]:
    """What can be typed in answer to a message of the bot in Zalo, and its label, in reading order."""
    found: list[tuple[str, str]] = []
    for line in _text(message).splitlines() if message["from_bot"] else ():
        numbered = [_CHOICE.fullmatch(piece.strip()) for piece in line.split(" · ")]
        if all(numbered):
            found += [(piece[1], piece[2]) for piece in numbered if piece]
        elif whole := _CHOICE.fullmatch(line.strip()):
            found.append((whole[1], whole[2]))
        elif line.startswith("•"):
            words = (_WORDS.fullmatch(piece.strip()) for piece in re.split(r"  (?=•)", line))
            found += [(piece[1], piece[1]) for piece in words if piece]
    return found


def _bare(label: str) -> str:
    """A label without the signs before its words, and without a number of its own."""
    words = _ORNAMENT.sub("", label)
    numbered = _CHOICE.fullmatch(words)
    return numbered[2] if numbered else words


def buttons_of(message: Seen) -> list[tuple[str, str]]:
    """Labels and data of a message's inline buttons, in reading order."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [(b["text"], b.get("callback_data", "")) for row in rows for b in row]


def _text(message: Seen) -> str:
    return str(message.get("text") or message.get("caption") or "")


def _same(one: str, other: str) -> bool:
    return unicodedata.normalize("NFC", one).casefold() == unicodedata.normalize("NFC", other).casefold()


class _limit:  # noqa: N801 - reads as a word in ``async with``
    """asyncio.timeout that says who waited for what."""

    def __init__(self, seconds: float, words: str) -> None:
        self._timeout = asyncio.timeout(seconds)
        self._words = words

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(self, *error: Any) -> None:
        try:
            await self._timeout.__aexit__(*error)
        except TimeoutError:
            raise PhoneError(self._words) from None
