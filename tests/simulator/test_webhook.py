"""Delivery to a webhook: the secret, order, repetition, and what getWebhookInfo says."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from tests.simulator.conftest import Serve, Served, Stage


@dataclass
class Receiver:
    """A bot's webhook that keeps what it gets; ``statuses`` are answered first, then 200."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    got: list[tuple[str | None, Any]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def handler(self, request: web.Request) -> web.Response:
        self.got.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token"), await request.json()))
        self.news.set()
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)

    async def until(self, count: int) -> None:
        while len(self.got) < count:
            self.news.clear()
            await asyncio.wait_for(self.news.wait(), 5)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    found = Receiver()
    app = web.Application()
    app.router.add_post("/hook", found.handler)
    runner = web.AppRunner(app, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield found
    await runner.cleanup()


async def test_delivery(serve: Serve, receiver: Receiver) -> None:
    served: Served = await serve()
    bot, user = await served.bot(), await served.person()
    receiver.statuses = [500]
    assert await bot.set_webhook(receiver.url, secret_token="bi-mat_1") is True
    await receiver.until(1)
    await asyncio.sleep(0.1)
    info = await bot.get_webhook_info()
    assert (info.url, info.pending_update_count) == (receiver.url, 1)
    assert info.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"
    for text in "abc":
        await served.control("send", user=user, text=text)
    await receiver.until(5)
    assert [body["message"]["text"] for _, body in receiver.got] == ["/start", "/start", "a", "b", "c"]
    assert {secret for secret, _ in receiver.got} == {"bi-mat_1"}
    await asyncio.sleep(0.05)
    assert (await bot.get_webhook_info()).pending_update_count == 0
    await bot.delete_webhook()
    await served.control("send", user=user, text="d")
    updates = await bot.get_updates(timeout=1)
    assert [u.message.text for u in updates if u.message] == ["d"]


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"url": "http://a.vn/x"}, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "https://a.vn", "secret_token": "a" * 257}, "Bad Request: secret token is too long"),
        ({"url": "https://a.vn", "secret_token": "a b"}, "Bad Request: secret token contains unallowed characters"),
    ],
)
def test_refused_webhooks(stage: Stage, params: dict[str, Any], words: str) -> None:
    assert stage.call("setWebhook", **params) == (400, words)


def test_dropping_and_removing(stage: Stage) -> None:
    assert stage.call("setWebhook", url="https://a.vn", drop_pending_updates=True, max_connections=500) == (
        200,
        True,
    )
    info = stage.call("getWebhookInfo")[1]
    assert (info["pending_update_count"], info["max_connections"]) == (0, 100)
    assert stage.call("getUpdates")[0] == 409
    assert stage.call("setWebhook", url="") == (200, True)
    assert stage.call("getUpdates") == (200, [])
