"""The program as a process whose updates are brought to it: a conversation, changes of mode, health and metrics."""

import asyncio
import json
import socket
from pathlib import Path

import pytest

from bot.playing import ids_of, join
from bot.simulator.driver import Driver, Phone
from tests.e2e.process import bot_running, command, environment
from tests.e2e.test_process import invited
from tests.program import SIMULATED

pytestmark = pytest.mark.process

SECRET = "e2e_bi-mat"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


def webhook(folder: Path, driver: Driver, **more: str) -> dict[str, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = {
        "BOT_MODE": "webhook",
        "BOT_WEBHOOK_URL": f"http://127.0.0.1:{port}",
        "BOT_WEBHOOK_SECRET": SECRET,
        "BOT_LISTEN": f"127.0.0.1:{port}",
    }
    return environment(folder, driver.address, **(given | more))


async def says(phone: Phone, text: str) -> None:
    """Say something without waiting for an answer."""
    await phone.driver.act("send", user=phone.user, text=text)


async def answers(phone: Phone, words: str, count: int) -> None:
    """Wait until the bot has said this so many times."""
    async with asyncio.timeout(30):
        while True:
            chat = await phone.driver.look(f"chats/{phone.user}", user=phone.user)
            said = [m for m in chat["messages"] if m["from_bot"] and words in m.get("text", "")]
            if len(said) >= count:
                break
            await phone.driver.look(f"chats/{phone.user}", after=chat["revision"], wait=2)
    await asyncio.sleep(0.3)
    chat = await phone.driver.look(f"chats/{phone.user}", user=phone.user)
    assert len([m for m in chat["messages"] if m["from_bot"] and words in m.get("text", "")]) == count


async def test_a_conversation_by_webhook_and_what_those_who_watch_see(driver: Driver, tmp_path: Path) -> None:
    env = webhook(tmp_path, driver)
    code = await invited(tmp_path, env)
    lan = await driver.phone("Lan")
    async with bot_running(env, tmp_path):
        await join(lan, code)
        await lan.presses("open")
        assert "review" in ids_of(await lan.screen())
        assert (await driver.look("calls", method="getUpdates"))["calls"] == []
        for headers in ({}, {HEADER: "wrong"}):
            async with driver.session.post(
                f"{env['BOT_WEBHOOK_URL']}/webhook/telegram", json={"update_id": 1}, headers=headers
            ) as answer:
                assert answer.status == 401
        async with driver.session.get(f"{env['BOT_WEBHOOK_URL']}/healthz") as answer:
            page = await answer.text()
            assert answer.status == 200, page
        health = json.loads(page)
        assert health["mode"] == "webhook"
        assert health["channels"]["telegram"]["last_delivery_age"] < 30
        assert health["inbox"]["waiting"] == 0
        async with driver.session.get(f"{env['BOT_WEBHOOK_URL']}/metrics") as answer:
            assert answer.headers["Content-Type"].startswith("text/plain")
            metrics = await answer.text()
        kept = next(line for line in metrics.splitlines() if line.startswith("chibo_updates_kept_total{"))
        assert float(kept.split()[1]) >= 3
        assert 'chibo_deliveries_refused_total{status="401"} 2.0' in metrics
        assert "chibo_healthy 1.0" in metrics
        for shown in (page, metrics):
            assert str(lan.user) not in shown
            assert "Lan" not in shown
            assert SECRET not in shown
        status, printed = await command("check", env=env | {"DATABASE_URL": ""}, folder=tmp_path)
        assert status == 0
        assert "webhook    ok: at 127.0.0.1" in printed
    log = (tmp_path / "run.log").read_text()
    assert SECRET not in log
    assert SIMULATED.token not in log


async def test_changing_the_mode_and_back_loses_nothing(driver: Driver, tmp_path: Path) -> None:
    brought = webhook(tmp_path, driver)
    polled = environment(tmp_path, driver.address)
    an = await driver.phone("An", start=True)
    async with bot_running(polled, tmp_path):
        await answers(an, "Chào đồng chí", 1)
    await says(an, "/start")
    async with bot_running(brought, tmp_path):
        await answers(an, "Chào đồng chí", 2)
        await says(an, "/start")
        await answers(an, "Chào đồng chí", 3)
    await says(an, "/start")
    await says(an, "/start")
    async with bot_running(polled, tmp_path):
        await answers(an, "Chào đồng chí", 5)
        await says(an, "/start")
        await answers(an, "Chào đồng chí", 6)


async def test_what_a_webhook_lacks_is_one_line_and_exit_status_2(driver: Driver, tmp_path: Path) -> None:
    env = webhook(tmp_path, driver, BOT_WEBHOOK_SECRET="")
    status, printed = await command("run", env=env, folder=tmp_path)
    assert (status, printed) == (2, "BOT_WEBHOOK_SECRET: missing; BOT_MODE=webhook needs it\n")


async def test_a_stop_under_deliveries_is_quick_and_loses_nothing(driver: Driver, tmp_path: Path) -> None:
    env = webhook(tmp_path, driver)
    people = [await driver.phone(f"An {n}", start=True) for n in range(10)]
    async with bot_running(env, tmp_path) as bot:
        await people[0].waits_for("Chào đồng chí")
        for _ in range(3):
            for person in people:
                await says(person, "/start")
        bot.terminate()
        assert await asyncio.wait_for(bot.wait(), 10) == 0
    async with bot_running(env, tmp_path):
        for person in people:
            await answers(person, "Chào đồng chí", 4)
    assert "Traceback" not in (tmp_path / "run.log").read_text()


async def test_a_webhook_that_the_messenger_refuses_is_named(driver: Driver, tmp_path: Path) -> None:
    env = webhook(tmp_path, driver, BOT_WEBHOOK_URL="http://bot.example.org")
    status, printed = await command("run", env=env, folder=tmp_path)
    assert status == 2
    assert printed.splitlines()[-1].startswith("BOT_WEBHOOK_URL: Bad webhook")
    assert "Traceback" not in printed
