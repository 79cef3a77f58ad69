"""People who tap the buttons of their screen at a steady pace, and how long each of them waits for the answer."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from typing import Any

from benchmarks.people import Person, typed

# The first screens are asked for quickly, so that everybody has one before anything else begins.
_OPENING_SECONDS = 0.1


class Taps:
    """One tap ``every`` so many seconds by the person who has rested longest; nobody taps while they wait.

    Each person writes ``opening`` first and gets a screen with buttons. Then they press the first button whose data
    end in one of ``wanted``, which are tried in turn, so that the screen changes with every press. Waits are
    counted from the moment of the tap, whether or not the bot was fetching updates then. Chats with smaller numbers
    are other people, to whom the bot writes by itself.
    """

    done = False

    def __init__(self, chats: range, opening: str, wanted: tuple[str, ...], every: float) -> None:
        self._first = chats.start
        self._resting = deque(Person(chat) for chat in chats)
        self._waiting: dict[int, Person] = {}
        self._queries: dict[str, float] = {}
        self._opening, self._wanted, self._every = opening, wanted, every
        self._next: float | None = None
        self._number = 0
        self._strangers: dict[int, float] = {}
        self.taps: list[tuple[float, float]] = []
        self.acknowledged: list[float] = []
        self.stuck = 0

    def speak(self, most: int, now: float) -> list[dict[str, Any]]:
        """Every tap whose moment has come."""
        self._next = now if self._next is None else self._next
        said: list[dict[str, Any]] = []
        while len(said) < most and self._next <= now and self._resting:
            person = self._resting.popleft()
            said.append(self._act(person, self._next))
            self._next += self._every if person.buttons else _OPENING_SECONDS
        if not self._resting:
            # Everybody waits: the next tap is made by whoever is answered first, and not before.
            self._next = max(self._next, now)
        return said

    def _act(self, person: Person, at: float) -> dict[str, Any]:
        person.since = at
        person.turn += 1
        self._waiting[person.chat] = person
        self._number += 1
        data = self._choice(person)
        if data is None:
            return {"message": typed(person.chat, self._number, self._opening)}
        query = str(self._number)
        self._queries[query] = at
        screen = typed(person.chat, 0, "…") | {"message_id": person.screen, "from": {"id": 123456, "is_bot": True}}
        screen["from"]["first_name"] = "Bench"
        asker = {"id": person.chat, "is_bot": False, "first_name": "Người"}
        press = {"id": query, "from": asker, "message": screen, "chat_instance": "1", "data": data}
        return {"callback_query": press}

    def _choice(self, person: Person) -> str | None:
        for shift in range(len(self._wanted)):
            wanted = self._wanted[(person.turn + shift) % len(self._wanted)]
            for data in person.buttons:
                if data.endswith(wanted):
                    return data
        return None

    def hear(self, method: str, params: Mapping[str, str], chat: int, message: int, now: float) -> bool:
        """A screen arrived: remember its buttons, and let the person go on."""
        person = self._waiting.get(chat)
        if chat < self._first:
            self._strangers.setdefault(chat, now)
        if person is None or person.since is None or not self._is_answer(person, method, params):
            return False
        del self._waiting[chat]
        if person.buttons:
            self.taps.append((person.since, now))
        person.screen = message
        rows = json.loads(params.get("reply_markup") or "{}").get("inline_keyboard", ())
        person.buttons = tuple(button.get("callback_data", "") for row in rows for button in row)
        self.stuck += self._choice(person) is None
        self._resting.append(person)
        return True

    def _is_answer(self, person: Person, method: str, params: Mapping[str, str]) -> bool:
        """A reminder that comes meanwhile is not what this person waits for: a tap is answered by an edit."""
        if person.buttons:
            return method == "editmessagetext"
        return self._wanted[0] in params.get("reply_markup", "")

    def pressed(self, query: str, now: float) -> None:
        """The waiting sign on the button has ended."""
        at = self._queries.pop(query, None)
        if at is not None:
            self.acknowledged.append(now - at)

    def next_at(self, now: float) -> float | None:
        """When the next tap is due."""
        return self._next if self._resting else None

    @property
    def count(self) -> int:
        """To how many others the bot has written by itself."""
        return len(self._strangers)

    def report(self) -> dict[str, Any]:
        """When every tap was made and answered, and when the first and the last of the others were written to."""
        waiting = [person.since for person in self._waiting.values() if person.since is not None]
        others = list(self._strangers.values())
        return {
            "taps": self.taps,
            "acknowledged": self.acknowledged,
            "waiting_since": waiting,
            "stuck": self.stuck,
            "first_stranger": others[0] if others else None,
            "last_stranger": others[-1] if others else None,
        }
