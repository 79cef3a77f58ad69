"""An append-only file of JSON lines: what was written survives a kill, a torn last line is forgotten."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.simulator.replies import Json


class Journal:
    """One file, one process. Lines are handed to the system at once, so that only a power cut can lose one."""

    def __init__(self, file: Path) -> None:
        self._file = file
        file.parent.mkdir(parents=True, exist_ok=True)
        self._out = file.open("ab")

    def read(self) -> Iterator[Json]:
        """All lines. Raises ``ValueError`` for a broken line that is not the last one."""
        lines = self._file.read_bytes().split(b"\n")
        last = len(lines) - 1
        for number, line in enumerate(lines):
            if not line:
                continue
            try:
                entry = json.loads(line)
            except ValueError as broken:
                if number == last:
                    return
                raise ValueError(f"{self._file}: line {number + 1} cannot be read") from broken
            # Without its line break the last line may be a number cut short: it was never finished.
            if number < last:
                yield entry

    def append(self, entry: Json) -> None:
        """Add a line."""
        self._out.write(json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        self._out.flush()

    def rewrite(self, entries: Iterable[Json]) -> None:
        """Replace the whole file in one step, at the start and after a reset."""
        fresh = self._file.with_name(self._file.name + ".new")
        with fresh.open("wb") as out:
            for entry in entries:
                out.write(json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        self._out.close()
        fresh.replace(self._file)
        self._out = self._file.open("ab")

    def close(self) -> None:
        """Let go of the file."""
        self._out.close()
