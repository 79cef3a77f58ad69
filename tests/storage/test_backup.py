"""Copies of a database in use, proven before they are trusted; one put back, and what that must not repeat."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Connection, create_engine, insert, select

from storage import audit, outbox, tables
from storage.backup import Interrupted, claim, copy, verify
from storage.database import Database, DatabaseTrouble
from storage.lock import own
from storage.migrations import current, revisions, upgrade
from storage.records import Address, Post, Urgency
from storage.restored import restored_at
from storage.restoring import restore
from tests.stage import empty_database

T = TypeVar("T")
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "chibo.db"
    made.write_bytes(empty_database())
    return made


def note(tx: Connection, what: str = "noted") -> None:
    audit.record(tx, now=NOW, who="system", what=what)


def swell(tx: Connection) -> None:
    """Some megabytes at once."""
    row = {"at": NOW, "who": "system", "what": "x" * 60, "subject": "y" * 80, "details": {}}
    tx.execute(insert(tables.audit), [row] * 20_000)


def at_rest(file: Path, work: Callable[[Connection], T]) -> T:
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as tx:
        found = work(tx)
    engine.dispose()
    return found


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def noted(file: Path) -> int:
    with closing(sqlite3.connect(file)) as found:
        return int(found.execute("SELECT count(*) FROM audit").fetchone()[0])


async def test_a_copy_made_while_others_write_is_one_moment(file: Path, tmp_path: Path) -> None:
    """Every transaction writes two rows: a copy with an odd number would be two moments."""
    database = Database(f"sqlite+aiosqlite:///{file}")
    await database.open()
    await database.write(swell)
    ended = asyncio.Event()

    def two(tx: Connection) -> None:
        note(tx)
        note(tx)

    async def write() -> int:
        written = 0
        while not ended.is_set():
            await database.write(two)
            written += 2
        return written

    writing = asyncio.create_task(write())
    await asyncio.sleep(0.05)
    found = await asyncio.to_thread(copy, file, tmp_path / "copy.db")
    ended.set()
    assert await writing > 20, "the writer went on meanwhile"
    await database.close()
    assert 20_000 < noted(tmp_path / "copy.db") < noted(file)
    assert noted(tmp_path / "copy.db") % 2 == 0
    assert found == verify(tmp_path / "copy.db")
    assert found.newest == NOW
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600
    assert names(tmp_path) == ["chibo.db", "copy.db"], "nothing beside it, no log of its own"


def test_a_copy_has_what_a_killed_process_left_in_the_log(file: Path, tmp_path: Path) -> None:
    words = (
        "import os, sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('PRAGMA journal_mode=WAL'); c.execute('PRAGMA wal_autocheckpoint=0')\n"
        "c.execute(\"INSERT INTO cells (name, settings) VALUES ('Một', '{}')\")\n"
        "os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", words, str(file)], check=False).returncode == -9
    assert (tmp_path / "chibo.db-wal").stat().st_size > 0
    copy(file, tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as found:
        assert found.execute("SELECT name FROM cells").fetchall() == [("Một",)]


def test_a_copy_that_is_given_up_leaves_nothing(file: Path, tmp_path: Path) -> None:
    at_rest(file, swell)
    asked = threading.Event()
    calls = iter(range(100))

    def stopped() -> bool:
        if next(calls) == 1:
            asked.set()
        return asked.is_set()

    with pytest.raises(Interrupted):
        copy(file, tmp_path / "copy.db", stopped=stopped)
    assert [f.name for f in tmp_path.iterdir()] == ["chibo.db"]


def damage(file: Path) -> None:
    """Overwrite a page in the middle that is in use."""
    content = bytearray(file.read_bytes())
    page = int.from_bytes(content[16:18], "big")
    middle = len(content) // page // 2
    content[middle * page : (middle + 1) * page] = b"\xa5" * page
    file.write_bytes(content)


def test_what_is_no_whole_database_of_ours_is_refused_with_its_reason(file: Path, tmp_path: Path) -> None:
    (tmp_path / "text.db").write_bytes(b"no database at all" * 400)
    (tmp_path / "empty.db").touch()
    (tmp_path / "half.db").write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE recipes (name)")
    (tmp_path / "newer.db").write_bytes(file.read_bytes())
    with closing(sqlite3.connect(tmp_path / "newer.db")) as newer, newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    (tmp_path / "broken.db").write_bytes(file.read_bytes())
    with closing(sqlite3.connect(tmp_path / "broken.db")) as broken, broken:
        broken.execute("INSERT INTO roles VALUES (77, 'chair', '2026-01-01 00:00:00')")
    (tmp_path / "page.db").write_bytes(file.read_bytes())
    damage(tmp_path / "page.db")
    reasons = {}
    for name in ("text", "empty", "half", "other", "newer", "broken", "page", "absent"):
        with pytest.raises(DatabaseTrouble) as trouble:
            verify(tmp_path / f"{name}.db")
        reasons[name] = trouble.value.kind
    assert reasons == {
        "text": "damaged",
        "empty": "foreign",
        "half": "damaged",
        "other": "foreign",
        "newer": "newer",
        "broken": "damaged",
        "page": "damaged",
        "absent": "missing",
    }


def test_no_copy_of_a_damaged_database_takes_the_place_of_a_good_one(file: Path, tmp_path: Path) -> None:
    copy(file, tmp_path / "copy.db")
    good = (tmp_path / "copy.db").read_bytes()
    damage(file)
    with pytest.raises(DatabaseTrouble) as trouble:
        copy(file, tmp_path / "copy.db")
    assert trouble.value.kind == "damaged"
    assert (tmp_path / "copy.db").read_bytes() == good
    assert sorted(f.name for f in tmp_path.iterdir()) == ["chibo.db", "copy.db"]


def test_an_open_is_refused_before_anything_is_touched(file: Path) -> None:
    damage(file)
    before = file.read_bytes()
    with pytest.raises(DatabaseTrouble) as trouble:
        claim(f"sqlite+aiosqlite:///{file}")
    assert trouble.value.kind == "damaged"
    assert file.read_bytes() == before
    own(file).release()  # who was refused has let go of it


@pytest.fixture
def holder(file: Path) -> Iterator[subprocess.Popen[bytes]]:
    words = (
        "import sys, time; from pathlib import Path; from storage.lock import own\n"
        "held = own(Path(sys.argv[1])); print('held', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", words, str(file)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_one_process_owns_a_database_until_it_dies(file: Path, holder: subprocess.Popen[bytes]) -> None:
    began = time.monotonic()
    with pytest.raises(DatabaseTrouble) as trouble:
        own(file)
    assert time.monotonic() - began < 0.5
    assert (trouble.value.kind, trouble.value.detail) == ("owned", f"process {holder.pid}")
    holder.kill()
    holder.wait()
    own(file).release()


def test_a_restore_needs_what_it_puts_back_to_be_sound(file: Path, tmp_path: Path) -> None:
    copy(file, tmp_path / "copy.db")
    damage(tmp_path / "copy.db")
    before = file.read_bytes()
    with pytest.raises(DatabaseTrouble):
        restore(tmp_path / "copy.db", file, NOW)
    assert file.read_bytes() == before
    assert sorted(f.name for f in tmp_path.iterdir()) == ["chibo.db", "copy.db"]


async def test_the_former_database_is_kept_whole_with_its_log(file: Path, tmp_path: Path) -> None:
    copy(file, tmp_path / "copy.db")
    with closing(sqlite3.connect(file, isolation_level=None)) as died:
        died.execute("PRAGMA journal_mode=WAL")
        died.execute("INSERT INTO cells (name, settings) VALUES ('Một', '{}')")
        for end in ("", "-wal"):  # as a kill leaves them
            (tmp_path / f"killed.db{end}").write_bytes((tmp_path / f"chibo.db{end}").read_bytes())
    killed = tmp_path / "killed.db"
    done = restore(tmp_path / "copy.db", killed, NOW)
    assert done.former == tmp_path / "killed-replaced-20261122-030000Z.db"
    with closing(sqlite3.connect(done.former)) as former:
        assert former.execute("SELECT name FROM cells").fetchall() == [("Một",)]
    with closing(sqlite3.connect(killed)) as found:
        assert found.execute("SELECT name FROM cells").fetchall() == []
    assert not [name for name in names(tmp_path) if name.startswith("killed.db-")]
    assert restore(tmp_path / "copy.db", killed, NOW).former == tmp_path / "killed-replaced-20261122-030000Z-2.db"
    database = Database(f"sqlite+aiosqlite:///{killed}")
    await database.open()
    await database.write(note)
    await database.close()


def test_a_damaged_database_is_kept_with_everything_beside_it(file: Path, tmp_path: Path) -> None:
    copy(file, tmp_path / "copy.db")
    file.write_bytes(b"nothing that can be read" * 300)
    (tmp_path / "chibo.db-wal").write_bytes(b"a log")
    done = restore(tmp_path / "copy.db", file, NOW)
    assert done.former is not None
    assert done.former.read_bytes() == b"nothing that can be read" * 300
    assert done.former.with_name(done.former.name + "-wal").read_bytes() == b"a log"
    assert not (tmp_path / "chibo.db-wal").exists(), "or it would be taken for the log of the copy"
    assert verify(file) == done.contents


def test_nobody_is_overrun_who_has_the_file_open(file: Path, tmp_path: Path) -> None:
    copy(file, tmp_path / "copy.db")
    with closing(sqlite3.connect(file, isolation_level=None)) as shell:
        shell.execute("PRAGMA journal_mode=WAL")
        shell.execute("SELECT count(*) FROM cells").fetchone()
        with pytest.raises(DatabaseTrouble) as trouble:
            restore(tmp_path / "copy.db", file, NOW)
    assert trouble.value.kind == "locked"
    assert not list(tmp_path.glob("*replaced*"))


def test_what_waited_in_a_copy_is_not_said_a_second_time(file: Path, tmp_path: Path) -> None:
    def fill(tx: Connection) -> None:
        for hours, urgency in ((0.5, Urgency.ANSWER), (3, Urgency.ANSWER), (0.5, Urgency.REMINDER)):
            outbox.put(
                tx, Post(Address("telegram", f"{hours}"), "lời", urgency=urgency), NOW - timedelta(hours=hours)
            )
        outbox.put(tx, Post(Address("telegram", "9"), "", menu=(("help", "x"),)), NOW - timedelta(days=3))
        outbox.claim(tx, NOW, 2)  # two of them were under way

    def states(tx: Connection) -> list[tuple[str, str, str | None]]:
        columns = tables.outbox.c.urgency, tables.outbox.c.state, tables.outbox.c.trouble
        return [tuple(row) for row in tx.execute(select(*columns).order_by(tables.outbox.c.id))]

    at_rest(file, fill)
    before = at_rest(file, states)
    copy(file, tmp_path / "copy.db")
    assert restore(tmp_path / "copy.db", file, NOW, moved=True).silenced == 0
    assert at_rest(file, states) == before
    assert at_rest(file, restored_at) is None
    assert restore(tmp_path / "copy.db", file, NOW).silenced == 2
    after = at_rest(file, states)
    assert [row[1:] for row in after[1:3]] == [("failed", "restored"), ("failed", "restored")]
    assert [after[0], after[3]] == [before[0], before[3]], "a person waits for the first, the last says nothing"
    assert at_rest(file, restored_at) == NOW


def test_a_copy_with_people_says_how_many(file: Path, tmp_path: Path) -> None:
    def fill(tx: Connection) -> None:
        cell = tx.execute(insert(tables.cells).values(name="Một", settings={})).inserted_primary_key
        for number in range(3):
            tx.execute(
                insert(tables.members).values(
                    cell_id=cell[0] if cell else 0,
                    party_number=f"P{number}",
                    full_name="Tên",
                    form="2A",
                    status="official",
                    removed_at=NOW if number == 2 else None,
                )
            )

    at_rest(file, fill)
    assert copy(file, tmp_path / "copy.db").members == 2


async def test_a_copy_of_an_older_schema_is_put_back_and_upgraded_at_the_next_start(tmp_path: Path) -> None:
    old, file = tmp_path / "old.db", tmp_path / "chibo.db"
    at_rest(old, lambda tx: upgrade(tx, revisions()[0]))
    assert restore(old, file, NOW).contents.revision == revisions()[0]
    database = Database(f"sqlite+aiosqlite:///{file}")
    await database.open()
    assert await database.read(current) == revisions()[-1]
    assert await database.read(restored_at) == NOW
    await database.close()
