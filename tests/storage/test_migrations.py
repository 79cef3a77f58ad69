"""The schema's history: from every earlier version to the newest, and what a foreign version is told."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

import storage.migrations
from storage.database import Database, DatabaseTrouble
from storage.migrations import current, revisions, upgrade
from storage.tables import metadata


@pytest.mark.parametrize("earlier", [None, *revisions()])
def test_every_earlier_version_comes_to_the_schema_of_the_code(tmp_path: Path, earlier: str | None) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'old.db'}")
    with engine.begin() as tx:
        if earlier:
            upgrade(tx, earlier)
        upgrade(tx)
        assert current(tx) == revisions()[-1]
        assert compare_metadata(MigrationContext.configure(tx), metadata) == []
    engine.dispose()


def test_the_files_are_named_as_the_chain_that_alembic_follows() -> None:
    folder = Path(storage.migrations.__file__).parent
    followed = ScriptDirectory(str(folder)).walk_revisions()
    assert revisions() == tuple(reversed([script.revision for script in followed]))


def dump(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.iterdump())


async def test_a_database_newer_than_the_code_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "new.db"
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as tx:
        upgrade(tx)
        tx.execute(text("update alembic_version set version_num = '9999'"))
    engine.dispose()
    before = dump(file)
    database = Database(f"sqlite+aiosqlite:///{file}")
    with pytest.raises(DatabaseTrouble) as trouble:
        await database.open()
    await database.close()
    assert trouble.value.kind == "newer"
    assert dump(file) == before
