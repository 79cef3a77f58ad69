"""The judge of chats in which there are only words: what arrived, told apart by what the records say was sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from storage.records import Urgency
from tests.torture.events import Event
from tests.torture.records import Settled
from tests.torture.server import Call
from tests.torture.verdict import Verdict

_PART = re.compile(r"\((\d+)/(\d+)\)\n")


def judge_chat(
    verdict: Verdict, chat: int, calls: Sequence[Call], settled: Sequence[Settled], kills: Mapping[int, float]
) -> list[Call]:
    """What arrived in one chat without what was sent again.

    Each message that arrived is the last one of a post on record, or a part with the next part behind it, or the
    same comes again right behind it with an excuse; each post on record as sent arrived.
    """
    who, on_record = f"chat {chat}", {post.ref: post for post in settled}
    fresh: list[Call] = []
    last = (1, 1)
    for place, call in enumerate(calls):
        after = calls[place + 1] if place + 1 < len(calls) else None
        noted = call.ref in on_record
        again = after is not None and after.words == call.words
        if not noted and again and after is not None and verdict.sent_again(call, after, kills):
            continue
        number, count = part_of(call.words)
        follows = after is not None and part_of(after.words) == (number + 1, count)
        if number > 1 and last != (number - 1, count):
            verdict.note("broken", who, f"part {number}/{count} came after {last[0]}/{last[1]}")
        if noted and number < count:
            verdict.note("lost", who, f"parts after {number}/{count}: {call.words[:160]}")
        if not noted and not (number < count and follows):
            verdict.note("doubled", who, f"arrived and is on no record: {call.words[:160]}")
        last = (number, count)
        fresh.append(call)
    arrived = {call.ref for call in calls}
    for post in settled:
        verdict.note("lost", who, f"post {post.id} is on record as sent and never arrived", post.ref not in arrived)
    _judge_order(verdict, who, [on_record[call.ref] for call in fresh if call.ref in on_record])
    return fresh


def part_of(words: str) -> tuple[int, int]:
    """Which part of how many a message is: (1, 1) for a whole one."""
    found = _PART.match(words)
    return (int(found[1]), int(found[2])) if found else (1, 1)


def _judge_order(verdict: Verdict, who: str, posts: Sequence[Settled]) -> None:
    newest = 0
    for post in posts:
        if post.urgency == Urgency.ANSWER:
            verdict.note("broken", who, f"answer {post.id} came after {newest}", post.id < newest)
            newest = max(newest, post.id)


def judge_events(verdict: Verdict, events: Iterable[Event], kept: set[str], kills: Mapping[int, float]) -> None:
    """Everything that somebody wrote was kept; what nobody here could keep is counted apart."""
    for event in events:
        if event.message in kept:
            continue
        if why := event.excuse(kills):
            verdict.given_away[why] += 1
        else:
            verdict.note("lost", f"chat {event.chat}", f"{event.what} {event.message} was not kept: {event.given}")
