"""What people see: screens with buttons, or words in which choices are numbers, words and codes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.simulator.driver import choices_of
from handlers.texts import sentences

_SAYS = sentences("vi")
_PICK, _PICK_WORDS = _SAYS["channel.pick"], _SAYS["channel.pick_words"]
NOW = _SAYS["reminders.button.now"]
_PART = re.compile(r"\((\d+)/(\d+)\)\n")


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

    def begins_anew(self) -> None:
        """What was shown so far counts no more: screens may be numbered anew."""
        self.serial = 0


@dataclass
class ZaloPhone(Phone):
    """A phone without buttons: ``options`` are what is to be typed for each choice of the newest screen.

    Words carry no serial: that a screen is the newest, and which choices it offers in which order, is taken from
    the bot's records (``shows``); what stands beside each of them, from the words that arrived.
    """

    texts: dict[str, str] = field(default_factory=dict)
    numbers: set[str] = field(default_factory=set)
    known: tuple[int, str] = (0, "")
    coded: set[str] = field(default_factory=set)

    def sees(self, message: dict[str, Any]) -> None:
        """A message of the bot is new; the same reminder sent again is no other one."""
        text = message.get("text") or message.get("caption") or ""
        self.texts[message["message_id"]] = text
        codes = [typed for typed, label in choices_of(message | {"text": text}) if label == NOW]
        if codes and codes[0] not in self.coded and codes[0][0].isalpha():
            self.coded.add(codes[0])
            self.reminders.append((0, codes[0]))
        self.news.set()

    def shows(self, serial: int, ref: str, options: Sequence[str]) -> None:
        """The records say that this screen arrived in that message, with these choices in order."""
        if (serial, ref) == self.known or ref not in self.texts:
            return
        self.known, self.serial = (serial, ref), serial
        whole = self._whole(ref)
        self.text = _PART.sub("", whole, count=1)
        typed = self._typed_for(whole, len(options))
        self.options = {option: words for option, words in zip(options, typed, strict=True) if words}
        self.news.set()

    def _whole(self, ref: str) -> str:
        """The words of a screen, with the parts that came before its last one."""
        refs = list(self.texts)
        found, place = self.texts[ref], refs.index(ref)
        part = _PART.match(found)
        wanted = int(part[1]) - 1 if part else 0
        while wanted and place:
            place -= 1
            before = self.texts[refs[place]]
            if before.startswith(f"({wanted}/"):
                found, wanted = f"{before}\n{_PART.sub('', found, count=1)}", wanted - 1
        return found

    def _typed_for(self, whole: str, count: int) -> list[str]:
        """What to type for each choice: the words beside it, or its number where such a number was to be seen."""
        _, words, below = whole.rpartition(_PICK_WORDS)
        if words and _PICK not in below:
            found = [typed for typed, _ in choices_of({"from_bot": True, "text": below})]
            return found if len(found) == count else [""] * count
        _, picks, below = whole.rpartition(_PICK)
        seen = {typed for typed, _ in choices_of({"from_bot": True, "text": below})}
        self.numbers = seen if picks else self.numbers
        return [str(n) if str(n) in self.numbers else "" for n in range(1, count + 1)]
