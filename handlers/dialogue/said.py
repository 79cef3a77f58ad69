"""What a person said, whatever messenger brought it: the neutral form of everything that comes in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage.records import Address


class Thing(StrEnum):
    """Something that is not text and cannot be an answer where words are asked."""

    STICKER = "sticker"
    PHOTO = "photo"
    VOICE = "voice"
    VIDEO = "video"
    LOCATION = "location"
    CONTACT = "contact"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Typed:
    """Words that a person typed."""

    text: str


@dataclass(frozen=True, slots=True)
class Edited:
    """An earlier message, changed afterwards; ``text`` is what it says now."""

    text: str


@dataclass(frozen=True, slots=True)
class Forwarded:
    """Somebody's message passed on; not the person's own words until they say so."""

    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command, or a standing button, which is a command in disguise."""

    name: str
    args: str = ""
    standing: bool = False


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button of a screen: the screen's serial number and the option's id, both unverified."""

    serial: int
    option: str


@dataclass(frozen=True, slots=True)
class Forged:
    """A button whose data cannot be read: old versions, or somebody playing."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A thing without words."""

    thing: Thing


@dataclass(frozen=True, slots=True)
class File:
    """A document; ``content`` is fetched by the bot floor only where a step asks for a file."""

    file_id: str
    name: str
    size: int
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """The person blocked the bot, or (``back``) came back."""

    back: bool


Said = Typed | Edited | Forwarded | Command | Pressed | Forged | Sent | File | Gone


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing said by one account: ``ref`` is the message's id, for a press that of the pressed message.

    ``sent_at`` is when it was sent by the messenger's own clock, where the messenger tells.
    """

    address: Address
    sender: str
    said: Said
    private: bool = True
    ref: str | None = None
    query: str | None = None
    sender_name: str = ""
    sent_at: datetime | None = None
