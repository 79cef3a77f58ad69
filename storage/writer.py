"""SQLite's one writer: a thread with one connection, in which work that waits together is committed together."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import Connection, Engine

_Work = Callable[[Connection], Any]
# A transaction takes at most so many pieces of work, so that the first of them need not wait for all.
_TOGETHER = 64


class Writer:
    """``put`` gives a future that is settled when the work is committed, or has failed alone.

    ``guard`` surrounds every run and names the errors; ``hopeless`` says which of them each piece would meet again
    on its own, after waiting for it as long.
    """

    def __init__(
        self,
        engine: Engine,
        guard: Callable[[], AbstractContextManager[None]],
        hopeless: Callable[[BaseException], bool],
    ) -> None:
        self._engine = engine
        self._guard = guard
        self._hopeless = hopeless
        self._thread = ThreadPoolExecutor(1, "database")
        self._waiting: deque[tuple[_Work, asyncio.Future[Any]]] = deque()
        self._running = False

    def put(self, work: _Work) -> asyncio.Future[Any]:
        """Queue one piece of work; called in the event loop."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._waiting.append((work, future))
        if not self._running:
            self._running = True
            self._begin(loop)
        return future

    async def close(self) -> None:
        """Close the connection; whoever calls this has awaited every piece of work."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
        self._thread.shutdown()

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        batch = [self._waiting.popleft() for _ in range(min(_TOGETHER, len(self._waiting)))]
        done = loop.run_in_executor(self._thread, self._run, [work for work, _ in batch])
        done.add_done_callback(lambda ended: self._settle(loop, batch, ended))

    def _settle(
        self,
        loop: asyncio.AbstractEventLoop,
        batch: Sequence[tuple[_Work, asyncio.Future[Any]]],
        ended: asyncio.Future[list[Any]],
    ) -> None:
        # The next ones first: the thread need not wait until the results have been looked at.
        if self._waiting:
            self._begin(loop)
        else:
            self._running = False
        for (_, future), result in zip(batch, ended.result(), strict=True):
            if future.done():
                continue
            if isinstance(result, _Failed):
                future.set_exception(result.error)
            else:
                future.set_result(result)

    def _run(self, batch: Sequence[_Work]) -> list[Any]:
        """In the thread: all of it in one transaction; where any of it fails, each in one of its own."""
        results = self._together(batch)
        failed = results[0]
        if len(batch) == 1 or not isinstance(failed, _Failed) or self._hopeless(failed.error):
            return results
        return [result for work in batch for result in self._together((work,))]

    def _together(self, batch: Sequence[_Work]) -> list[Any]:
        try:
            with self._guard(), self._engine.begin() as connection:
                return [work(connection) for work in batch]
        except BaseException as error:
            return [_Failed(error) for _ in batch]


class _Failed:
    """The error of one piece of work."""

    def __init__(self, error: BaseException) -> None:
        self.error = error
