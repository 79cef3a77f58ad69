"""Telling the administrators of technical trouble: through the outbox, or directly where nothing can be kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial

import structlog

from bot.channels.contract import Channel, DeliveryError
from bot.clock import Clock
from handlers.dialogue.phrases import Phrase, Plain, paragraphs, t
from handlers.dialogue.room import House, Message
from handlers.posting import post, words_of
from handlers.reaching import channel_name
from storage import accounts
from storage.database import Database, DatabaseTrouble
from storage.records import Address, Post, Raw
from storage.transaction import Connection

log = structlog.get_logger()

_STUCK_SECONDS = 3600.0


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
        self._errands: set[asyncio.Task[None]] = set()
        self._stuck_told: float | None = None

    def set_aside(self, trouble: str, raw: Raw) -> None:
        """Tell them that a message was set aside; its words are not repeated."""
        known = t("admin.set_aside", channel=raw.channel, update=raw.update_id)
        self._tell_soon(paragraphs(known, Plain(trouble[:300])))

    def stuck(self, trouble: DatabaseTrouble) -> None:
        """Tell them that nothing can be kept, once an hour: it is tried again every few seconds."""
        now = asyncio.get_running_loop().time()
        if self._stuck_told is None or now - self._stuck_told > _STUCK_SECONDS:
            self._stuck_told = now
            self._tell_soon(t("admin.stuck", reason=str(trouble)))

    async def backup(self, failed: bool, reason: str) -> None:
        """Tell them that the backups fail, or that they work again."""
        await self.tell(t("admin.backup_failed", reason=reason) if failed else t("admin.backup_works"))

    def messenger(self, channel: str, reason: str | None) -> None:
        """Tell them why a messenger is not open, over the others as far as they go; or (None) that it is by now."""
        if reason is not None:
            self._tell_soon(t("admin.messenger_shut", channel=channel_name(channel), reason=reason), shut=channel)
        else:
            self._tell_soon(t("admin.messenger_open", channel=channel_name(channel)))

    async def drain(self, seconds: float) -> None:
        """Let what is being told be told, at most so long."""
        if self._errands:
            await asyncio.wait(set(self._errands), timeout=seconds)
        for errand in self._errands:
            errand.cancel()
        await asyncio.gather(*self._errands, return_exceptions=True)

    async def tell(self, body: Phrase, shut: str | None = None) -> None:
        """Tell every one of them; whom nothing reaches is left out, with a line in the log. Nothing goes over the
        messenger that is ``shut``: by the time it is open this is no news."""
        for address in sorted(self._house.administrators, key=str):
            try:
                await self._database.write(partial(self._post, address=address, body=body, shut=shut))
            except DatabaseTrouble:
                # A full disk takes no post, and it is just what is to be told; whoever cannot write says it in vi.
                words = str(words_of("vi", self._house).write(body))
                await self._send(Post(address, words))
        self._posted()

    def _post(self, tx: Connection, address: Address, body: Phrase, shut: str | None) -> None:
        if address.channel == shut:
            found = accounts.speaker(tx, address)
            others = accounts.of_member(tx, found[0].id) if found else ()
            free = (a.address for a in others if a.trouble is None and a.address.channel != shut)
            other = next(free, None)
            if other is None:
                log.warning("an administrator could not be told", reason=f"only on {shut}")
                return
            address = other
        post(tx, self._house, Message(address, body), self._clock.now())

    def _tell_soon(self, body: Phrase, shut: str | None = None) -> None:
        errand = asyncio.create_task(self.tell(body, shut), name="alarm")
        self._errands.add(errand)
        errand.add_done_callback(self._told)

    def _told(self, errand: asyncio.Task[None]) -> None:
        self._errands.discard(errand)
        if not errand.cancelled() and (failure := errand.exception()):
            log.error("the administrators could not be told", reason=type(failure).__name__)

    async def _send(self, written: Post) -> None:
        channel = self._channels.get(written.address.channel)
        try:
            if channel is not None:
                await channel.send(written)
        except DeliveryError as failed:
            log.warning("an administrator could not be told", reason=str(failed))
