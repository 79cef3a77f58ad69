"""Lines for the log: the same complaint once in ten minutes, and none that could end the program."""

from __future__ import annotations

import time
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, TextIO

from structlog import DropEvent

_QUIET_SECONDS = 600.0
_COMPLAINTS = frozenset({"warning", "error", "exception", "critical"})
# Lines about one update or one cell: each says something of its own.
_ABOUT_ONE = frozenset({"update", "cell"})
# What makes two complaints the same; pauses and traces do not.
_SAME = ("event", "trouble", "reason")


class Patient:
    """A stream to which writing never fails: the log often lies on the very disk that is full."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, words: str) -> int:
        """Write if it can be done."""
        with suppress(OSError):
            self._stream.write(words)
        return len(words)

    def flush(self) -> None:
        """Have it written if it can be done."""
        with suppress(OSError):
            self._stream.flush()


class Repeats:
    """A structlog processor; a complaint that is let through again says how often it came meanwhile."""

    def __init__(self, seconds: float = _QUIET_SECONDS) -> None:
        self._seconds = seconds
        self._seen: dict[tuple[str, ...], tuple[float, int]] = {}

    def __call__(self, _: Any, level: str, said: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Pass a line on. Raises DropEvent for a repeated complaint."""
        if level not in _COMPLAINTS or not _ABOUT_ONE.isdisjoint(said):
            return said
        key = tuple(str(said.get(name)) for name in _SAME)
        now = time.monotonic()
        since, times = self._seen.get(key, (-self._seconds, 0))
        if now - since < self._seconds:
            self._seen[key] = (since, times + 1)
            raise DropEvent
        self._seen[key] = (now, 0)
        if times:
            said["repeated"] = times
        return said
