"""A post goes out by Telegram's methods, and what Telegram refuses becomes a reason with a next step."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from telegram import Bot, BotCommand, BotCommandScopeChat, InlineKeyboardMarkup, Message
from telegram.constants import FileSizeLimit, MessageLimit, ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.channels.contract import DeliveryError, Sent
from bot.channels.split import length, split_html
from storage.records import DeliveryTrouble, Post

T = TypeVar("T")

_HTML = str(ParseMode.HTML)
LONGEST_TEXT = int(MessageLimit.MAX_TEXT_LENGTH)
LONGEST_CAPTION = int(MessageLimit.CAPTION_LENGTH)
LARGEST_DOWNLOAD = int(FileSizeLimit.FILESIZE_DOWNLOAD)


async def send(bot: Bot, post: Post) -> Sent:
    """Send, or change, what the post says: one message a call. Raises DeliveryError."""
    chat = int(post.address.chat)
    if post.menu:
        commands = [BotCommand(name, words[:256]) for name, words in post.menu]
        await heed(bot.set_my_commands(commands, scope=BotCommandScopeChat(chat)))
        return Sent(None)
    if post.file is not None and length(post.text) <= LONGEST_CAPTION:
        return Sent(str((await _send_file(bot, chat, post)).message_id))
    first, *others = split_html(post.text, LONGEST_TEXT)
    if post.edits is not None and not others and await _edit(bot, chat, post):
        return Sent(post.edits)
    rest = None
    if others:
        rest = replace(post, text="\n".join(others), edits=None)
    elif post.file is not None:
        rest = replace(post, text="", edits=None)
    keyboard = None if rest else _keyboard(post)
    said = await heed(call(bot, "sendMessage", chat_id=chat, text=first, parse_mode=_HTML, reply_markup=keyboard))
    return Sent(str(said["message_id"]), rest)


async def call(bot: Bot, method: str, **given: Any) -> Any:
    """Call a method of the Bot API, with its answer as it is. Raises TelegramError.

    Of the answer to a message only its number is wanted: making the library's objects of what goes out and what
    comes back took more time than the call itself (docs/decisions/0010). Method names are case-insensitive; the
    library warns where it has a method of the very name.
    """
    return await bot.do_api_request(method.lower(), api_kwargs=given)


async def _edit(bot: Bot, chat: int, post: Post) -> bool:
    """Change a message; False where it cannot be changed any more and a new one is the way."""
    try:
        await call(
            bot,
            "editMessageText",
            chat_id=chat,
            message_id=int(post.edits or 0),
            text=post.text,
            parse_mode=_HTML,
            reply_markup=_keyboard(post),
        )
    except BadRequest as refused:
        words = refused.message.lower()
        if "not modified" in words:
            return True
        if "to edit not found" in words or "can't be edited" in words:
            return False
        raise understood(refused) from refused
    except TelegramError as refused:
        raise understood(refused) from refused
    return True


async def _send_file(bot: Bot, chat: int, post: Post) -> Message:
    if post.file is None:
        raise DeliveryError("a file without content")
    keyboard = _keyboard(post)
    more: dict[str, Any] = {
        "caption": post.text or None,
        "parse_mode": _HTML,
        "filename": post.file_name,
        "reply_markup": InlineKeyboardMarkup.de_json(keyboard, bot) if keyboard else None,
    }
    if post.picture:
        return await heed(bot.send_photo(chat, post.file, **more))
    return await heed(bot.send_document(chat, post.file, **more))


def _keyboard(post: Post) -> dict[str, Any] | None:
    if not post.buttons:
        return None
    return {"inline_keyboard": [[{"text": b.label, "callback_data": b.data} for b in row] for row in post.buttons]}


async def heed(call: Awaitable[T]) -> T:
    """Await a call, turning what Telegram refuses into a DeliveryError."""
    try:
        return await call
    except TelegramError as refused:
        raise understood(refused) from refused


_FORBIDDEN = (
    ("blocked", DeliveryTrouble.BLOCKED),
    ("initiate conversation", DeliveryTrouble.NEVER_STARTED),
    ("deactivated", DeliveryTrouble.DEACTIVATED),
    ("kicked", DeliveryTrouble.CHAT_GONE),
    ("not a member", DeliveryTrouble.CHAT_GONE),
)


def understood(refused: TelegramError) -> DeliveryError:
    """What to do about a refusal, by Telegram's own words."""
    words = refused.message
    match refused:
        case ChatMigrated(new_chat_id=moved):
            return DeliveryError(words, moved_to=str(moved))
        case RetryAfter(retry_after=wait):
            seconds = wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
            return DeliveryError(words, retry_after=seconds, too_many=True)
        case Forbidden():
            found = next((t for sign, t in _FORBIDDEN if sign in words.lower()), DeliveryTrouble.BLOCKED)
            return DeliveryError(words, trouble=found)
        case BadRequest() if "chat not found" in words.lower():
            return DeliveryError(words, trouble=DeliveryTrouble.CHAT_GONE)
        case InvalidToken() | EndPointNotFound():
            # The library's words have the token in them, and these go to a log.
            return DeliveryError("the token was refused", retry_after=30, everywhere=True)
        case Conflict():
            return DeliveryError(words, retry_after=30, everywhere=True)
        case BadRequest():
            return DeliveryError(words)
        case NetworkError():
            return DeliveryError(f"the server cannot be reached ({words})", retry_after=1)
    # A body that is no JSON, for one: the server is in trouble, not the post.
    return DeliveryError(words, retry_after=1)
