"""A Telegram update becomes something said; no decisions are taken here."""

from __future__ import annotations

import json
from typing import Any

from telegram.constants import ChatMemberStatus, ChatType

from bot.channels.contract import Unreadable
from handlers.dialogue.buttons import read_data
from handlers.dialogue.said import (
    Edited,
    File,
    Forged,
    Forwarded,
    Gone,
    Incoming,
    Said,
    Sent,
    Thing,
    Typed,
    command_of,
)
from storage.records import Address

_Json = dict[str, Any]

CHANNEL = "telegram"
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")

_PRIVATE = str(ChatType.PRIVATE)
_AWAY = frozenset({str(ChatMemberStatus.BANNED), str(ChatMemberStatus.LEFT)})
_THINGS = (
    ("sticker", Thing.STICKER),
    ("photo", Thing.PHOTO),
    ("voice", Thing.VOICE),
    ("audio", Thing.VOICE),
    ("video", Thing.VIDEO),
    ("video_note", Thing.VIDEO),
    ("animation", Thing.VIDEO),
    ("location", Thing.LOCATION),
    ("venue", Thing.LOCATION),
    ("contact", Thing.CONTACT),
)


def chat_of(raw: dict[str, Any]) -> str:
    """The chat an update belongs to, from raw JSON; ``-`` where it belongs to none."""
    for kind in ("message", "edited_message", "my_chat_member"):
        if kind in raw:
            return _chat_id(raw[kind])
    query = raw.get("callback_query")
    return _chat_id(query.get("message")) if isinstance(query, dict) else "-"


def _chat_id(holder: Any) -> str:
    chat = holder.get("chat") if isinstance(holder, dict) else None
    number = chat.get("id") if isinstance(chat, dict) else None
    return str(number) if isinstance(number, int) and abs(number) < 2**63 else "-"


def read(raw: str, username: str = "") -> Incoming | None:
    """Understand one update; None where nothing in it is for us. Raises Unreadable, whatever is wrong with it.

    ``username`` is our own: a command in a group that names another bot is not for us. The JSON is read as it is:
    of the hundred fields that the library's Message takes the time to fill, ten are looked at
    (docs/decisions/0010).
    """
    try:
        return _incoming(json.loads(raw), username)
    except Exception as broken:  # a foreign shape can break the reading anywhere, and must not stop the next one
        raise Unreadable(f"{type(broken).__name__}: {broken}") from broken


def _incoming(update: _Json, username: str) -> Incoming | None:
    if "callback_query" in update:
        return _pressed(update["callback_query"])
    if "my_chat_member" in update:
        return _membership(update["my_chat_member"])
    if "edited_message" in update:
        edited = update["edited_message"]
        return _message(edited, Edited(edited.get("text") or ""))
    message = update.get("message")
    if message is None or _for_another(message, username):
        return None
    return _message(message, _said(message))


def _for_another(message: _Json, username: str) -> bool:
    """Whether a command in a group names a bot that is not us."""
    text = message.get("text") or ""
    if message["chat"]["type"] == _PRIVATE or not username or not text.startswith("/"):
        return False
    named = text.split(maxsplit=1)[0].partition("@")[2]
    return bool(named) and named.lower() != username.lower()


def _message(message: _Json, said: Said) -> Incoming | None:
    sender = message.get("from")
    if sender is None or sender["is_bot"] or "migrate_from_chat_id" in message:
        return None
    return _from(message["chat"], sender, said, ref=str(int(message["message_id"])))


def _from(chat: _Json, sender: _Json, said: Said, **more: Any) -> Incoming:
    name = " ".join(filter(None, (sender.get("first_name"), sender.get("last_name"))))
    return Incoming(
        Address(CHANNEL, str(int(chat["id"]))),
        str(int(sender["id"])),
        said,
        private=chat["type"] == _PRIVATE,
        sender_name=name,
        **more,
    )


def _said(message: _Json) -> Said:
    text = message.get("text")
    if "forward_origin" in message:
        return Forwarded(text or "", _thing(message) if text is None else None)
    if text is not None:
        return command_of(text) or Typed(text)
    return _thing(message)


def _thing(message: _Json) -> Sent | File:
    caption = message.get("caption") or ""
    # A GIF is a video to Telegram and comes with a document, for programs that know of no animations.
    if "document" in message and "animation" not in message:
        document = message["document"]
        size = int(document.get("file_size") or 0)
        return File(document["file_id"], document.get("file_name") or "", size, caption=caption)
    for field, thing in _THINGS:
        if found := message.get(field):
            # Of a photo there are several sizes, the smallest first.
            what = found[-1] if isinstance(found, list) else found
            return Sent(
                thing,
                what.get("file_id"),
                what.get("file_name") or "",
                int(what.get("file_size") or 0),
                caption,
            )
    return Sent(Thing.OTHER, caption=caption)


def _pressed(query: _Json) -> Incoming | None:
    message = query.get("message")
    if message is None:
        return None
    said = read_data(query["data"]) if query.get("data") else Forged()
    ref = str(int(message["message_id"]))
    return _from(message["chat"], query["from"], said, ref=ref, query=str(query["id"]))


def _membership(change: _Json) -> Incoming | None:
    if change["chat"]["type"] != _PRIVATE:
        return None
    back = change["new_chat_member"]["status"] not in _AWAY
    return _from(change["chat"], change["from"], Gone(back=back))
