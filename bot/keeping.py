"""``bot backup`` and ``bot restore``: a copy of the database made by hand, and one put back in its place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from bot.clock import Clock
from bot.settings import Settings
from bot.troubles import in_words
from storage import backup
from storage.backup import Contents
from storage.database import DatabaseTrouble
from storage.lock import file_of, own
from storage.restoring import restore

WRONG_INPUT, NOT_HERE, CANNOT = 1, 2, 3

Say = Callable[[str], None]


def make_backup(settings: Settings, target: Path, say: Say, *, force: bool) -> int:
    """Copy the database into ``target``, whether the bot runs or not. Returns the exit status."""
    source = file_of(settings.database_url)
    if source is None:
        say("DATABASE_URL: a PostgreSQL server is backed up with its own tool: pg_dump --format=custom --file=FILE")
        return NOT_HERE
    if not source.is_file():
        say(f"DATABASE_URL: {source} is not there; there is nothing to back up yet")
        return CANNOT
    refused = _refused(target, source, force=force)
    if refused:
        say(f"{target}: {refused}")
        return WRONG_INPUT
    try:
        found = backup.copy(source, target, rest=0)
    except DatabaseTrouble as trouble:
        say(in_words(trouble, str(target if trouble.kind == "full" else source)))
        return CANNOT
    except OSError as error:
        say(f"{target}: cannot be written ({error.strerror})")
        return CANNOT
    say(f"{target}: {_described(found, settings)}")
    return 0


def restore_backup(settings: Settings, copy: Path, say: Say, *, moved: bool) -> int:
    """Put ``copy`` in the place of the database; no bot may be running. Returns the exit status."""
    file = file_of(settings.database_url)
    if file is None:
        say("DATABASE_URL: a PostgreSQL server is restored with its own tool: pg_restore --clean --dbname=… FILE")
        return NOT_HERE
    try:
        found = backup.verify(copy)
        if file.exists() and copy.samefile(file):
            say(f"{copy}: is the database itself; nothing was changed")
            return WRONG_INPUT
    except DatabaseTrouble as trouble:
        say(f"{copy}: {_AT_FAULT.get(trouble.kind, 'cannot be read')} ({trouble}); nothing was changed")
        return CANNOT
    try:
        return _put_back(file, copy, found, settings, say, moved=moved)
    except DatabaseTrouble as trouble:
        say(f"DATABASE_URL: {in_words(trouble, str(file))}")
    except OSError as error:
        say(f"{file}: cannot be written ({error.strerror}); nothing was changed")
    return CANNOT


_AT_FAULT = {
    "damaged": "is damaged or no database, choose another backup",
    "foreign": "is a database, but not one of this bot",
    "newer": "was written by a newer version of this bot, install that one first",
    "missing": "is no file that can be read",
}


def _put_back(file: Path, copy: Path, found: Contents, settings: Settings, say: Say, *, moved: bool) -> int:
    now = Clock(settings.bot_clock_file).now()
    held = own(file)
    try:
        done = restore(copy, file, now, moved=moved)
    finally:
        held.release()
    say(f"restored: {_described(found, settings)}")
    if done.silenced:
        say(f"{done.silenced} messages that waited in it are not sent again (--moved sends them)")
    if done.former is not None:
        say(f"the former database is {done.former}")
    return 0


def _refused(target: Path, source: Path, *, force: bool) -> str | None:
    if not target.parent.is_dir():
        return f"there is no folder {target.parent}"
    if target.is_dir():
        return "is a folder; name a file"
    if target.exists() and target.samefile(source):
        return "is the database itself; name another file"
    if target.exists() and not force:
        return "is there already; name another file, or say --force"
    return None


def _described(found: Contents, settings: Settings) -> str:
    return f"{found.members} members, newest entry {_local(found.newest, settings)}, schema {found.revision}"


def _local(at: datetime | None, settings: Settings) -> str:
    return f"{at.astimezone(settings.zone):%Y-%m-%d %H:%M} {settings.bot_timezone}" if at else "none"
