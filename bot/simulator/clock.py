"""The demo's clock: real time plus an offset that the page can push forward."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

LATEST = datetime(9000, 1, 1, tzinfo=UTC).timestamp()


class Clock:
    """Holds the offset; ``real`` is the source of real seconds since 1970, another one in tests."""

    def __init__(self, real: Callable[[], float] = time.time, file: Path | None = None) -> None:
        self.real = real
        self._file = file
        self.offset = 0.0
        if file is not None:
            with suppress(OSError, ValueError):
                self.offset = float(file.read_text(encoding="ascii"))

    def now(self) -> float:
        """Seconds since 1970 on the demo's clock."""
        return self.real() + self.offset

    def today(self) -> datetime:
        """The demo's moment as an aware UTC datetime."""
        return datetime.fromtimestamp(self.now(), UTC)

    def set_offset(self, seconds: float) -> None:
        """Set the offset and tell the bot by way of the file. Raises ``ValueError`` outside years 1970 to 9000."""
        if not 0 <= self.real() + seconds <= LATEST:
            raise ValueError("clock: outside the years 1970 to 9000")
        self.offset = seconds
        self.publish()

    def publish(self) -> None:
        """Write the offset in one step, so that a reader never sees half a number."""
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._file.with_name(self._file.name + ".new")
        fresh.write_text(f"{self.offset:.3f}\n", encoding="ascii")
        fresh.replace(self._file)
