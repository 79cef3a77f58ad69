"""Copies of a SQLite database: made while it is in use, looked through, and understood before they are trusted."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from storage.database import DatabaseTrouble, kind_of
from storage.lock import Ownership, file_of, own, trouble_of
from storage.migrations import revisions

# A megabyte at a time with a rest in between: answers to members have the disk most of the time.
_PAGES = 256
_REST_SECONDS = 0.01
# What the copy has written goes to the disk in small portions: one long flush would hold up every commit.
_FLUSH_EVERY = 4
_BUSY_SECONDS = 5.0
_STEPS_BETWEEN_LOOKS = 20_000
PART = ".part"

Stopped = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Contents:
    """What lies in a database file: its schema, how many people, the newest thing that happened (UTC)."""

    revision: str
    members: int
    newest: datetime | None


class Interrupted(Exception):  # noqa: N818 - nothing is wrong, the program is being stopped
    """The work was given up because the program stops; nothing is left behind."""


def copy(source: Path, target: Path, *, stopped: Stopped = lambda: False, rest: float = _REST_SECONDS) -> Contents:
    """Copy a database as it is at this moment, whoever writes to it, and put the copy in place once it is proven.

    It is readable for its owner only. Raises DatabaseTrouble (the copy's trouble, or the original's), OSError
    where the folder of ``target`` is missing or not writable, Interrupted. In no case is anything half made left.
    """
    with part_of(target) as part:
        # Read only: a second connection that writes or checkpoints is what SQLite before 3.51.3 does not bear.
        copy_pages(source, part, "mode=ro", stopped, rest)
        found = verify(part, stopped=stopped)
        flush(part)
        part.replace(target)
    flush(target.parent)
    return found


@contextmanager
def part_of(target: Path) -> Iterator[Path]:
    """An empty file beside ``target``, readable for its owner only; gone at the end unless it was put in place."""
    part = target.with_name(f".{target.name}.{os.getpid()}{PART}")
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        yield part
    finally:
        discard(part)


def copy_pages(source: Path, part: Path, manner: str, stopped: Stopped = lambda: False, rest: float = 0) -> None:
    """Write what ``source`` holds at this moment into ``part``, as one file. Raises like ``copy``."""
    with _named_trouble():
        _copy_pages(source, part, manner, stopped, rest)
        _stand_alone(part)


def _copy_pages(source: Path, part: Path, manner: str, stopped: Stopped, rest: float) -> None:
    with closing(_connect(source, manner)) as here, closing(sqlite3.connect(part)) as there:
        # One reading transaction is one moment: without it every commit would begin the copy anew.
        here.execute("BEGIN")
        here.execute("SELECT count(*) FROM sqlite_master").fetchone()
        there.execute("PRAGMA synchronous=OFF")  # flushed by hand, below
        descriptor = os.open(part, os.O_RDWR)
        try:
            here.backup(there, pages=_PAGES, progress=_between_steps(descriptor, stopped, rest))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _between_steps(descriptor: int, stopped: Stopped, rest: float) -> Callable[[int, int, int], None]:
    steps = 0

    def look(_status: int, _remaining: int, _total: int) -> None:
        nonlocal steps
        steps += 1
        if stopped():
            raise Interrupted
        if steps % _FLUSH_EVERY == 0:
            os.fdatasync(descriptor)
        time.sleep(rest)

    return look


def _stand_alone(part: Path) -> None:
    """Take the copy out of WAL mode: a single file that anyone can carry away and look at."""
    with closing(sqlite3.connect(part, isolation_level=None)) as copied:
        copied.execute("PRAGMA journal_mode=DELETE").fetchone()


def verify(file: Path, *, stopped: Stopped = lambda: False) -> Contents:
    """Look through a database file, changing nothing: is it whole, is it ours, does this code know its schema.

    Raises DatabaseTrouble: ``damaged``, ``foreign``, ``newer``, ``missing``; Interrupted.
    """
    with _reading(file, stopped) as found:
        _must_be_whole(found, "integrity_check")
        broken = found.execute("PRAGMA foreign_key_check").fetchone()
        if broken:
            raise DatabaseTrouble("damaged", f"a row of {broken[0]} points at nothing")
        return _contents(found)


def claim(url: str) -> Ownership:
    """Own a database and look at it before anything is written; a server looks after itself.

    Raises DatabaseTrouble.
    """
    file = file_of(url)
    if file is None:
        return Ownership()
    held = own(file)
    try:
        look_before_opening(file)
    except BaseException:
        held.release()
        raise
    return held


def look_before_opening(file: Path) -> None:
    """Before anything is written: raises DatabaseTrouble where ``file`` is damaged or newer; changes nothing.

    A file that does not exist or is empty is a new database and is fine. One with a transaction to be taken back
    beside it cannot be read without writing; SQLite does that when it is opened.
    """
    try:
        if not file.exists() or file.stat().st_size == 0 or file.with_name(f"{file.name}-journal").exists():
            return
    except OSError as error:
        raise trouble_of(error) from error
    with _reading(file, lambda: False) as found:
        _must_be_whole(found, "quick_check")
        revision = _revision(found)
        if revision is not None and revision not in revisions():
            raise _newer(revision)


@contextmanager
def _reading(file: Path, stopped: Stopped) -> Iterator[sqlite3.Connection]:
    if not file.is_file():
        raise DatabaseTrouble("missing", f"{file} is no file")
    with _named_trouble(), closing(_connect(file, manner_of(file))) as found:
        found.set_progress_handler(stopped, _STEPS_BETWEEN_LOOKS)
        yield found


def manner_of(file: Path) -> str:
    """How to open a file that nobody writes to without making anything beside it.

    Where no log lies beside it, the file is all there is.
    """
    return "mode=ro" if file.with_name(f"{file.name}-wal").exists() else "mode=ro&immutable=1"


def _must_be_whole(found: sqlite3.Connection, check: str) -> None:
    said = str(found.execute(f"PRAGMA {check}(1)").fetchone()[0])
    if said != "ok":
        raise DatabaseTrouble("damaged", " ".join(said.split())[:200])


def _contents(found: sqlite3.Connection) -> Contents:
    revision = _revision(found)
    tables = {row[0] for row in found.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if revision is None or not {"cells", "members", "inbox", "outbox"} <= tables:
        raise DatabaseTrouble("foreign", "it has none of this bot's tables")
    if revision not in revisions():
        raise _newer(revision)
    people = found.execute("SELECT count(*) FROM members WHERE removed_at IS NULL").fetchone()[0]
    times = [
        found.execute(question).fetchone()[0]
        for question in (
            "SELECT max(received_at) FROM inbox",
            "SELECT max(posted_at) FROM outbox",
            "SELECT max(at) FROM audit",
        )
    ]
    newest = max(filter(None, times), default=None)
    return Contents(revision, int(people), datetime.fromisoformat(newest).replace(tzinfo=UTC) if newest else None)


def _revision(found: sqlite3.Connection) -> str | None:
    if not found.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
        return None
    row = found.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def _newer(revision: str) -> DatabaseTrouble:
    return DatabaseTrouble("newer", f"{revision} is not known here, newest is {revisions()[-1]}")


def _connect(file: Path, manner: str) -> sqlite3.Connection:
    address = f"file:{quote(str(file.absolute()))}?{manner}"
    return sqlite3.connect(address, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)


def flush(path: Path) -> None:
    """Have a file, or what a folder lists, on the disk and not only on its way there."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def discard(file: Path) -> None:
    """Remove a file of ours and whatever SQLite put beside it."""
    for name in (file.name, *(f"{file.name}-{end}" for end in ("wal", "shm", "journal"))):
        with suppress(OSError):
            file.with_name(name).unlink()


@contextmanager
def _named_trouble() -> Iterator[None]:
    """SQLite's own errors under our names; what has none came of what lies in the file."""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "") == "SQLITE_INTERRUPT":
            raise Interrupted from error
        raise DatabaseTrouble(kind_of(error) or "damaged", str(error)) from error
