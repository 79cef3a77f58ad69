"""A post goes out by Telegram's methods, and what Telegram refuses becomes a reason with a next step."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from telegram import Bot, BotCommand, BotCommandScopeChat, InlineKeyboardButton, InlineKeyboardMarkup, Message
from telegram.constants import FileSizeLimit, MessageLimit, ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
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
    said = await heed(bot.send_message(chat, first, parse_mode=ParseMode.HTML, reply_markup=keyboard))
    return Sent(str(said.message_id), rest)


async def _edit(bot: Bot, chat: int, post: Post) -> bool:
    """Change a message; False where it cannot be changed any more and a new one is the way."""
    try:
        await bot.edit_message_text(
            post.text,
            chat,
            int(post.edits or 0),
            parse_mode=ParseMode.HTML,
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
    caption = post.text or None
    if post.picture:
        return await heed(
            bot.send_photo(
                chat,
                post.file,
                caption=caption,
                parse_mode=ParseMode.HTML,
                filename=post.file_name,
                reply_markup=_keyboard(post),
            )
        )
    return await heed(
        bot.send_document(
            chat,
            post.file,
            caption=caption,
            parse_mode=ParseMode.HTML,
            filename=post.file_name,
            reply_markup=_keyboard(post),
        )
    )


def _keyboard(post: Post) -> InlineKeyboardMarkup | None:
    if not post.buttons:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(b.label, callback_data=b.data) for b in row] for row in post.buttons]
    )


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
            return DeliveryError(words, retry_after=seconds)
        case Forbidden():
            found = next((t for sign, t in _FORBIDDEN if sign in words.lower()), DeliveryTrouble.BLOCKED)
            return DeliveryError(words, trouble=found)
        case BadRequest() if "chat not found" in words.lower():
            return DeliveryError(words, trouble=DeliveryTrouble.CHAT_GONE)
        case InvalidToken():
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
