"""Everything that is kept about one person, for that person to have."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Table, select

from storage.records import MemberId
from storage.tables import (
    accounts,
    calls,
    checklist_items,
    consents,
    extensions,
    mark_history,
    marks,
    members,
    questions,
    reminders,
    review_answers,
    review_history,
    review_versions,
    reviews,
    roles,
    snoozes,
)

_BY_MEMBER: tuple[Table, ...] = (
    roles,
    accounts,
    consents,
    reviews,
    mark_history,
    questions,
    extensions,
    reminders,
    snoozes,
    calls,
)
_BY_REVIEW: tuple[Table, ...] = (review_answers, review_history, review_versions)


def of_member(tx: Connection, member: MemberId) -> dict[str, list[dict[str, Any]]]:
    """Rows by table, as JSON: what the member wrote, in every version, and what was recorded about them."""
    found = {"members": _rows(tx, select(members).where(members.c.id == member))}
    for table in _BY_MEMBER:
        found[table.name] = _rows(tx, select(table).where(table.c.member_id == member))
    for table in _BY_REVIEW:
        mine = select(table).join(reviews, reviews.c.id == table.c.review_id).where(reviews.c.member_id == member)
        found[table.name] = _rows(tx, mine)
    labelled = select(marks, checklist_items.c.number, checklist_items.c.label, checklist_items.c.year)
    joined = labelled.join(checklist_items, checklist_items.c.id == marks.c.item_id)
    found["marks"] = _rows(tx, joined.where(marks.c.member_id == member))
    return found


def _rows(tx: Connection, query: Any) -> list[dict[str, Any]]:
    return [{name: _json(value) for name, value in row.items()} for row in tx.execute(query).mappings()]


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value
