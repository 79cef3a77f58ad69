"""Whether this database was put back from a copy, and when: what was due by then may have been sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from storage.database import upsert
from storage.tables import settings

_NAME = "restored_at"


def restored_at(tx: Connection) -> datetime | None:
    """When it was put back (UTC); None where it never was."""
    found = tx.execute(select(settings.c.value).where(settings.c.name == _NAME)).scalar()
    return datetime.fromisoformat(found) if found else None


def set_restored(tx: Connection, now: datetime) -> None:
    """Remember that it was put back from a copy at ``now``."""
    upsert(tx, settings, ("name",), {"name": _NAME, "value": now.isoformat(), "secret": False})
