"""The tasks of a year: what a member was given to do, with product and deadline, and how it ended."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from storage.prepared import Prepared
from storage.records import MemberId, Task, TaskId, TaskState
from storage.tables import tasks

_OF_YEAR = Prepared(
    lambda _: (
        select(tasks)
        .where(
            tasks.c.member_id == bindparam("whose"),
            tasks.c.year == bindparam("within"),
            tasks.c.removed_at.is_(None),
        )
        .order_by(tasks.c.id)
    )
)


def add(
    tx: Connection, member: MemberId, year: int, title: str, product: str, due_on: date | None, now: datetime
) -> TaskId:
    """Put a task on the member's list of that year, open."""
    values = {
        "member_id": member,
        "year": year,
        "title": title,
        "product": product,
        "due_on": due_on,
        "state": TaskState.OPEN,
        "remark": "",
        "made_at": now,
    }
    return TaskId(tx.execute(insert(tasks).values(values).returning(tasks.c.id)).scalar_one())


def of_year(tx: Connection, member: MemberId, year: int) -> tuple[Task, ...]:
    """A member's tasks of a year in the order in which they were entered, without those that were removed."""
    return tuple(map(_to_task, _OF_YEAR.rows(tx, whose=member, within=year)))


def set_state(tx: Connection, task: TaskId, state: TaskState, done_on: date | None) -> None:
    """Say how a task stands; ``done_on`` is the day on which it was said to be done."""
    tx.execute(update(tasks).where(tasks.c.id == task).values(state=state, done_on=done_on))


def change(tx: Connection, task: TaskId, title: str, product: str, due_on: date | None) -> None:
    """Give a task other words and another deadline; how it stands stays."""
    tx.execute(update(tasks).where(tasks.c.id == task).values(title=title, product=product, due_on=due_on))


def remove(tx: Connection, task: TaskId, now: datetime) -> None:
    """Take a task off the list; it stays in the data."""
    tx.execute(update(tasks).where(tasks.c.id == task, tasks.c.removed_at.is_(None)).values(removed_at=now))


def put_back(tx: Connection, member: MemberId, task: int) -> bool:
    """Put a removed task back on the list; False where this member has no such task."""
    found = tx.execute(
        update(tasks)
        .where(tasks.c.id == task, tasks.c.member_id == member, tasks.c.removed_at.is_not(None))
        .values(removed_at=None)
    )
    return found.rowcount > 0


def _to_task(row: Row[Any]) -> Task:
    return Task(
        id=TaskId(row.id),
        member_id=MemberId(row.member_id),
        year=row.year,
        title=row.title,
        product=row.product,
        due_on=row.due_on,
        state=TaskState(row.state),
        done_on=row.done_on,
    )
