"""SQLite's one writer: one connection, and work that waits together is committed together (docs/decisions/0010)."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from sqlalchemy import Connection, Engine

# So many pieces of work share a transaction at most, and so many seconds: polls and answers go on in between.
_TOGETHER = 64
_SECONDS_HERE = 0.02


class Turn(Enum):
    """When a piece of work runs: before all that waits, as it came, or as it came and away from the event loop."""

    AHEAD = auto()
    NEXT = auto()
    LONG = auto()


@dataclass(frozen=True, slots=True)
class _Piece:
    """One piece of work, and who waits for it."""

    work: Callable[[Connection], Any]
    future: asyncio.Future[Any]
    turn: Turn


@dataclass(frozen=True, slots=True)
class _Failed:
    """The error of one piece of work."""

    error: BaseException


class Writer:
    """``put`` gives a future that is settled when the work is committed, or has failed alone.

    Short work runs in the thread of the event loop, and only the commit, which waits for the disk, in a thread of
    its own: two threads that take turns at every statement lose time to each other. Long work, and whatever went
    wrong, runs in that thread altogether. The connection is never used by both at a time.

    ``guard`` surrounds every run and names the errors; ``hopeless`` says which of them each piece would meet again
    on its own, after waiting for it as long; ``patient`` lets a connection wait for a foreign lock.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        guard: Callable[[], AbstractContextManager[None]],
        hopeless: Callable[[BaseException], bool],
        patient: Callable[[Connection], AbstractContextManager[None]],
    ) -> None:
        self._engine = engine
        self._guard = guard
        self._hopeless = hopeless
        self._patient = patient
        self._thread = ThreadPoolExecutor(1, "database")
        self._waiting: deque[_Piece] = deque()
        self._ahead: deque[_Piece] = deque()
        self._running = False

    def put(self, work: Callable[[Connection], Any], turn: Turn = Turn.NEXT) -> asyncio.Future[Any]:
        """Queue one piece of work; called in the event loop."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._queue_of(turn).append(_Piece(work, future, turn))
        if not self._running:
            self._running = True
            # Soon and not now: whoever else has something to write in this round of the loop shares the commit.
            loop.call_soon(self._begin, loop)
        return future

    async def close(self) -> None:
        """Close the connection; whoever calls this has awaited every piece of work."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
        self._thread.shutdown()

    def _queue_of(self, turn: Turn) -> deque[_Piece]:
        return self._ahead if turn is Turn.AHEAD else self._waiting

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._ahead and self._waiting[0].turn is Turn.LONG:
            batch = [self._waiting.popleft()]
            done = loop.run_in_executor(self._thread, self._run, batch)
        else:
            batch, end = self._run_here()
            done = loop.run_in_executor(self._thread, end)
        done.add_done_callback(lambda ended: self._settle(loop, batch, ended.result()))

    def _settle(self, loop: asyncio.AbstractEventLoop, batch: Sequence[_Piece], results: Sequence[Any]) -> None:
        try:
            for piece, result in zip(batch, results, strict=True):
                if piece.future.done():
                    continue
                if isinstance(result, _Failed):
                    piece.future.set_exception(result.error)
                else:
                    piece.future.set_result(result)
        finally:
            if self._ahead or self._waiting:
                loop.call_soon(self._begin, loop)  # behind those who have just got their result and may write on
            else:
                self._running = False

    def _run_here(self) -> tuple[list[_Piece], Callable[[], list[Any]]]:
        """Run short work up to the commit; returns it, and what is left to do in the thread."""
        batch = self._take_short()
        results: list[Any] = []
        until = time.perf_counter() + _SECONDS_HERE
        opened = ExitStack()
        try:
            connection = opened.enter_context(self._engine.begin())
            for piece in batch:
                results.append(piece.work(connection))
                if time.perf_counter() > until:
                    break
        except BaseException as error:
            with suppress(Exception):  # a rollback that fails, too, shows again in the thread
                opened.__exit__(type(error), error, error.__traceback__)
            return batch, lambda: self._run(batch)
        for piece in reversed(batch[len(results) :]):
            self._queue_of(piece.turn).appendleft(piece)
        done = batch[: len(results)]
        return done, lambda: self._commit(opened, done, results)

    def _take_short(self) -> list[_Piece]:
        batch: list[_Piece] = []
        for queue in (self._ahead, self._waiting):
            while queue and queue[0].turn is not Turn.LONG and len(batch) < _TOGETHER:
                batch.append(queue.popleft())
        return batch

    def _commit(self, begun: ExitStack, batch: Sequence[_Piece], results: list[Any]) -> list[Any]:
        try:
            begun.close()
        except BaseException:
            return self._run(batch)
        return results

    def _run(self, batch: Sequence[_Piece]) -> list[Any]:
        """In the thread: all of it in one transaction; where any of it fails, each in one of its own."""
        results = self._together(batch)
        failed = results[0]
        if len(batch) == 1 or not isinstance(failed, _Failed) or self._hopeless(failed.error):
            return results
        return [result for piece in batch for result in self._together((piece,))]

    def _together(self, batch: Sequence[_Piece]) -> list[Any]:
        try:
            with self._guard(), self._engine.connect() as tx, self._patient(tx), tx.begin():
                return [piece.work(tx) for piece in batch]
        except StopIteration as error:  # which no future can carry
            carried = RuntimeError("StopIteration")
            carried.__cause__ = error
            return [_Failed(carried) for _ in batch]
        except BaseException as error:
            return [_Failed(error) for _ in batch]
