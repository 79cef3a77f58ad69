"""Faults on demand, as python-telegram-bot meets them."""

import asyncio
import time
from datetime import timedelta
from typing import Any

import pytest
from telegram.error import NetworkError, RetryAfter, TelegramError, TimedOut

from bot.simulator.faults import REPLIES, Fault, Faults
from tests.simulator.conftest import Serve, Served


@pytest.mark.parametrize(
    ("fault", "error", "words", "done"),
    [
        ({"kind": "429", "seconds": 7}, RetryAfter, None, False),
        ({"kind": "500"}, NetworkError, "Internal Server Error", False),
        ({"kind": "502"}, NetworkError, "Bad Gateway", False),
        ({"kind": "reset"}, NetworkError, None, False),
        ({"kind": "reset", "after": True}, NetworkError, None, True),
        ({"kind": "timeout", "seconds": 20}, TimedOut, None, False),
        ({"kind": "timeout", "seconds": 20, "after": True}, TimedOut, None, True),
        ({"kind": "truncate"}, NetworkError, None, True),
        ({"kind": "notjson"}, TelegramError, "Invalid server response", True),
    ],
)
async def test_a_fault_strikes_once(
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
    fault: dict[str, Any],
    error: type[TelegramError],
    words: str | None,
    done: bool,
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    served: Served = await serve()
    bot, user = await served.bot(), await served.person()
    assert (await served.control("faults", method="sendMessage", **fault))[0] == 200
    await bot.get_me()
    with pytest.raises(error, match=words) as struck:
        await bot.send_message(user, "x", read_timeout=0.3)
    if isinstance(struck.value, RetryAfter):
        assert struck.value.retry_after == timedelta(seconds=7)
    # A call that was cut off before it was done must not be done afterwards either.
    await asyncio.sleep(0.1)
    assert len((await served.look(f"chats/{user}"))["messages"]) == 1 + done
    await bot.send_message(user, "y")
    assert (await served.look("faults"))["faults"] == []


async def test_slow_and_withdrawn(serve: Serve) -> None:
    served: Served = await serve()
    bot = await served.bot()
    await served.control("faults", kind="slow", seconds=0.3, times=None)
    begin = time.monotonic()
    await bot.get_me()
    assert time.monotonic() - begin >= 0.3
    async with served.session.delete(f"{served.address}/control/faults") as answer:
        assert await answer.json() == {"faults": []}
    begin = time.monotonic()
    await bot.get_me()
    assert time.monotonic() - begin < 0.3


def test_probability_is_repeatable() -> None:
    def strikes() -> list[bool]:
        faults = Faults()
        faults.add(Fault("500", probability=0.5, times=None, seed=3))
        return [faults.take("getMe", REPLIES) is not None for _ in range(40)]

    assert strikes() == strikes()
    assert 8 < sum(strikes()) < 32


@pytest.mark.parametrize("wrong", [{"kind": "banana"}, {"kind": "500", "probability": 2}, {"kid": "500"}])
async def test_wrong_faults(serve: Serve, wrong: dict[str, Any]) -> None:
    served: Served = await serve()
    status, body = await served.control("faults", **wrong)
    assert (status, "error" in body) == (400, True)
