"""A phone whose messenger shows plain words only: what stands on it, and what a person types there to choose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from bot.channels.contract import Abilities, Sent
from bot.channels.degrade import next_part
from bot.channels.zalo import ZaloChannel
from bot.fitting import Fitting, arrived
from handlers.dialogue.buttons import read_data
from handlers.dialogue.said import Pressed
from handlers.texts import sentences
from storage import conversations, outbox
from storage.outbox import Queued
from storage.records import Post, PostId
from storage.transaction import Connection

ABILITIES: Abilities = ZaloChannel.abilities
_PICK = sentences("vi")["channel.pick"]
_AS_ABOVE = tuple(sentences("vi")[f"channel.as_{which}"].partition("{")[0] for which in ("above", "before"))
_CODE = re.compile(r"(?m)^([A-Z]\d+)\. (.+)$")


class Addresses:
    """Files under an address that nobody fetches here."""

    minutes = 30

    def hand_out(self, tx: Connection, post_id: PostId, post: Post, now: datetime) -> str | None:
        return f"https://bot.example/tep/{post_id}" if post.file is not None else None


FITTING = Fitting(Addresses())


@dataclass(frozen=True)
class Arrival:
    """One message as it came: its words, and whether the post is said with it."""

    text: str
    whole: bool


def send(tx: Connection, queued: Queued, ref: str, now: datetime) -> Arrival | None:
    """Send one message of a post as delivery does it: fitted, its next part said, the rest kept, or settled."""
    if queued.post.menu:
        outbox.sent(tx, queued.id, None, now)
        return None
    fitted = FITTING.fit(tx, queued, ABILITIES, now)
    text, rest = next_part(fitted.post, ABILITIES)
    if rest is not None:
        outbox.shorten(tx, queued.id, rest)
        return Arrival(text, whole=False)
    outbox.sent(tx, queued.id, ref, now)
    if queued.post.screen is not None:
        conversations.screen_arrived(tx, queued.post.address, queued.post.screen, ref)
    arrived(tx, queued.post, fitted.shown, Sent(ref, at=now))
    return Arrival(text, whole=True)


def typed_for(data: str, label: str, place: int, numbered: bool, texts: list[str], text: str) -> str:
    """What somebody who reads these messages (oldest first, ``text`` the one they answer) types to choose this.

    Raises AssertionError where it cannot be read there.
    """
    if not isinstance(read_data(data), Pressed):
        codes = [code for code, words in _CODE.findall(text) if words == label]
        assert codes, f"no code for {label!r} in {text!r}"
        return str(codes[0])
    bare = label.lstrip("← ")
    if not numbered:
        assert f"• {bare}" in text, f"{bare!r} cannot be read in {text!r}"
        return bare
    said = _numbered_line(place, texts)
    # A label that begins with its very number is not numbered twice.
    assert said == re.sub(rf"^(\W*){place}\. ", r"\1", bare), f"{said!r} beside the number of {label!r}"
    return str(place)


def _numbered_line(place: int, texts: list[str]) -> str:
    """The words beside a number where a person would look for it: in the newest list, or in what changed of it."""
    line = re.compile(rf"(?:^| · ){place}\. (.+?)(?= · \d+\. |$)", re.MULTILINE)
    for text in reversed(texts):
        listed = text.partition(_PICK)[2] if _PICK in text else ""
        changed = text.rpartition("\n\n")[2] if any(sign in text for sign in _AS_ABOVE) else ""
        if found := line.search(listed or changed):
            return str(found[1])
        assert not listed, f"no number {place} in {text!r}"
    raise AssertionError(f"no number {place} was ever shown")
