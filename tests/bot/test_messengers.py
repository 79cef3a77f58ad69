"""The program with both messengers, one of which cannot be opened at the start: the local server over HTTP."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection

from bot import messengers
from bot.app import Program
from bot.channels.contract import DeliveryError
from bot.channels.zalo import ZaloChannel
from bot.clock import Clock
from bot.messengers import StoppedEarly
from bot.settings import Settings
from bot.simulator.driver import Driver
from storage import inbox, outbox
from storage.database import Database
from storage.records import Address, Post, Raw
from tests.program import SIMULATED, running, settings_for

OF = {"telegram": "[!z]*", "zalo": "zalo/*"}
URL = {"telegram": "BOT_API_URL", "zalo": "ZALO_API_URL"}
GREETING = "mã"
WRONG = SecretStr("9871:somebody-else-s-token")


@pytest.fixture
def settings(driver: Driver, tmp_path: Path) -> Settings:
    return settings_for(
        tmp_path,
        driver.address,
        zalo_token=SecretStr(SIMULATED.zalo_token),
        zalo_api_url=f"{driver.address}/zalo",
    )


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messengers, "_PAUSES", (0.1,))
    monkeypatch.setattr(messengers, "_REFUSED_PAUSE", 0.1)


async def phone_on(driver: Driver, channel: str, name: str) -> Any:
    """Somebody who has written to the bot, which nobody may have heard yet."""
    if channel == "telegram":
        return await driver.phone(name, start=True)
    phone = await driver.zalo_phone(name)
    await driver.act("zalo/send", user=phone.user, text="xin chào")
    return phone


async def out_of_reach(driver: Driver, channel: str) -> None:
    await driver.act("faults", kind="reset", method=OF[channel], times=None)


async def in_reach(driver: Driver) -> None:
    async with driver.session.delete(f"{driver.address}/control/faults") as answer:
        assert answer.status == 200


async def until(is_so: Callable[[], bool | Awaitable[bool]], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not (found if isinstance(found := is_so(), bool) else await found):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@asynccontextmanager
async def silence() -> AsyncIterator[str]:
    """A server that takes connections and never answers."""
    kept: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: kept.append(writer), "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        for writer in kept:
            writer.close()
        server.close()


@pytest.mark.parametrize(("ill", "well"), [("telegram", "zalo"), ("zalo", "telegram")])
@pytest.mark.usefixtures("impatient")
async def test_the_bot_works_on_the_messenger_that_can_be_reached_and_opens_the_other_later(
    driver: Driver, settings: Settings, ill: str, well: str
) -> None:
    admin, waiting = await phone_on(driver, well, "Quản trị"), await phone_on(driver, ill, "Lan")
    settings = settings.model_copy(update={"bot_admins": (Address(well, str(admin.user)), Address(ill, "9"))})
    await out_of_reach(driver, ill)
    async with running(settings) as program:
        assert [door.channel for door in program.house.doors] == [well]
        await admin.waits_for("chưa vào được")
        an = await phone_on(driver, well, "An")
        assert await an.says("/start")
        report = await program.watch.report()
        [wrong] = report["wrong"]
        assert not report["ok"]
        assert wrong.startswith(f"not open: {ill} ({URL[ill]}: the server cannot be reached")
        assert (report["channels"][ill]["open"], report["channels"][well]["open"]) == (False, True)
        page = (await program.watch.page()).decode()
        assert f'chibo_channel_open{{channel="{ill}"}} 0.0' in page

        await asyncio.sleep(0.3)
        assert not any(message["from_bot"] for message in await waiting.messages())
        await in_reach(driver)
        await waiting.waits_for(GREETING)
        await admin.waits_for("đã vào được")
        assert {door.channel for door in program.desk.house.doors} == {ill, well}
        assert all(door.name for door in program.desk.house.doors)
        report = await program.watch.report()
        assert (report["ok"], report["wrong"], report["channels"][ill]["open"]) == (True, [], True)


@pytest.mark.usefixtures("impatient")
async def test_what_an_earlier_process_had_kept_waits_for_its_messenger(driver: Driver, settings: Settings) -> None:
    lan = await driver.zalo_phone("Lan")
    event = {
        "event_name": "message.text.received",
        "message": {
            "from": {"id": lan.user, "display_name": "Lan", "is_bot": False},
            "chat": {"id": lan.user, "chat_type": "PRIVATE"},
            "message_id": "m-early",
            "date": 1_790_000_000_000,
            "text": "xin chào",
        },
    }
    database = Database(settings.database_url)
    await database.open()
    raw = Raw("zalo", "m-early", lan.user, json.dumps(event))
    await database.write(lambda tx: inbox.keep(tx, [raw], Clock().now()))
    await database.close()
    await out_of_reach(driver, "zalo")
    async with running(settings) as program:
        await asyncio.sleep(0.3)
        assert (await program.database.read(inbox.backlog))[0] == 1
        await driver.act("zalo/send", user=lan.user, text="/help")
        await in_reach(driver)
        await until(lambda: program.messengers.is_open("zalo"))
        await lan.waits_for(GREETING)

        async def is_done() -> bool:
            return (await program.database.read(inbox.backlog))[0] == 0

        await until(is_done)


async def test_a_refused_token_of_one_does_not_stop_the_other(driver: Driver, settings: Settings) -> None:
    settings = settings.model_copy(update={"zalo_token": WRONG})
    async with running(settings) as program:
        an = await driver.phone("An")
        assert await an.says("/start")
        assert (await program.watch.report())["wrong"] == ["not open: zalo (ZALO_TOKEN: the token was refused)"]


async def test_where_none_can_be_opened_the_start_fails_with_the_refusal(settings: Settings) -> None:
    nowhere = settings.model_copy(update={"bot_api_url": "http://127.0.0.1:9", "zalo_token": WRONG})
    with pytest.raises(DeliveryError) as refused:
        await Program(nowhere).start()
    assert (refused.value.channel, refused.value.everywhere) == ("zalo", True)


@pytest.mark.usefixtures("impatient")
async def test_the_webhook_of_a_messenger_that_opens_later_is_registered_then(
    driver: Driver, settings: Settings, unused_tcp_port: int
) -> None:
    address = f"http://127.0.0.1:{unused_tcp_port}"
    settings = settings.model_copy(
        update={
            "bot_mode": "webhook",
            "bot_webhook_url": address,
            "bot_webhook_secret": SecretStr("very_secret-1"),
            "bot_listen": address.removeprefix("http://"),
        }
    )
    await out_of_reach(driver, "zalo")
    watcher = ZaloChannel(SIMULATED.zalo_token, f"{driver.address}/zalo")
    async with running(settings) as program:
        async with driver.session.get(f"{address}/healthz") as answer:
            assert answer.status == 503
        await in_reach(driver)
        await until(lambda: program.messengers.is_open("zalo"))
        await watcher.open()
        assert (await watcher.webhook_state()).url == f"{address}/webhook/zalo"
        lan = await driver.zalo_phone("Lan")
        assert await lan.says("xin chào")
        async with driver.session.get(f"{address}/healthz") as answer:
            assert answer.status == 200
    await watcher.close()


async def test_a_messenger_that_never_answers_holds_up_neither_the_start_nor_the_stop(
    driver: Driver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messengers, "_GRACE_SECONDS", 0.3)
    monkeypatch.setattr(messengers, "_PAUSES", (0,))
    async with silence() as nowhere:
        began = time.monotonic()
        async with running(settings.model_copy(update={"bot_api_url": nowhere})) as program:
            assert time.monotonic() - began < 3
            lan = await driver.zalo_phone("Lan")
            assert await lan.says("xin chào")
            assert program.messengers.shut == {"telegram": "BOT_API_URL: no answer yet"}
            began = time.monotonic()
        assert time.monotonic() - began < 2


async def test_a_stop_while_nothing_answers_yet_ends_the_start(settings: Settings) -> None:
    stop = asyncio.Event()
    async with silence() as nowhere:
        silent = settings.model_copy(update={"bot_api_url": nowhere, "zalo_api_url": nowhere})
        asyncio.get_running_loop().call_later(0.5, stop.set)
        async with asyncio.timeout(3):
            with pytest.raises(StoppedEarly):
                await Program(silent).start(stop)


async def test_one_that_hangs_while_the_bot_runs_does_not_slow_the_other(
    driver: Driver, settings: Settings
) -> None:
    lan = await driver.zalo_phone("Lan")
    async with running(settings) as program:
        assert await lan.says("xin chào")
        await driver.act("faults", kind="timeout", method=OF["telegram"], times=None, seconds=30)

        def post_to_many(tx: Connection) -> None:
            for chat in range(300):
                outbox.put(tx, Post(Address("telegram", str(chat + 1)), "x"), program.clock.now())

        await program.database.write(post_to_many)
        program.delivery.wake()
        await asyncio.sleep(0.5)
        waits = []
        for _ in range(3):
            began = time.monotonic()
            await lan.says("/help")
            waits.append(time.monotonic() - began)
        assert max(waits) < 1.5
        report = await program.watch.report()
        assert report["outbox"]["waiting"]["answer"] == 300
        began = time.monotonic()
    assert time.monotonic() - began < 5
