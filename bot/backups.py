"""Copies made by the clock: when one is due, which old ones go, and who is told when one fails."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from bot.clock import Clock
from bot.settings import Settings
from storage import backup
from storage.database import DatabaseTrouble
from storage.lock import file_of

log = structlog.get_logger()

WEEKS, MONTHS = 8, 12
_TIME = "%Y%m%d-%H%M%SZ"
_NAME = re.compile(r"-(\d{8}-\d{6}Z)\.db")
_LONGEST_LOOK = 60.0
_LONGEST_PAUSE = timedelta(minutes=30)
# What a killed process left half made; younger ones may be somebody's at work.
_ABANDONED_SECONDS = 24 * 3600.0

OFF = "off"

Tell = Callable[[bool, str], Awaitable[None]]


class BackupFolderTrouble(Exception):  # noqa: N818 - it is told to a person as a line
    """The folder for backups cannot be used; the message says why and what to do."""


class Backups:
    """Looks every ``every`` seconds whether a copy of ``source`` is due in ``folder``; ``tell(failed, reason)``
    is called once when copies begin to fail and once when they work again."""

    def __init__(self, source: Path, folder: Path, hours: float, keep: int, *, clock: Clock, tell: Tell) -> None:
        self._source = source
        self._folder = folder
        self._gap = timedelta(hours=hours)
        self._keep = keep
        self._clock = clock
        self._tell = tell
        self._stop = threading.Event()
        self._work: asyncio.Future[backup.Contents] | None = None
        self._not_before = 0.0
        self.failing = False
        self.every = min(_LONGEST_LOOK, self._gap.total_seconds() / 10)

    def prepare(self) -> None:
        """Make the folder and try it. Raises BackupFolderTrouble where it cannot be written to."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            trial = self._folder / f".trial{backup.PART}"
            trial.touch()
            trial.unlink()
        except OSError as error:
            raise BackupFolderTrouble(
                f"{self._folder} cannot be written to ({error.strerror})."
                f" Give the bot's user the right to write there, name another folder, or {OFF}"
            ) from error

    def newest(self) -> datetime | None:
        """When the newest copy was made (UTC)."""
        return newest(self._folder)

    async def look(self) -> None:
        """Make a copy if one is due, in a thread of its own; never fails."""
        now = self._clock.now()
        if time.monotonic() < self._not_before or not is_due(times(self._folder), self._gap, now):
            return
        began = time.monotonic()
        try:
            self._work = asyncio.ensure_future(asyncio.to_thread(self._make, now))
            found = await asyncio.shield(self._work)
        except backup.Interrupted:
            return
        except (DatabaseTrouble, OSError) as trouble:
            await self._failed(_words_of(trouble))
            return
        log.info("backup made", members=found.members, seconds=round(time.monotonic() - began, 1))
        if self.failing:
            self.failing = False
            await self._tell(False, "")

    async def close(self) -> None:
        """Give up a copy that is being made; nothing half made is left."""
        self._stop.set()
        if self._work is not None:
            await asyncio.gather(self._work, return_exceptions=True)

    def _make(self, now: datetime) -> backup.Contents:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._sweep()
        target = self._folder / name_of(self._source, now)
        found = backup.copy(self._source, target, stopped=self._stop.is_set)
        known = times(self._folder)
        for at in surplus(known, self._keep, now):
            known[at].unlink(missing_ok=True)
        return found

    def _sweep(self) -> None:
        for left in self._folder.glob(f".*{backup.PART}*"):
            if left.stat().st_mtime < time.time() - _ABANDONED_SECONDS:
                left.unlink(missing_ok=True)

    async def _failed(self, reason: str) -> None:
        pause = min(self._gap / 10, _LONGEST_PAUSE)
        self._not_before = time.monotonic() + pause.total_seconds()
        if self.failing:
            return
        self.failing = True
        log.error("backup failed, it is tried again", folder=str(self._folder), reason=reason)
        await self._tell(True, reason)


def make_backups(settings: Settings, clock: Clock, tell: Tell) -> Backups | None:
    """As the settings say; None where they say ``off``, and for a server, which has tools of its own."""
    source = file_of(settings.database_url)
    if source is None or settings.bot_backup_dir == OFF:
        return None
    folder = Path(settings.bot_backup_dir) if settings.bot_backup_dir else source.parent / "backups"
    hours, keep = settings.bot_backup_hours, settings.bot_backup_keep
    return Backups(source, folder, hours, keep, clock=clock, tell=tell)


def name_of(source: Path, now: datetime) -> str:
    """The file name of a copy made at ``now``."""
    return f"{source.stem}-{now.astimezone(UTC).strftime(_TIME)}.db"


def times(folder: Path) -> dict[datetime, Path]:
    """The copies in a folder by the time in their names; a folder that is not there has none."""
    try:
        found = [(match, file) for file in folder.iterdir() if (match := _NAME.search(file.name))]
    except OSError:
        return {}
    return {datetime.strptime(match[1], _TIME).replace(tzinfo=UTC): file for match, file in found}


def newest(folder: Path) -> datetime | None:
    """When the newest copy in a folder was made (UTC); None where there is none."""
    return max(times(folder), default=None)


def is_due(made: Iterable[datetime], gap: timedelta, now: datetime) -> bool:
    """Whether it is time for a copy; those dated in the future, by a clock that was wrong, do not count."""
    return now - max((at for at in made if at <= now), default=now - gap) >= gap


def surplus(made: Iterable[datetime], keep: int, now: datetime) -> frozenset[datetime]:
    """Those that may go: all but the newest ``keep``, the last of each of eight weeks and of each of twelve months.

    Weeks and months that have no copy do not count. One dated in the future is left alone.
    """
    past = sorted((at for at in made if at <= now), reverse=True)
    stays = set(past[:keep])
    for period, most in ((_week, WEEKS), (_month, MONTHS)):
        last: dict[tuple[int, int], datetime] = {}
        for at in past:
            last.setdefault(period(at), at)
        stays |= set(list(last.values())[:most])
    return frozenset(past) - stays


def _week(at: datetime) -> tuple[int, int]:
    return at.isocalendar()[:2]


def _month(at: datetime) -> tuple[int, int]:
    return at.year, at.month


def _words_of(trouble: DatabaseTrouble | OSError) -> str:
    if isinstance(trouble, OSError):
        return trouble.strerror or type(trouble).__name__
    return str(trouble)
