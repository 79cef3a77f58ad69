"""How events of the simulated Zalo reach a bot: polls without acknowledgement, and the webhook."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import ClientTimeout, web

from tests.simulator.conftest import Serve
from tests.simulator.zalo import Client


@pytest.fixture
async def client(serve: Serve) -> Client:
    return Client(await serve())


async def test_one_event_a_call_and_408_when_idle(client: Client) -> None:
    await client.person("một", "hai")
    assert [(await client.polled())["message"]["text"] for _ in range(2)] == ["một", "hai"]
    assert await client.polled(0) is None
    began = asyncio.get_running_loop().time()
    assert await client.polled(0.3) is None
    assert asyncio.get_running_loop().time() - began >= 0.3


async def test_a_waiting_poll_is_answered_at_once(client: Client) -> None:
    user = await client.person()
    poll = asyncio.create_task(client.polled(20))
    await asyncio.sleep(0.1)
    await client.says(user, "chào")
    assert (await asyncio.wait_for(poll, 2))["message"]["text"] == "chào"
    calls = (await client.served.look("zalo/calls?method=getUpdates"))["calls"]
    message = (await client.seen(user))[0]["message_id"]
    assert [(c["status"], c["given"], c["result"]) for c in calls] == [(200, message, None)]


async def test_nothing_is_given_to_who_has_hung_up(client: Client) -> None:
    user = await client.person()
    address = f"{client.served.address}/zalo/bot{client.served.world.settings.zalo_token}/getUpdates"
    with pytest.raises(TimeoutError):
        await client.served.session.post(address, json={"timeout": 30}, timeout=ClientTimeout(total=0.2))
    await asyncio.sleep(0.05)
    await client.says(user, "chào")
    assert (await client.polled())["message"]["text"] == "chào"


async def test_given_out_ones_come_again(client: Client) -> None:
    status, manner = await client.served.control("zalo/delivery", mode="repeat", times=2, seconds=0.05)
    assert (status, manner["mode"]) == (200, "repeat")
    user = await client.person("một")
    first = await client.polled()
    await client.says(user, "hai")
    assert (await client.polled())["message"]["text"] == "hai"  # what is new goes first
    later = [await client.polled() for _ in range(4)]
    assert sorted(event["message"]["text"] for event in later) == ["hai", "hai", "một", "một"]
    assert first in later
    assert await client.polled(0.2) is None
    assert (await client.served.control("zalo/delivery", mode="twice"))[0] == 400


async def test_raw_events_go_out_as_they_are(client: Client) -> None:
    await client.served.control("zalo/events", event_name="message.poll.received", message=None)
    assert await client.polled() == {"event_name": "message.poll.received", "message": None}


@dataclass
class Receiver:
    """A bot's webhook that keeps what it gets; ``refuses``: how often words are answered with 500 first."""

    url: str = ""
    refuses: dict[str, int] = field(default_factory=dict)
    got: list[tuple[str | None, Any]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def handler(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.got.append((request.headers.get("X-Bot-Api-Secret-Token"), body))
        self.news.set()
        words = body.get("result", body)["message"]["text"]
        self.refuses[words] = self.refuses.get(words, 0) - 1
        return web.Response(status=500 if self.refuses[words] >= 0 else 200)

    async def until(self, count: int) -> None:
        while len(self.got) < count:
            self.news.clear()
            await asyncio.wait_for(self.news.wait(), 5)

    def words(self) -> list[str]:
        return [body.get("result", body)["message"]["text"] for _, body in self.got]


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


async def test_the_webhook_gets_each_chat_in_order_until_it_says_yes(client: Client, receiver: Receiver) -> None:
    receiver.refuses = {"một": 1}
    lan, mai = await client.person("một", "hai"), await client.person("ba", first_name="Mai")
    await client.result("setWebhook", url=receiver.url, secret_token="bi-mat-12345")
    await receiver.until(4)
    # Mai does not wait for Lan's first message, which is refused once; Lan's second one does.
    assert receiver.words() in [["một", "ba", "một", "hai"], ["ba", "một", "một", "hai"]]
    assert {secret for secret, _ in receiver.got} == {"bi-mat-12345"}
    assert {body.get("result", body)["message"]["from"]["id"] for _, body in receiver.got} == {lan, mai}
    await asyncio.sleep(0.1)
    await client.result("deleteWebhook")
    assert await client.polled(0) is None
    await client.says(lan, "bốn")
    assert (await client.polled())["message"]["text"] == "bốn"
    assert len(receiver.got) == 4


@pytest.mark.parametrize(
    ("shape", "wrapped"),
    [("wrapped", [True, True, True]), ("flat", [False, False, False]), ("alternate", [True, False, True])],
)
async def test_both_shapes_of_a_delivery(
    client: Client, receiver: Receiver, shape: str, wrapped: list[bool]
) -> None:
    await client.served.control("zalo/delivery", body=shape)
    await client.person("một", "hai", "ba")
    await client.result("setWebhook", url=receiver.url, secret_token="bi-mat-12345")
    await receiver.until(3)
    assert ["result" in body for _, body in receiver.got] == wrapped
    assert receiver.words() == ["một", "hai", "ba"]
    assert all(body["ok"] is True for _, body in receiver.got if "result" in body)
