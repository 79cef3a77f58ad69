"""One aiohttp server beside the bot: the health page (no personal data in it)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

Health = Callable[[], Awaitable[dict[str, Any]]]


class WebServer:
    """Serves ``/healthz`` at ``listen`` (address:port): 200 with JSON, 503 where ``ok`` is false."""

    def __init__(self, listen: str, health: Health) -> None:
        self._host, _, port = listen.rpartition(":")
        self._port = int(port)
        self._health = health
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        """Start serving. Raises OSError where the port is taken."""
        app = web.Application()
        app.router.add_get("/healthz", self._healthz)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host or "127.0.0.1", self._port).start()

    async def close(self) -> None:
        """Stop serving."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _healthz(self, _: web.Request) -> web.Response:
        report = await self._health()
        return web.json_response(report, status=200 if report["ok"] else 503)
