"""How long a member waits for the answer to a tap while reminders go out to everybody at Telegram's limits."""

from __future__ import annotations

import asyncio
from typing import Any

from benchmarks import seeding
from benchmarks.bench import Bench, Row, median, percentile
from benchmarks.processes import Telegram, Void
from benchmarks.seeding import MORNING, Seed
from bot.simulator.rates import OVERALL_CALLS

TAPPERS = 60
EVERY_SECONDS = 0.5
_HOME, _AWAY = ":nav.leave", ":review"
# Long enough for everybody to have a screen before the first reminder goes out.
BELL_SECONDS = 10
# For answers to the last taps.
_SLACK = 3.0


def plan(everybody: int) -> dict[str, Any]:
    """The last members tap twice a second in all, from home to the self-assessment and back; limits are kept."""
    return {
        "kind": "taps",
        "first": seeding.chat_of(everybody - TAPPERS + 1),
        "count": TAPPERS,
        "opening": "/menu",
        "wanted": [_AWAY, _HOME],
        "every": EVERY_SECONDS,
        "rates": 1,
    }


async def measure(bench: Bench) -> list[Row]:
    """Ours with real reminders that fall due at eight, and python-telegram-bot's limiter, each round."""
    count = bench.size.broadcast
    template = bench.template("reminded", lambda seed: _reminded(seed, count))
    ours, theirs = [], []
    for _ in range(bench.rounds):
        await bench.server.plan(plan(count))
        folder = bench.place(template, MORNING)
        async with bench.ours(folder, rates=1, BOT_RING_SECONDS=str(BELL_SECONDS)) as process:
            ours.append(await _spread(bench.server, process, count))
        bench.say(f"ours {_said(ours[-1])}")
        if bench.peers:
            await bench.server.plan(plan(count))
            async with bench.peer("ptb_broadcast", seeding.chat_of(1), count, BELL_SECONDS) as process:
                theirs.append(await _spread(bench.server, process, count))
            bench.say(f"PTB {_said(theirs[-1])}")
    return _rows(count, ours, theirs)


def _reminded(seed: Seed, count: int) -> None:
    seed.write(lambda tx: seeding.members(tx, count, MORNING))


async def _spread(server: Telegram, process: asyncio.subprocess.Process, count: int) -> dict[str, Any]:
    """Wait until every member got their reminder; the figures of the time in which reminders went out."""
    least = count / OVERALL_CALLS
    for _ in range(int(least * 10) + 600):
        await asyncio.sleep(1 if least > 20 else 0.2)
        if (await server.ask("state"))["count"] >= count - TAPPERS:
            break
        if process.returncode is not None:
            raise Void(f"ended with status {process.returncode}")
    else:
        raise Void("not everybody was reminded")
    await asyncio.sleep(_SLACK)
    report = await server.ask("report")
    first, last = report["first_stranger"], report["last_stranger"]
    inside = [at for at in report["sends"] if first <= at <= last]
    waits = [end - begin for begin, end in report["taps"] if first <= begin <= last]
    # Whoever still waits has waited at least so long.
    waits += [report["now"] - since for since in report["waiting_since"] if first <= since <= last]
    if not waits:
        raise Void("nobody tapped meanwhile")
    if report["stuck"]:
        raise Void(f"{report['stuck']} screens without the button that was to be pressed")
    return {
        "seconds": last - first,
        "share": (len(inside) - 1) / (OVERALL_CALLS * (last - first)),
        "refused": report["refused"],
        "waits": waits,
    }


def _said(run: dict[str, Any]) -> str:
    waits = run["waits"]
    return (
        f"{run['seconds']:.0f} s, share {run['share']:.1%}, 429: {run['refused']}, taps {len(waits)}, "
        f"p50 {percentile(waits, 0.5):.2f} s, p99 {percentile(waits, 0.99):.2f} s, longest {max(waits):.2f} s"
    )


def _rows(count: int, ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> list[Row]:
    p99 = median([percentile(run["waits"], 0.99) for run in ours])
    share, refused = median([run["share"] for run in ours]), max(run["refused"] for run in ours)
    beside = f"AIORateLimiter {_waits(theirs)}" if theirs else ""
    ratio = f"{p99 / median([percentile(run['waits'], 0.99) for run in theirs]):.4f} ×" if theirs else ""
    others = f"AIORateLimiter {median([run['share'] for run in theirs]):.1%}" if theirs else ""
    refusals = f"AIORateLimiter {max(run['refused'] for run in theirs)}" if theirs else ""
    return [
        Row(
            f"a tap's answer while {count} reminders go out, p50 / p99 / longest",
            _waits(ours),
            beside,
            ratio,
            "p99 ≤ 1.0 s",
            p99 <= 1.0,
            f"{p99 - 1:.2f} s",
        ),
        Row("… share of 30/s", f"{share:.1%}", others, "", "≥ 97%", share >= 0.97, f"{0.97 - share:.1%}"),
        Row("… number of 429", f"{refused}", refusals, "", "0", refused == 0, f"{refused}"),
    ]


def _waits(runs: list[dict[str, Any]]) -> str:
    shares = [median([percentile(run["waits"], share) for run in runs]) for share in (0.5, 0.99)]
    longest = max(max(run["waits"], default=0.0) for run in runs)
    return " / ".join(f"{seconds:.2f}" for seconds in (*shares, longest)) + " s"
