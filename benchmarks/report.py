"""The table, on the terminal and on the page docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from benchmarks.bench import Row
from benchmarks.processes import ROOT

COLUMNS = ("measure", "ours", "peers", "ratio", "target", "")
PAGE = ROOT / "docs" / "benchmarks.md"
_MARKS = ("<!-- table -->", "<!-- end -->")


def show(rows: Sequence[Row], facts: Mapping[str, str]) -> None:
    """Print the machine and the table."""
    console = Console(width=None if Console().is_terminal else 160)
    for name, value in facts.items():
        console.print(f"{name}: {value}", highlight=False)
    table = Table(*COLUMNS)
    for row in rows:
        table.add_row(*_cells(row), style="red" if row.met is False else None)
    console.print(table)


def write(rows: Sequence[Row], facts: Mapping[str, str]) -> None:
    """Put the table and the machine between the marks of the page; what people wrote around them stays."""
    lines = [f"Measured on {datetime.now(UTC):%d/%m/%Y}.", ""]
    lines += [f"- {name}: {value}" for name, value in facts.items()]
    lines += ["", f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|"]
    lines += [f"| {' | '.join(_cells(row))} |" for row in rows]
    page = PAGE.read_text()
    before, _, rest = page.partition(_MARKS[0])
    after = rest.partition(_MARKS[1])[2]
    PAGE.write_text("\n".join((f"{before}{_MARKS[0]}", *lines, f"{_MARKS[1]}{after}")))


def _cells(row: Row) -> tuple[str, ...]:
    verdict = {True: "met", False: f"missed: {row.miss}", None: ""}[row.met]
    return row.measure, row.ours, row.peers, row.ratio, row.target, verdict
