"""Phones driven from a program through the control interface: for the demo's cast, examples and tests."""

from __future__ import annotations

import asyncio
import base64
import unicodedata
from dataclasses import dataclass, field
from typing import Any

import aiohttp

_PATIENCE = 30.0

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


@dataclass
class Phone:
    """One person's phone in their private chat with the bot."""

    driver: Driver
    user: int
    name: str = ""
    _known: dict[int, int] = field(default_factory=dict)

    async def messages(self) -> list[Seen]:
        """The chat as it stands, oldest first."""
        chat = await self.driver.look(f"chats/{self.user}", user=self.user)
        messages: list[Seen] = chat["messages"]
        return messages

    async def screen(self) -> Seen:
        """The newest message of the bot that has buttons."""
        found = [m for m in await self.messages() if m["from_bot"] and buttons_of(m)]
        if not found:
            raise PhoneError(f"{self.name}: there is no screen yet")
        return found[-1]

    async def says(self, text: str, *, patience: float = _PATIENCE) -> list[Seen]:
        """Type words; returns what the bot sent or changed in answer."""
        await self._mark()
        await self.driver.act("send", user=self.user, text=text)
        return await self.answered(patience)

    async def sends_file(self, name: str, content: bytes, *, patience: float = _PATIENCE) -> list[Seen]:
        """Send a document."""
        await self._mark()
        document = {"name": name, "content_base64": base64.b64encode(content).decode()}
        await self.driver.act("send", user=self.user, document=document)
        return await self.answered(patience)

    async def presses(self, wanted: str, message: Seen | None = None, *, patience: float = _PATIENCE) -> list[Seen]:
        """Press a button of the screen (or of a message) by its label or the end of its data."""
        seen = message or await self.screen()
        for label, data in buttons_of(seen):
            if _same(label, wanted) or data.endswith(f":{wanted}"):
                await self._mark()
                await self.driver.act("press", user=self.user, message_id=seen["message_id"], data=data)
                return await self.answered(patience)
        raise PhoneError(f"{self.name}: no button {wanted!r} among {[b[0] for b in buttons_of(seen)]}")

    async def waits_for(self, words: str, *, patience: float = _PATIENCE) -> Seen:
        """Wait until a message of the bot has these words; returns the newest one that has."""
        async with _limit(patience, f"{self.name}: waited for {words!r}"):
            while True:
                chat = await self.driver.look(f"chats/{self.user}", user=self.user)
                for message in reversed(chat["messages"]):
                    if message["from_bot"] and words in _text(message):
                        return message  # type: ignore[no-any-return]
                await self.driver.look(f"chats/{self.user}", after=chat["revision"], wait=2)

    async def answered(self, patience: float) -> list[Seen]:
        """Wait for what the bot sends or changes after the last ``_mark``."""
        async with _limit(patience, f"{self.name}: the bot did not answer"):
            while True:
                chat = await self.driver.look(f"chats/{self.user}", user=self.user)
                fresh = [m for m in chat["messages"] if m["from_bot"] and self._is_fresh(m)]
                if fresh:
                    return fresh
                await self.driver.look(f"chats/{self.user}", after=chat["revision"], wait=2)

    def _is_fresh(self, message: Seen) -> bool:
        return bool(self._known.get(message["message_id"], -1) != message["edits"])

    async def _mark(self) -> None:
        self._known = {m["message_id"]: m["edits"] for m in await self.messages() if m["from_bot"]}


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
