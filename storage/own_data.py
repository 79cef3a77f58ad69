"""Everything that is kept about one person, for that person to have."""

from __future__ import annotations

import base64
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Table, func, select

from storage.records import MemberId
from storage.tables import (
    accounts,
    assistances,
    calls,
    checklist_items,
    consents,
    evidence,
    extensions,
    improvements,
    mark_history,
    marks,
    members,
    notes,
    paper_pages,
    questions,
    reminders,
    review_answers,
    review_history,
    review_returns,
    review_versions,
    reviews,
    roles,
    snoozes,
    tasks,
)

# More than this of photos and recordings makes a file that no messenger takes; each of them is had by itself in the
# year's notes, and is named here with its digest in any case.
MOST_EVIDENCE = 10 * 1024 * 1024

_BY_MEMBER: tuple[Table, ...] = (
    assistances,
    paper_pages,
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
    notes,
    tasks,
    improvements,
)
_BY_REVIEW: tuple[Table, ...] = (review_answers, review_history, review_versions, review_returns)


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
    found["evidence"] = _evidence(tx, member)
    return found


def _evidence(tx: Connection, member: MemberId) -> list[dict[str, Any]]:
    """The files that prove something, with their bytes in base64 where all of them together are few enough."""
    size = func.length(evidence.c.content)
    mine = evidence.c.member_id == member
    total = tx.execute(select(func.sum(size)).where(mine)).scalar() or 0
    whole = [column for column in evidence.c if column is not evidence.c.content or total <= MOST_EVIDENCE]
    return _rows(tx, select(*whole, size.label("size")).where(mine).order_by(evidence.c.id))


def _rows(tx: Connection, query: Any) -> list[dict[str, Any]]:
    return [{name: _json(value) for name, value in row.items()} for row in tx.execute(query).mappings()]


def _json(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.isoformat() if isinstance(value, date | datetime) else value
