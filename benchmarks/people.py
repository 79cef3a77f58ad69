"""What people do to a bot during a measure: they write when they have been answered, or they tap now and then."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

FIRST_MESSAGE = 1_000_000


@dataclass
class Person:
    """One chat: what it has said, the screen it looks at, and since when it waits (seconds; None: it does not)."""

    chat: int
    turn: int = 0
    since: float | None = None
    screen: int = FIRST_MESSAGE
    buttons: tuple[str, ...] = ()


@dataclass
class Talk:
    """People who write one message after the other and go on only when they were answered.

    ``script`` is what each of them writes, in order; ``window`` how many wait for an answer at a time. Whoever
    has said everything is followed by the next one; ``endless`` begins the script again.
    """

    chats: Iterable[int]
    script: tuple[str, ...]
    messages: int
    window: int
    endless: bool = False
    given: int = 0
    answered: int = 0
    began: float | None = None
    ended: float = 0.0
    waits: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._unseen = iter(self.chats)
        self._ready: deque[Person] = deque()
        self._waiting: dict[int, Person] = {}
        self.turns: dict[int, int] = {}

    @property
    def done(self) -> bool:
        """Whether everything that was to be said was answered."""
        return self.answered >= self.messages

    @property
    def count(self) -> int:
        """How many messages were answered."""
        return self.answered

    def speak(self, most: int, now: float) -> list[dict[str, Any]]:
        """What is said now, at most so many messages, as parts of updates."""
        said: list[dict[str, Any]] = []
        while len(said) < most and len(self._waiting) < self.window and self.given < self.messages:
            person = self._next()
            if person is None:
                break
            said.append({"message": typed(person.chat, self.given, self.script[person.turn % len(self.script)])})
            person.turn += 1
            person.since = now
            self.turns[person.chat] = person.turn
            self._waiting[person.chat] = person
            self.given += 1
            self.began = now if self.began is None else self.began
        return said

    def _next(self) -> Person | None:
        if self._ready:
            return self._ready.popleft()
        chat = next(self._unseen, None)
        return None if chat is None else Person(chat)

    def hear(self, method: str, params: Mapping[str, str], chat: int, message: int, now: float) -> bool:
        """The bot wrote to a chat; returns whether that lets somebody speak again."""
        person = self._waiting.pop(chat, None)
        if person is None or person.since is None:
            return False
        self.answered += 1
        self.ended = now
        self.waits.append(now - person.since)
        if person.turn < len(self.script) or self.endless:
            self._ready.append(person)
        return True

    def pressed(self, query: str, now: float) -> None:
        """Nobody here presses buttons."""

    def next_at(self, now: float) -> float | None:
        """When somebody speaks without having been answered: never."""
        return None

    def report(self) -> dict[str, Any]:
        """Figures of the whole measure; times in seconds."""
        began = self.began or 0.0
        return {
            "given": self.given,
            "answered": self.answered,
            "seconds": self.ended - began,
            "waits": self.waits,
            "turns": self.turns,
        }


class Nobody:
    """A silent house: nothing is said, what the bot says by itself is only counted."""

    done = True

    def __init__(self) -> None:
        self.count = 0

    def speak(self, most: int, now: float) -> list[dict[str, Any]]:
        """Nothing."""
        return []

    def hear(self, method: str, params: Mapping[str, str], chat: int, message: int, now: float) -> bool:
        """Count what the bot says."""
        self.count += 1
        return False

    def pressed(self, query: str, now: float) -> None:
        """Nobody presses."""

    def next_at(self, now: float) -> float | None:
        """Never."""
        return None

    def report(self) -> dict[str, Any]:
        """How many messages came."""
        return {"heard": self.count}


def typed(chat: int, number: int, text: str) -> dict[str, Any]:
    """A message as Telegram describes it."""
    message: dict[str, Any] = {
        "message_id": FIRST_MESSAGE + number,
        "date": 1_790_000_000,
        "chat": {"id": chat, "type": "private", "first_name": "Người"},
        "from": {"id": chat, "is_bot": False, "first_name": "Người"},
        "text": text,
    }
    if text.startswith("/"):
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}]
    return message
