"""Self-assessments and ticked points by the hundred thousand, as the rooms would have kept them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert

from benchmarks.seeding import POINTS, cell_of, chunks, item_id
from storage import tables
from storage.records import Grade, ItemState, ReviewState

FORM = "2025/non_leader"
_GRADES = (Grade.EXCELLENT, Grade.GOOD, Grade.GOOD, Grade.COMPLETED, Grade.GOOD)
_STATES = (ItemState.DONE, ItemState.DONE, ItemState.IN_PROGRESS, ItemState.NOT_STARTED)


def handed_in(tx: Connection, count: int, answers: dict[str, Any], now: datetime) -> None:
    """Four of five members handed in a week ago with these answers; everybody ticked off some points."""
    at = now - timedelta(days=7)
    for numbers in chunks(count):
        writers = [number for number in numbers if number % 5]
        tx.execute(insert(tables.reviews), [_review(number, at) for number in writers])
        answered = [
            {"review_id": number, "key": key, "value": value, "written_at": at}
            for number in writers
            for key, value in (answers | {"self_grade": _grade(number)}).items()
        ]
        tx.execute(insert(tables.review_answers), answered)
        tx.execute(insert(tables.review_versions), [_version(number, answers, at) for number in writers])
        marks = [_mark(member, number, at) for member in numbers for number in range(1, POINTS + 1)]
        tx.execute(insert(tables.marks), marks)


def _grade(number: int) -> Grade:
    return _GRADES[number % len(_GRADES)]


def _review(number: int, at: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "cycle_id": cell_of(number),
        "member_id": number,
        "form": FORM,
        "state": ReviewState.SUBMITTED,
        "place": "overview",
        "self_grade": _grade(number),
        "version": 1,
        "begun_at": at,
        "submitted_at": at,
    }


def _version(number: int, answers: dict[str, Any], at: datetime) -> dict[str, Any]:
    return {
        "review_id": number,
        "version": 1,
        "answers": answers | {"self_grade": _grade(number)},
        "self_grade": _grade(number),
        "suggested": Grade.EXCELLENT,
        "submitted_at": at,
    }


def _mark(member: int, number: int, at: datetime) -> dict[str, Any]:
    return {
        "item_id": item_id(cell_of(member), number),
        "member_id": member,
        "state": _STATES[(member + number) % len(_STATES)],
        "reason": "",
        "note": "",
        "marked_at": at,
    }
