"""From the outbox to the messengers: in order within a chat, within their limits, settled with a result."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from html import escape
from typing import Any

import structlog

from bot.channels.contract import Channel, DeliveryError, Sent
from bot.channels.degrade import Fitted
from bot.clock import Clock
from bot.fitting import Fitting, arrived
from bot.limits import Limits, Slot
from bot.metrics import Metrics
from bot.plan_keeper import NO_PLANS, PlanKeeper
from bot.settling import Share, move, take_elsewhere
from handlers.dialogue.room import Made
from storage import accounts, conversations, outbox
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
        cook: Callable[[str, Mapping[str, Any]], Made],
        metrics: Metrics | None = None,
        plans: PlanKeeper = NO_PLANS,
        fitting: Fitting | None = None,
    ) -> None:
        self._database = database
        self._channels = channels
        self._clock = clock
        self._limits = limits
        self._cook = cook
        self._metrics = metrics or Metrics()
        self._plans = plans
        self._fitting = fitting or Fitting()
        self._posted = asyncio.Event()
        self._sending: dict[asyncio.Task[None], Address] = {}
        self._strays_at = 0.0
        self._loop: asyncio.Task[Any] | None = None
        self._ending = False

    def wake(self) -> None:
        """Something was posted."""
        self._posted.set()

    def hold(self, channel: str) -> None:
        """That messenger is not open: what is for it waits, and nothing else does."""
        self._limits.of(channel).pause()

    def release(self, channel: str) -> None:
        """It is open now."""
        self._limits.of(channel).resume()
        self.wake()

    async def run(self) -> None:
        """Send for ever, or until ``drain`` and no answer is left that may go."""
        self._loop = asyncio.current_task()
        recovered = False
        while True:
            self._posted.clear()
            try:
                if not recovered:
                    await self._database.write(self._recover)
                    recovered = True
                claimed, put_back = await self._claim()
            except DatabaseTrouble as trouble:
                self._metrics.trouble(trouble.kind)
                log.error("outbox cannot be read", trouble=trouble.kind)
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            for queued in claimed:
                self._start(queued)
            if claimed:
                continue
            if put_back is None and not self._sending:
                return
            await self._rest(_LONGEST_REST if put_back is None else put_back)

    async def drain(self, seconds: float) -> None:
        """Send the answers that may go, let sends under way end, at most so long; the rest waits in the outbox."""
        self._ending = True
        self.wake()
        under_way = {*self._sending, *([self._loop] if self._loop else [])}
        if under_way:
            await asyncio.wait(under_way, timeout=seconds)
        left = {*self._sending, *under_way}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _claim(self) -> tuple[tuple[Queued, ...], float | None]:
        """What may go now; where nothing may, the seconds until a post that was put back is due. At the end answers
        only, and None where there is none that waits for its turn."""
        at = asyncio.get_running_loop().time()
        taking = tuple(name for name in self._channels if self._limits.of(name).is_open(at))
        shares = tuple(share for share in (self._share(name, at) for name in taking) if share.room > 0)
        if not shares and (taking or not self._ending):
            return (), _LONGEST_REST

        def work(tx: Connection) -> tuple[tuple[Queued, ...], float | None]:
            now = self._clock.now()
            found = [queued for share in shares for queued in share.claim(tx, now)]
            claimed = self._plans.hold_back(tx, found, now)
            if found and not claimed:
                return claimed, 0.0
            if self._ending and not claimed and not any(outbox.answers_due(tx, now, name) for name in taking):
                return claimed, None
            claimed = claimed or self._strays(tx, now, at)
            due = None if claimed else outbox.next_due(tx, now)
            return claimed, max(0.0, (due - now).total_seconds()) if due else _LONGEST_REST

        return await self._database.write(work, ahead=True)

    def _share(self, channel: str, at: float) -> Share:
        """What may go out over one messenger at this moment, whatever the others are doing."""
        allowance = self._limits.of(channel)
        sending = (address for address in self._sending.values() if address.channel == channel)
        busy = frozenset(allowance.resting(at)).union(sending)
        return Share(channel, allowance.room(at), 0 if self._ending else allowance.calm(at), busy)

    def _strays(self, tx: Connection, now: datetime, at: float) -> tuple[Queued, ...]:
        """Now and then, posts for messengers that the settings do not name any more: they are to be settled too."""
        if self._ending or at < self._strays_at:
            return ()
        self._strays_at = at + _LONGEST_REST
        gone = outbox.channels(tx) - self._channels.keys()
        return tuple(queued for name in gone for queued in self._share(name, at).claim(tx, now))

    def _start(self, queued: Queued) -> None:
        address = queued.post.address
        channel = self._channels.get(address.channel)
        group = channel is not None and channel.is_group(address)
        calm = queued.post.urgency is not Urgency.ANSWER
        allowance = self._limits.of(address.channel)
        slot = allowance.taken(address, asyncio.get_running_loop().time(), group=group, calm=calm)
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
        free = min((self._limits.of(name).next_free(now) for name in self._channels), default=_LONGEST_REST)
        wait = max(min(free, put_back), _SHORTEST_REST)
        # Not wait_for: in Python 3.11 it swallows a cancellation that comes together with what it waits for.
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._posted.wait()

    async def _send(self, queued: Queued, channel: Channel | None, slot: Slot) -> None:
        if channel is None:
            await self._fail(queued, DeliveryError(f"no channel {queued.post.address.channel}"))
            return
        try:
            sent, fitted = await self._hand_over(queued, channel)
        except DeliveryError as error:
            await self._fail(queued, error)
            return
        except Exception as bug:  # left as "being sent" it would hold up its chat, after every restart too
            log.exception("post cannot be sent", post=queued.id)
            await self._fail(queued, DeliveryError(type(bug).__name__))
            return
        finally:
            self._limits.of(queued.post.address.channel).answered(slot, asyncio.get_running_loop().time())
        await self._keep(lambda tx: self._settle(tx, queued, sent, fitted))
        if sent.rest is None:
            self._metrics.sent(queued.post.urgency)

    async def _hand_over(self, queued: Queued, channel: Channel) -> tuple[Sent, Fitted | None]:
        """Send a post as it is, or put into what the messenger can show. Raises DeliveryError."""
        if channel.abilities.all:
            return await channel.send(await self._with_file(queued.post)), None
        if queued.post.menu and not channel.abilities.menu:
            return Sent(None), None
        ready = replace(queued, post=await self._with_file(queued.post))
        fitted = await self._fitted(ready, channel)
        return await channel.send(fitted.post), fitted

    async def _fitted(self, queued: Queued, channel: Channel) -> Fitted:
        def work(tx: Connection) -> Fitted:
            return self._fitting.fit(tx, queued, channel.abilities, self._clock.now())

        while True:
            try:
                return await self._database.write(work, ahead=True)
            except DatabaseTrouble as trouble:
                self._metrics.trouble(trouble.kind)
                log.error("post waits for the database", trouble=trouble.kind)
                await asyncio.sleep(_RETRY_SECONDS)

    async def _with_file(self, post: Post) -> Post:
        """Make the file of a post by its recipe, in a worker thread: drawing takes longer than answering."""
        if post.recipe is None or post.data is None:
            return post
        await self._channels[post.address.channel].show_typing(post.address)
        made = await asyncio.to_thread(self._cook, post.recipe, post.data)
        text = f"{post.text}\n\n{escape(made.note, quote=False)}" if made.note else post.text
        return replace(post, file=made.content, file_name=made.name or post.file_name, text=text)

    def _recover(self, tx: Connection) -> None:
        self._plans.recover(tx, self._clock.now())
        outbox.recover(tx)

    def _settle(self, tx: Connection, queued: Queued, sent: Sent, fitted: Fitted | None) -> None:
        if sent.ref is not None:
            self._plans.took(tx, queued.post.address.channel, self._clock.now())
        if sent.rest is not None:
            outbox.shorten(tx, queued.id, sent.rest)
            return
        outbox.sent(tx, queued.id, sent.ref, self._clock.now())
        if queued.post.screen is not None and sent.ref is not None:
            conversations.screen_arrived(tx, queued.post.address, queued.post.screen, sent.ref)
        if fitted is not None:
            arrived(tx, queued.post, fitted.shown, sent)

    async def _fail(self, queued: Queued, error: DeliveryError) -> None:
        """Settle a failure by what it says is to be done next."""
        post = queued.post
        if await self._out_of_plan(queued, error):
            return
        if error.retry_after is not None:
            wait = max(error.retry_after, _PATIENCE[min(queued.attempts, len(_PATIENCE)) - 1])
            if error.everywhere:
                self._limits.of(post.address.channel).pause(asyncio.get_running_loop().time() + wait)
            until = self._clock.now() + timedelta(seconds=wait)
            self._metrics.retried(post.urgency, too_many=error.too_many)
            log.info("post waits", seconds=wait, reason=str(error))
            await self._keep(lambda tx: outbox.later(tx, queued.id, until, str(error)))
            return
        if error.moved_to not in {None, post.address.chat}:
            moved = Address(post.address.channel, error.moved_to)
            log.info("group moved", reason=str(error))
            await self._keep(lambda tx: move(tx, queued, moved, self._clock.now()))
            return
        self._metrics.failed(post.urgency)
        log.warning("post failed for good", trouble=error.trouble, reason=str(error))

        def give_up(tx: Connection) -> None:
            now = self._clock.now()
            if outbox.failed(tx, queued.id, error.trouble or str(error), now) and error.trouble is not None:
                accounts.set_trouble(tx, post.address, error.trouble, now)
                take_elsewhere(tx, queued, now)

        await self._keep(give_up)

    async def _out_of_plan(self, queued: Queued, error: DeliveryError) -> bool:
        """Whether the messenger refused because its plan is spent; then the post has been put back."""
        if not self._plans.covers(queued.post.address.channel):
            return False
        refused: list[bool] = []
        await self._keep(lambda tx: refused.append(self._plans.refused(tx, queued, error, self._clock.now())))
        if refused[-1]:
            self._metrics.retried(queued.post.urgency, too_many=error.too_many)
        return refused[-1]

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
