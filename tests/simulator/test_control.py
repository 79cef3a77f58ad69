"""The control over HTTP: its guard, the clock, waiting for a chat, the stream of events, the log of calls."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.simulator.labels import labels
from tests.simulator.conftest import Serve, Served


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "{own}"}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost:1"}, 403),
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
@pytest.mark.parametrize("path", ["", "control/phones", "control/events?x", "page/page.js"])
async def test_only_this_machine(serve: Serve, headers: dict[str, str], status: int, path: str) -> None:
    served: Served = await serve()
    sent = {name: value.replace("{own}", served.address) for name, value in headers.items()}
    async with served.session.get(f"{served.address}/{path}", headers=sent) as answer:
        assert answer.status == status


async def test_a_foreign_page_cannot_act(serve: Serve) -> None:
    served: Served = await serve()
    body = json.dumps({"first_name": "Lạ"})
    headers = {"Origin": "http://evil.example", "Content-Type": "text/plain"}
    async with served.session.post(f"{served.address}/control/users", data=body, headers=headers) as answer:
        assert answer.status == 403
    assert served.world.store.users == {}


async def test_the_page_is_fenced_in(serve: Serve) -> None:
    served: Served = await serve()
    async with served.session.get(served.address) as answer:
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        text = await answer.text()
    folder = Path(__file__).parents[2] / "bot" / "simulator" / "page"
    for content in [text, *(file.read_text("utf-8") for file in folder.iterdir())]:
        assert "http://" not in content.replace("http://www.w3.org/2000/svg", "")
        assert "innerHTML" not in content


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b'{"user": [1]}', b'{"text": "x"}', b"\xff"])
async def test_wishes_that_make_no_sense(serve: Serve, body: bytes) -> None:
    served: Served = await serve()
    async with served.session.post(f"{served.address}/control/send", data=body) as answer:
        assert (answer.status, list(await answer.json())) == (400, ["error"])


@pytest.fixture
async def health() -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """A health page whose JSON the test can change."""
    said: dict[str, Any] = {"next_due": None}

    async def handler(_request: web.Request) -> web.Response:
        return web.json_response(said)

    app = web.Application()
    app.router.add_get("/health", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/health", said
    await runner.cleanup()


async def test_the_clock_moves(serve: Serve, tmp_path: Path, health: tuple[str, dict[str, Any]]) -> None:
    file, (url, said) = tmp_path / "clock", health
    served: Served = await serve(clock_file=file, health_url=url)
    begin = served.world.clock.now()
    status, clock = await served.control("clock", advance_seconds=3600)
    assert (status, clock["offset"], file.read_text()) == (200, 3600.0, "3600.000\n")
    assert served.world.clock.now() - begin >= 3600
    clock = (await served.control("clock", to="2027-01-05T08:00:00+07:00"))[1]
    assert clock["now"] == "2027-01-05T01:00:00+00:00"
    assert "nothing_due" in (await served.control("clock", to="next"))[1]["error"]
    said["next_due"] = "2027-01-08T00:30:00Z"
    assert (await served.control("clock", to="next"))[1]["now"] == "2027-01-08T00:31:00+00:00"
    said["next_due"] = "2020-01-01T00:00:00Z"
    now = (await served.control("clock", to="next"))[1]["now"]
    assert now.startswith("2027-01-08T00:31")
    user = await served.person()
    message = (await served.look(f"chats/{user}"))["messages"][0]
    assert datetime.fromtimestamp(message["date"], UTC).strftime("%d/%m/%Y") == "08/01/2027"


@pytest.mark.parametrize(
    "wish",
    [
        {"advance_seconds": -1},
        {"advance_seconds": "nan"},
        {"to": "never"},
        {"to": "9999-01-01"},
        {},
        {"to": "next"},
    ],
)
async def test_the_clock_refuses(serve: Serve, wish: dict[str, Any]) -> None:
    served: Served = await serve()
    status, body = await served.control("clock", **wish)
    assert (status, "error" in body, served.world.clock.offset) == (400, True, 0.0)


async def test_waiting_for_a_chat(serve: Serve) -> None:
    served: Served = await serve()
    bot, user = await served.bot(), await served.person()
    seen = (await served.look(f"chats/{user}"))["revision"]
    waiting = asyncio.create_task(served.look(f"chats/{user}?after={seen}&wait=10"))
    await asyncio.sleep(0.05)
    await bot.send_message(user, "tới rồi")
    assert (await waiting)["messages"][-1]["text"] == "tới rồi"
    assert "error" in await served.look("chats/999")
    assert "error" in await served.look("chats/x")


async def test_events_and_calls(serve: Serve) -> None:
    served: Served = await serve()
    bot, user = await served.bot(), await served.person()
    async with served.session.get(f"{served.address}/control/events") as stream:
        await stream.content.readline()
        await bot.send_chat_action(user, "typing")
        await bot.send_message(user, "một")
        kinds: list[str] = []
        while "message" not in kinds:
            line = await stream.content.readline()
            if line.startswith(b"data: "):
                kinds.append(json.loads(line[6:])["type"])
    assert kinds == ["action", "message"]
    calls = (await served.look("calls?method=sendMessage"))["calls"]
    assert [(c["params"]["text"], c["status"]) for c in calls] == [("một", 200)]


async def test_words_of_the_page_are_complete(serve: Serve) -> None:
    served: Served = await serve()
    assert labels("vi").keys() == labels("en").keys()
    assert all(sentence.strip() and "!" not in sentence for sentence in labels("vi").values())
    assert (await served.look("labels?lang=en"))["simulator.page.close"] == "Close"
    assert await served.look("labels?lang=xx") == labels("vi")


async def test_a_new_start_by_reset(serve: Serve) -> None:
    served: Served = await serve()
    await served.person(show=True, label="Đảng viên")
    assert [p["label"] for p in (await served.look("phones"))["phones"]] == ["Đảng viên"]
    await served.control("reset")
    assert (await served.look("phones?all=1"))["phones"] == []
