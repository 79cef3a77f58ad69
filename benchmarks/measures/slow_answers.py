"""The same messages where every answer of the server takes 50 ms, beside aiogram with 256 tasks."""

from __future__ import annotations

from benchmarks.bench import Bench, Row
from benchmarks.measures.throughput import against, milliseconds, our_round, peer_round, said

DELAY = 0.05
# More than the 256 tasks: nobody stands idle because nobody speaks.
WINDOW = 512


async def measure(bench: Bench) -> list[Row]:
    """Ours and aiogram's echo, one after the other each round."""
    ours, theirs = [], []
    for _ in range(bench.rounds):
        ours.append(await our_round(bench, bench.size.messages, WINDOW, DELAY))
        bench.say(f"ours {said(ours[-1])}")
        if bench.peers:
            echo = await peer_round(
                bench, "aiogram_echo", 256, messages=bench.size.messages, window=WINDOW, delay=DELAY
            )
            theirs.append(echo)
            bench.say(f"aiogram, 256 tasks {said(echo)}")
    name = "the same, every answer after 50 ms"
    waits = Row(
        f"… the wait, {WINDOW} at a time, p50 / p99", milliseconds([w for one in ours for w in one["waits"]])
    )
    if not theirs:
        return [waits]
    return [against(name, ours, "aiogram, 256 tasks", theirs, 1.3), waits]
