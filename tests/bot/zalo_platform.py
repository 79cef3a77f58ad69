"""A Bot Platform that answers as a test tells it, over HTTP; what nobody told it, it answers as documented."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

TOKEN = "9871:never-to-be-seen"
POLL_SECONDS = 1
IDLE = {"ok": False, "description": "Request timeout", "error_code": 408}
WRONG_TOKEN = {"ok": False, "description": f"Unauthorized /bot{TOKEN}/", "error_code": 401}
ME = {"id": "77", "account_name": "bot.chibo", "display_name": "Bot Chi bộ", "account_type": "BASIC"}


def message(id: str, text: str | None = "Chào", chat: str = "c1", **more: Any) -> dict[str, Any]:
    """An event as Zalo gives it out: somebody wrote to the bot."""
    words = {} if text is None else {"text": text}
    sender = {"id": "c1", "display_name": "Lan", "is_bot": False}
    return {
        "event_name": more.pop("event_name", "message.text.received"),
        "message": {
            "from": more.pop("sender", sender),
            "chat": {"id": chat, "chat_type": more.pop("chat_type", "PRIVATE")},
            "message_id": id,
            "date": 1_766_619_597_466,
            **words,
            **more,
        },
    }


class Platform:
    """``events`` are given out one a poll; ``answers[method]`` go first: a dict, (status, dict) or bytes."""

    def __init__(self) -> None:
        self.events: deque[Any] = deque()
        self.answers: defaultdict[str, deque[Any]] = defaultdict(deque)
        self.calls: list[tuple[str, dict[str, Any], float]] = []
        self.webhook = ""
        self.address = ""
        self.sent = 0

    def of(self, method: str) -> list[dict[str, Any]]:
        """What was given with every call of a method."""
        return [given for name, given, _ in self.calls if name == method]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        method, given = request.match_info["method"], await request.json()
        self.calls.append((method, given, asyncio.get_running_loop().time()))
        if request.match_info["token"] != TOKEN:
            return web.json_response(WRONG_TOKEN)
        if self.answers[method]:
            return self._told(self.answers[method].popleft())
        if method == "getUpdates":
            return web.json_response(await self._next(float(given["timeout"])))
        return web.json_response(self._usual(method, given))

    def _told(self, answer: Any) -> web.StreamResponse:
        if isinstance(answer, bytes):
            return web.Response(body=answer)
        status, said = answer if isinstance(answer, tuple) else (200, answer)
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        return web.Response(status=status, body=body, content_type="application/json")

    async def _next(self, seconds: float) -> Any:
        until = asyncio.get_running_loop().time() + seconds
        while not self.events:
            if asyncio.get_running_loop().time() > until:
                return IDLE
            await asyncio.sleep(0.01)
        return {"ok": True, "result": self.events.popleft()}

    def _usual(self, method: str, given: dict[str, Any]) -> Any:
        if method == "getMe":
            return {"ok": True, "result": ME}
        if method in {"setWebhook", "deleteWebhook", "getWebhookInfo"}:
            if method != "getWebhookInfo":
                self.webhook = given.get("url", "")
            return {"ok": True, "result": {"url": self.webhook, "updated_at": 1_749_538_250_568}}
        if method == "sendChatAction":
            return {"ok": True}
        self.sent += 1
        return {"ok": True, "result": {"message_id": f"m{self.sent}", "date": 1_749_632_637_199}}


@asynccontextmanager
async def serving(platform: Platform) -> AsyncIterator[Platform]:
    """Have it listen at ``platform.address``."""
    app = web.Application()
    app.router.add_post("/zalo/bot{token}/{method}", platform.serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    platform.address = f"http://127.0.0.1:{runner.addresses[0][1]}/zalo"
    try:
        yield platform
    finally:
        await runner.cleanup()
