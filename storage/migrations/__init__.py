"""The schema's history: numbered, small, forward only; run by alembic inside the caller's transaction."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

_HERE = Path(__file__).parent
_KEPT_BY_ALEMBIC = table("alembic_version", column("version_num"))


@lru_cache
def revisions() -> tuple[str, ...]:
    """Every revision that this code knows, oldest first: the number that each file of ``versions`` begins with."""
    return tuple(sorted(file.stem.partition("_")[0] for file in (_HERE / "versions").glob("[0-9]*_*.py")))


def current(connection: Connection) -> str | None:
    """The revision that the database has; None for an empty one."""
    if not inspect(connection).has_table(_KEPT_BY_ALEMBIC.name):
        return None
    return connection.scalar(select(_KEPT_BY_ALEMBIC.c.version_num))


def upgrade(connection: Connection, to: str | None = None) -> None:
    """Bring the schema to ``to`` (the newest by default); raises LookupError for a revision not known here."""
    target = to or revisions()[-1]
    found = current(connection)
    if found is not None and found not in revisions():
        raise LookupError(found)
    if found != target:
        _run_alembic(connection, target)


def _run_alembic(connection: Connection, target: str) -> None:
    # Alembic is large, and most starts find the schema as it should be.
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, target)
