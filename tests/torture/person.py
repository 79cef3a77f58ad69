"""One member at their phone: does what the plan says, waits as people wait, and notices what does not answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from handlers.texts import sentences
from tests.torture.acts import Act, Kinds
from tests.torture.cast import Member
from tests.torture.server import Messenger

UNKNOWN = sentences("vi")["engine.unknown_command"][:24]


class Stuck(Exception):  # noqa: N818 - it is a finding, told as such
    """The bot did not answer, or answered with something else than the plan expects."""


@dataclass
class Person:
    """``expected`` is the serial of the screen that answers the last act; ``slack`` how many more there may be."""

    member: Member
    messenger: Messenger
    gate: Callable[[], Awaitable[None]]
    patience: float = 90.0
    expected: int = 0
    slack: int = 0
    done: int = 0
    reminded: int = 0
    trouble: str | None = None
    extra: int = 0
    gone: bool = False

    async def take_up(self) -> None:
        """Ask for the first screen; everything before has been answered, and screens may count anew."""
        phone = self.member.phone
        phone.begins_anew()
        self.messenger.say(phone, "/menu")
        await self._until(lambda: phone.serial > 0, "at the beginning")
        self.expected = phone.serial
        phone.older.clear()

    async def play(self, acts: tuple[Act, ...]) -> None:
        """Do these acts and wait for the last answer; what goes wrong ends it and is kept in ``trouble``."""
        if self.trouble is not None:
            return
        try:
            for place, act in enumerate(acts):
                await self._do(act, place)
            await self.settled("at the end of a stretch")
        except Stuck as stuck:
            self.trouble = str(stuck)

    async def settled(self, what: str) -> None:
        """Wait until the newest screen is there; one too many means that something was handled twice."""
        await self._until(lambda: self.member.phone.serial >= self.expected, what)
        if self.member.phone.serial > self.expected + self.slack:
            self.extra += self.member.phone.serial - self.expected - self.slack
            raise Stuck(f"screen {self.member.phone.serial} where {self.expected} was expected, {what}")

    async def _do(self, act: Act, place: int) -> None:
        where = f"act {place}: {act.kind} {act.what[:30]!r}"
        if not act.hurry and not self.slack:
            await self.settled(f"before {where}")
        if act.kind is Kinds.REMINDED:
            await self._until(lambda: len(self.member.phone.reminders) > self.reminded, where)
        for _ in range(act.messages):
            await self.gate()
        self._act(act, where)
        self.expected += 1
        self.done += 1
        if act.settles:
            await self._settle(where)

    def _act(self, act: Act, where: str) -> None:
        phone, messenger = self.member.phone, self.messenger
        match act.kind:
            case Kinds.SAY:
                messenger.say(phone, act.what)
            case Kinds.STICKER:
                messenger.sticker(phone)
            case Kinds.EDIT:
                messenger.edit(phone)
            case Kinds.REMINDED:
                messenger.press(phone, *phone.reminders[self.reminded])
                self.reminded += 1
            case Kinds.OLD:
                messenger.press(phone, *phone.older[-1 - len(phone.older) // 2])
                self.slack, self.expected = 1, self.expected - 1
            case Kinds.PRESS | Kinds.TWICE:
                self._press(act, where)

    def _press(self, act: Act, where: str) -> None:
        """A button of the screen in view; the second of two presses comes too late to mean anything."""
        phone = self.member.phone
        option = act.what
        if option.startswith("p#"):
            points = [name for name in phone.options if name.startswith("p")]
            place = int(option[2:]) - 1
            option = points[place] if place < len(points) else option
        if option not in phone.options:
            raise Stuck(f"no button {option!r} among {list(phone.options)}, {where}")
        for _ in range(act.messages):
            self.messenger.press(phone, phone.message, phone.options[option])
        self.slack = 1 if act.kind is Kinds.TWICE else 0

    async def _settle(self, where: str) -> None:
        """Whether a late press was answered by a screen or by a passing line is seen when the next one is there."""
        phone = self.member.phone
        await self._until(lambda: phone.serial >= self.expected and phone.text.startswith(UNKNOWN), where)
        if phone.serial > self.expected + self.slack:
            await self.settled(where)
        self.expected, self.slack = phone.serial, 0

    async def _until(self, holds: Callable[[], bool], what: str) -> None:
        phone = self.member.phone
        try:
            async with asyncio.timeout(self.patience):
                while not holds():
                    phone.news.clear()
                    await phone.news.wait()
        except TimeoutError:
            raise Stuck(f"no answer: screen {phone.serial}, expected {self.expected}, {what}") from None
