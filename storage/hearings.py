"""Where and when reviews were reviewed: one row a review and place; a day that was wrong is written again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import Connection, delete, select

from storage.database import upsert
from storage.records import Hearing, HearingPlace, MemberId, ReviewId
from storage.tables import members, review_hearings


def record(
    tx: Connection, review: ReviewId, place: HearingPlace, held_on: date, body: str, by: MemberId, now: datetime
) -> None:
    """Write down that a review was reviewed there on that day; an earlier entry for the place is replaced."""
    values = {"review_id": review, "place": place, "held_on": held_on, "body": body, "by_id": by, "at": now}
    upsert(tx, review_hearings, ("review_id", "place"), values)


def strike(tx: Connection, review: ReviewId, place: HearingPlace) -> bool:
    """Take an entry out; False where there was none."""
    wanted = (review_hearings.c.review_id == review) & (review_hearings.c.place == place)
    return tx.execute(delete(review_hearings).where(wanted)).rowcount > 0


def of_review(tx: Connection, review: ReviewId) -> tuple[Hearing, ...]:
    """Where this review was reviewed, by day."""
    return of_reviews(tx, [review]).get(review, ())


def of_reviews(tx: Connection, reviews: Iterable[ReviewId]) -> dict[ReviewId, tuple[Hearing, ...]]:
    """The same for several reviews at once; reviews without an entry are left out."""
    found: dict[ReviewId, list[Hearing]] = {}
    rows = tx.execute(
        select(review_hearings, members.c.full_name)
        .join(members, members.c.id == review_hearings.c.by_id)
        .where(review_hearings.c.review_id.in_(list(reviews)))
        .order_by(review_hearings.c.held_on, review_hearings.c.place)
    )
    for row in rows:
        hearing = Hearing(HearingPlace(row.place), row.held_on, row.body, MemberId(row.by_id), row.full_name)
        found.setdefault(ReviewId(row.review_id), []).append(hearing)
    return {review: tuple(entries) for review, entries in found.items()}
