"""Reviews given back or opened again: for which questions, why, by whom, until when, and how it ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from storage.database import insert_ignore
from storage.records import (
    CycleId,
    MemberId,
    Return,
    ReturnKind,
    ReturnOutcome,
    Review,
    ReviewId,
)
from storage.tables import members, review_returns, reviews


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody whose review is given back and has not come in again: since when, and until when it is theirs."""

    member_id: MemberId
    cycle_id: CycleId
    at: datetime
    until_on: date | None


def give_back(
    tx: Connection,
    review: Review,
    kind: ReturnKind,
    questions: Iterable[str],
    reason: str,
    by: MemberId,
    until_on: date | None,
    now: datetime,
) -> Return | None:
    """Open a return of the version that counts now; None where one is open already, whoever opened it."""
    row = {
        "review_id": review.id,
        "kind": kind,
        "version": review.version,
        "questions": list(questions),
        "reason": reason,
        "by_id": by,
        "at": now,
        "until_on": until_on,
    }
    return open_of(tx, review.id) if insert_ignore(tx, review_returns, [row]) else None


def settle(tx: Connection, given: Return, outcome: ReturnOutcome, now: datetime) -> bool:
    """End a return; False where it had ended already."""
    found = tx.execute(
        update(review_returns)
        .where(review_returns.c.id == given.id, review_returns.c.settled_at.is_(None))
        .values(settled_at=now, outcome=outcome)
    )
    return found.rowcount > 0


def open_of(tx: Connection, review: ReviewId) -> Return | None:
    """The return of this review that is open; None where none is."""
    return next((found for found in of_review(tx, review) if found.settled_at is None), None)


def of_review(tx: Connection, review: ReviewId) -> tuple[Return, ...]:
    """Every return of a review, oldest first."""
    rows = tx.execute(
        select(review_returns, members.c.full_name.label("by_name"))
        .join(members, members.c.id == review_returns.c.by_id)
        .where(review_returns.c.review_id == review)
        .order_by(review_returns.c.id)
    )
    return tuple(_to_return(row) for row in rows)


def waiting(tx: Connection, cycles: Iterable[CycleId]) -> tuple[Waiting, ...]:
    """Everybody in these cycles whose review is given back and has not come in again."""
    rows = tx.execute(
        select(reviews.c.member_id, reviews.c.cycle_id, review_returns.c.at, review_returns.c.until_on)
        .join(reviews, reviews.c.id == review_returns.c.review_id)
        .where(reviews.c.cycle_id.in_(list(cycles)), review_returns.c.settled_at.is_(None))
    )
    return tuple(Waiting(MemberId(row.member_id), CycleId(row.cycle_id), row.at, row.until_on) for row in rows)


def _to_return(row: Row[Any]) -> Return:
    return Return(
        id=row.id,
        review_id=ReviewId(row.review_id),
        kind=ReturnKind(row.kind),
        version=row.version,
        questions=tuple(row.questions),
        reason=row.reason,
        by_id=MemberId(row.by_id),
        by_name=row.by_name,
        at=row.at,
        until_on=row.until_on,
        settled_at=row.settled_at,
        outcome=ReturnOutcome(row.outcome) if row.outcome else None,
    )
