"""Rosters for the tests of the summary: people with one word about each, and a stage on which they hand in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from handlers.summary.rules import Case, cases
from storage import reviews
from storage.records import (
    CellId,
    ChecklistItem,
    Cycle,
    CycleId,
    FormKind,
    Grade,
    Mark,
    Member,
    MemberId,
    NotRequired,
    RosterLine,
    Status,
)
from tests.stage import Phone, Stage

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
DEADLINE = date(2026, 12, 20)
IN_TIME = datetime(2026, 12, 20, 16, 59, tzinfo=UTC)  # 23:59 in Hà Nội
TOO_LATE = datetime(2026, 12, 20, 17, 0, tzinfo=UTC)  # midnight
TODAY = date(2026, 12, 22)
CYCLE = Cycle(CycleId(1), CellId(1), 2026, "2025", date(2026, 11, 20), DEADLINE)


def member(number: int, **given: object) -> Member:
    base = Member(
        MemberId(number), CellId(1), f"{number:03}", f"Nguyễn Văn {number:03}", FormKind.NON_LEADER, Status.OFFICIAL
    )
    return Member(**{**{name: getattr(base, name) for name in Member.__dataclass_fields__}, **given})


def handed_in(number: int, grade: Grade, at: datetime = IN_TIME, **given: object) -> RosterLine:
    return RosterLine(
        member(number, **given),
        begun=True,
        self_grade=grade,
        first_submitted_at=at,
        last_submitted_at=at,
        versions=1,
    )


def graded(excellent: int, good: int, completed: int = 0, not_completed: int = 0) -> list[RosterLine]:
    counts = zip(Grade, (excellent, good, completed, not_completed), strict=True)
    grades = [grade for grade, count in counts for _ in range(count)]
    return [handed_in(number, grade) for number, grade in enumerate(grades, 1)]


def look(
    lines: Sequence[RosterLine],
    not_required: Mapping[MemberId, NotRequired] | None = None,
    items: Sequence[ChecklistItem] = (),
    marks: Sequence[Mark] = (),
    cycle: Cycle = CYCLE,
) -> tuple[Case, ...]:
    return cases(lines, not_required or {}, cycle, items, marks, TODAY, HANOI)


def submit(stage: Stage, cycle: Cycle, who: Phone, grade: Grade) -> None:
    """A member hands in a self-assessment with nothing in it but the grade."""
    member = who.member
    assert member is not None

    def work(tx: Connection) -> None:
        review = reviews.begin(tx, cycle.id, member, "2025/non_leader", stage.now)
        reviews.submit(tx, review, grade, None, stage.now)

    stage.write(work)
