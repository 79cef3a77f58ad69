"""What a person said, whatever messenger brought it: the neutral form of everything that comes in."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
class Pressed:
    """A button of a screen: the screen's serial number and the option's id, both unverified."""

    serial: int
    option: str


@dataclass(frozen=True, slots=True)
class Forged:
    """A button whose data cannot be read: old versions, or somebody playing."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A thing that is no text: with a ``file_id`` it can be fetched (an id, or on some messengers an address).

    ``size`` in bytes is 0 where the messenger does not tell; ``caption`` are the words beside it; ``content`` is
    fetched by the bot floor only where a step keeps evidence.
    """

    thing: Thing
    file_id: str | None = None
    name: str = ""
    size: int = 0
    caption: str = ""
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A document; ``content`` is fetched by the bot floor only where a step asks for a file or keeps evidence.

    ``looked`` is what a room found that looks at files before the turn (``room.Examines``).
    """

    file_id: str
    name: str
    size: int
    content: bytes | None = None
    caption: str = ""
    looked: object = None


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A message passed on; its words are not the person's own until they say so. ``sent``: a thing in it."""

    text: str
    sent: Sent | File | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command, or a standing button, its disguise; ``sent``: the thing that it was the caption of."""

    name: str
    args: str = ""
    standing: bool = False
    sent: Sent | File | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """The person blocked the bot, or (``back``) came back."""

    back: bool


Said = Typed | Edited | Forwarded | Command | Pressed | Forged | Sent | File | Gone


def command_of(text: str) -> Command | None:
    """The slash command that a text is: its name in small letters, without the bot's name behind it."""
    if not text.startswith("/"):
        return None
    word, args = (*text[1:].split(maxsplit=1), "", "")[:2]
    name = word.partition("@")[0].lower()
    return Command(name, args.strip()) if name.replace("_", "").isalnum() else None


def with_things(said: Said) -> Sent | File | None:
    """The thing that came with what was said, if any."""
    match said:
        case File() | Sent():
            return said
        case Forwarded(sent=sent) | Command(sent=sent):
            return sent
    return None


def is_evidence(sent: Sent | File) -> bool:
    """Whether it can prove something: a document, a photo, a voice message, and can be fetched."""
    return bool(sent.file_id) and (isinstance(sent, File) or sent.thing in {Thing.PHOTO, Thing.VOICE})


def with_content(said: Said, content: bytes) -> Said:
    """The same with the bytes of its thing."""
    match said:
        case File() | Sent():
            return replace(said, content=content)
        case Forwarded(sent=File() | Sent() as sent):
            return replace(said, sent=replace(sent, content=content))
    return said


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
