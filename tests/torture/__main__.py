"""``python -m tests.torture``: one run, one line at the end, exit status 1 where something was lost or doubled."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tests.torture.run import Run
from tests.torture.size import Outcome, Size

_MOST_FINDINGS = 40


def main(
    kills: Annotated[int, typer.Option(help="How often the bot is killed.")] = 300,
    messages: Annotated[int, typer.Option(help="How many messages the members send.")] = 20_000,
    members: Annotated[int, typer.Option(help="How many members talk.")] = 200,
    seed: Annotated[int, typer.Option(help="Equal seeds play equal conversations; 0 draws one.")] = 0,
    channel: Annotated[str, typer.Option(help="The messenger that is played.")] = "telegram",
    faults: Annotated[float, typer.Option(help="Share of answers that go wrong in their stretch.")] = 0.2,
) -> None:
    """Play the program itself, kill it, and count what was lost, doubled and broken."""
    try:
        size = Size(kills, messages, members, seed or secrets.randbelow(1_000_000) + 1, faults, channel)
    except ValueError as wrong:
        print(wrong, file=sys.stderr)  # noqa: T201
        raise SystemExit(2) from None
    folder = Path(tempfile.mkdtemp(prefix="torture-"))
    console = Console(stderr=True)
    with console.status(f"seed {size.seed}") as status:
        tell = status.update if console.is_terminal else _now_and_then(console)
        outcome = asyncio.run(Run(size, folder, tell).play())
    _explain(outcome, console, folder)
    print(outcome.line)  # noqa: T201
    if outcome.verdict.clean:
        shutil.rmtree(folder)
    raise SystemExit(0 if outcome.verdict.clean else 1)


def _now_and_then(console: Console) -> Callable[[str], None]:
    """For a log: a line every ten seconds."""
    last = [0.0]

    def tell(line: str) -> None:
        if time.monotonic() - last[0] >= 10:
            last[0] = time.monotonic()
            console.print(line, highlight=False)

    return tell


def _explain(outcome: Outcome, console: Console, folder: Path) -> None:
    laps = ", ".join(f"{what} {seconds:.0f} s" for what, seconds in outcome.seconds.items())
    console.print(f"{laps}; {outcome.failed_starts} starts failed; {outcome.deliveries} webhook deliveries")
    for why, count in outcome.verdict.excuses.most_common():
        console.print(f"sent again {count} times: {why}", highlight=False)
    for why, count in outcome.verdict.given_away.most_common():
        console.print(f"gone {count} times, and not counted as lost: {why}", highlight=False)
    console.print(f"longest time in flight before a kill: {outcome.verdict.longest:.3f} s", highlight=False)
    for finding in outcome.verdict.findings[:_MOST_FINDINGS]:
        console.print(finding, markup=False, highlight=False)
    if not outcome.verdict.clean:
        console.print(f"{len(outcome.verdict.findings)} findings; the database and the log stay in {folder}")


if __name__ == "__main__":
    typer.run(main)
