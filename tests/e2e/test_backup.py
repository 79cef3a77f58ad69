"""Backups and restores of a running bot, as processes: the drill that an operator would go through."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from bot.backups import newest
from bot.playing import ids_of, join, open_cycle
from bot.simulator.driver import Driver, Phone
from tests.e2e.process import bot_running, command, environment, rows
from tests.e2e.test_process import invited

pytestmark = pytest.mark.process


async def written(database: Path, words: str) -> set[tuple[Any, ...]]:
    """All answers, as soon as one of them has these words in it."""
    async with asyncio.timeout(15):
        while True:
            found = set(rows(database, "SELECT review_id, key, value FROM review_answers"))
            if any(words in str(json.loads(str(row[2]))) for row in found):
                return found
            await asyncio.sleep(0.1)


async def begins_to_write(phone: Phone) -> None:
    """Open the self-assessment and go on to its first long text."""
    await phone.says("/review")
    for _ in range(12):
        ids = ids_of(await phone.screen())
        way = next((w for w in ("begin", "fill", "next") if w in ids), None)
        if way is None:
            return
        await phone.presses(way)


async def test_a_drill(driver: Driver, tmp_path: Path) -> None:
    """Members write, a copy is made meanwhile, the machine dies, the copy is put back, members go on."""
    env = environment(tmp_path, driver.address)
    database, copied = tmp_path / "bot.db", tmp_path / "copy.db"
    code = await invited(tmp_path, env)
    lan = await driver.phone("Lan")
    async with bot_running(env, tmp_path) as bot:
        await join(lan, code)
        await open_cycle(lan, 2026, "25/12/2099")
        await begins_to_write(lan)
        await lan.says("Trước khi sao lưu, tôi đã viết câu này.")
        # A reminder may come in between, and is not the answer.
        before = await written(database, "Trước khi sao lưu")
        crowd = [await driver.phone(f"Người {number}") for number in range(10)]
        talking = asyncio.create_task(talk(crowd))
        status, printed = await command("backup", "copy.db", env=env, folder=tmp_path)
        assert status == 0, printed
        assert printed.startswith("copy.db: 1 members, newest entry 20")
        await talking
        await begins_to_write(lan)
        await lan.says("Sau khi sao lưu, câu này sẽ mất.")
        status, printed = await command("restore", "copy.db", env=env, folder=tmp_path)
        assert (status, "in use by a bot that is running" in printed) == (3, True), printed
        bot.kill()
        await bot.wait()
    status, printed = await command("restore", "copy.db", env=env, folder=tmp_path)
    assert status == 0, printed
    assert printed.startswith("restored: 1 members")
    assert set(rows(database, "SELECT review_id, key, value FROM review_answers")) >= before
    former = Path(printed.splitlines()[-1].removeprefix("the former database is "))
    assert len(rows(former, "SELECT 1 FROM inbox")) > len(rows(copied, "SELECT 1 FROM inbox"))
    said_before = len(await crowd[0].messages())
    async with bot_running(env, tmp_path):
        assert await lan.says("/review")
        words = "Sau khi khôi phục, tôi viết tiếp."
        await begins_to_write(lan)
        await lan.says(words)
        assert await crowd[0].says("/start")
    assert len(await crowd[0].messages()) == said_before + 2, "one question, one answer, nothing repeated"
    kept = rows(database, "SELECT key FROM review_answers")
    assert len(kept) >= len(before)
    assert rows(database, "SELECT count(*), count(DISTINCT update_id) FROM inbox")[0][0]
    assert rows(database, "PRAGMA integrity_check") == [("ok",)]


async def talk(crowd: list[Phone]) -> None:
    for _ in range(4):
        await asyncio.gather(*(phone.says("/start") for phone in crowd))


async def test_copies_are_made_by_themselves_and_a_failure_reaches_the_administrator(
    driver: Driver, tmp_path: Path
) -> None:
    env = environment(
        tmp_path, driver.address, BOT_BACKUP_HOURS="0.0003", BOT_BACKUP_KEEP="2", BOT_ADMINS="5100000001"
    )
    admin = await driver.phone("Quản trị", id=5100000001, start=True)
    folder = tmp_path / "backups"
    async with bot_running(env, tmp_path):
        async with asyncio.timeout(20):
            while newest(folder) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        first = newest(folder)
        folder.rename(tmp_path / "elsewhere")
        folder.touch()  # a file stands where the folder was
        await admin.waits_for("Chưa sao lưu được", patience=15)
        await asyncio.sleep(2)
        folder.unlink()
        await admin.waits_for("đã chạy lại", patience=15)
    told = [m["text"] for m in await admin.messages() if m["from_bot"] and "sao lưu" in m["text"]]
    assert len(told) == 2, told
    later = newest(folder)
    assert first is not None
    assert later is not None
    assert later > first
