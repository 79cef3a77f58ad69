"""Telling the administrators of technical trouble: through the outbox, or directly where nothing can be kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import structlog

from bot.channels.contract import Channel, DeliveryError
from bot.clock import Clock
from handlers.dialogue.phrases import Phrase
from handlers.dialogue.room import House, Message
from handlers.posting import post, words_of
from storage.database import Database, DatabaseTrouble
from storage.records import Post

log = structlog.get_logger()


class Administrators:
    """Those whom the settings name; ``posted`` is called when something for them lies in the outbox."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        house: House,
        clock: Clock,
        posted: Callable[[], None],
    ) -> None:
        self._database = database
        self._channels = channels
        self._house = house
        self._clock = clock
        self._posted = posted

    async def tell(self, body: Phrase) -> None:
        """Tell every one of them; whom nothing reaches is left out, with a line in the log."""
        for address in sorted(self._house.administrators, key=str):
            message = Message(address, body)
            try:
                await self._database.write(partial(post, house=self._house, message=message, now=self._clock.now()))
            except DatabaseTrouble:
                # A full disk takes no post, and it is just what is to be told; whoever cannot write says it in vi.
                words = str(words_of("vi", self._house).write(body))
                await self._send(Post(address, words))
        self._posted()

    async def _send(self, written: Post) -> None:
        channel = self._channels.get(written.address.channel)
        try:
            if channel is not None:
                await channel.send(written)
        except DeliveryError as failed:
            log.warning("an administrator could not be told", reason=str(failed))
