"""The road to a webhook, played badly: two and three times, out of order, over two connections at once."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable

import aiohttp
from aiohttp import web

SECRET = "torture-webhook-secret"
SECRET_HEADERS = ("X-Telegram-Bot-Api-Secret-Token", "X-Bot-Api-Secret-Token")
_CONNECTIONS = 2


class Road:
    """Takes what the server wants delivered and brings it to the bot, each copy until it is answered with 2xx."""

    def __init__(self, rng: random.Random, delivered: Callable[[], None]) -> None:
        self.address = ""
        self.to = ""
        self.brought = 0
        self.refused = 0
        self.wrong_secret = 0
        self._rng = rng
        self._delivered = delivered
        self._queues: tuple[asyncio.Queue[tuple[str, bytes]], ...] = ()
        self._tasks: list[asyncio.Task[None]] = []
        self._under_way = 0
        self._runner: web.AppRunner | None = None

    async def open(self, to: str) -> None:
        """Listen on a free port for updates that go to ``to`` (the bot, http://address:port)."""
        self.to = to
        app = web.Application()
        app.router.add_post("/{path:.*}", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._queues = tuple(asyncio.Queue() for _ in range(_CONNECTIONS))
        self._tasks = [asyncio.create_task(self._carry(queue), name="road") for queue in self._queues]

    async def close(self) -> None:
        """Bring what is under way, then end."""
        while self._under_way:  # noqa: ASYNC110 - asked a few times at the end
            await asyncio.sleep(0.02)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        """One update from the server: two or three copies of it set out, each after a while of its own."""
        self.wrong_secret += SECRET not in {request.headers.get(name) for name in SECRET_HEADERS}
        body = await request.read()
        for copy in range(self._rng.choice((2, 2, 3))):
            wait = self._rng.uniform(0, 0.03 if copy == 0 else 0.5)
            self._set_out(self._rng.choice(self._queues), request.path, body if copy == 0 else _other(body), wait)
        return web.Response()

    def _set_out(self, queue: asyncio.Queue[tuple[str, bytes]], path: str, body: bytes, wait: float) -> None:
        self._under_way += 1
        asyncio.get_running_loop().call_later(wait, queue.put_nowait, (path, body))

    async def _carry(self, queue: asyncio.Queue[tuple[str, bytes]]) -> None:
        """One connection: one delivery after the other, what fails sets out again."""
        headers = {"Content-Type": "application/json", **dict.fromkeys(SECRET_HEADERS, SECRET)}
        connector = aiohttp.TCPConnector(limit=1)
        timeout = aiohttp.ClientTimeout(total=30)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout, headers=headers) as session:
            while True:
                path, body = await queue.get()
                if await self._bring(session, path, body):
                    self.brought += 1
                    self._delivered()
                else:
                    self.refused += 1
                    self._set_out(queue, path, body, self._rng.uniform(0.1, 0.4))
                self._under_way -= 1

    async def _bring(self, session: aiohttp.ClientSession, path: str, body: bytes) -> bool:
        try:
            async with session.post(f"{self.to}{path}", data=body) as answer:
                await answer.read()
                return 200 <= answer.status < 300
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False


def _other(body: bytes) -> bytes:
    """The same event in the other of the two shapes in which Zalo brings it; Telegram's have one."""
    found = json.loads(body)
    if "event_name" in found:
        return json.dumps({"ok": True, "result": found}).encode()
    return json.dumps(found["result"]).encode() if "result" in found else body
