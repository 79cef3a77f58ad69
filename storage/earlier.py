"""What a member handed in for earlier years: to be read again while the new year's review is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, select

from storage.prepared import Prepared
from storage.records import CycleKind, MemberId
from storage.tables import cycles, review_versions, reviews


@dataclass(frozen=True, slots=True)
class Earlier:
    """The newest submission of an earlier year: the year, the form and the answers by question."""

    year: int
    form: str
    answers: dict[str, Any]


_LAST = Prepared(
    lambda _: (
        select(cycles.c.year, reviews.c.form, review_versions.c.answers)
        .select_from(reviews)
        .join(cycles, cycles.c.id == reviews.c.cycle_id)
        .join(
            review_versions,
            and_(review_versions.c.review_id == reviews.c.id, review_versions.c.version == reviews.c.version),
        )
        .where(reviews.c.member_id == bindparam("whose"), cycles.c.year < bindparam("before"))
        .order_by(
            cycles.c.year.desc(),
            # Of several reviews in a year, the yearly one speaks for all of it.
            case((cycles.c.kind == CycleKind.YEARLY, 0), else_=1),
            review_versions.c.submitted_at.desc(),
        )
        .limit(1)
    )
)


def last(tx: Connection, member: MemberId, before: int) -> Earlier | None:
    """What this member submitted last for a year before that one, in whichever cell; None for nothing."""
    row = _LAST.row(tx, whose=member, before=before)
    return Earlier(row.year, row.form, dict(row.answers)) if row else None
