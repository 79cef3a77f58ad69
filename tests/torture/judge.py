"""The judge: pure, from what was played, kept and seen by the server to four numbers with their reasons."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.torture.events import Event
from tests.torture.model import Mark, Model
from tests.torture.phones import NOW
from tests.torture.plain import judge_chat, judge_events
from tests.torture.records import Kept, Records
from tests.torture.server import Call
from tests.torture.verdict import Verdict

# So long after the clock was moved a ring may still have been on its way.
_RINGS = timedelta(seconds=60)
_SCREEN = re.compile(r'callback_data[\\": ]+1:(\d+):')
_REMINDER = re.compile(rf"1!later:|^[A-Z]\d+\. {NOW}$", re.MULTILINE)


@dataclass(frozen=True)
class Played:
    """One member's side: what must be kept, the serial of the last screen, and what went wrong at the phone.

    ``gone``: they blocked the bot right after their last word, so its answer cannot arrive. ``plain``: in their
    chat there are only words.
    """

    number: str
    chat: int
    model: Model
    serial: int
    trouble: str | None = None
    extra: int = 0
    gone: bool = False
    plain: bool = False


@dataclass(frozen=True)
class Round:
    """A round of reminders: its rule, and when (bot's clock) it fell due."""

    rule: str
    at: datetime


def judge(
    played: Sequence[Played],
    records: Records,
    calls: Sequence[Call],
    kills: Mapping[int, float],
    rounds: Sequence[Round],
    events: Iterable[Event] = (),
) -> Verdict:
    """``kills``: loop seconds by the process's life; ``calls`` in the order in which they reached the server.

    ``events`` are what people wrote by a messenger that tells which process it was given to.
    """
    verdict = Verdict()
    fresh = _judge_calls(verdict, calls, kills, {one.chat for one in played if one.plain}, records)
    judge_events(verdict, events, records.known, kills)
    for one in played:
        kept = records.members.get(one.number, Kept())
        _judge_place(verdict, one, kept)
        _judge_words(verdict, one, kept)
        _judge_reminders(verdict, one, kept, fresh.get(one.chat, []), rounds)
    for state, trouble, chat in records.inbox:
        verdict.note("broken" if state == "dead" else "lost", f"inbox, chat {chat}", f"{state}: {trouble}")
    _judge_outbox(verdict, records, {str(one.chat) for one in played if one.gone})
    return verdict


def _judge_outbox(verdict: Verdict, records: Records, gone: set[str]) -> None:
    """Everything was delivered; what cannot be, to people who are gone, is recorded as such with the reason."""
    given_up = [chat for state, trouble, chat in records.outbox if (state, trouble) == ("failed", "blocked")]
    for chat in gone:
        verdict.note(
            "lost", f"chat {chat}", "a post to somebody gone is not recorded as failed", chat not in given_up
        )
    for state, trouble, chat in records.outbox:
        if state != "failed" or trouble != "blocked" or chat not in gone:
            verdict.note("broken" if state == "failed" else "lost", f"outbox, chat {chat}", f"{state}: {trouble}")


def _judge_place(verdict: Verdict, one: Played, kept: Kept) -> None:
    """Where the conversation stands, and that every message was handled once: each shows one screen."""
    if one.trouble is not None:
        verdict.note("broken", one.number, one.trouble)
    verdict.note("doubled", one.number, "screens more than messages", one.extra)
    if one.trouble is not None:
        return
    here, wanted = (kept.flow, kept.step), (one.model.flow, one.model.step)
    if here != wanted:
        verdict.note("broken", one.number, f"stands at {here}, should be at {wanted}")
    gap = kept.serial - one.serial
    verdict.note("doubled", one.number, f"screen {kept.serial} instead of {one.serial}", gap)
    verdict.note("lost", one.number, f"screen {kept.serial} instead of {one.serial}", -gap)


def _judge_words(verdict: Verdict, one: Played, kept: Kept) -> None:
    """Answers, what they replaced, submissions, marks: each word once and in its place."""
    if one.trouble is not None:
        return
    model, who = one.model, one.number
    wanted, found = model.written, kept.answers or {}
    for key in sorted(wanted.keys() | found.keys()):
        what = f"answer {key}"
        ordered = key not in model.unordered
        _compare(verdict, who, what, _pieces(wanted, key), _pieces(found, key), ordered=ordered)
    if (model.answers is None) != (kept.answers is None):
        verdict.note("lost" if kept.answers is None else "broken", who, "review begun or not")
    loose = model.unordered
    _compare(
        verdict, who, "history", *([_flat({k: v}, loose) for k, v in h] for h in (model.history, kept.history))
    )
    _compare(verdict, who, "submission", *([_flat(v, loose) for v in vs] for vs in (model.versions, kept.versions)))
    _compare(verdict, who, "mark", *([_mark(n, m) for n, m in log] for log in (model.mark_log, kept.mark_log)))
    last = ([_mark(n, m) for n, m in sorted(marks.items())] for marks in (model.marks, kept.marks))
    _compare(verdict, who, "last mark", *last)


def _compare(
    verdict: Verdict, who: str, what: str, wanted: list[str], found: list[str], *, ordered: bool = True
) -> None:
    """Missing pieces are lost, those that stand there once too often doubled, foreign or misplaced ones broken."""
    if wanted == found or (not ordered and sorted(wanted) == sorted(found)):
        return
    missing, surplus = Counter(wanted) - Counter(found), Counter(found) - Counter(wanted)
    twice = sum(count for piece, count in surplus.items() if piece in wanted)
    verdict.note("lost", who, f"{what}: {list(missing)[:2]}", missing.total())
    verdict.note("doubled", who, f"{what}: {list(surplus)[:2]}", twice)
    verdict.note("broken", who, f"{what}: foreign {list(surplus)[:2]}", surplus.total() - twice)
    if not missing and not surplus:
        verdict.note("broken", who, f"{what}: out of order")


def _pieces(answers: Mapping[str, Any], key: str) -> list[str]:
    if key not in answers:
        return []
    value = answers[key]
    if isinstance(value, str):
        return value.split("\n")
    return [_text(item) for item in value] if isinstance(value, list) else [_text(value)]


def _flat(answers: Mapping[str, Any], loose: Iterable[str]) -> str:
    """Answers as one line; parts that had no order when they were sent have none here."""
    plain = {key: sorted(_pieces(answers, key)) if key in loose else answers[key] for key in answers}
    return _text(plain)


def _mark(number: int, mark: Mark) -> str:
    return _text([number, mark.state, mark.reason, mark.note])


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _judge_calls(
    verdict: Verdict, calls: Sequence[Call], kills: Mapping[int, float], plain: set[int], records: Records
) -> dict[int, list[Call]]:
    """Posts that arrived, chat by chat, without those that were sent again; each of these must have an excuse."""
    by_chat: dict[int, list[Call]] = defaultdict(list)
    for call in calls:
        if call.arrived:
            by_chat[call.chat].append(call)
    for chat in plain:
        settled = records.settled.get(str(chat), [])
        by_chat[chat] = judge_chat(verdict, chat, by_chat[chat], settled, kills)
    for chat, posts in by_chat.items():
        if chat in plain:
            continue
        fresh: list[Call] = []
        seen: set[str] = set()
        before: Call | None = None
        for call in posts:
            if call.words not in seen:
                seen.add(call.words)
                fresh.append(call)
            elif before is None or before.words != call.words or not verdict.sent_again(before, call, kills):
                verdict.note("doubled", f"chat {chat}", f"sent again without need: {call.words[:160]}")
            before = call
        _judge_order(verdict, chat, fresh)
        by_chat[chat] = fresh
    return by_chat


def _judge_order(verdict: Verdict, chat: int, posts: Sequence[Call]) -> None:
    newest = 0
    for call in posts:
        shown = _SCREEN.search(call.words)
        serial = int(shown[1]) if shown else newest
        if serial < newest:
            verdict.note("broken", f"chat {chat}", f"screen {serial} came after {newest}")
        newest = max(newest, serial)


def _judge_reminders(
    verdict: Verdict, one: Played, kept: Kept, posts: Sequence[Call], rounds: Sequence[Round]
) -> None:
    """Each round reaches whoever had not submitted, once; what the records say was sent has arrived, once."""
    for due in rounds:
        rows = [row for row in kept.reminders if row.rule == due.rule]
        sent = [row for row in rows if row.state == "sent"]
        verdict.note("doubled", one.number, f"{due.rule} kept {len(sent)} times", len(sent) - 1)
        done = kept.first_submitted
        if not sent and (done is None or done > due.at + _RINGS):
            verdict.note("lost", one.number, f"{due.rule}: {[(row.state, row.reason) for row in rows]}")
        if sent and done is not None and done < due.at:
            verdict.note("broken", one.number, f"{due.rule} though everything was submitted")
    said = sum(row.rule == "bundle" and row.state == "sent" for row in kept.reminders)
    arrived = sum(_REMINDER.search(call.words) is not None for call in posts)
    verdict.note("lost", one.number, f"{arrived} reminders arrived of {said}", said - arrived)
    verdict.note("doubled", one.number, f"{arrived} reminders arrived of {said}", arrived - said)
