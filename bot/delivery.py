"""From the outbox to the messengers: in order within a chat, within their limits, settled with a result."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.channels.contract import Channel, DeliveryError, Sent
from bot.clock import Clock
from bot.limits import Limits, Slot
from bot.metrics import Metrics
from storage import accounts, conversations, groups, outbox
from storage.database import Database, DatabaseTrouble
from storage.outbox import Queued
from storage.records import Address, Post, Urgency
from storage.transaction import Connection

log = structlog.get_logger()

# Seconds between tries of the same post, and between looks at the outbox.
_PATIENCE = (1, 2, 5, 10, 15)  # and no longer: an answer in the same chat waits behind it
_SHORTEST_REST = 0.001
_LONGEST_REST = 5.0
_RETRY_SECONDS = 2.0


class Delivery:
    """One loop that claims and sends; ``wake`` tells it that something was posted."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        clock: Clock,
        limits: Limits,
        cook: Callable[[str, Mapping[str, Any]], bytes],
        metrics: Metrics | None = None,
    ) -> None:
        self._database = database
        self._channels = channels
        self._clock = clock
        self._limits = limits
        self._cook = cook
        self._metrics = metrics or Metrics()
        self._posted = asyncio.Event()
        self._sending: dict[asyncio.Task[None], Address] = {}
        self._paused_until = 0.0

    def wake(self) -> None:
        """Something was posted."""
        self._posted.set()

    async def run(self) -> None:
        """Send for ever."""
        recovered = False
        while True:
            self._posted.clear()
            try:
                if not recovered:
                    await self._database.write(outbox.recover)
                    recovered = True
                claimed, put_back = await self._claim()
            except DatabaseTrouble as trouble:
                self._metrics.trouble(trouble.kind)
                log.error("outbox cannot be read", trouble=trouble.kind)
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            for queued in claimed:
                self._start(queued)
            if not claimed:
                await self._rest(put_back)

    async def drain(self, seconds: float) -> None:
        """Let sends that are under way end, at most so long; the rest waits in the outbox."""
        if self._sending:
            await asyncio.wait(set(self._sending), timeout=seconds)
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)

    async def _claim(self) -> tuple[tuple[Queued, ...], float]:
        """What may go now; where nothing may, the seconds until a post that was put back is due."""
        at = asyncio.get_running_loop().time()
        room = self._limits.room(at) if at >= self._paused_until else 0
        if room <= 0:
            return (), _LONGEST_REST
        busy = self._limits.resting(at) | set(self._sending.values())
        calm = self._limits.calm(at)

        def work(tx: Connection) -> tuple[tuple[Queued, ...], float]:
            now = self._clock.now()
            claimed = outbox.claim(tx, now, room, busy, calm=calm)
            due = None if claimed else outbox.next_due(tx, now)
            return claimed, max(0.0, (due - now).total_seconds()) if due else _LONGEST_REST

        return await self._database.write(work, ahead=True)

    def _start(self, queued: Queued) -> None:
        address = queued.post.address
        channel = self._channels.get(address.channel)
        group = channel is not None and channel.is_group(address)
        calm = queued.post.urgency is not Urgency.ANSWER
        slot = self._limits.taken(address, asyncio.get_running_loop().time(), group=group, calm=calm)
        task = asyncio.create_task(self._send(queued, channel, slot), name="send")
        self._sending[task] = address
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._sending.pop(task, None)
        if not task.cancelled() and (failure := task.exception()):
            log.error("sending failed", reason=repr(failure))
        self.wake()

    async def _rest(self, put_back: float) -> None:
        now = asyncio.get_running_loop().time()
        wait = max(min(self._limits.next_free(now), put_back), self._paused_until - now, _SHORTEST_REST)
        # Not wait_for: in Python 3.11 it swallows a cancellation that comes together with what it waits for.
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._posted.wait()

    async def _send(self, queued: Queued, channel: Channel | None, slot: Slot) -> None:
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
        finally:
            self._limits.answered(slot, asyncio.get_running_loop().time())
        await self._keep(lambda tx: self._settle(tx, queued, sent))
        if sent.rest is None:
            self._metrics.sent(queued.post.urgency)

    async def _with_file(self, post: Post) -> Post:
        """Make the file of a post by its recipe, in a worker thread: drawing takes longer than answering."""
        if post.recipe is None or post.data is None:
            return post
        await self._channels[post.address.channel].show_typing(post.address)
        return replace(post, file=await asyncio.to_thread(self._cook, post.recipe, post.data))

    def _settle(self, tx: Connection, queued: Queued, sent: Sent) -> None:
        if sent.rest is not None:
            outbox.shorten(tx, queued.id, sent.rest)
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
            self._metrics.retried(post.urgency, too_many=error.too_many)
            log.info("post waits", seconds=wait, reason=str(error))
            await self._keep(lambda tx: outbox.later(tx, queued.id, until, str(error)))
            return
        if error.moved_to not in {None, post.address.chat}:
            moved = Address(post.address.channel, error.moved_to)
            log.info("group moved", reason=str(error))
            await self._keep(lambda tx: _move(tx, queued, moved, self._clock.now()))
            return
        self._metrics.failed(post.urgency)
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
                await self._database.write(result, ahead=True)
            except DatabaseTrouble as trouble:
                self._metrics.trouble(trouble.kind)
                log.error("result waits for the database", trouble=trouble.kind)
                await asyncio.sleep(_RETRY_SECONDS)
            except Exception as bug:
                log.error("result cannot be kept", trouble=type(bug).__name__)
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                return


def _move(tx: Connection, queued: Queued, to: Address, now: datetime) -> None:
    """A group became another one (Telegram's "supergroup"): the cell goes with it, and so does the post."""
    groups.move(tx, queued.post.address, to)
    outbox.failed(tx, queued.id, f"moved to {to.chat}", now)
    outbox.put(tx, replace(queued.post, address=to), now)
