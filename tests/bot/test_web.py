"""The web server: what messengers bring, and the pages for those who watch the bot."""

import asyncio
import gzip
import io
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, func, select

from bot import hooks
from bot import web as module
from bot.app import Program
from bot.channels.contract import NotKept, Webhook
from bot.channels.telegram import TelegramChannel
from bot.health import Look, Queues, Vitals
from bot.metrics import Metrics
from bot.settings import Settings
from bot.simulator.driver import Driver
from bot.web import LARGEST_BODY, WebServer
from storage import inbox, tables
from storage.database import DatabaseTrouble
from storage.records import Raw, Urgency
from tests.program import SIMULATED, running, settings_for

SECRET = "bi-mat_1"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
RIGHT = {HEADER: SECRET}


@pytest.fixture
def settings(driver: Driver, tmp_path: Path, unused_tcp_port: int) -> Settings:
    return settings_for(
        tmp_path,
        driver.address,
        bot_mode="webhook",
        bot_webhook_url=f"http://127.0.0.1:{unused_tcp_port}",
        bot_webhook_secret=SecretStr(SECRET),
        bot_listen=f"127.0.0.1:{unused_tcp_port}",
    )


def update(number: int, chat: int = 5, text: str = "xin chào") -> dict[str, Any]:
    person = {"id": chat, "first_name": "An", "is_bot": False}
    message = {"message_id": number, "date": 1790000000, "chat": {"id": chat, "type": "private"}, "from": person}
    return {"update_id": number, "message": message | {"text": text}}


async def rows(program: Program) -> int:
    def count(tx: Connection) -> int:
        return tx.execute(select(func.count()).select_from(tables.inbox)).scalar_one()

    return await program.database.read(count)


@asynccontextmanager
async def serving(keep: Callable[[Sequence[Raw]], Any]) -> AsyncIterator[str]:
    """The web server alone before a Telegram channel and anything that keeps."""
    channel = TelegramChannel("1:x", "http://127.0.0.1:1")
    channel._secret = SECRET.encode()

    async def nothing() -> dict[str, Any]:
        return {"ok": True}

    async def page() -> bytes:
        return b""

    web = WebServer("127.0.0.1:0", nothing, page, Metrics(), {"telegram": channel.accept}, keep)
    await web.open()
    try:
        yield f"http://127.0.0.1:{web.port}/webhook/telegram"
    finally:
        await web.close()


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (json.dumps(update(1)), {}, 401),
        (json.dumps(update(1)), {HEADER: ""}, 401),
        (json.dumps(update(1)), {HEADER: SECRET + "x"}, 401),
        (json.dumps(update(1)), {HEADER: SECRET[:-1]}, 401),
        (json.dumps(update(1)), {HEADER: "bí mật"}, 401),
        (b"x" * (LARGEST_BODY + 1), RIGHT, 413),
        (gzip.compress(b" " * 50 * LARGEST_BODY), RIGHT | {"Content-Encoding": "gzip"}, 413),
        (b"", RIGHT, 400),
        (b"{", RIGHT, 400),
        (b"[]", RIGHT, 400),
        (b"null", RIGHT, 400),
        (b"\xff\xfe", RIGHT, 400),
        (b"[" * 100_000, RIGHT, 400),
        (b"{}", RIGHT, 400),
        (b'{"update_id": "1"}', RIGHT, 400),
        (b'{"update_id": true}', RIGHT, 400),
        (b'{"update_id": 1.5}', RIGHT, 400),
        (b'{"update_id": -1}', RIGHT, 400),
        (b'{"update_id": 1' + b"0" * 100 + b"}", RIGHT, 400),
        (b'{"update_id": 1' + b"0" * 6000 + b"}", RIGHT, 400),
    ],
)
async def test_what_is_no_delivery_is_refused_and_nothing_of_it_kept(
    driver: Driver, body: bytes | str, headers: dict[str, str], status: int
) -> None:
    kept: list[Raw] = []

    async def keep(updates: Sequence[Raw]) -> None:
        kept.extend(updates)

    async with serving(keep) as url:
        sent = io.BytesIO(body if isinstance(body, bytes) else body.encode())
        async with driver.session.post(url, data=sent, headers=headers) as answer:
            assert answer.status == status
            assert SECRET not in await answer.text()
        assert kept == []
        async with driver.session.post(url, json=update(2), headers=RIGHT) as answer:
            assert answer.status == 200
        assert [raw.update_id for raw in kept] == ["2"]
        async with driver.session.get(url) as answer:
            assert answer.status == 405
        async with driver.session.post(url.replace("telegram", "zalo"), json=update(3), headers=RIGHT) as answer:
            assert answer.status == 404


async def test_what_cannot_be_kept_is_not_acknowledged(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KEEP_SECONDS", 0.1)
    late = asyncio.Event()
    kept: list[Raw] = []

    async def keep(updates: Sequence[Raw]) -> None:
        match updates[0].update_id:
            case "1":
                raise NotKept("full")
            case "2":
                raise RuntimeError
            case "3":
                await late.wait()
                kept.extend(updates)

    async with serving(keep) as url:
        for number in (1, 2, 3):
            async with driver.session.post(url, json=update(number), headers=RIGHT) as answer:
                assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
        late.set()
        await asyncio.sleep(0.01)
        assert [raw.update_id for raw in kept] == ["3"], "what has begun to be kept goes on"


async def test_a_stop_does_not_wait_for_what_cannot_be_kept(driver: Driver) -> None:
    async def never(_: Sequence[Raw]) -> None:
        await asyncio.Event().wait()

    async with asyncio.timeout(8), serving(never) as url:
        delivery = asyncio.create_task(driver.session.post(url, json=update(1), headers=RIGHT))
        await asyncio.sleep(0.2)
    with pytest.raises(aiohttp.ClientError):
        await delivery


async def test_the_same_update_over_two_connections_is_handled_once(driver: Driver, settings: Settings) -> None:
    an = await driver.phone("An")
    deliveries = [update(100 + n, an.user, f"câu {n}") for n in range(20)]
    first = [u for u in deliveries for _ in range(2)]
    second = [u for pair in zip(deliveries[1::2], deliveries[::2], strict=True) for u in pair]
    async with running(settings) as program:
        url = f"{settings.bot_webhook_url}/webhook/telegram"
        heard: list[str] = []
        hear = program.desk.hear

        def counting(tx: Connection, incoming: Any, now: datetime) -> Any:
            heard.append(incoming.said.text)
            return hear(tx, incoming, now)

        program.desk.hear = counting  # type: ignore[method-assign]

        async def bring(updates: list[dict[str, Any]]) -> None:
            async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as session:
                for one in updates:
                    async with session.post(url, json=one, headers=RIGHT) as answer:
                        assert answer.status == 200

        await asyncio.gather(bring(first), bring(second))
        await program.intake.drain(10)
        assert await rows(program) == 20
        assert await program.database.read(inbox.backlog) == (0, None)
        assert {words: heard.count(words) for words in heard} == {f"câu {n}": 1 for n in range(20)}


async def test_the_webhook_is_registered_guarded_and_left_when_we_stop(
    driver: Driver, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"{settings.bot_webhook_url}/webhook/telegram"
    async with running(settings) as program:
        channel = program.channels["telegram"]
        assert (await channel.webhook_state()).url == url
        await channel.expect(None)
        assert (await channel.webhook_state()).url is None
        guard = asyncio.create_task(hooks.guard(channel, Webhook(url, SECRET), every=0.05))
        await asyncio.sleep(1)
        assert (await channel.webhook_state()).url == url
        guard.cancel()
    watcher = TelegramChannel(SIMULATED.token, driver.address)
    await watcher.open()
    assert (await watcher.webhook_state()).url == url
    await watcher.close()


def test_the_secret_of_a_webhook_is_not_shown() -> None:
    assert SECRET not in repr(Webhook("https://a.vn", SECRET))


async def test_health_tells_of_a_database_that_is_in_trouble_or_hangs(
    driver: Driver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    health = f"{settings.bot_webhook_url}/healthz"
    async with running(settings) as program:
        async with driver.session.get(health) as answer:
            report = await answer.json()
            assert (answer.status, report["ok"], report["wrong"]) == (200, True, [])
            assert report["database"] == {"ok": True, "trouble": None}
            assert report["inbox"] == {"waiting": 0, "oldest_age": None}
            assert report["outbox"]["waiting"] == {"answer": 0, "summary": 0, "reminder": 0}
            assert report["channels"] == {"telegram": {"open": True, "last_delivery_age": None}}
        stuck = asyncio.Event()

        async def hangs(_: Any) -> Any:
            await stuck.wait()

        with monkeypatch.context() as patch:
            patch.setattr(program.database, "read", hangs)
            began = time.monotonic()
            async with driver.session.get(health) as answer:
                assert (answer.status, (await answer.json())["database"]["trouble"]) == (503, "slow")
            async with driver.session.get(f"{settings.bot_webhook_url}/metrics") as answer:
                assert answer.status == 200
                assert "chibo_healthy 0.0" in await answer.text()
            assert time.monotonic() - began < 8
            stuck.set()
        async with driver.session.get(health) as answer:
            assert answer.status == 200
        program.metrics.trouble("full")
        async with driver.session.get(health) as answer:
            assert (answer.status, (await answer.json())["wrong"]) == (503, ["database: full"])


async def test_a_full_disk_is_no_acknowledgement_and_handled_when_there_is_room(
    driver: Driver, settings: Settings
) -> None:
    url = f"{settings.bot_webhook_url}/webhook/telegram"
    async with running(settings) as program:
        an = await driver.phone("An", start=True)
        await an.waits_for("mã")
        before = await rows(program)
        pages = await program.database.write(lambda tx: tx.exec_driver_sql("PRAGMA page_count").scalar_one())
        await program.database.write(lambda tx: tx.exec_driver_sql(f"PRAGMA max_page_count={pages}"))
        large = update(7, an.user, "dài " * 10_000)
        async with driver.session.post(url, json=large, headers=RIGHT) as answer:
            assert answer.status == 503
        async with driver.session.get(f"{settings.bot_webhook_url}/healthz") as answer:
            assert (answer.status, (await answer.json())["wrong"]) == (503, ["database: full"])
        assert await rows(program) == before
        await program.database.write(lambda tx: tx.exec_driver_sql("PRAGMA max_page_count=1000000"))
        async with driver.session.post(url, json=large, headers=RIGHT) as answer:
            assert answer.status == 200
        await program.intake.drain(10)
        assert await rows(program) == before + 1
        assert await program.database.read(inbox.backlog) == (0, None)
        async with driver.session.get(f"{settings.bot_webhook_url}/healthz") as answer:
            assert answer.status == 200


NOW = datetime(2026, 11, 22, tzinfo=UTC)
WELL = Vitals(
    now=NOW,
    up=1000,
    webhook=False,
    dead=(),
    queues=Queues(0, None, {}, None, None),
    trouble=None,
    silence={"telegram": 3.0},
    last_ring=NOW,
    ring_age=10.0,
    ring_every=30,
    last_backup=NOW - timedelta(hours=2),
)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({}, []),
        ({"silence": {"telegram": 121.0}}, ["poll telegram: no answer for 121 s"]),
        ({"silence": {"telegram": None}}, ["poll telegram: no answer for 1000 s"]),
        ({"silence": {"telegram": None}, "up": 60}, []),
        ({"silence": {"telegram": 5000.0}, "webhook": True}, []),
        ({"dead": ("delivery",)}, ["stopped: delivery"]),
        ({"trouble": "locked", "queues": None}, ["database: locked"]),
        ({"ring_age": 700.0}, ["ring: not for 700 s"]),
        ({"ring_age": None, "up": 700}, ["ring: not for 700 s"]),
        ({"ring_age": 700.0, "ring_every": 3600}, []),
    ],
)
def test_what_counts_as_wrong(change: dict[str, Any], wrong: list[str]) -> None:
    fields = {name: getattr(WELL, name) for name in Vitals.__dataclass_fields__}
    vitals = Vitals(**(fields | change))
    assert vitals.complaints() == wrong
    assert vitals.report()["ok"] is not bool(wrong)
    assert vitals.levels().healthy is not bool(wrong)


def test_ages_are_seconds() -> None:
    report = WELL.report()
    assert report["last_backup_age"] == 7200
    assert report["channels"] == {"telegram": {"open": True, "last_poll_age": 3.0}}
    waiting = Queues(2, NOW - timedelta(seconds=9), {Urgency.REMINDER: 4}, NOW - timedelta(seconds=90), NOW)
    fields = {name: getattr(WELL, name) for name in Vitals.__dataclass_fields__}
    report = Vitals(**(fields | {"queues": waiting})).report()
    assert report["inbox"] == {"waiting": 2, "oldest_age": 9.0}
    assert report["outbox"] == {"waiting": {"answer": 0, "summary": 0, "reminder": 4}, "oldest_age": 90.0}


async def test_a_question_is_asked_once_at_a_time() -> None:
    asked = 0
    answer = asyncio.Event()

    async def ask() -> int:
        nonlocal asked
        asked += 1
        await answer.wait()
        return asked

    look = Look(ask, 0.05)
    for _ in range(3):
        with pytest.raises(DatabaseTrouble) as found:
            await look.result()
        assert found.value.kind == "slow"
    answer.set()
    assert await look.result() == asked == 1
    assert await look.result() == 2
    await look.close()
