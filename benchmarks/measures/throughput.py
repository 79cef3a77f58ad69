"""Self-assessment messages handled a second, each committed before it is acknowledged and answered."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import seeding
from benchmarks.bench import Bench, Row, median, percentile
from benchmarks.processes import Void
from benchmarks.script import SCRIPT, expected
from benchmarks.seeding import Seed

WINDOW = 200
PATIENCE_SECONDS = 1800
# Nobody is reminded meanwhile, whatever the hour: the bell rings for the first time after the measure.
NO_BELL = "3600"


def writers(bench: Bench, count: int | None = None) -> tuple[Path, list[dict[str, Any]]]:
    """A database whose members all stand at the first question, and what a draft holds after each message."""
    people = count or bench.size.chats
    steps = bench.folder / "steps.json"
    now = datetime.now(UTC)

    def make(seed: Seed) -> None:
        seed.write(lambda tx: seeding.members(tx, people, now))
        seed.write(lambda tx: seeding.begin_writing(tx, seeding.desk(), range(1, people + 1), now))
        steps.write_text(json.dumps(seed.rehearse(lambda tx: expected(tx, 1, now))))

    template = bench.template(f"writers-{people}", make)
    return template, json.loads(steps.read_text())


def talk(bench: Bench, messages: int, window: int, delay: float) -> dict[str, Any]:
    """The plan: these members type, the next message only when the last was answered."""
    return {
        "kind": "talk",
        "first": seeding.chat_of(1),
        "count": bench.size.chats,
        "script": SCRIPT,
        "messages": messages,
        "window": window,
        "delay": delay,
        "endless": True,
    }


async def our_round(bench: Bench, messages: int, window: int, delay: float = 0.0) -> dict[str, Any]:
    """One run of ours; ``rate`` in messages a second, ``cpu`` in seconds a message.

    Raises Void where an answer is not in the database.
    """
    template, steps = writers(bench)
    folder = bench.place(template)
    plan = talk(bench, messages, window, delay) | {"endless": False}
    await bench.server.plan(plan)
    async with bench.ours(folder, BOT_RING_SECONDS=NO_BELL) as process:
        report = await bench.talked(process, PATIENCE_SECONDS, folder / "run.log")
    verify(folder / "bot.db", report, steps)
    return report


async def peer_round(
    bench: Bench, script: str, *args: object, messages: int, window: int = WINDOW, delay: float = 0.0
) -> dict[str, Any]:
    """One run of a bare echo; ``rate`` in messages a second, ``cpu`` in seconds a message."""
    await bench.server.plan(talk(bench, messages, window, delay))
    async with bench.peer(script, *args) as process:
        return await bench.talked(process, PATIENCE_SECONDS, bench.folder / f"{script}.log")


def verify(database: Path, report: dict[str, Any], steps: list[dict[str, Any]]) -> None:
    """Every message that was answered is kept, and nothing else. Raises Void."""
    kept = sqlite3.connect(database)
    states = dict(kept.execute("SELECT state, count(*) FROM inbox GROUP BY state"))
    if states != {"done": report["given"]}:
        raise Void(f"inbox {states}, given {report['given']}")
    drafts: dict[int, dict[str, Any]] = {}
    for member, key, value in kept.execute(
        "SELECT member_id, key, value FROM review_answers JOIN reviews ON reviews.id = review_id"
    ):
        drafts.setdefault(member, {})[key] = json.loads(value) if isinstance(value, str) else value
    kept.close()
    for chat, turns in report["turns"].items():
        member = int(chat) - seeding.FIRST_CHAT
        if drafts.get(member, {}) != steps[turns]:
            raise Void(f"member {member} after {turns} messages: {drafts.get(member)}")


async def measure(bench: Bench) -> list[Row]:
    """Ours, aiogram one by one and python-telegram-bot bare, one after the other each round."""
    writers(bench)
    runs: dict[str, list[dict[str, Any]]] = {"ours": [], "all at once": [], "aiogram": [], "PTB": []}
    for _ in range(bench.rounds):
        runs["ours"].append(await our_round(bench, bench.size.messages, WINDOW))
        runs["all at once"].append(await our_round(bench, bench.size.messages, bench.size.chats))
        if bench.peers:
            runs["aiogram"].append(await peer_round(bench, "aiogram_echo", 0, messages=bench.size.messages))
            runs["PTB"].append(await peer_round(bench, "ptb_echo", messages=bench.size.messages))
        bench.say("; ".join(f"{name} {said(done[-1])}" for name, done in runs.items() if done))
    waits = [wait for report in runs["ours"] for wait in report["waits"]]
    name = "messages a second, each committed and answered"
    rows = [
        Row(f"… the wait of a member, {WINDOW} at a time, p50 / p99", milliseconds(waits)),
        Row(f"… {bench.size.chats} members at a time", f"{rate(runs['all at once']):.0f}/s"),
    ]
    if not bench.peers:
        return [Row(name, f"{rate(runs['ours']):.0f}/s"), *rows]
    return [
        against(name, runs["ours"], "aiogram one by one", runs["aiogram"], 1.0),
        against(name, runs["ours"], "PTB", runs["PTB"], 2.0),
        Row(
            "… processor time a message",
            f"{cpu(runs['ours']):.2f} ms",
            f"aiogram {cpu(runs['aiogram']):.2f} ms, PTB {cpu(runs['PTB']):.2f} ms",
        ),
        *rows,
    ]


def rate(runs: list[dict[str, Any]]) -> float:
    """Messages a second, the middle of all rounds."""
    return median([report["rate"] for report in runs])


def cpu(runs: list[dict[str, Any]]) -> float:
    """Processor time a message in milliseconds, the middle of all rounds."""
    return median([report["cpu"] * 1000 for report in runs])


def said(report: dict[str, Any]) -> str:
    """One round in a few words."""
    return f"{report['rate']:.0f}/s, {report['cpu'] * 1000:.2f} ms of processor each"


def against(name: str, ours: list[dict[str, Any]], peer: str, theirs: list[dict[str, Any]], target: float) -> Row:
    """A row of rates: ours is to be at least ``target`` times theirs."""
    ratio = rate(ours) / rate(theirs)
    met = ratio >= target
    miss = "" if met else f"{(1 - ratio / target):.0%} too few"
    peers = f"{peer} {rate(theirs):.0f}/s"
    return Row(name, f"{rate(ours):.0f}/s", peers, f"{ratio:.2f} ×", f"≥ {target} ×", met, miss)


def milliseconds(waits: list[float]) -> str:
    """The middle of all waits, and what 99 of 100 are below."""
    return f"{percentile(waits, 0.5) * 1000:.0f} / {percentile(waits, 0.99) * 1000:.0f} ms"
