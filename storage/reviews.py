"""Self-assessments: the working draft answer by answer, everything it replaced, and every version submitted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, func, insert, select, update

from storage.database import insert_ignore, upsert
from storage.prepared import Prepared
from storage.records import (
    CycleId,
    Grade,
    MemberId,
    Review,
    ReviewId,
    ReviewState,
    ReviewVersion,
)
from storage.tables import (
    members,
    review_answers,
    review_history,
    review_versions,
    reviews,
)


@dataclass(frozen=True, slots=True)
class Submission:
    """What a member submitted last in a cycle, and when they submitted for the first time."""

    member_id: MemberId
    full_name: str
    form: str
    first_at: datetime
    latest: ReviewVersion


_FIND = Prepared(
    lambda _: (
        select(reviews, review_answers.c.key, review_answers.c.value)
        .outerjoin(review_answers, review_answers.c.review_id == reviews.c.id)
        .where(reviews.c.cycle_id == bindparam("within"), reviews.c.member_id == bindparam("whose"))
    )
)
_PLACE = Prepared(lambda _: update(reviews).where(reviews.c.id == bindparam("this")).values(place=bindparam("at")))
_TOUCH = Prepared(
    lambda _: (
        update(reviews)
        .where(reviews.c.id == bindparam("this"), reviews.c.state != ReviewState.DRAFT)
        .values(state=ReviewState.DRAFT)
    )
)


def find(tx: Connection, cycle: CycleId, member: MemberId) -> Review | None:
    """A member's review in a cycle with all its answers; None while it was not begun."""
    rows = _FIND.rows(tx, within=cycle, whose=member)
    if not rows:
        return None
    return _to_review(rows[0], {row.key: row.value for row in rows if row.key is not None})


def begin(tx: Connection, cycle: CycleId, member: MemberId, form: str, now: datetime) -> Review:
    """Open a member's review with this form, or give back the one that is open already."""
    row = {
        "cycle_id": cycle,
        "member_id": member,
        "form": form,
        "state": ReviewState.DRAFT,
        "version": 0,
        "begun_at": now,
    }
    insert_ignore(tx, reviews, [row])
    found = find(tx, cycle, member)
    if found is None:
        raise LookupError(f"review of member {member} in cycle {cycle} was not kept")
    return found


def write(tx: Connection, review: Review, key: str, value: Any, now: datetime) -> None:
    """Put an answer into the draft; a submitted review becomes a draft again, what was submitted stays."""
    upsert(
        tx,
        review_answers,
        ("review_id", "key"),
        {"review_id": review.id, "key": key, "value": value, "written_at": now},
    )
    _touch(tx, review)


def remove(tx: Connection, review: Review, key: str) -> None:
    """Take an answer out of the draft; whoever calls this has kept it in the history before."""
    tx.execute(delete(review_answers).where(review_answers.c.review_id == review.id, review_answers.c.key == key))
    _touch(tx, review)


def keep(tx: Connection, review: Review, key: str, value: Any, now: datetime) -> int:
    """Keep something that leaves the draft or did not get into it, so that no typed word is lost; its number."""
    values = {"review_id": review.id, "key": key, "value": value, "written_at": now}
    return int(tx.execute(insert(review_history).values(values).returning(review_history.c.id)).scalar_one())


def kept(tx: Connection, review: Review, key: str, number: int) -> Any:
    """What ``keep`` put away under that number for this question; None where there is nothing."""
    return tx.execute(
        select(review_history.c.value).where(
            review_history.c.id == number,
            review_history.c.review_id == review.id,
            review_history.c.key == key,
        )
    ).scalar()


def history(tx: Connection, review: Review) -> tuple[tuple[str, Any], ...]:
    """Everything that was put away, oldest first: the question's key and the words."""
    rows = tx.execute(
        select(review_history.c.key, review_history.c.value)
        .where(review_history.c.review_id == review.id)
        .order_by(review_history.c.id)
    )
    return tuple((row.key, row.value) for row in rows)


def set_place(tx: Connection, review: Review, place: str) -> None:
    """Remember the step where the member is."""
    _PLACE.change(tx, this=review.id, at=place)


def submit(
    tx: Connection, review: Review, self_grade: Grade, suggested: Grade | None, now: datetime
) -> ReviewVersion:
    """Keep the draft as the next version, word for word; earlier versions stay as they are."""
    version = ReviewVersion(review.id, review.version + 1, dict(review.answers), self_grade, suggested, now)
    tx.execute(
        insert(review_versions).values(
            review_id=review.id,
            version=version.version,
            answers=version.answers,
            self_grade=self_grade,
            suggested=suggested,
            submitted_at=now,
        )
    )
    tx.execute(
        update(reviews)
        .where(reviews.c.id == review.id)
        .values(state=ReviewState.SUBMITTED, self_grade=self_grade, version=version.version, submitted_at=now)
    )
    return version


def versions(tx: Connection, review: Review) -> tuple[ReviewVersion, ...]:
    """Every version submitted, oldest first."""
    return versions_of(tx, review.id)


def versions_of(tx: Connection, review: ReviewId) -> tuple[ReviewVersion, ...]:
    """Every version submitted of the review of that number, oldest first."""
    rows = tx.execute(
        select(review_versions).where(review_versions.c.review_id == review).order_by(review_versions.c.version)
    )
    return tuple(_to_version(row) for row in rows)


def submissions(tx: Connection, cycle: CycleId) -> tuple[Submission, ...]:
    """The newest version of everybody who submitted in a cycle, by name; drafts are nobody's business."""
    first = (
        select(review_versions.c.review_id, func.min(review_versions.c.submitted_at).label("first_at"))
        .group_by(review_versions.c.review_id)
        .subquery()
    )
    latest = and_(review_versions.c.review_id == reviews.c.id, review_versions.c.version == reviews.c.version)
    rows = tx.execute(
        select(review_versions, reviews.c.member_id, reviews.c.form, members.c.full_name, first.c.first_at)
        .join(reviews, latest)
        .join(members, members.c.id == reviews.c.member_id)
        .join(first, first.c.review_id == reviews.c.id)
        .where(reviews.c.cycle_id == cycle)
        .order_by(members.c.full_name, members.c.id)
    )
    return tuple(
        Submission(MemberId(row.member_id), row.full_name, row.form, row.first_at, _to_version(row)) for row in rows
    )


def begun_cycles(tx: Connection, member: MemberId) -> frozenset[CycleId]:
    """The cycles in which this member began a review."""
    found = tx.execute(select(reviews.c.cycle_id).where(reviews.c.member_id == member)).scalars()
    return frozenset(CycleId(cycle) for cycle in found)


def _touch(tx: Connection, review: Review) -> None:
    _TOUCH.change(tx, this=review.id)


def _to_review(row: Row[Any], answers: dict[str, Any]) -> Review:
    return Review(
        id=ReviewId(row.id),
        cycle_id=CycleId(row.cycle_id),
        member_id=MemberId(row.member_id),
        form=row.form,
        state=ReviewState(row.state),
        answers=answers,
        self_grade=Grade(row.self_grade) if row.self_grade else None,
        submitted_at=row.submitted_at,
        version=row.version,
        place=row.place,
    )


def _to_version(row: Row[Any]) -> ReviewVersion:
    return ReviewVersion(
        review_id=ReviewId(row.review_id),
        version=row.version,
        answers=dict(row.answers),
        self_grade=Grade(row.self_grade),
        suggested=Grade(row.suggested) if row.suggested else None,
        submitted_at=row.submitted_at,
    )
