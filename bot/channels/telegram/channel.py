"""The Telegram channel: polling that acknowledges only what is safe, sending, fetching."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from telegram import Bot
from telegram.constants import ChatAction
from telegram.error import BadRequest, Conflict, EndPointNotFound, InvalidToken, TelegramError
from telegram.request import BaseRequest

from bot.channels.contract import Abilities, DeliveryError, Keep, Refused, Sent, Webhook, WebhookState
from bot.channels.telegram import receive
from bot.channels.telegram.send import (
    LARGEST_DOWNLOAD,
    LONGEST_CAPTION,
    LONGEST_TEXT,
    heed,
    send,
    understood,
)
from bot.channels.telegram.transport import AiohttpRequest
from handlers.dialogue.said import Incoming
from storage.records import Address, Post, Raw

log = structlog.get_logger()

_POLL_SECONDS = 25
_STRANGE_ANSWER_PAUSE = 5.0
_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
# Over however many connections, Telegram brings one chat's messages one after the other (docs/decisions/0008).
_WEBHOOK_CONNECTIONS = 40


class TelegramChannel:
    """One bot account; ``request`` is python-telegram-bot's own seam for another transport."""

    name = receive.CHANNEL
    abilities = Abilities(
        buttons=True,
        edits=True,
        files=True,
        markup=True,
        menu=True,
        invite_links=True,
        typing=True,
        longest_text=LONGEST_TEXT,
        longest_caption=LONGEST_CAPTION,
    )

    def __init__(
        self, token: str, api_url: str, *, request: BaseRequest | None = None, poll_seconds: int = _POLL_SECONDS
    ) -> None:
        self._bot = Bot(
            token,
            base_url=f"{api_url}/bot",
            base_file_url=f"{api_url}/file/bot",
            request=request or AiohttpRequest(),
            get_updates_request=request or AiohttpRequest(connections=2),
        )
        self._poll_seconds = poll_seconds
        self.username = ""
        self._polled_at: float | None = None
        self._secret: bytes | None = None

    async def open(self) -> None:
        """Learn our own name. Raises DeliveryError, ``everywhere`` where the token is refused."""
        await heed(self._bot.initialize())
        self.username = self._bot.username

    async def expect(self, webhook: Webhook | None) -> None:
        """Register the webhook, or take away any, also one left by another installation: it would refuse our polls.

        Raises DeliveryError.
        """
        if webhook is None:
            self._secret = None
            await heed(self._bot.delete_webhook(drop_pending_updates=False))
            return
        self._secret = webhook.secret.encode()  # before Telegram has it: the first delivery may be quick
        await heed(
            self._bot.set_webhook(
                webhook.url,
                secret_token=webhook.secret,
                allowed_updates=list(receive.ALLOWED_UPDATES),
                max_connections=_WEBHOOK_CONNECTIONS,
                drop_pending_updates=False,
            )
        )

    async def webhook_state(self) -> WebhookState:
        """What Telegram knows of a webhook of this bot. Raises DeliveryError."""
        info = await heed(self._bot.get_webhook_info())
        failed = info.last_error_date
        age = (datetime.now(UTC) - failed).total_seconds() if failed else None
        return WebhookState(info.url or None, info.pending_update_count, info.last_error_message, age)

    async def close(self) -> None:
        """Close connections."""
        await self._bot.shutdown()

    async def poll(self, keep: Keep) -> None:
        """Fetch for ever; the offset moves past an update only when ``keep`` has returned."""
        offset, pause = 0, 0.0
        while True:
            await asyncio.sleep(pause)
            try:
                # Raw, so that one update that cannot be parsed does not hold up the others: the library
                # parses all of a batch at once. Method names are case-insensitive.
                updates = await self._bot.do_api_request(
                    "getupdates",
                    api_kwargs={
                        "offset": offset,
                        "timeout": self._poll_seconds,
                        "limit": 100,
                        "allowed_updates": list(receive.ALLOWED_UPDATES),
                    },
                    read_timeout=self._poll_seconds + 10,
                )
            except TelegramError as refused:
                pause = _pause_after(refused, pause)
                log.warning(
                    "poll failed", reason=type(refused).__name__, words=str(understood(refused)), pause=pause
                )
                continue
            self._polled_at = asyncio.get_running_loop().time()
            pause = 0.0
            numbered = [update for update in updates if _is_update(update)] if isinstance(updates, list) else []
            if numbered:
                await keep([_raw(update) for update in numbered])
                offset = max(update["update_id"] for update in numbered) + 1
            elif updates:  # nothing that could be acknowledged: asking at once again would bring the same
                log.warning("poll brought no update", pause=_STRANGE_ANSWER_PAUSE)
                pause = _STRANGE_ANSWER_PAUSE

    def accept(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Raw]:
        """The update of one delivery. Raises Refused: 401 without our secret, 400 where it is no update."""
        given = headers.get(_SECRET_HEADER, "").encode(errors="replace")
        if self._secret is None or not hmac.compare_digest(given, self._secret):
            raise Refused(401, "wrong or missing secret")
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            raise Refused(400, "no JSON") from None
        if not _is_update(update):
            raise Refused(400, "no update")
        return (_raw(update),)

    def fetched_at(self) -> float | None:
        """Loop time of the last poll that was answered."""
        return self._polled_at

    def read(self, raw: Raw) -> Incoming | None:
        """Understand one raw update. Raises Unreadable."""
        return receive.read(raw.raw, self.username)

    async def send(self, post: Post) -> Sent:
        """Send a post, or its first part. Raises DeliveryError."""
        return await send(self._bot, post)

    async def acknowledge(self, query: str, toast: str | None) -> None:
        """Stop the button's waiting sign; a query answered too late is not worth an error."""
        try:
            await self._bot.answer_callback_query(query, toast[:200] if toast else None)
        except BadRequest:
            return
        except TelegramError as refused:
            log.info("press not acknowledged", reason=type(refused).__name__)

    async def show_typing(self, address: Address) -> None:
        """Show "typing" for a few seconds."""
        try:
            await self._bot.send_chat_action(int(address.chat), ChatAction.TYPING)
        except TelegramError as refused:
            log.info("typing not shown", reason=type(refused).__name__)

    async def fetch(self, file_id: str) -> bytes:
        """Bytes of a document; at most 20 MB come down. Raises DeliveryError."""
        file = await heed(self._bot.get_file(file_id))
        if (file.file_size or 0) > LARGEST_DOWNLOAD:
            raise DeliveryError("file is too big")
        return bytes(await heed(file.download_as_bytearray()))

    def is_group(self, address: Address) -> bool:
        """Groups have negative ids."""
        return address.chat.startswith("-")

    def invite_link(self, code: str) -> str | None:
        """Telegram passes what follows ``start=`` on to us as ``/start <code>``."""
        return f"https://t.me/{self.username}?start={code}" if self.username else None


def _is_update(update: Any) -> bool:
    """Whether it is an object with a number by which it is known again; what else is in it is read later."""
    number = update.get("update_id") if isinstance(update, dict) else None
    return isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 2**63


def _raw(update: dict[str, Any]) -> Raw:
    # In ASCII: half a surrogate pair is valid JSON and no database takes it, so it would come back for ever.
    text = json.dumps(update)
    return Raw(receive.CHANNEL, str(update["update_id"]), receive.chat_of(update), text)


def _pause_after(refused: TelegramError, before: float) -> float:
    if isinstance(refused, InvalidToken | EndPointNotFound | Conflict):
        return 10.0
    return min(max(before * 2, 0.5), 30.0)
