"""A Zalo event becomes something said; no decisions are taken here."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Any

from bot.channels.contract import Unreadable
from handlers.dialogue.said import Incoming, Said, Sent, Thing, Typed, command_of
from storage.records import Address, Raw

_Json = dict[str, Any]

CHANNEL = "zalo"

# As ids are kept: at most 64 signs, none that a database would refuse.
_ID = re.compile(r"[!-~]{1,64}")
_RECEIVED = re.compile(r"message\.(\w+)\.received")
_THINGS = {
    "image": Thing.PHOTO,
    "sticker": Thing.STICKER,
    "voice": Thing.VOICE,
    "unsupported": Thing.OTHER,
}
_FIELDS = (("photo", Thing.PHOTO), ("sticker", Thing.STICKER), ("voice_url", Thing.VOICE))
# Milliseconds; what lies outside is no time at which anybody wrote to this bot.
_EARLIEST, _LATEST = 1_293_840_000_000, 4_102_444_800_000


def raws_of(brought: Any) -> list[Raw]:
    """The events in what a poll or a webhook brought, as they are kept; none where nothing in it is an event."""
    try:
        return [raw_of(event) for event in _events_of(brought)]
    except RecursionError:
        return []


def _events_of(result: Any) -> list[_Json]:
    """One or several events, bare or wrapped in ``{ok, result}``."""
    if isinstance(result, list):
        return [event for one in result for event in _events_of(one)]
    if not isinstance(result, dict):
        return []
    if isinstance(result.get("message"), dict) or isinstance(result.get("event_name"), str):
        return [result]
    return _events_of(result["result"]) if "result" in result else []


def raw_of(event: _Json) -> Raw:
    """One event as it is kept: known again by its message's id, for Zalo numbers nothing else.

    What is no message received, or has no id, is known by all that it says: it must not pass for the message.
    In ASCII: half a surrogate pair is valid JSON and no database takes it, so it would come back for ever.
    """
    message = event.get("message")
    known = id_of(message.get("message_id")) if isinstance(message, dict) and _kind(event) is not None else None
    if known is None:
        known = hashlib.sha256(json.dumps(event, sort_keys=True).encode()).hexdigest()
    return Raw(CHANNEL, known, chat_of(event), json.dumps(event))


def chat_of(event: _Json) -> str:
    """The chat an event belongs to, from raw JSON; ``-`` where it belongs to none."""
    message = event.get("message")
    chat = message.get("chat") if isinstance(message, dict) else None
    return id_of(chat.get("id") if isinstance(chat, dict) else None) or "-"


def read(raw: str, username: str = "", own_id: str = "") -> Incoming | None:
    """Understand one event; None where nothing in it is for us. Raises Unreadable, whatever is wrong with it.

    ``username`` is how people in a group turn to us; ``own_id`` is the bot's account, whose messages are no news.
    """
    try:
        return _incoming(json.loads(raw), username, own_id)
    except Exception as broken:  # a foreign shape can break the reading anywhere, and must not stop the next one
        raise Unreadable(f"{type(broken).__name__}: {broken}") from broken


def moment(milliseconds: Any) -> datetime | None:
    """A time of Zalo's, aware UTC; None where it is no time."""
    if not isinstance(milliseconds, int | float) or isinstance(milliseconds, bool):
        return None
    if not _EARLIEST <= milliseconds <= _LATEST:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def id_of(given: Any) -> str | None:
    """An id as it may be kept: text or a number, at most 64 plain signs; None for anything else."""
    if isinstance(given, int) and not isinstance(given, bool) and abs(given) < 2**63:
        given = str(given)
    return given if isinstance(given, str) and _ID.fullmatch(given) else None


def _kind(event: _Json) -> str | None:
    """What kind of message was received: its word; empty where the event has no name; None for other events."""
    name = event.get("event_name")
    if name is None:
        return ""
    found = _RECEIVED.fullmatch(name) if isinstance(name, str) else None
    return found[1] if found else None


def _incoming(event: _Json, username: str, own_id: str) -> Incoming | None:
    kind = _kind(event)
    if kind is None:  # read, typed, joined: whatever Zalo may tell one day, nobody said anything
        return None
    message = event["message"]
    sender, chat = message["from"], message["chat"]
    who, where = id_of(sender["id"]), id_of(chat["id"])
    if who is None or where is None:
        raise ValueError("an id that cannot be kept")
    if sender.get("is_bot") is True or who == own_id:
        return None
    group = str(chat.get("chat_type") or ("PRIVATE" if who == where else "GROUP")).upper() != "PRIVATE"
    return Incoming(
        Address(CHANNEL, where),
        who,
        _said(message, kind, username if group else ""),
        private=not group,
        ref=id_of(message.get("message_id")),
        sender_name=_name(sender),
        sent_at=moment(message.get("date")),
    )


def _name(sender: _Json) -> str:
    names = (sender.get(field) for field in ("display_name", "name", "first_name"))
    return next((name for name in names if isinstance(name, str) and name), "")


def _said(message: _Json, kind: str, mention: str) -> Said:
    if kind in _THINGS:
        return _thing(message, _THINGS[kind])
    text = message.get("text")
    if isinstance(text, str) and text:
        words = _without(text, mention)
        return command_of(words) or Typed(words)
    return _thing(message, next((thing for field, thing in _FIELDS if message.get(field)), Thing.OTHER))


def _thing(message: _Json, thing: Thing) -> Sent:
    """A photo or a voice message lies at an address of Zalo's, by which it is fetched."""
    address = message.get({Thing.PHOTO: "photo", Thing.VOICE: "voice_url"}.get(thing, ""))
    caption = message.get("caption")
    return Sent(
        thing,
        address if isinstance(address, str) and address else None,
        caption=caption if isinstance(caption, str) else "",
    )


def _without(text: str, mention: str) -> str:
    """In a group nobody is heard who does not name us first; the name is not part of what they say."""
    named = f"@{mention}".lower()
    if mention and text.lower().startswith(named):
        return text[len(named) :].strip() or text
    return text
