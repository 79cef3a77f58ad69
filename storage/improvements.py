"""Shortcomings that members admitted, each with the day by which it is to be mended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from storage.prepared import Prepared
from storage.records import Improvement, ImprovementId, ImprovementState, MemberId, Review
from storage.tables import improvements, members

_OF_MEMBER = Prepared(
    lambda _: (
        select(improvements)
        .where(
            improvements.c.member_id == bindparam("whose"),
            improvements.c.state != ImprovementState.WITHDRAWN,
        )
        .order_by(improvements.c.year, improvements.c.id)
    )
)


def follow(tx: Connection, review: Review, year: int, version: int, faults: Sequence[str], now: datetime) -> None:
    """Have the list follow what was submitted: new faults are added, dates and states of known ones stay.

    What is no longer admitted is withdrawn, and comes back as it was where it is admitted again.
    """
    known = {
        row.fault: row for row in tx.execute(select(improvements).where(improvements.c.review_id == review.id))
    }
    for fault in dict.fromkeys(faults):
        if fault not in known:
            values = {
                "member_id": review.member_id,
                "year": year,
                "fault": fault,
                "measure": "",
                "state": ImprovementState.OPEN,
                "state_at": now,
                "review_id": review.id,
                "version": version,
            }
            tx.execute(insert(improvements).values(values))
        elif known[fault].state == ImprovementState.WITHDRAWN:
            _set(tx, known[fault].id, state=ImprovementState.OPEN, state_at=now, version=version)
        else:
            _set(tx, known[fault].id, version=version)
    for fault, row in known.items():
        if fault not in faults:
            _set(tx, row.id, state=ImprovementState.WITHDRAWN, state_at=now)


def of_member(tx: Connection, member: MemberId) -> tuple[Improvement, ...]:
    """What a member promised to mend, oldest year first, in the order of the form."""
    return tuple(map(_to_improvement, _OF_MEMBER.rows(tx, whose=member)))


def set_due(tx: Connection, id: ImprovementId, due_on: date | None) -> None:
    """Set or clear the day by which it is to be mended."""
    _set(tx, id, due_on=due_on)


def set_state(tx: Connection, id: ImprovementId, state: ImprovementState, now: datetime) -> None:
    """Say how it stands."""
    _set(tx, id, state=state, state_at=now)


def due_between(tx: Connection, cell: int, first: date, last: date) -> tuple[Improvement, ...]:
    """What members of a cell have still to mend and promised for these days, both included."""
    rows = tx.execute(
        select(improvements)
        .join(members, members.c.id == improvements.c.member_id)
        .where(
            members.c.cell_id == cell,
            improvements.c.due_on.between(first, last),
            improvements.c.state.in_((ImprovementState.OPEN, ImprovementState.ONGOING)),
        )
        .order_by(improvements.c.due_on, improvements.c.id)
    )
    return tuple(map(_to_improvement, rows))


def _set(tx: Connection, id: int, **values: Any) -> None:
    tx.execute(update(improvements).where(improvements.c.id == id).values(values))


def _to_improvement(row: Row[Any]) -> Improvement:
    return Improvement(
        id=ImprovementId(row.id),
        member_id=MemberId(row.member_id),
        year=row.year,
        fault=row.fault,
        due_on=row.due_on,
        state=ImprovementState(row.state),
        review_id=row.review_id,
    )
