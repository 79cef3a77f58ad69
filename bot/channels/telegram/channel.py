"""The Telegram channel: polling that acknowledges only what is safe, sending, fetching."""

from __future__ import annotations

import asyncio
import json

import structlog
from telegram import Bot
from telegram.constants import ChatAction
from telegram.error import BadRequest, Conflict, EndPointNotFound, InvalidToken, TelegramError
from telegram.request import BaseRequest

from bot.channels.contract import DeliveryError, Keep, Sent
from bot.channels.telegram import receive
from bot.channels.telegram.send import LARGEST_DOWNLOAD, heed, send, understood
from bot.channels.telegram.transport import AiohttpRequest
from handlers.dialogue.said import Incoming
from storage.records import Address, Post, Raw

log = structlog.get_logger()

_POLL_SECONDS = 25


class TelegramChannel:
    """One bot account; ``request`` is python-telegram-bot's own seam for another transport."""

    name = receive.CHANNEL

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
        self.polled_at: float | None = None

    async def open(self) -> None:
        """Introduce ourselves and take over. Raises DeliveryError, ``everywhere`` where the token is refused."""
        await self.introduce()
        # A webhook left from another installation would refuse our polls.
        await heed(self._bot.delete_webhook(drop_pending_updates=False))

    async def introduce(self) -> None:
        """Learn our own name. Raises DeliveryError."""
        await heed(self._bot.initialize())
        self.username = self._bot.username

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
            self.polled_at = asyncio.get_running_loop().time()
            pause = 0.0
            if isinstance(updates, list) and updates:
                await keep([_raw(update) for update in updates])
                offset = max(int(update["update_id"]) for update in updates) + 1

    def read(self, raw: Raw) -> Incoming | None:
        """Understand one raw update. Raises Unreadable."""
        return receive.read(raw.raw, self._bot, self.username)

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


def _raw(update: dict[str, object]) -> Raw:
    # In ASCII: half a surrogate pair is valid JSON and no database takes it, so it would come back for ever.
    text = json.dumps(update)
    return Raw(receive.CHANNEL, str(update["update_id"]), receive.chat_of(update), text)


def _pause_after(refused: TelegramError, before: float) -> float:
    if isinstance(refused, InvalidToken | EndPointNotFound | Conflict):
        return 10.0
    return min(max(before * 2, 0.5), 30.0)
