"""Copies made by the clock: when one is due, which go, who is told; and lines for the log that can do no harm."""

import asyncio
import os
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog import DropEvent

from bot.backups import BackupFolderTrouble, Backups, is_due, make_backups, name_of, newest, surplus, times
from bot.clock import Clock
from bot.logs import Patient, Repeats
from bot.settings import Settings
from storage.backup import verify
from tests.stage import empty_database

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)


class Told:
    """What the administrators were told."""

    def __init__(self) -> None:
        self.news: list[tuple[bool, str]] = []

    async def __call__(self, failed: bool, reason: str) -> None:
        self.news.append((failed, reason))


def backups(folder: Path, told: Callable[[bool, str], Awaitable[None]], hours: float = 24) -> Backups:
    return Backups(folder / "chibo.db", folder / "backups", hours, 3, clock=Clock(folder / "clock"), tell=told)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "chibo.db").write_bytes(empty_database())
    return tmp_path


async def test_a_copy_is_made_when_it_is_due_and_not_before(folder: Path) -> None:
    told = Told()
    made = backups(folder, told)
    made.prepare()
    assert made.newest() is None
    await made.look()
    first = made.newest()
    assert first is not None
    assert abs(first - datetime.now(UTC)) < timedelta(seconds=5)
    await made.look()
    assert len(times(folder / "backups")) == 1
    (folder / "clock").write_text(str(24 * 3600))
    await made.look()
    assert len(times(folder / "backups")) == 2
    for day in range(2, 60):
        (folder / "clock").write_text(str(day * 24 * 3600))
        await made.look()
    await made.close()
    kept = times(folder / "backups")
    assert 3 < len(kept) <= 3 + 8 + 3
    assert all(verify(file).members == 0 for file in kept.values())
    assert told.news == []
    assert (folder / "backups").stat().st_mode & 0o777 == 0o700
    assert sorted(file.name for file in (folder / "backups").iterdir()) == sorted(f.name for f in kept.values())


async def test_administrators_are_told_once_of_a_run_of_failures_and_of_its_end(folder: Path) -> None:
    told = Told()
    made = backups(folder, told, hours=0.0001)
    good = (folder / "chibo.db").read_bytes()
    (folder / "chibo.db").write_bytes(b"nothing" * 2000)
    for _ in range(3):
        await made.look()
        await asyncio.sleep(0.1)
    assert [failed for failed, _ in told.news] == [True]
    assert "not a database" in told.news[0][1]
    assert made.newest() is None
    (folder / "chibo.db").write_bytes(good)
    await made.look()
    assert [failed for failed, _ in told.news] == [True, False]
    assert made.newest() is not None
    (folder / "backups" / ".x.1.part").touch()
    os.utime(folder / "backups" / ".x.1.part", (1, 1))
    await asyncio.sleep(1)
    await made.look()
    assert not list((folder / "backups").glob(".*")), "what a killed process left half made goes"
    await made.close()


async def test_a_stop_gives_a_copy_up_and_leaves_nothing(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "chibo.db")) as big, big:
        big.execute("CREATE TABLE much (words)")
        big.executemany("INSERT INTO much VALUES (?)", (("x" * 4000,) for _ in range(10_000)))
    made = backups(folder, Told())
    looking = asyncio.create_task(made.look())
    await asyncio.sleep(0.1)
    looking.cancel()
    began = time.monotonic()
    await made.close()
    assert time.monotonic() - began < 1
    await asyncio.gather(looking, return_exceptions=True)
    assert list((folder / "backups").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(folder: Path) -> None:
    (folder / "backups").touch()
    with pytest.raises(BackupFolderTrouble, match="cannot be written to"):
        backups(folder, Told()).prepare()


def test_the_settings_say_where_and_whether(folder: Path) -> None:
    here = f"sqlite+aiosqlite:///{folder / 'chibo.db'}"
    made = make_backups(Settings(database_url=here), Clock(), Told())
    assert made is not None
    made.prepare()
    assert (folder / "backups").is_dir()
    elsewhere = make_backups(Settings(database_url=here, bot_backup_dir=str(folder / "a" / "b")), Clock(), Told())
    assert elsewhere is not None
    elsewhere.prepare()
    assert (folder / "a" / "b").is_dir()
    assert make_backups(Settings(database_url=here, bot_backup_dir="off"), Clock(), Told()) is None
    assert make_backups(Settings(database_url="postgresql+asyncpg://x/y"), Clock(), Told()) is None


def test_the_newest_copy_is_known_by_its_name(tmp_path: Path) -> None:
    assert newest(tmp_path / "nowhere") is None
    for at in (NOW, NOW - DAY):
        (tmp_path / name_of(Path("chibo.db"), at)).touch()
    (tmp_path / "notes.txt").touch()
    assert newest(tmp_path) == NOW


def test_a_clock_that_ran_ahead_neither_stops_copies_nor_costs_any() -> None:
    ahead = NOW + 300 * DAY
    assert is_due([ahead, NOW - 2 * DAY], DAY, NOW)
    assert not is_due([ahead, NOW - DAY / 2], DAY, NOW)
    assert surplus([ahead, NOW, NOW - DAY / 100], 1, NOW) == {NOW - DAY / 100}


def test_two_years_of_days_leave_days_weeks_and_months() -> None:
    kept: set[datetime] = set()
    now = NOW
    for _ in range(730):
        kept.add(now)
        kept -= surplus(kept, 14, now)
        now += DAY
    ages = sorted((max(kept) - at).days for at in kept)
    assert ages[:14] == list(range(14))
    assert len(ages) <= 14 + 8 + 12
    assert 300 <= ages[-1] <= 366
    assert max(later - at for at, later in pairwise(ages)) <= 31


@given(st.sets(st.integers(0, 5000), min_size=1), st.integers(1, 20))
def test_the_newest_are_never_among_those_that_go(hours: set[int], keep: int) -> None:
    made = sorted((NOW - timedelta(hours=h) for h in hours), reverse=True)
    gone = surplus(made, keep, NOW)
    assert not gone & set(made[:keep])
    assert surplus(set(made) - gone, keep, NOW) == frozenset(), "what stays, stays"


def test_the_same_complaint_is_heard_once_and_then_with_its_number() -> None:
    heard = Repeats(seconds=0.05)
    line = {"event": "nothing can be kept", "trouble": "full"}
    assert "repeated" not in heard(None, "error", dict(line))
    for _ in range(3):
        with pytest.raises(DropEvent):
            heard(None, "error", dict(line, pause=_))
    assert heard(None, "error", dict(line, update=7))
    assert heard(None, "error", dict(line, trouble="locked"))
    assert heard(None, "info", dict(line))
    time.sleep(0.06)
    assert heard(None, "error", dict(line))["repeated"] == 3


def test_a_log_on_a_full_disk_ends_nothing() -> None:
    full = Path("/dev/full").open("w", buffering=1)  # noqa: SIM115 - it cannot even be closed in order
    with pytest.raises(OSError, match="No space"):
        full.write("a line\n")
    patient = Patient(full)
    patient.write("a line\n")
    patient.flush()
    with pytest.raises(OSError, match="No space"):
        full.close()
