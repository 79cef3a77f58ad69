"""The whole program with ZALO_TOKEN alone: the real rooms, a database file, a Bot Platform over HTTP."""

import asyncio
import re
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import aiohttp
import pytest
from pydantic import SecretStr

from bot.app import Program
from bot.channels.contract import DeliveryError
from bot.checkup import checkup
from bot.settings import Settings
from storage.inbox import DONE
from storage.records import Address
from storage.tables import inbox
from tests.bot.test_program import codes_for
from tests.bot.zalo_platform import TOKEN, WRONG_TOKEN, Platform, message, serving
from tests.program import running, states

COUNTS = partial(states, queue=inbox)


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    async with serving(Platform()) as found:
        yield found


@pytest.fixture
def settings(platform: Platform, tmp_path: Path) -> Settings:
    return Settings(
        zalo_token=SecretStr(TOKEN),
        zalo_api_url=platform.address,
        database_url=f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}",
        bot_rates=100,
        bot_ring_seconds=3600,
        bot_admins=(Address("zalo", "c9"),),
    )


async def heard(platform: Platform, words: str) -> str:
    """The text of a message that says this."""
    async with asyncio.timeout(3):
        while True:
            for given in platform.of("sendMessage"):
                if words.lower() in given["text"].lower():
                    return str(given["text"])
            await asyncio.sleep(0.02)


async def test_somebody_joins_over_zalo_alone_by_words_and_numbers(
    platform: Platform, settings: Settings, tmp_path: Path
) -> None:
    codes = await codes_for(settings, tmp_path)
    async with running(settings) as program:
        assert [(door.channel, door.name) for door in program.house.doors] == [("zalo", "Bot Chi bộ")]
        platform.events.append(message("m-1", f"/start {codes['A1']}"))
        first = await heard(platform, "N. T. Lan")
        assert "<b>" not in first
        assert re.search(r"(?m)^1[.)]? ", first), "choices are numbered lines"
        platform.events.extend([message("m-2", "1"), message("m-2", "1")])
        async with asyncio.timeout(8):
            while True:
                if (await program.database.read(COUNTS)).get(DONE, 0) >= 2:
                    break
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.3)
        assert await program.database.read(COUNTS) == {DONE: 2}, "what came again is handled once"
    assert all(len(given["text"].encode("utf-16-le")) <= 4000 for given in platform.of("sendMessage"))
    assert platform.of("deleteWebhook") == [{}]


async def test_events_are_brought_to_the_webhook(
    platform: Platform, settings: Settings, unused_tcp_port: int
) -> None:
    settings = settings.model_copy(
        update={
            "bot_mode": "webhook",
            "bot_webhook_url": f"http://127.0.0.1:{unused_tcp_port}",
            "bot_webhook_secret": SecretStr("very_secret-1"),
            "bot_listen": f"127.0.0.1:{unused_tcp_port}",
        }
    )
    async with running(settings), aiohttp.ClientSession() as session:
        assert platform.webhook == f"http://127.0.0.1:{unused_tcp_port}/webhook/zalo"
        for body, secret, status in (
            ({"ok": True, "result": message("w1")}, "very_secret-1", 200),
            (message("w1"), "very_secret-1", 200),
            (message("w2"), "guess", 401),
            ({"ok": True}, "very_secret-1", 400),
        ):
            headers = {"X-Bot-Api-Secret-Token": secret}
            async with session.post(platform.webhook, json=body, headers=headers) as answer:
                assert answer.status == status
        await heard(platform, "mã")
    assert platform.of("getUpdates") == []


async def test_check_speaks_of_zalo(platform: Platform, settings: Settings) -> None:
    lines = [finding.line for finding in await checkup(settings) if finding.good]
    assert "token      ok: Bot Chi bộ on Zalo" in lines
    platform.answers["getMe"].append(WRONG_TOKEN)
    [bad] = [finding.line for finding in await checkup(settings) if not finding.good]
    assert bad == "token      ZALO_TOKEN: the token was refused"
    platform.webhook = "https://elsewhere.example.org/x"
    assert any("zalo has one at elsewhere.example.org" in found.line for found in await checkup(settings))


async def test_a_refused_token_says_whose_it_is(platform: Platform, settings: Settings) -> None:
    platform.answers["getMe"].append(WRONG_TOKEN)
    with pytest.raises(DeliveryError) as refused:
        await Program(settings).start()
    assert (refused.value.channel, refused.value.everywhere) == ("zalo", True)
