"""What a cell's summary is counted from: a few statements a cell, none of which reads what anybody wrote."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, and_, func, select

from storage import members
from storage.accounts import BEST_FIRST
from storage.records import CellId, CycleId, DeliveryTrouble, Grade, MemberId, RosterLine
from storage.tables import accounts, review_versions, reviews
from storage.tables import members as members_table


def roster_lines(tx: Connection, cell: CellId, cycle: CycleId) -> tuple[RosterLine, ...]:
    """Everybody on the cell's roster with what they handed in; four statements, whatever the cell's size."""
    reached = _reached(tx, cell)
    handed_in = _handed_in(tx, cell, cycle)
    lines = []
    for member in members.of_cell(tx, cell):
        troubles = reached.get(member.id, [])
        line = handed_in.get(member.id)
        lines.append(
            RosterLine(
                member,
                joined=bool(troubles),
                trouble=None if None in troubles else next(iter(troubles), None),
                begun=line is not None,
                self_grade=Grade(line.self_grade) if line and line.self_grade else None,
                first_submitted_at=line.first_at if line else None,
                last_submitted_at=line.last_at if line else None,
                versions=line.versions if line else 0,
            )
        )
    return tuple(lines)


def _reached(tx: Connection, cell: CellId) -> dict[MemberId, list[DeliveryTrouble | None]]:
    """Each member's accounts as what is wrong with them, the one where they are reached first."""
    rows = tx.execute(
        select(accounts.c.member_id, accounts.c.trouble)
        .join(members_table, members_table.c.id == accounts.c.member_id)
        .where(members_table.c.cell_id == cell)
        .order_by(*BEST_FIRST)
    )
    found: dict[MemberId, list[DeliveryTrouble | None]] = defaultdict(list)
    for row in rows:
        found[MemberId(row.member_id)].append(DeliveryTrouble(row.trouble) if row.trouble else None)
    return found


def _handed_in(tx: Connection, cell: CellId, cycle: CycleId) -> dict[MemberId, Any]:
    """Each begun review of the cycle: its first and last submission and the grade of the last."""
    span = (
        select(
            review_versions.c.review_id,
            func.count().label("versions"),
            func.max(review_versions.c.version).label("last"),
            func.min(review_versions.c.submitted_at).label("first_at"),
        )
        .join(reviews, reviews.c.id == review_versions.c.review_id)
        .where(reviews.c.cycle_id == cycle)
        .group_by(review_versions.c.review_id)
        .subquery()
    )
    last = review_versions.alias("last_version")
    rows = tx.execute(
        select(
            reviews.c.member_id,
            func.coalesce(span.c.versions, 0).label("versions"),
            span.c.first_at,
            last.c.submitted_at.label("last_at"),
            last.c.self_grade,
        )
        .join(members_table, members_table.c.id == reviews.c.member_id)
        .outerjoin(span, span.c.review_id == reviews.c.id)
        .outerjoin(last, and_(last.c.review_id == reviews.c.id, last.c.version == span.c.last))
        .where(reviews.c.cycle_id == cycle, members_table.c.cell_id == cell)
    )
    return {MemberId(row.member_id): row for row in rows}
