"""The engine, one transaction helper, pragmas and upgrade: everything that knows which database it is."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, bindparam, create_engine, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage.migrations import revisions, upgrade
from storage.prepared import Prepared
from storage.writer import Turn, Writer

T = TypeVar("T")

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
)
# Milliseconds to wait for a lock that another program holds.
_PATIENCE = 5000


class DatabaseTrouble(Exception):  # noqa: N818 - it is a condition with a name, told to a person
    """The database cannot be used; ``kind`` is a short name: newer, locked, owned (by a bot that runs), read_only,
    damaged, foreign, folder, full, missing, unreachable. ``detail`` are words for whoever runs the bot."""

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(f"{kind}: {detail}" if detail else kind)
        self.kind = kind
        self.detail = detail


class Database:
    """One database. ``write`` runs one piece of work in one transaction, ``read`` sees a settled state.

    SQLite has one writer with one connection (docs/decisions/0007). Work that waits while another transaction is
    committed shares the next one (docs/decisions/0010). Reads, and PostgreSQL altogether, go through asynchronous
    drivers.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.embedded = self.url.get_backend_name() == "sqlite"
        self._under_way: set[asyncio.Future[Any]] = set()
        self._writer = _make_writer(self.url) if self.embedded else None
        self._engine = _async_engine(self.url)

    async def open(self) -> None:
        """Create or upgrade the schema; raises DatabaseTrouble where that must not or cannot be done."""
        if self.embedded and self.url.database:
            try:
                Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise DatabaseTrouble("missing", str(error)) from error
        await self.write(_upgrade, long=True)

    async def write(self, work: Callable[[Connection], T], *, long: bool = False, ahead: bool = False) -> T:
        """Run ``work`` in one transaction: all of it is kept, or none of it, whatever ends it.

        What may take longer than a person's turn is ``long``, and does not keep the event loop from going on. What
        is ``ahead`` does not wait behind turns: what a messenger has taken is to be known before anything ends us.
        Nothing is both (ValueError).
        It may be run twice, the first time without effect: nothing outside the transaction may change in it.
        A caller that is cancelled stops waiting; what it began is finished all the same. To interrupt the driver
        between two statements could leave the lock behind, or the connection in the middle of a transaction.
        """
        if long and ahead:
            raise ValueError("what is ahead of others must be short")
        if self._writer is None:
            return await self._to_its_end(asyncio.ensure_future(self._write_async(work)))
        turn = Turn.LONG if long else Turn.AHEAD if ahead else Turn.NEXT
        return await self._to_its_end(self._writer.put(work, turn))

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` on a connection that cannot write."""
        return await self._to_its_end(asyncio.ensure_future(self._read(work)))

    async def close(self) -> None:
        """Finish what is under way and close every connection."""
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await self._engine.dispose()
        if self._writer is not None:
            await self._writer.close()

    async def _to_its_end(self, transaction: asyncio.Future[T]) -> T:
        self._under_way.add(transaction)
        transaction.add_done_callback(self._done)
        return await asyncio.shield(transaction)

    def _done(self, transaction: asyncio.Future[Any]) -> None:
        self._under_way.discard(transaction)
        if not transaction.cancelled():
            transaction.exception()  # seen, even where its caller no longer waits

    async def _write_async(self, work: Callable[[Connection], T]) -> T:
        with named_trouble():
            async with self._engine.begin() as connection:
                return await connection.run_sync(work)

    async def _read(self, work: Callable[[Connection], T]) -> T:
        with named_trouble():
            async with self._engine.begin() as connection:
                return await connection.run_sync(work)


# ``hide_parameters``: what people wrote stands in the parameters, and errors go to logs.


def _make_writer(url: URL) -> Writer:
    engine = create_engine(
        url.set(drivername="sqlite"),
        pool_size=1,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"check_same_thread": False},  # one thread after the other, never both
    )
    _prepare(engine, writes=True)
    return Writer(engine, guard=named_trouble, hopeless=_is_locked, patient=_waiting_for_locks)


@contextmanager
def _waiting_for_locks(connection: Connection) -> Iterator[None]:
    """Beyond this the writer's connection does not wait: the event loop would wait with it."""
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={_PATIENCE}")
    try:
        yield
    finally:
        cursor.execute("PRAGMA busy_timeout=0")


def _async_engine(url: URL) -> AsyncEngine:
    if url.get_backend_name() != "sqlite":
        return create_async_engine(url, pool_size=8, hide_parameters=True)
    engine = create_async_engine(url, pool_size=2, max_overflow=0, hide_parameters=True)
    _prepare(engine.sync_engine, writes=False)
    return engine


def _prepare(engine: Engine, *, writes: bool) -> None:
    event.listen(engine, "connect", _on_connect(writes=writes))
    event.listen(engine, "begin", _on_begin(writes=writes))


def _on_connect(*, writes: bool) -> Callable[[Any, Any], None]:
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, see below
        cursor = connection.cursor()
        for pragma in _PRAGMAS if writes else (*_PRAGMAS[1:], "PRAGMA query_only=ON"):
            cursor.execute(pragma)
        cursor.execute(f"PRAGMA busy_timeout={0 if writes else _PATIENCE}")
        cursor.close()

    return prepare


def _on_begin(*, writes: bool) -> Callable[[Connection], None]:
    # IMMEDIATE takes the write lock at once: a read that later turns into a write could fail half way.
    word = "BEGIN IMMEDIATE" if writes else "BEGIN"

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(word)

    return begin


def _upgrade(connection: Connection) -> None:
    try:
        upgrade(connection)
    except LookupError as unknown:
        raise DatabaseTrouble(
            "newer", f"{unknown.args[0]} is not known here, newest is {revisions()[-1]}"
        ) from unknown


# How codes of troubles begin: SQLite's names of errors, a server's SQLSTATEs.
_KINDS = {
    "SQLITE_CORRUPT": "damaged",
    "SQLITE_NOTADB": "damaged",
    "SQLITE_FULL": "full",
    "SQLITE_IOERR": "full",
    "SQLITE_READONLY": "read_only",
    "SQLITE_PERM": "read_only",
    "SQLITE_AUTH": "read_only",
    "SQLITE_BUSY": "locked",
    "SQLITE_LOCKED": "locked",
    "SQLITE_CANTOPEN": "missing",
    "40001": "locked",  # a serialization failure or a deadlock: nothing was done, the same work may succeed
    "40P01": "locked",
    "55P03": "locked",
    "53100": "full",
    "25006": "read_only",
    "3D000": "missing",
    "XX001": "damaged",
    "XX002": "damaged",
    "08": "unreachable",
    "28": "unreachable",
    "53300": "unreachable",
    "57P": "unreachable",
}


def kind_of(said: BaseException) -> str | None:
    """The kind of DatabaseTrouble that a driver's error means by its code; None where it is no such thing."""
    code = str(getattr(said, "sqlite_errorname", None) or getattr(said, "sqlstate", None) or "")
    return next((kind for sign, kind in _KINDS.items() if code.startswith(sign)), None)


@contextmanager
def named_trouble() -> Iterator[None]:
    """Turn what a driver says of the whole database into DatabaseTrouble; other errors pass."""
    try:
        yield
    except PoolTimeout as error:
        raise DatabaseTrouble("unreachable", "no free connection") from error
    except OSError as error:  # a server that does not answer
        raise DatabaseTrouble("unreachable", str(error)) from error
    except Exception as error:  # a server that refuses the connection does so in its driver's own words
        said = error.orig if isinstance(error, DBAPIError) and error.orig else error
        kind = kind_of(said)
        if kind is not None:
            # SQLite's words name files, a server's may repeat what somebody wrote.
            detail = str(said) if isinstance(said, sqlite3.Error) else type(said).__name__
            raise DatabaseTrouble(kind, detail) from error
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise DatabaseTrouble("unreachable", type(said).__name__) from error
        raise


def _is_locked(error: BaseException) -> bool:
    return isinstance(error, DatabaseTrouble) and error.kind == "locked"


def insert_ignore(tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert rows, leaving out those that are there already by any unique key; returns how many went in."""
    if not rows:
        return 0
    statement = _insert(tx.dialect.name, table).values([dict(row) for row in rows]).on_conflict_do_nothing()
    # Without being asked SQLAlchemy forgets the count of an INSERT on PostgreSQL, and says -1.
    return tx.execute(statement, execution_options={"preserve_rowcount": True}).rowcount


def insert_new(
    tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]], key: Sequence[str]
) -> frozenset[tuple[Any, ...]]:
    """Insert rows like ``insert_ignore``; returns the ``key`` columns of those that really went in."""
    if not rows:
        return frozenset()
    statement = _insert(tx.dialect.name, table).on_conflict_do_nothing().returning(*(table.c[name] for name in key))
    return frozenset(tuple(row) for row in tx.execute(statement, [dict(row) for row in rows]))


def upsert(tx: Connection, table: Table, key: Sequence[str], values: Mapping[str, Any]) -> None:
    """Insert one row, or change the other columns of the row that has the same key."""
    _upsert(table, tuple(key), tuple(values)).change(tx, **values)


@lru_cache(maxsize=256)
def _upsert(table: Table, key: tuple[str, ...], names: tuple[str, ...]) -> Prepared:
    def build(dialect: str) -> Any:
        statement = _insert(dialect, table).values({name: bindparam(name) for name in names})
        changed = {name: statement.excluded[name] for name in names if name not in key}
        if not changed:
            return statement.on_conflict_do_nothing(index_elements=list(key))
        return statement.on_conflict_do_update(index_elements=list(key), set_=changed)

    return Prepared(build)


def inserting(table: Table, *names: str, returning: str | None = None, once: bool = False) -> Prepared:
    """A prepared insert of one row with these columns; ``once`` leaves out one that is there by any unique key."""

    def build(dialect: str) -> Any:
        statement = _insert(dialect, table).values({name: bindparam(name) for name in names})
        if once:
            statement = statement.on_conflict_do_nothing()
        return statement.returning(table.c[returning]) if returning else statement

    return Prepared(build)


def _insert(dialect: str, table: Table) -> Any:
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # large, and with SQLite never needed

        return postgresql.insert(table)
    return sqlite.insert(table)
