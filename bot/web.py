"""One aiohttp server beside the bot: what messengers bring, the health page, the metrics, and files by address."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import structlog
from aiohttp import web

from bot.channels.contract import Keep, NotKept, Refused
from bot.metrics import CONTENT_TYPE, Metrics
from storage.records import Raw

log = structlog.get_logger()

Accept = Callable[[bytes, Mapping[str, str]], Sequence[Raw]]

LARGEST_BODY = 1024 * 1024
_BODY_SECONDS = 20.0
_KEEP_SECONDS = 10.0
# Telegram heeds it; without it the second failure of an update costs twice the wait of the first, up to a minute.
_TRY_AGAIN = {"Retry-After": "2"}
_SHUTDOWN_SECONDS = 2.0
# So long we go on reading what nobody asked for after it was answered, then the connection is closed.
_LINGER_SECONDS = 1.0


def hook_path(channel: str) -> str:
    """Where a messenger brings its updates, below the address by which the server is reached."""
    return f"/webhook/{channel}"


class WebServer:
    """Serves at ``listen`` (address:port): ``/healthz`` (JSON, 503 where ``ok`` is false), ``/metrics``,
    ``/webhook/<channel>`` for each of ``hooks``, and ``pages``.

    A delivery is answered with 200 only when ``keep`` has returned. It knows nothing of any messenger: secrets and
    the shape of a body are the channel's, in ``Channel.accept``.
    """

    def __init__(
        self,
        listen: str,
        health: Callable[[], Awaitable[dict[str, Any]]],
        page: Callable[[], Awaitable[bytes]],
        metrics: Metrics,
        hooks: Mapping[str, Accept],
        keep: Keep,
        pages: Sequence[web.RouteDef] = (),
    ) -> None:
        self._host, _, port = listen.rpartition(":")
        self._port = int(port)
        self._health = health
        self._page = page
        self._metrics = metrics
        self._hooks = hooks
        self._keep = keep
        self._pages = pages
        self._keeping: set[asyncio.Task[None]] = set()
        self._delivered_at: dict[str, float] = {}
        self._complained_at = float("-inf")
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        """Start serving. Raises OSError where the port is taken."""
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/metrics", self._metricz)
        for channel, accept in self._hooks.items():
            app.router.add_post(hook_path(channel), self._hook(channel, accept))
        app.router.add_routes(self._pages)
        self._runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS, lingering_time=_LINGER_SECONDS
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host or "127.0.0.1", self._port).start()

    @property
    def port(self) -> int:
        """Where it listens; of interest where port 0 was asked for."""
        return int(self._runner.addresses[0][1]) if self._runner else self._port

    async def close(self) -> None:
        """Stop serving: what can be kept at once is kept and answered, the rest the messenger brings again."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        for keeping in self._keeping:
            keeping.cancel()
        await asyncio.gather(*self._keeping, return_exceptions=True)

    def delivered_at(self, channel: str) -> float | None:
        """Loop time of the last delivery of that channel that was kept; None before the first."""
        return self._delivered_at.get(channel)

    async def _healthz(self, _: web.Request) -> web.Response:
        report = await self._health()
        return web.json_response(report, status=200 if report["ok"] else 503)

    async def _metricz(self, _: web.Request) -> web.Response:
        return web.Response(body=await self._page(), headers={"Content-Type": CONTENT_TYPE})

    def _hook(self, channel: str, accept: Accept) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def deliver(request: web.Request) -> web.Response:
            try:
                async with asyncio.timeout(_BODY_SECONDS):
                    body = await request.read()
                updates = accept(body, request.headers)
            except Refused as reason:
                return self._refuse(channel, reason.status, str(reason))
            except web.HTTPRequestEntityTooLarge:
                return self._refuse(channel, 413, "too large")
            except TimeoutError:
                return self._refuse(channel, 408, "too slow")
            if not await self._is_kept(updates):
                return web.Response(status=503, headers=_TRY_AGAIN)
            self._delivered_at[channel] = asyncio.get_running_loop().time()
            return web.Response()

        return deliver

    async def _is_kept(self, updates: Sequence[Raw]) -> bool:
        """Whether they are safe by now. Keeping goes on where it takes longer than we wait: brought again, they
        are known."""
        keeping = asyncio.ensure_future(self._keep(updates))
        self._keeping.add(keeping)
        keeping.add_done_callback(self._keeping.discard)
        done, _ = await asyncio.wait({keeping}, timeout=_KEEP_SECONDS)
        if not done:
            log.error("delivery not kept in time")
            keeping.add_done_callback(_seen)
            return False
        failure = keeping.exception()
        if failure is not None:
            trouble = str(failure) if isinstance(failure, NotKept) else type(failure).__name__
            log.error("delivery not kept", trouble=trouble)
        return failure is None

    def _refuse(self, channel: str, status: int, reason: str) -> web.Response:
        self._metrics.refused(status)
        now = asyncio.get_running_loop().time()
        if now - self._complained_at > 60:  # whoever knocks without the secret shall not fill the log
            self._complained_at = now
            log.warning("delivery refused", channel=channel, status=status, reason=reason)
        return web.Response(status=status)


def _seen(keeping: asyncio.Future[None]) -> None:
    if not keeping.cancelled():
        keeping.exception()
