"""From a messenger to the front desk: kept first, then one serial worker a chat, each update on its own."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import structlog

from bot.channels.contract import Channel, DeliveryError, NotKept, Unreadable
from bot.clock import Clock
from bot.metrics import Metrics
from handlers.desk import Desk, Heard
from handlers.dialogue.said import File, Incoming, with_content, with_things
from storage import inbox
from storage.database import Database, DatabaseTrouble
from storage.records import Raw
from storage.transaction import Connection

log = structlog.get_logger()

LARGEST_FILE = 5 * 1024 * 1024
_RETRY_SECONDS = 2.0
_ACKNOWLEDGE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class _Taken:
    """What one turn came to: ``fresh`` is False where the update had been handled before."""

    fresh: bool
    heard: Heard | None = None


class Intake:
    """``keep`` is what channels call with raw updates; workers start and end with the queues of their chats."""

    def __init__(
        self,
        database: Database,
        desk: Desk,
        channels: Mapping[str, Channel],
        clock: Clock,
        *,
        spoken: Callable[[], None],
        alarm: Callable[[str, Raw], None],
        metrics: Metrics | None = None,
        stuck: Callable[[DatabaseTrouble], None] = lambda _: None,
    ) -> None:
        self._database = database
        self._desk = desk
        self._channels = channels
        self._clock = clock
        self._spoken = spoken
        self._alarm = alarm
        self._metrics = metrics or Metrics()
        self._stuck = stuck
        self._queues: dict[tuple[str, str], deque[Raw]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def recover(self, wanted: Callable[[str], bool] = lambda _: True) -> int:
        """Queue what an earlier process kept and did not handle; returns how many. Comes before ``keep``.

        ``wanted`` says of which channels: one that is not open yet comes when it is, before its first ``keep``.
        """
        count, last = 0, 0
        while found := await self._database.read(partial(inbox.waiting, after=last)):
            mine = [raw for raw in found if wanted(raw.channel)]
            for raw in mine:
                self._queue(raw)
            count, last = count + len(mine), found[-1].id
        return count

    async def keep(self, updates: Sequence[Raw]) -> None:
        """Keep updates safely, then let them be handled. Returns only when they are kept: no room, no return."""
        while True:
            try:
                await self.keep_now(updates)
            except NotKept:
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                return

    async def keep_now(self, updates: Sequence[Raw]) -> None:
        """The same, tried once. Raises NotKept: then none is kept, and nobody may be told that we have them."""
        try:
            fresh = await self._database.write(lambda tx: inbox.keep(tx, updates, self._clock.now()))
        except DatabaseTrouble as trouble:
            log.error(
                "nothing can be kept, messages wait at the messenger; see whether the disk has room",
                trouble=trouble.kind,
                detail=trouble.detail,
            )
            self._metrics.trouble(trouble.kind)
            self._stuck(trouble)
            raise NotKept(trouble.kind) from trouble
        self._metrics.kept(fresh)
        for raw in fresh:
            self._queue(raw)

    async def drain(self, seconds: float) -> None:
        """Wait until what is in hand is handled, at most so long; the rest is in the inbox for the next start."""
        pending = set(self._tasks)
        if pending:
            await asyncio.wait(pending, timeout=seconds)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _queue(self, raw: Raw) -> None:
        chat = (raw.channel, raw.chat)
        if chat in self._queues:
            self._queues[chat].append(raw)
            return
        self._queues[chat] = deque([raw])
        task = asyncio.create_task(self._work(chat), name=f"chat {raw.channel}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, chat: tuple[str, str]) -> None:
        queue = self._queues[chat]
        while queue:
            raw = queue[0]
            try:
                await self._handle(raw)
            except DatabaseTrouble as trouble:
                self._metrics.trouble(trouble.kind)
                log.error("message waits for the database", trouble=trouble.kind)
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            except Exception as bug:  # not even set aside: it is in the inbox still, and the next one goes on
                log.error("message left in the inbox", update=raw.update_id, trouble=_place_of(bug))
            queue.popleft()
        del self._queues[chat]

    async def _handle(self, raw: Raw) -> None:
        channel = self._channels[raw.channel]
        began = time.perf_counter()
        try:
            incoming = channel.read(raw)
        except Unreadable as reason:
            await self._set_aside(raw, str(reason))
            return
        if incoming is None:
            await self._database.write(lambda tx: inbox.settle(tx, raw.id, self._clock.now()))
            self._metrics.handled(raw, time.perf_counter() - began)
            return
        try:
            incoming = await self._with_file(channel, incoming)
            # A document that somebody waits for is a roster: thousands of rows; a photo has to be looked at.
            long = with_things(incoming.said) is not None
            taken = await self._database.write(lambda tx: self._turn(tx, raw, incoming), long=long)
        except DatabaseTrouble:
            raise
        except Exception as bug:  # one message that we cannot handle must not hold up the chat
            log.error("message set aside", update=raw.update_id, trouble=_place_of(bug), trace=_trace_of(bug))
            await self._set_aside(raw, _place_of(bug), incoming)
            return
        self._metrics.handled(raw, time.perf_counter() - began)
        log.debug("heard", channel=raw.channel, milliseconds=round((time.perf_counter() - began) * 1000, 1))
        self._spoken()
        if incoming.query is not None:
            with suppress(TimeoutError):  # a call that hangs must not hold up the next tap
                async with asyncio.timeout(_ACKNOWLEDGE_SECONDS):
                    await channel.acknowledge(incoming.query, taken.heard.toast if taken.heard else None)

    def _turn(self, tx: Connection, raw: Raw, incoming: Incoming) -> _Taken:
        now = self._clock.now()
        if not inbox.settle(tx, raw.id, now):
            return _Taken(fresh=False)
        return _Taken(fresh=True, heard=self._desk.hear(tx, incoming, now))

    async def _with_file(self, channel: Channel, incoming: Incoming) -> Incoming:
        """Fetch what was sent where a question waits for it; what cannot be fetched comes without content."""
        sent = with_things(incoming.said)
        if sent is None or not sent.file_id or sent.size > LARGEST_FILE:
            return incoming
        if not await self._database.read(lambda tx: self._desk.wants_file(tx, incoming)):
            return incoming
        try:
            content = await channel.fetch(sent.file_id)
        except DeliveryError as failed:
            log.warning("file not fetched", reason=str(failed))
            return incoming
        if len(content) > LARGEST_FILE:
            return incoming
        said = with_content(incoming.said, content)
        examine = await self._database.read(lambda tx: self._desk.examiner(tx, incoming))
        if examine is not None and isinstance(said, File):
            said = replace(said, looked=await asyncio.to_thread(examine, content))
        return replace(incoming, said=said)

    async def _set_aside(self, raw: Raw, trouble: str, incoming: Incoming | None = None) -> None:
        """Keep what cannot be handled apart, with its reason; tell its sender and the administrator."""

        def work(tx: Connection) -> None:
            now = self._clock.now()
            if inbox.settle(tx, raw.id, now, trouble) and incoming is not None:
                self._desk.apologise(tx, incoming, now)

        await self._database.write(work)
        self._metrics.set_aside(raw)
        self._alarm(trouble, raw)
        self._spoken()


def _place_of(bug: Exception) -> str:
    """What went wrong and where; an exception's own words often repeat what a person wrote."""
    *_, last = traceback.extract_tb(bug.__traceback__)
    return f"{type(bug).__name__} in {last.name}, {last.filename}:{last.lineno}"


def _trace_of(bug: Exception) -> str:
    return "".join(traceback.format_tb(bug.__traceback__))
