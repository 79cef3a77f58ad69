"""A copy put back in the place of the database: proven first, the former file kept, nothing repeated."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import and_, create_engine, update

from storage.backup import Contents, copy_pages, flush, look_before_opening, manner_of, part_of, verify
from storage.database import DatabaseTrouble, kind_of
from storage.lock import belongs_like
from storage.outbox import FAILED, SENDING, WAITING
from storage.records import Urgency
from storage.restored import set_restored
from storage.tables import outbox

# A person who asked this lately still waits for the answer: twice is better than never.
ANSWERS_HOLD = timedelta(hours=1)
_REASON = "restored"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put in place, where the former file is (None: there was none), how many posts are not sent again."""

    contents: Contents
    former: Path | None
    silenced: int


def restore(copy: Path, file: Path, now: datetime, *, moved: bool = False) -> Restored:
    """Put ``copy`` in the place of ``file``; whoever calls this owns the database (``storage.lock.own``).

    ``moved``: nothing has run since the copy was made, so everything that waits in it is still to be sent.
    Raises DatabaseTrouble or OSError with ``file`` as it was.
    """
    verify(copy)
    with part_of(file) as part:
        copy_pages(copy, part, manner_of(copy))
        silenced = 0 if moved else _silence(part, now)
        contents = verify(part)
        belongs_like(part, file)
        flush(part)
        if file.exists():
            former = _set_aside(file, now)
        else:  # a log that was left alone would be played into the copy
            former = None
            _move_logs(file, _free_name(file, now))
        part.replace(file)
        flush(file.parent)
    return Restored(contents, former, silenced)


def _silence(part: Path, now: datetime) -> int:
    """Settle what waited when the copy was made: whether it was sent since then nobody can know."""
    engine = create_engine(f"sqlite:///{part}", hide_parameters=True)
    waiting = and_(outbox.c.state.in_((WAITING, SENDING)), outbox.c.kind != "menu")
    awaited = and_(outbox.c.urgency == int(Urgency.ANSWER), outbox.c.posted_at >= now - ANSWERS_HOLD)
    gone = {"state": FAILED, "trouble": _REASON, "settled_at": now, "payload": {}, "file": None}
    try:
        with engine.begin() as tx:
            found = tx.execute(update(outbox).where(waiting, ~awaited).values(**gone)).rowcount
            set_restored(tx, now)
    finally:
        engine.dispose()
    return found


def _set_aside(file: Path, now: datetime) -> Path:
    """Keep the former file under another name, with its log written into it or, where that fails, beside it."""
    if _is_readable(file):  # damaged: that may be why a copy is put back, and nothing of it is to change
        with suppress(sqlite3.DatabaseError):
            _fold_log(file)
    aside = _free_name(file, now)
    _move_logs(file, aside)
    try:
        os.link(file, aside)  # so that at no instant there is no file under the old name
    except OSError:  # not every file system has links
        file.rename(aside)
    flush(file.parent)
    return aside


def _move_logs(file: Path, aside: Path) -> None:
    for end in ("-wal", "-shm", "-journal"):
        beside = file.with_name(file.name + end)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + end))


def _is_readable(file: Path) -> bool:
    try:
        look_before_opening(file)
    except DatabaseTrouble as trouble:
        return trouble.kind != "damaged"
    return True


def _fold_log(file: Path) -> None:
    """Raises DatabaseTrouble ``locked`` where another program has the file open."""
    with closing(sqlite3.connect(file, isolation_level=None, timeout=1)) as former:
        try:
            # Leaving WAL mode takes the file for itself alone: it shows whether anybody else holds it.
            former.execute("PRAGMA journal_mode=DELETE").fetchone()
        except sqlite3.OperationalError as error:
            if kind_of(error) == "locked":
                raise DatabaseTrouble("locked", str(error)) from error
            raise


def _free_name(file: Path, now: datetime) -> Path:
    stem = f"{file.stem}-replaced-{now:%Y%m%d-%H%M%S}Z"
    names = (f"{stem}{count}{file.suffix}" for count in ("", *(f"-{n}" for n in range(2, 1000))))
    return next(file.with_name(name) for name in names if not file.with_name(name).exists())
