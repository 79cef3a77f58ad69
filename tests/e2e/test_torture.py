"""The torture, a short one: nothing lost, nothing doubled; and a judge who sees it where something is."""

import asyncio
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from handlers.review import forms
from storage.records import Urgency
from tests.e2e.process import ROOT
from tests.torture.events import DIED, STRUCK, Event, Events, Giving
from tests.torture.judge import Played, Round, judge
from tests.torture.model import Mark, Model
from tests.torture.records import Kept, Records, Reminder, Settled
from tests.torture.server import Call
from tests.torture.size import Size, plan_for
from tests.torture.verdict import IN_FLIGHT, Verdict

AT = datetime(2026, 11, 3, 2, tzinfo=UTC)
KILLS = {1: 100.0}
ROUND = Round("review.invitation", AT)


@pytest.mark.process
@pytest.mark.parametrize("channel", ["telegram", "zalo"])
async def test_a_short_torture_loses_nothing_and_doubles_nothing(channel: str) -> None:
    words = ("--kills", "4", "--messages", "200", "--members", "6", "--seed", "7", "--channel", channel)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.torture", *words),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, told = await asyncio.wait_for(process.communicate(), 170)
    line = r"torture: kills=4 messages=200 lost=0 doubled=0 broken=0 resent=\d+ seed=7\n"
    assert re.fullmatch(line, printed.decode()), told.decode()
    assert process.returncode == 0


def test_the_same_seed_plays_the_same_conversations() -> None:
    size = Size(kills=1, messages=400, members=4, seed=11)
    once, again, other = (plan_for(s, 3) for s in (size, size, Size(1, 400, 4, seed=12)))
    assert once == again
    assert once[1] != other[1]
    assert sum(act.messages for stretch in once[1] for act in stretch) == 100


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ({"channel": "pigeon"}, "CHANNEL"),
        ({"messages": 10}, "MESSAGES"),
        ({"faults": 1.0}, "FAULTS"),
    ],
)
def test_what_cannot_be_played_is_said(size: dict[str, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Size(**({"kills": 1, "messages": 100, "members": 4, "seed": 1} | size))  # type: ignore[arg-type]


# What a clean run leaves behind; each test below does one thing to it that the judge has to see.


def played() -> Played:
    form = forms.form("2025/non_leader")
    model = Model(form, flow="review", step="overview")
    model.answers = {"conduct": "một\nhai", "shortcomings": ["ba", "bốn"], "task_score": 630}
    model.history = [("conduct", "không")]
    model.versions = [{"conduct": "một"}]
    model.marks = {3: Mark("done")}
    model.mark_log = [(3, Mark("in_progress")), (3, Mark("done"))]
    return Played("T000", 5, model, serial=9)


def kept() -> Kept:
    return Kept(
        flow="review",
        step="overview",
        serial=9,
        answers={"conduct": "một\nhai", "shortcomings": ["ba", "bốn"], "task_score": 630},
        history=[("conduct", "không")],
        versions=[{"conduct": "một"}],
        first_submitted=AT + timedelta(hours=1),
        marks={3: Mark("done")},
        mark_log=[(3, Mark("in_progress")), (3, Mark("done"))],
        reminders=[Reminder(rule, "sent", None, AT) for rule in ("review.invitation", "bundle")],
    )


def screen(serial: int, at: float, life: int = 1, lost: str = "") -> Call:
    words = f'{{"text": "Câu hỏi", "reply_markup": "callback_data\\": \\"1:{serial}:next"}}'
    return Call(at, life, "sendMessage", 5, words, arrived=True, lost=lost)


def reminder(at: float, life: int = 1) -> Call:
    return Call(at, life, "sendMessage", 5, '{"text": "Mời viết", "reply_markup": "1!later:tonight"}', arrived=True)


CALLS = [screen(8, 10.0), reminder(20.0), screen(9, 99.9)]


def found(kept: Kept, calls: list[Call] = CALLS, **queues: Any) -> tuple[int, ...]:
    verdict = verdict_on(kept, calls, **queues)
    return verdict.lost, verdict.doubled, verdict.broken, verdict.resent


def verdict_on(kept: Kept, calls: list[Call] = CALLS, **queues: Any) -> Verdict:
    return judge([played()], Records({"T000": kept}, **queues), calls, KILLS, [ROUND])


def test_a_clean_run_is_clean() -> None:
    assert found(kept()) == (0, 0, 0, 0)
    assert verdict_on(kept()).clean


@pytest.mark.parametrize(
    ("doctored", "numbers"),
    [
        ({"answers": {"conduct": "một\nhai", "shortcomings": ["ba", "bốn"]}}, (1, 0, 0, 0)),
        ({"answers": None}, (6, 0, 0, 0)),
        ({"answers": {"conduct": "hai", "shortcomings": ["ba", "bốn"], "task_score": 630}}, (1, 0, 0, 0)),
        ({"answers": {"conduct": "một\nhai\nhai", "shortcomings": ["ba", "bốn"], "task_score": 630}}, (0, 1, 0, 0)),
        ({"answers": {"conduct": "hai\nmột", "shortcomings": ["ba", "bốn"], "task_score": 630}}, (0, 0, 1, 0)),
        ({"history": []}, (1, 0, 0, 0)),
        ({"versions": [{"conduct": "một"}] * 2}, (0, 1, 0, 0)),
        ({"versions": []}, (1, 0, 0, 0)),
        ({"mark_log": [(3, Mark("in_progress")), (3, Mark("done")), (3, Mark("done"))]}, (0, 1, 0, 0)),
        ({"mark_log": [(3, Mark("in_progress"))]}, (1, 0, 0, 0)),
        ({"marks": {}}, (1, 0, 0, 0)),
        ({"serial": 10}, (0, 1, 0, 0)),
        ({"serial": 8}, (1, 0, 0, 0)),
        ({"step": "conduct"}, (0, 0, 1, 0)),
        ({"reminders": []}, (1, 1, 0, 0)),
        ({"reminders": [*kept().reminders, Reminder("bundle", "sent", None, AT)]}, (1, 0, 0, 0)),
        ({"reminders": [*kept().reminders, Reminder("review.invitation", "sent", None, AT)]}, (0, 1, 0, 0)),
        ({"first_submitted": AT - timedelta(hours=1)}, (0, 0, 1, 0)),
    ],
)
def test_the_judge_sees_what_the_records_lack_or_have_twice(
    doctored: dict[str, object], numbers: tuple[int, ...]
) -> None:
    after = kept()
    for name, value in doctored.items():
        setattr(after, name, value)
    assert found(after) == numbers


@pytest.mark.parametrize(
    ("calls", "numbers"),
    [
        # A reminder that arrived twice, with no kill near it; one that never arrived.
        ([screen(8, 10.0), reminder(20.0), reminder(20.2), screen(9, 99.9)], (0, 1, 0, 0)),
        ([screen(8, 10.0), reminder(20.0), reminder(101.0, life=2)], (0, 1, 0, 0)),
        ([screen(8, 10.0), screen(9, 99.9)], (1, 0, 0, 0)),
        # A screen sent again: because of a kill, because of a lost answer, long before the kill, without any.
        ([*CALLS, screen(9, 102.0, life=2)], (0, 0, 0, 1)),
        ([screen(8, 10.0), reminder(20.0), screen(9, 50.0, lost="reset"), screen(9, 51.0)], (0, 0, 0, 1)),
        ([screen(8, 10.0), reminder(20.0), screen(9, 100 - IN_FLIGHT - 1), screen(9, 102.0, 2)], (0, 1, 0, 0)),
        ([*CALLS, screen(9, 99.95)], (0, 1, 0, 0)),
        # Sent again after something else: out of its place, whatever the excuse.
        ([*CALLS, screen(8, 102.0, life=2)], (0, 1, 0, 0)),
        ([screen(9, 10.0), reminder(20.0), screen(8, 30.0)], (0, 0, 1, 0)),
    ],
)
def test_the_judge_sees_what_was_sent_again_or_out_of_order(calls: list[Call], numbers: tuple[int, ...]) -> None:
    assert found(kept(), calls) == numbers


def test_the_judge_sees_what_is_left_in_the_queues() -> None:
    assert found(kept(), inbox=[("waiting", None, "5")]) == (1, 0, 0, 0)
    assert found(kept(), inbox=[("dead", "a bug", "5")]) == (0, 0, 1, 0)
    assert found(kept(), outbox=[("waiting", None, "5")]) == (1, 0, 0, 0)
    assert found(kept(), outbox=[("failed", "Bad Request", "5")]) == (0, 0, 1, 0)


@pytest.mark.parametrize(
    ("given_up", "numbers"),
    [([("failed", "blocked", "5")], (0, 0)), ([], (1, 0)), ([("failed", "?", "5")], (1, 1))],
)
def test_what_cannot_arrive_has_to_be_recorded_with_its_reason(
    given_up: list[tuple[str, str | None, str]], numbers: tuple[int, int]
) -> None:
    gone = Played("T000", 5, played().model, serial=9, gone=True)
    verdict = judge([gone], Records({"T000": kept()}, outbox=given_up), CALLS, KILLS, [ROUND])
    assert (verdict.lost, verdict.broken) == numbers


def test_a_conversation_that_stopped_answering_is_broken() -> None:
    stuck = Played("T000", 5, played().model, serial=9, trouble="no answer", extra=1)
    verdict = judge([stuck], Records({"T000": kept()}), CALLS, KILLS, [ROUND])
    assert (verdict.lost, verdict.doubled, verdict.broken) == (0, 1, 1)


# The same where there are only words: what arrived is told apart by what is on record as sent.


def words(ref: str, text: str, at: float = 10.0, life: int = 1, lost: str = "") -> Call:
    return Call(at, life, "sendMessage", 5, text, arrived=True, lost=lost, ref=ref)


NOTED = [Settled(1, "a", Urgency.ANSWER), Settled(2, "r", Urgency.REMINDER), Settled(3, "c", Urgency.ANSWER)]
LONG = [words("b1", "(1/2)\nmột", 30.0), words("c", "(2/2)\nhai", 31.0)]
PLAIN = [words("a", "Câu hỏi"), words("r", "Mời viết\n\nB1. Làm ngay\nB2. Hỏi người", 20.0), *LONG]


def found_in_words(calls: list[Call], events: Sequence[Event] = (), noted: Sequence[Settled] = NOTED) -> Verdict:
    one = Played("T000", 5, played().model, serial=9, plain=True)
    records = Records({"T000": kept()}, settled={"5": list(noted)}, known={"kept"})
    return judge([one], records, calls, KILLS, [ROUND], events)


def test_a_clean_run_in_words_is_clean() -> None:
    verdict = found_in_words(PLAIN, [event("kept", Giving(1, had=True))])
    assert (verdict.lost, verdict.doubled, verdict.broken, verdict.resent) == (0, 0, 0, 0), verdict.findings
    assert not verdict.given_away


@pytest.mark.parametrize(
    ("calls", "numbers"),
    [
        # An answer, a reminder, the end of a long text that never arrived; a part too late, and twice.
        (PLAIN[1:], (1, 0, 0, 0)),
        ([PLAIN[0], *LONG], (2, 0, 0, 0)),
        (PLAIN[:3], (1, 1, 0, 0)),
        ([*PLAIN[:2], PLAIN[3]], (0, 0, 1, 0)),
        ([*PLAIN[:3], words("b2", "(1/2)\nmột", 30.5), PLAIN[3]], (0, 1, 0, 0)),
        # On record with a part to come.
        ([*PLAIN[:2], words("c", "(1/2)\nmột", 30.0)], (1, 0, 0, 0)),
        # The same again: without need, with the answer lost, and because of a kill that was near or was not.
        ([words("x", "Câu hỏi"), *PLAIN], (0, 1, 0, 0)),
        ([words("x", "Câu hỏi", lost="reset"), *PLAIN], (0, 0, 0, 1)),
        ([*PLAIN[:2], words("x", "(1/2)\nmột", 99.9), *(replace(c, life=2) for c in LONG)], (0, 0, 0, 1)),
        ([*PLAIN[:2], words("x", "(1/2)\nmột", 90.0), *(replace(c, life=2) for c in LONG)], (0, 1, 0, 0)),
        ([*PLAIN, words("x", "(2/2)\nhai", 32.0)], (0, 1, 1, 0)),
        # Words that nobody put on record; answers that overtook each other.
        ([*PLAIN, words("x", "Câu hỏi", 32.0)], (0, 1, 0, 0)),
        ([*LONG, PLAIN[1], PLAIN[0]], (0, 0, 1, 0)),
    ],
)
def test_the_judge_of_words_sees_what_was_lost_sent_again_or_out_of_order(
    calls: list[Call], numbers: tuple[int, ...]
) -> None:
    verdict = found_in_words(calls)
    assert (verdict.lost, verdict.doubled, verdict.broken, verdict.resent) == numbers, verdict.findings


def event(message: str, *given: Giving) -> Event:
    return Event(message, 5, "text", again=lambda: None, given=list(given))


@pytest.mark.parametrize(
    ("given", "lost", "why"),
    [
        # Given by the last poll of the process that was killed, and by a poll that was not its last.
        ([Giving(1)], 0, DIED),
        ([Giving(1, had=True)], 1, None),
        # To a process that was not killed; in an answer that was lost; at first so and then well.
        ([Giving(2)], 1, None),
        ([Giving(2, lost="truncate")], 0, STRUCK),
        ([Giving(2, lost="truncate"), Giving(2, had=True)], 1, None),
        # Never given out at all, as with a webhook.
        ([], 1, None),
    ],
)
def test_what_somebody_wrote_and_nobody_kept_is_lost_unless_it_died_with_its_process(
    given: list[Giving], lost: int, why: str | None
) -> None:
    verdict = found_in_words(PLAIN, [event("gone", *given)])
    assert (verdict.lost, dict(verdict.given_away)) == (lost, {why: 1} if why else {})


def test_a_process_that_asks_for_the_next_event_has_had_the_one_before() -> None:
    events = Events()
    events.all = {name: event(name) for name in ("one", "two", "three")}
    for life, name, lost in ((1, "one", ""), (1, "two", "reset"), (1, "three", "")):
        events.poll_begins(life)
        events.poll_ends(life, name, lost)
    assert {name: one.excuse(KILLS) for name, one in events.all.items()} == {
        "one": "",
        "two": STRUCK,
        "three": DIED,
    }
    assert [one.message for one in events.died(KILLS, life=2)] == ["two", "three"]
    assert events.died(KILLS, life=3) == []
