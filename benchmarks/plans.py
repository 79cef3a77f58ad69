"""What the server can be told to do: a plan is JSON, so that it can be sent to a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from benchmarks.people import Nobody, Talk
from benchmarks.tapping import Taps


class People(Protocol):
    """Whoever talks to the bot during a measure; times are seconds of one clock that never goes back."""

    @property
    def done(self) -> bool:
        """Whether everything was said and answered."""

    @property
    def count(self) -> int:
        """How far it is: answers, or people written to."""

    def speak(self, most: int, now: float) -> list[dict[str, Any]]:
        """What is said now, at most so many messages, as updates without their numbers."""

    def hear(self, method: str, params: Mapping[str, str], chat: int, message: int, now: float) -> bool:
        """The bot wrote to a chat; returns whether that lets somebody speak again."""

    def pressed(self, query: str, now: float) -> None:
        """The bot acknowledged a press."""

    def next_at(self, now: float) -> float | None:
        """When somebody speaks who waits for no answer; None: nobody."""

    def report(self) -> dict[str, Any]:
        """Figures so far; times in seconds."""


def make_people(plan: Mapping[str, Any]) -> People:
    """The people of a plan: ``kind`` is ``talk``, ``taps``, or nothing for a silent house."""
    match plan.get("kind"):
        case "talk":
            return Talk(
                chats=range(plan["first"], plan["first"] + plan["count"]),
                script=tuple(plan["script"]),
                messages=plan["messages"],
                window=plan["window"],
                endless=plan.get("endless", False),
            )
        case "taps":
            return Taps(
                chats=range(plan["first"], plan["first"] + plan["count"]),
                opening=plan["opening"],
                wanted=tuple(plan["wanted"]),
                every=plan["every"],
            )
    return Nobody()
