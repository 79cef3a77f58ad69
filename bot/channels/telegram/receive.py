"""A Telegram update becomes something said; no decisions are taken here."""

from __future__ import annotations

import json
from typing import Any

from telegram import Bot, CallbackQuery, ChatMember, ChatMemberUpdated, Message, Update

from bot.channels.contract import Unreadable
from handlers.dialogue.buttons import read_data
from handlers.dialogue.said import (
    Command,
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
)
from storage.records import Address

CHANNEL = "telegram"
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")

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


def read(raw: str, bot: Bot, username: str = "") -> Incoming | None:
    """Understand one update; None where nothing in it is for us. Raises Unreadable, whatever is wrong with it.

    ``username`` is our own: a command in a group that names another bot is not for us.
    """
    try:
        update = Update.de_json(json.loads(raw), bot)
        return _incoming(update, username) if update else None
    except Exception as broken:  # a foreign shape can break the parser anywhere, and must not stop the next one
        raise Unreadable(f"{type(broken).__name__}: {broken}") from broken


def _incoming(update: Update, username: str) -> Incoming | None:
    if update.callback_query:
        return _pressed(update.callback_query)
    if update.my_chat_member:
        return _membership(update.my_chat_member)
    if update.edited_message:
        return _message(update.edited_message, Edited(update.edited_message.text or ""))
    if update.message is None or _for_another(update.message, username):
        return None
    return _message(update.message, _said(update.message))


def _for_another(message: Message, username: str) -> bool:
    """Whether a command in a group names a bot that is not us."""
    if message.chat.type == "private" or not username or not (message.text or "").startswith("/"):
        return False
    named = (message.text or "").split(maxsplit=1)[0].partition("@")[2]
    return bool(named) and named.lower() != username.lower()


def _message(message: Message, said: Said) -> Incoming | None:
    if message.from_user is None or message.from_user.is_bot or message.migrate_from_chat_id:
        return None
    return Incoming(
        Address(CHANNEL, str(message.chat.id)),
        str(message.from_user.id),
        said,
        private=message.chat.type == "private",
        ref=str(message.message_id),
        sender_name=message.from_user.full_name,
    )


def _said(message: Message) -> Said:
    if message.forward_origin is not None:
        return Forwarded(message.text or "")
    if message.text is not None:
        return _command(message.text) or Typed(message.text)
    if message.document:
        document = message.document
        return File(document.file_id, document.file_name or "", document.file_size or 0)
    for field, thing in _THINGS:
        if getattr(message, field):
            return Sent(thing)
    return Sent(Thing.OTHER)


def _command(text: str) -> Command | None:
    if not text.startswith("/"):
        return None
    word, args = (*text[1:].split(maxsplit=1), "", "")[:2]
    name = word.partition("@")[0].lower()
    return Command(name, args.strip()) if name.replace("_", "").isalnum() else None


def _pressed(query: CallbackQuery) -> Incoming | None:
    if query.message is None:
        return None
    return Incoming(
        Address(CHANNEL, str(query.message.chat.id)),
        str(query.from_user.id),
        read_data(query.data) if query.data else Forged(),
        private=query.message.chat.type == "private",
        ref=str(query.message.message_id),
        query=query.id,
        sender_name=query.from_user.full_name,
    )


def _membership(change: ChatMemberUpdated) -> Incoming | None:
    if change.chat.type != "private":
        return None
    back = change.new_chat_member.status not in {ChatMember.BANNED, ChatMember.LEFT}
    return Incoming(Address(CHANNEL, str(change.chat.id)), str(change.from_user.id), Gone(back=back))
