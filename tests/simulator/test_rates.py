"""Telegram's rates on sliding windows, with a clock in the test's hand."""

from typing import Any

import pytest

from bot.simulator import groups, people
from bot.simulator.rates import Limiter
from bot.simulator.settings import SimulatorSettings, rate_factor
from tests.simulator.conftest import Stage, Staged


def refused(stage: Stage, chat: int | None = None, method: str = "sendMessage", **params: Any) -> int:
    """Seconds to wait, 0 when it was let through."""
    reply = stage.world.call(method, {"chat_id": chat or stage.user, "text": "x"} | params)
    if reply.status == 200:
        return 0
    seconds: int = reply.payload["parameters"]["retry_after"]
    assert reply.status == reply.payload["error_code"] == 429
    assert reply.payload["description"] == f"Too Many Requests: retry after {seconds}"
    return seconds


def test_one_chat_after_a_short_burst(staged: Staged) -> None:
    stage = staged(rates="telegram")
    assert [refused(stage) for _ in range(4)] == [0, 0, 0, 1]
    stage.hand.at += 1
    assert [refused(stage) for _ in range(2)] == [0, 1]
    for _ in range(20):
        stage.hand.at += 1
        assert refused(stage) == 0


def test_thirty_in_any_second(staged: Staged) -> None:
    stage = staged(rates="telegram")
    chats = [people.add_user(stage.world, {"first_name": "A", "start": True}).id for _ in range(31)]
    assert [refused(stage, chat) for chat in chats] == [0] * 30 + [1]
    stage.hand.at += 0.9
    assert refused(stage, chats[30]) == 1
    stage.hand.at += 0.11
    assert refused(stage, chats[30]) == 0


def test_twenty_a_minute_to_a_group(staged: Staged) -> None:
    stage = staged(rates="telegram")
    group = groups.add_group(stage.world, {"title": "Nhóm", "members": [stage.user]})["id"]
    for _ in range(20):
        assert refused(stage, group) == 0
        stage.hand.at += 1
    assert refused(stage, group) == 40
    stage.hand.at += 40
    assert refused(stage, group) == 0


def test_edits_count_and_answers_do_not(staged: Staged) -> None:
    stage = staged(rates="telegram")
    number = stage.sent()["message_id"]
    query = people.press(stage.world, {"user": stage.user, "message_id": number, "data": "x"})["query_id"]
    assert refused(stage, method="editMessageText", message_id=number, text="a") == 0
    assert refused(stage, method="editMessageText", message_id=number, text="b") == 0
    assert refused(stage, method="editMessageText", message_id=number, text="c") == 1
    assert stage.call("answerCallbackQuery", callback_query_id=query) == (200, True)
    assert stage.call("sendChatAction", chat_id=stage.user, action="typing") == (200, True)


@pytest.mark.parametrize(("rates", "factor"), [("telegram", 1), ("off", 0), (10, 10), ("2.5", 2.5)])
def test_factor(rates: str | float, factor: float) -> None:
    assert rate_factor(rates) == factor


@pytest.mark.parametrize("rates", ["fast", 0, -1, "-2"])
def test_factor_refused(rates: str | float) -> None:
    with pytest.raises(ValueError, match="rates"):
        SimulatorSettings(rates=rates)


def test_ten_times_faster() -> None:
    limiter = Limiter(10)
    assert [limiter.admit(1, 0.0) for _ in range(4)] == [0, 0, 0, 1]
    assert limiter.admit(1, 0.1) == 0
