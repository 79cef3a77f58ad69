"""The program as a process with two messengers of which one, or none, answers: it runs, and ends when told to."""

import asyncio
import time
from pathlib import Path

import pytest

from bot.simulator.driver import Driver
from tests.bot.test_messengers import silence
from tests.e2e.process import begin, bot_running, environment
from tests.program import SIMULATED

pytestmark = pytest.mark.process


def both(folder: Path, telegram: str, zalo: str) -> dict[str, str]:
    return environment(folder, telegram, ZALO_TOKEN=SIMULATED.zalo_token, ZALO_API_URL=zalo)


async def test_the_bot_answers_on_one_while_it_tries_the_other_and_ends_at_once(
    driver: Driver, tmp_path: Path
) -> None:
    lan = await driver.zalo_phone("Lan")
    log = tmp_path / "run.log"
    async with (
        silence() as nowhere,
        bot_running(both(tmp_path, nowhere, f"{driver.address}/zalo"), tmp_path) as bot,
    ):
        assert await lan.says("xin chào")
        assert "BOT_API_URL: no answer yet" in log.read_text()
        began = time.monotonic()
        bot.terminate()
        assert await asyncio.wait_for(bot.wait(), 10) == 0
        assert time.monotonic() - began < 5  # and not the ten that a stop may take
    said = log.read_text()
    assert "Traceback" not in said
    assert SIMULATED.token not in said


async def test_it_ends_at_once_while_it_still_waits_for_the_first(tmp_path: Path) -> None:
    async with silence() as nowhere:
        with (tmp_path / "run.log").open("wb") as out:
            bot = await begin("run", env=both(tmp_path, nowhere, nowhere), folder=tmp_path, out=out)
        async with asyncio.timeout(20):
            while not (tmp_path / "bot.db").exists():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await asyncio.sleep(1)
        began = time.monotonic()
        bot.terminate()
        assert await asyncio.wait_for(bot.wait(), 10) == 0
        assert time.monotonic() - began < 2
    assert (tmp_path / "run.log").read_text() == ""
