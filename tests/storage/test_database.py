"""One transaction, kept whole or not at all, whatever ends it."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.exc import DBAPIError, IntegrityError

from storage import audit, members
from storage.database import Database, DatabaseTrouble, named_trouble

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def note(tx: Connection) -> None:
    audit.record(tx, now=NOW, who="system", what="noted")


async def count(database: Database) -> int:
    return int(await database.read(lambda tx: tx.execute(text("select count(*) from audit")).scalar_one()))


async def test_an_error_takes_everything_back(database: Database) -> None:
    def work(tx: Connection) -> None:
        note(tx)
        raise KeyError

    with pytest.raises(KeyError):
        await database.write(work)
    assert await count(database) == 0


async def test_a_cancelled_task_leaves_no_half_and_no_lock(database: Database) -> None:
    def slow(tx: Connection) -> None:
        note(tx)
        for _ in range(200):
            tx.execute(text("select 1")).all()

    for pause in (0.0, 0.002, 0.01):
        task = asyncio.create_task(database.write(slow))
        await asyncio.sleep(pause)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(5):
        await database.write(note)
    # Those that had begun are whole: each one is there or not, and the lock is free.
    assert 1 <= await count(database) <= 4


async def test_many_writers_take_turns(database: Database) -> None:
    await asyncio.gather(*(database.write(note) for _ in range(50)))
    assert await count(database) == 50


async def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(DatabaseTrouble):
        await database.read(note)


async def test_a_naive_time_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="naive"):
        await database.write(lambda tx: audit.record(tx, now=datetime(2026, 1, 1), who="x", what="y"))  # noqa: DTZ001


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    made = Database(f"sqlite+aiosqlite:///{tmp_path / 'file' / 'd.db'}")
    with pytest.raises(DatabaseTrouble) as trouble:
        await made.open()
    await made.close()
    assert trouble.value.kind == "missing"


async def test_an_error_does_not_repeat_what_somebody_wrote(database: Database) -> None:
    with pytest.raises(IntegrityError) as error:
        await database.write(lambda tx: [members.add_cell(tx, "what somebody wrote") for _ in range(2)])
    assert "somebody" not in str(error.value)


def refused_by_a_server(error: type[asyncpg.PostgresError]) -> DBAPIError:
    """As SQLAlchemy hands on what a server says."""
    said = PGDialect_asyncpg.import_dbapi().Error(  # type: ignore[no-untyped-call]
        str(error), error("what somebody wrote")
    )
    return DBAPIError("insert", None, said)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (refused_by_a_server(asyncpg.SerializationError), "locked"),
        (refused_by_a_server(asyncpg.DeadlockDetectedError), "locked"),
        (refused_by_a_server(asyncpg.DiskFullError), "full"),
        (refused_by_a_server(asyncpg.ReadOnlySQLTransactionError), "read_only"),
        (refused_by_a_server(asyncpg.AdminShutdownError), "unreachable"),
        (asyncpg.InvalidCatalogNameError("database is not there"), "missing"),
        (asyncpg.InvalidPasswordError("no"), "unreachable"),
    ],
)
def test_what_a_server_says_of_the_whole_database_is_named(error: Exception, kind: str) -> None:
    with pytest.raises(DatabaseTrouble) as trouble, named_trouble():
        raise error
    assert trouble.value.kind == kind
    assert "somebody" not in str(trouble.value)


def test_what_is_wrong_with_one_statement_passes() -> None:
    with pytest.raises(DBAPIError), named_trouble():
        raise refused_by_a_server(asyncpg.UniqueViolationError)
    with pytest.raises(sqlite3.OperationalError), closing(sqlite3.connect(":memory:")) as found, named_trouble():
        found.execute("SELECT 1 FROM nowhere")


def test_a_table_that_is_in_use_is_named(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "d.db", timeout=0)) as one:
        one.execute("CREATE TABLE t (n)")
        one.execute("INSERT INTO t VALUES (1), (2)")
        reading = one.execute("SELECT n FROM t")
        reading.fetchone()
        with pytest.raises(DatabaseTrouble) as trouble, named_trouble():
            one.execute("DROP TABLE t")
    assert trouble.value.kind == "locked"


async def test_a_server_that_does_not_answer_is_named() -> None:
    made = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    with pytest.raises(DatabaseTrouble) as trouble:
        await made.open()
    await made.close()
    assert trouble.value.kind == "unreachable"
