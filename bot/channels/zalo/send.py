"""A post goes out by Zalo's methods, and what Zalo refuses becomes a reason with a next step."""

from __future__ import annotations

import re
from typing import Any

from bot.channels.contract import Abilities, DeliveryError, Sent
from bot.channels.degrade import has_picture, next_part
from bot.channels.zalo.client import Refusal, Unfit, Unreachable, ZaloClient
from bot.channels.zalo.receive import id_of, moment
from storage.records import DeliveryTrouble, Post

Failure = Refusal | Unreachable | Unfit

BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, TIMEOUT, TOO_MANY = 400, 401, 403, 404, 408, 429
# Zalo names no time after its 429, and so few messages are allowed a month that the minute may be used up as well.
_TOO_MANY_SECONDS = 10.0
_PERSON = (
    (
        re.compile(r"(bot|user|người dùng).{0,30}(block|chặn)|(block|chặn).{0,20}(bot|user)"),
        DeliveryTrouble.BLOCKED,
    ),
    (re.compile(r"deactivated|account.*(deleted|locked|banned)"), DeliveryTrouble.DEACTIVATED),
    (re.compile(r"initiate|(not|never|chưa).{0,20}(interact|start|tương tác)"), DeliveryTrouble.NEVER_STARTED),
    (re.compile(r"kicked|not a member|not in (the )?group"), DeliveryTrouble.CHAT_GONE),
    (
        re.compile(
            r"(chat|user|recipient|conversation|group).{0,20}(not found|not exist|n't exist|invalid|không tồn tại)"
            r"|(invalid|unknown|no such) (chat|user|recipient|conversation|group)"
        ),
        DeliveryTrouble.CHAT_GONE,
    ),
)


async def send(client: ZaloClient, post: Post, abilities: Abilities) -> Sent:
    """Send a post that was put into plain words, or its next part: one message a call. Raises DeliveryError."""
    if post.menu:
        return Sent(None)
    if post.file is not None:
        raise DeliveryError("a file goes by its address, and this one came by itself")
    text, rest = next_part(post, abilities)
    if has_picture(post) and rest is None:
        photo = {"photo": str((post.data or {})["url"])}
        method, given = "sendPhoto", photo | ({"caption": text} if text else {})
    elif text:
        method, given = "sendMessage", {"text": text}
    else:
        raise DeliveryError("nothing to say")
    result = await _to_chat(client, method, post.address.chat, given)
    said: dict[str, Any] = result if isinstance(result, dict) else {}
    return Sent(id_of(said.get("message_id")), rest, moment(said.get("date")))


async def _to_chat(client: ZaloClient, method: str, chat: str, given: dict[str, Any]) -> Any:
    failure: DeliveryError
    try:
        return await client.call(method, {"chat_id": chat, **given})
    except (Refusal, Unreachable) as failed:
        failure = understood(failed)
        unclear = isinstance(failed, Refusal) and failed.code == NOT_FOUND and failure.trouble is None
    if unclear:
        # A bare 404 is said of a chat that is gone and of a bot that is: ask for the bot.
        failure = await _who_is_gone(client)
    raise failure


async def _who_is_gone(client: ZaloClient) -> DeliveryError:
    try:
        await client.call("getMe")
    except (Refusal, Unreachable) as failed:
        return understood(failed)
    return DeliveryError("the chat is gone", trouble=DeliveryTrouble.CHAT_GONE)


def understood(failed: Failure) -> DeliveryError:
    """What to do about a failure, by Zalo's code and words.

    Documented are 400 for a call that is wrong, 401 and 404, 408 for a poll without news, 429 for a quota that is
    used up, and 403 for an inner error of theirs, which passes. How it is told that a person cannot be reached is
    documented nowhere: there the words decide.
    """
    if isinstance(failed, Unreachable):
        return DeliveryError(f"the server cannot be reached ({failed})", retry_after=1, lost=failed.lost)
    if isinstance(failed, Unfit):
        return DeliveryError(str(failed))
    words = failed.words
    if failed.code == TOO_MANY:
        return DeliveryError(words, retry_after=failed.wait or _TOO_MANY_SECONDS, too_many=True)
    if failed.code in {BAD_REQUEST, FORBIDDEN, NOT_FOUND}:
        trouble = next((t for sign, t in _PERSON if sign.search(words.lower())), None)
        if trouble is not None:
            return DeliveryError(words, trouble=trouble)
    if failed.code in {UNAUTHORIZED, NOT_FOUND}:
        return DeliveryError("the token was refused", retry_after=30, everywhere=True)
    if 400 <= failed.code <= 499 and failed.code not in {FORBIDDEN, TIMEOUT}:
        return DeliveryError(words)
    # Their server is in trouble, or says what nobody has documented: the post is not to blame.
    return DeliveryError(f"{words} ({failed.code})", retry_after=1)
