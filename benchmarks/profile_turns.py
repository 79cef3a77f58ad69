"""Where the time of a self-assessment message goes: the real program in this process, profiled thread by thread."""

from __future__ import annotations

import asyncio
import cProfile
import io
import os
import pstats
import tempfile
import threading
import time
from pathlib import Path
from typing import Annotated

import structlog
import typer

from benchmarks import processes
from benchmarks.bench import Bench, Size
from benchmarks.measures.throughput import NO_BELL, WINDOW, talk, verify, writers
from benchmarks.processes import telegram
from bot.app import Program
from bot.settings import Settings

_PATIENCE_SECONDS = 900
_PROFILES: dict[str, cProfile.Profile] = {}


def main(
    messages: Annotated[int, typer.Option(help="How many messages.")] = 2_000,
    lines: Annotated[int, typer.Option(help="How many functions of each thread.")] = 45,
    sort: Annotated[str, typer.Option(help="tottime (own time) or cumtime.")] = "tottime",
    bare: Annotated[bool, typer.Option(help="No profile: only processor time, thread by thread.")] = False,
) -> None:
    """Print the functions with the most own time, for every thread that did any work."""
    asyncio.run(_run(messages, bare=bare))
    for name, profile in _PROFILES.items():
        profile.disable()
        words = io.StringIO()
        stats = pstats.Stats(profile, stream=words)
        if stats.total_tt > 0.05:  # type: ignore[attr-defined]
            stats.sort_stats(sort).print_stats(lines)
            print(f"== thread {name}\n{words.getvalue()}")


async def _run(messages: int, *, bare: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="chibo-profile-") as name:
        async with telegram(Path(name)) as server:
            bench = Bench(Path(name), server, 1, Size(messages=messages, chats=max(WINDOW, messages // 10)))
            template, steps = writers(bench)
            folder = bench.place(template)
            os.environ.update(processes.our_settings(folder, server.address, 1000, BOT_RING_SECONDS=NO_BELL))
            structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
            await server.plan(talk(bench, messages, WINDOW, 0) | {"endless": False})
            began, used = time.perf_counter(), time.process_time()
            if not bare:
                threading.setprofile(_in_thread)
                _profile_this("event loop")
            await _serve(bench)
            taken, spent = time.perf_counter() - began, time.process_time() - used
            verify(folder / "bot.db", await server.ask("report"), steps)
    slowed = "" if bare else " (the profiler included, which at least doubles it)"
    print(
        f"{messages} messages, {messages / taken:.0f}/s, {spent / messages * 1000:.2f} ms of processor each{slowed}"
    )


async def _serve(bench: Bench) -> None:
    program = Program(Settings())
    await program.start()
    for _ in range(_PATIENCE_SECONDS * 5):
        await asyncio.sleep(0.2)
        if (await bench.server.ask("state"))["done"]:
            break
    _print_threads()
    await program.stop()


def _in_thread(*_: object) -> None:
    _profile_this(threading.current_thread().name)


def _profile_this(name: str) -> None:
    """Profile the thread that calls; Python 3.12 and newer can profile one thread only."""
    profile = cProfile.Profile()
    try:
        profile.enable()
    except ValueError:
        threading.setprofile(None)
        return
    _PROFILES[f"{name} {len(_PROFILES)}"] = profile


def _print_threads() -> None:
    """Processor time of every thread so far, where the system tells."""
    for task in sorted(Path("/proc/self/task").glob("*")):
        fields = (task / "stat").read_text().rpartition(")")[2].split()
        name = next((t.name for t in threading.enumerate() if str(t.native_id) == task.name), "a library's own")
        print(f"thread {name}: {(int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK'):.2f} s")


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(main)
    app()
