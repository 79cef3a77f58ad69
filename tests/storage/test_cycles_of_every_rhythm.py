"""From one cycle a year to cycles of every rhythm: a database in use comes through with every row and reference."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from storage.database import Database
from storage.migrations import upgrade

MADE = (
    "insert into cells values (1, 'Chi bộ Một', null, null, '{}'), (2, 'Chi bộ Hai', null, null, '{}')",
    (
        "insert into members (id, cell_id, party_number, full_name, form, status, position, phone, language)"
        " values (5, 1, 'P5', 'Nguyễn Văn An', 'non_leader', 'official', '', '', 'vi')"
    ),
    (
        "insert into cycles values (3, 1, 2025, '2025', '2025-12-01', '2025-12-20', null, 'closed',"
        " '2025-12-01 01:00:00', '2025-12-28 01:00:00', 'đã họp xong')"
    ),
    (
        "insert into cycles values (4, 1, 2026, '2025', '2026-12-01', '2026-12-20', '2026-12-28', 'open',"
        " '2026-12-01 01:00:00', null, '')"
    ),
    "insert into cycles values (9, 2, 2026, '2025', '2026-12-01', '2026-12-20', null, 'planned', null, null, '')",
    "insert into extensions values (4, 5, '2026-12-24', 'đi công tác', '2026-12-02 01:00:00')",
    "insert into deadline_moves values (1, 4, '2026-12-18', '2026-12-20', '2026-12-03 01:00:00')",
    (
        "insert into reviews values (7, 4, 5, '2025/non_leader', 'submitted', 'overview', 'good', 2,"
        " '2026-12-02 01:00:00', '2026-12-04 01:00:00')"
    ),
    "insert into reviews values (8, 3, 5, '2025/non_leader', 'draft', null, null, 0, '2025-12-02 01:00:00', null)",
)
REFERRING = ("extensions", "deadline_moves", "reviews")


def rows(file: Path, question: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(question).fetchall()


@pytest.fixture
def in_use(tmp_path: Path) -> Path:
    """A database file as the revision before left it, with cycles that other rows refer to."""
    file = tmp_path / "used.db"
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as tx:
        upgrade(tx, "0003")
    engine.dispose()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("pragma foreign_keys = on")
        for statement in MADE:
            connection.execute(statement)
        connection.commit()
    return file


async def test_every_row_and_every_reference_is_still_there(in_use: Path) -> None:
    before = {table: rows(in_use, f"select * from {table}") for table in (*REFERRING, "cycles")}
    database = Database(f"sqlite+aiosqlite:///{in_use}")  # with foreign keys on, as the bot itself opens it
    await database.open()
    await database.close()
    after = rows(in_use, "select * from cycles")
    assert [row[:11] for row in after] == before["cycles"]
    assert {row[11:] for row in after} == {("yearly", 0, "", None)}
    assert {table: rows(in_use, f"select * from {table}") for table in REFERRING} == {
        table: before[table] for table in REFERRING
    }
    assert rows(in_use, "pragma foreign_key_check") == []
    assert rows(in_use, "pragma integrity_check") == [("ok",)]


async def test_references_are_watched_as_before_and_the_year_has_room_for_more(in_use: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{in_use}")
    await database.open()
    await database.close()
    again = "insert into cycles (cell_id, year, kind, period, rules, opens_on, deadline_on, state, closed_reason)"
    values = "'2025', '2026-10-01', '2026-12-20', 'open', ''"
    with closing(sqlite3.connect(in_use)) as connection:
        connection.execute("pragma foreign_keys = on")
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            connection.execute("delete from cycles where id = 4")
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            connection.execute("insert into extensions values (44, 5, '2026-12-24', '', null)")
        connection.execute(f"{again} values (1, 2026, 'quarterly', 4, {values})")
        with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
            connection.execute(f"{again} values (1, 2026, 'quarterly', 4, {values})")
        with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
            connection.execute(f"{again} values (1, 2026, 'yearly', 0, {values})")
