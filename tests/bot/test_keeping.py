"""``bot backup`` and ``bot restore`` refuse with one line what cannot be done, and change nothing."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from bot.keeping import make_backup, restore_backup
from bot.settings import Settings
from storage.backup import copy
from storage.lock import own
from storage.migrations import revisions
from tests.stage import empty_database


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bot.db").write_bytes(empty_database())
    (tmp_path / "text.db").write_bytes(b"words" * 1000)
    with contextlib.closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE recipes (name)")
    copy(tmp_path / "bot.db", tmp_path / "newer.db")
    with contextlib.closing(sqlite3.connect(tmp_path / "newer.db")) as newer, newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    return tmp_path


@pytest.fixture
def settings(folder: Path) -> Settings:
    return Settings(database_url=f"sqlite+aiosqlite:///{folder / 'bot.db'}")


def everything(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix != ".lock"}


@pytest.mark.parametrize(
    ("target", "force", "words"),
    [
        ("nowhere/copy.db", False, "there is no folder"),
        (".", False, "is a folder"),
        ("bot.db", True, "is the database itself"),
        ("text.db", False, "is there already; name another file, or say --force"),
    ],
)
def test_a_backup_that_cannot_be_made(
    folder: Path, settings: Settings, target: str, force: bool, words: str
) -> None:
    before, said = everything(folder), list[str]()
    assert make_backup(settings, folder / target, said.append, force=force) == 1
    assert [words in line for line in said] == [True], said
    assert everything(folder) == before


def test_a_backup_may_replace_one_where_it_is_told_to(folder: Path, settings: Settings) -> None:
    said: list[str] = []
    assert make_backup(settings, folder / "text.db", said.append, force=True) == 0
    assert f"0 members, newest entry none, schema {revisions()[-1]}" in said[0]


@pytest.mark.parametrize(
    ("copy", "status", "words"),
    [
        ("text.db", 3, "is damaged or no database"),
        ("other.db", 3, "not one of this bot"),
        ("newer.db", 3, "newer version of this bot"),
        ("nothing.db", 3, "is no file"),
        ("bot.db", 1, "is the database itself"),
    ],
)
def test_a_restore_that_cannot_be_done(
    folder: Path, settings: Settings, copy: str, status: int, words: str
) -> None:
    before, said = everything(folder), list[str]()
    assert restore_backup(settings, folder / copy, said.append, moved=False) == status
    assert [words in line and "nothing was changed" in line for line in said] == [True], said
    assert everything(folder) == before


def test_nothing_is_put_back_under_a_running_bot(folder: Path, settings: Settings) -> None:
    copy(folder / "bot.db", folder / "copy.db")
    before, said = everything(folder), list[str]()
    held = own(folder / "bot.db")
    assert restore_backup(settings, folder / "copy.db", said.append, moved=False) == 3
    held.release()
    assert "in use by a bot that is running" in said[0]
    assert everything(folder) == before


def test_on_a_new_machine_there_is_nothing_to_keep(folder: Path) -> None:
    copy(folder / "bot.db", folder / "copy.db")
    settings = Settings(database_url=f"sqlite+aiosqlite:///{folder / 'new' / 'bot.db'}")
    said: list[str] = []
    assert restore_backup(settings, folder / "copy.db", said.append, moved=False) == 0
    assert len(said) == 1
    assert (folder / "new" / "bot.db").stat().st_mode & 0o777 == 0o600


def test_a_server_is_backed_up_with_its_own_tools(folder: Path) -> None:
    settings = Settings(database_url="postgresql+asyncpg://me:secret@127.0.0.1:1/x")
    said: list[str] = []
    assert make_backup(settings, folder / "a.db", said.append, force=False) == 2
    assert restore_backup(settings, folder / "a.db", said.append, moved=False) == 2
    assert ["pg_dump" in said[0], "pg_restore" in said[1], "secret" in "".join(said)] == [True, True, False]
