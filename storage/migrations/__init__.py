"""The schema's history: numbered, small, forward only; run by alembic inside the caller's transaction."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


@lru_cache
def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


@lru_cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def revisions() -> tuple[str, ...]:
    """Every revision that this code knows, oldest first."""
    return tuple(reversed([script.revision for script in _scripts().walk_revisions()]))


def current(connection: Connection) -> str | None:
    """The revision that the database has; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(connection: Connection, to: str | None = None) -> None:
    """Bring the schema to ``to`` (the newest by default); raises LookupError for a revision not known here."""
    target = to or revisions()[-1]
    found = current(connection)
    if found is not None and found not in revisions():
        raise LookupError(found)
    if found == target:
        return
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, target)
