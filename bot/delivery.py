"""From the outbox to the messengers: in order within a chat, within their limits, settled with a result."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.channels.contract import Channel, DeliveryError, Sent
from bot.clock import Clock
from storage import accounts, conversations, groups, outbox
from storage.database import Database, DatabaseTrouble
from storage.outbox import Queued
from storage.records import Address, Post
from storage.transaction import Connection

log = structlog.get_logger()

# Seconds between tries of the same post, and between looks at the outbox.
_PATIENCE = (1, 2, 5, 15, 60, 300)
_BETWEEN_CLAIMS = 0.005
_LONGEST_REST = 5.0
_RETRY_SECONDS = 2.0


class Limits:
    """Telegram's limits as we keep them: 30 a second in all, 1 a second to a chat, 20 a minute to a group.

    ``rates`` makes all of it that many times faster, for tests against a local server. Times are loop seconds.
    """

    def __init__(self, rates: float = 1.0) -> None:
        self.per_second = 30
        self._window = 1.0 / rates
        self._chat_gap = 1.0 / rates
        self._group_gap = 3.0 / rates
        self._recent: deque[float] = deque()
        self._free_at: dict[Address, float] = {}

    def room(self, now: float) -> int:
        """How many posts may go out at this moment."""
        while self._recent and self._recent[0] <= now - self._window:
            self._recent.popleft()
        return self.per_second - len(self._recent)

    def resting(self, now: float) -> set[Address]:
        """Chats that may not be written to yet."""
        self._free_at = {chat: at for chat, at in self._free_at.items() if at > now}
        return set(self._free_at)

    def taken(self, chat: Address, now: float, *, group: bool) -> None:
        """Count one post to that chat."""
        self._recent.append(now)
        self._free_at[chat] = now + (self._group_gap if group else self._chat_gap)

    def next_free(self, now: float) -> float:
        """Seconds until something that is held back by a limit may go."""
        waits = [at - now for at in self._free_at.values()]
        if self._recent and self.room(now) <= 0:
            waits.append(self._recent[0] + self._window - now)
        return max(0.0, min(waits, default=_LONGEST_REST))


class Delivery:
    """One loop that claims and sends; ``wake`` tells it that something was posted."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        clock: Clock,
        limits: Limits,
        cook: Callable[[str, Mapping[str, Any]], bytes],
    ) -> None:
        self._database = database
        self._channels = channels
        self._clock = clock
        self._limits = limits
        self._cook = cook
        self._posted = asyncio.Event()
        self._sending: dict[asyncio.Task[None], Address] = {}
        self._paused_until = 0.0

    def wake(self) -> None:
        """Something was posted."""
        self._posted.set()

    async def run(self) -> None:
        """Send for ever."""
        await self._database.write(outbox.recover)
        while True:
            self._posted.clear()
            try:
                claimed = await self._claim()
            except DatabaseTrouble as trouble:
                log.error("outbox cannot be read", trouble=trouble.kind)
                claimed = ()
                await asyncio.sleep(_RETRY_SECONDS)
            for queued in claimed:
                self._start(queued)
            await self._rest(busy=bool(claimed), put_back=await self._seconds_to_put_back())

    async def drain(self, seconds: float) -> None:
        """Let sends that are under way end, at most so long; the rest waits in the outbox."""
        if self._sending:
            await asyncio.wait(set(self._sending), timeout=seconds)
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)

    async def _claim(self) -> tuple[Queued, ...]:
        now = asyncio.get_running_loop().time()
        room = self._limits.room(now) if now >= self._paused_until else 0
        if room <= 0:
            return ()
        busy = self._limits.resting(now) | set(self._sending.values())
        if not await self._database.read(outbox.any_waiting):
            return ()
        return await self._database.write(lambda tx: outbox.claim(tx, self._clock.now(), room, busy))

    def _start(self, queued: Queued) -> None:
        address = queued.post.address
        channel = self._channels.get(address.channel)
        group = channel is not None and channel.is_group(address)
        self._limits.taken(address, asyncio.get_running_loop().time(), group=group)
        task = asyncio.create_task(self._send(queued, channel), name="send")
        self._sending[task] = address
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._sending.pop(task, None)
        if not task.cancelled() and (failure := task.exception()):
            log.error("sending failed", reason=repr(failure))
        self.wake()

    async def _seconds_to_put_back(self) -> float:
        """Seconds until a post that was put back may be tried again."""
        with suppress(DatabaseTrouble):
            due = await self._database.read(lambda tx: outbox.next_due(tx, self._clock.now()))
            if due is not None:
                return max(0.0, (due - self._clock.now()).total_seconds())
        return _LONGEST_REST

    async def _rest(self, *, busy: bool, put_back: float) -> None:
        now = asyncio.get_running_loop().time()
        wait = max(min(self._limits.next_free(now), put_back), self._paused_until - now)
        try:
            await asyncio.wait_for(self._posted.wait(), _BETWEEN_CLAIMS if busy else max(wait, _BETWEEN_CLAIMS))
        except TimeoutError:
            return

    async def _send(self, queued: Queued, channel: Channel | None) -> None:
        if channel is None:
            await self._fail(queued, DeliveryError(f"no channel {queued.post.address.channel}"))
            return
        try:
            sent = await channel.send(await self._with_file(queued.post))
        except DeliveryError as error:
            await self._fail(queued, error)
            return
        except Exception as bug:  # left as "being sent" it would hold up its chat, after every restart too
            log.exception("post cannot be sent", post=queued.id)
            await self._fail(queued, DeliveryError(type(bug).__name__))
            return
        await self._keep(lambda tx: self._settle(tx, queued, sent))

    async def _with_file(self, post: Post) -> Post:
        """Make the file of a post by its recipe, in a worker thread: drawing takes longer than answering."""
        if post.recipe is None or post.data is None:
            return post
        await self._channels[post.address.channel].show_typing(post.address)
        return replace(post, file=await asyncio.to_thread(self._cook, post.recipe, post.data))

    def _settle(self, tx: Connection, queued: Queued, sent: Sent) -> None:
        if sent.rest is not None:
            outbox.shorten(tx, queued.id, sent.rest, self._clock.now())
            return
        outbox.sent(tx, queued.id, sent.ref, self._clock.now())
        if queued.post.screen is not None and sent.ref is not None:
            conversations.screen_arrived(tx, queued.post.address, queued.post.screen, sent.ref)

    async def _fail(self, queued: Queued, error: DeliveryError) -> None:
        """Settle a failure by what it says is to be done next."""
        post = queued.post
        if error.retry_after is not None:
            wait = max(error.retry_after, _PATIENCE[min(queued.attempts, len(_PATIENCE)) - 1])
            if error.everywhere:
                self._paused_until = asyncio.get_running_loop().time() + wait
            until = self._clock.now() + timedelta(seconds=wait)
            log.info("post waits", seconds=wait, reason=str(error))
            await self._keep(lambda tx: outbox.later(tx, queued.id, until, str(error)))
            return
        if error.moved_to not in {None, post.address.chat}:
            moved = Address(post.address.channel, error.moved_to)
            log.info("group moved", reason=str(error))
            await self._keep(lambda tx: _move(tx, queued, moved, self._clock.now()))
            return
        log.warning("post failed for good", trouble=error.trouble, reason=str(error))

        def give_up(tx: Connection) -> None:
            outbox.failed(tx, queued.id, error.trouble or str(error), self._clock.now())
            if error.trouble is not None:
                accounts.set_trouble(tx, post.address, error.trouble, self._clock.now())

        await self._keep(give_up)

    async def _keep(self, result: Callable[[Connection], None]) -> None:
        """Keep what became of a post, however long the database takes: an unsettled one would hold up its chat."""
        while True:
            try:
                await self._database.write(result)
            except DatabaseTrouble as trouble:
                log.error("result waits for the database", trouble=trouble.kind)
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                return


def _move(tx: Connection, queued: Queued, to: Address, now: datetime) -> None:
    """A group became another one (Telegram's "supergroup"): the cell goes with it, and so does the post."""
    groups.move(tx, queued.post.address, to)
    outbox.failed(tx, queued.id, f"moved to {to.chat}", now)
    outbox.put(tx, replace(queued.post, address=to), now)
