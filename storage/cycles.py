"""Cycles of review: opened, their deadlines moved and extended, paused, closed; a cell has one a period at most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, func, insert, select, update

from storage.database import insert_ignore, upsert
from storage.prepared import Prepared
from storage.records import CellId, Cycle, CycleId, CycleKind, CycleState, MemberId
from storage.tables import cycle_turns, cycles, deadline_moves, extensions


@dataclass(frozen=True, slots=True)
class Change:
    """A deadline that was changed: for everybody in the cycle, or (``member_id``) for one person."""

    cycle_id: CycleId
    to: date
    at: datetime
    member_id: MemberId | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Times:
    """When a cycle was opened, closed, and opened again after that; None where that has not happened."""

    opened_at: datetime | None
    closed_at: datetime | None
    reopened_at: datetime | None = None


class Turn(StrEnum):
    """What can be done to a cycle that runs or ran."""

    PAUSED = "paused"
    RESUMED = "resumed"
    CLOSED = "closed"
    REOPENED = "reopened"


def create(
    tx: Connection,
    cell: CellId,
    year: int,
    rules: str,
    opens_on: date,
    deadline_on: date,
    meeting_on: date | None,
    today: date,
    now: datetime,
    kind: CycleKind = CycleKind.YEARLY,
    period: int = 0,
) -> Cycle | None:
    """Set up a cycle, open at once if its day has come; None where the cell has one for that period."""
    is_open = opens_on <= today
    row = {
        "cell_id": cell,
        "year": year,
        "rules": rules,
        "opens_on": opens_on,
        "deadline_on": deadline_on,
        "meeting_on": meeting_on,
        "state": CycleState.OPEN if is_open else CycleState.PLANNED,
        "opened_at": now if is_open else None,
        "closed_reason": "",
        "kind": kind,
        "period": period,
        "paused_reason": "",
    }
    return of_period(tx, cell, year, kind, period) if insert_ignore(tx, cycles, [row]) else None


_ONE = Prepared(
    lambda _: (
        select(cycles, extensions.c.member_id, extensions.c.deadline_on.label("own_deadline_on"))
        .outerjoin(extensions, extensions.c.cycle_id == cycles.c.id)
        .where(cycles.c.id == bindparam("this"))
        .order_by(extensions.c.member_id)
    )
)


def get(tx: Connection, cycle: CycleId) -> Cycle | None:
    """A cycle by its number."""
    rows = _ONE.rows(tx, this=cycle)
    if not rows:
        return None
    own = tuple((MemberId(row.member_id), row.own_deadline_on) for row in rows if row.member_id is not None)
    return _record(rows[0], own)


def of_year(tx: Connection, cell: CellId, year: int) -> Cycle | None:
    """The cell's yearly cycle of a review year."""
    return of_period(tx, cell, year, CycleKind.YEARLY, 0)


def of_period(tx: Connection, cell: CellId, year: int, kind: CycleKind, period: int) -> Cycle | None:
    """The cell's cycle of one kind for one period of a year."""
    found = _load(
        tx, cycles.c.cell_id == cell, cycles.c.year == year, cycles.c.kind == kind, cycles.c.period == period
    )
    return next(iter(found), None)


def of_cell(tx: Connection, cell: CellId) -> tuple[Cycle, ...]:
    """Every cycle of a cell: the newest year first, in it the yearly one, then the newest of the others."""
    return _load(tx, cycles.c.cell_id == cell)


def current(tx: Connection, cell: CellId) -> Cycle | None:
    """The cycle that is meant when nobody names one: the newest open one, else paused, planned, closed."""
    found = of_cell(tx, cell)
    for state in (CycleState.OPEN, CycleState.PAUSED, CycleState.PLANNED, CycleState.CLOSED):
        if hits := [cycle for cycle in found if cycle.state is state]:
            return hits[0]
    return None


def open_planned(tx: Connection, cell: CellId, today: date, now: datetime) -> tuple[CycleId, ...]:
    """Open what was planned for today or earlier; returns which ones this call opened."""
    planned = _load(tx, cycles.c.cell_id == cell, cycles.c.state == CycleState.PLANNED, cycles.c.opens_on <= today)
    return tuple(
        cycle.id
        for cycle in planned
        if _switch(tx, cycle.id, CycleState.PLANNED, state=CycleState.OPEN, opened_at=now)
    )


def move_deadline(tx: Connection, cycle: Cycle, to: date, now: datetime) -> bool:
    """Set another last day for everybody; False where the cycle is closed or has that day already."""
    changed = tx.execute(
        update(cycles)
        .where(
            cycles.c.id == cycle.id,
            cycles.c.state != CycleState.CLOSED,
            cycles.c.deadline_on == cycle.deadline_on,
            cycles.c.deadline_on != to,
        )
        .values(deadline_on=to)
    )
    if changed.rowcount == 0:
        return False
    moved = {"cycle_id": cycle.id, "was_on": cycle.deadline_on, "deadline_on": to, "moved_at": now}
    tx.execute(insert(deadline_moves).values(moved))
    return True


def set_meeting(tx: Connection, cycle: CycleId, meeting_on: date | None) -> None:
    """Set or clear the day of the review meeting."""
    tx.execute(update(cycles).where(cycles.c.id == cycle).values(meeting_on=meeting_on))


def extend(tx: Connection, cycle: CycleId, member: MemberId, to: date, reason: str, now: datetime) -> None:
    """Give one person a last day of their own; a later one replaces it."""
    values = {"cycle_id": cycle, "member_id": member, "deadline_on": to, "reason": reason, "granted_at": now}
    upsert(tx, extensions, ("cycle_id", "member_id"), values)


def close(tx: Connection, cycle: CycleId, reason: str, now: datetime) -> bool:
    """End a cycle: nothing is taken any more. False where it was closed already."""
    found = tx.execute(
        update(cycles)
        .where(cycles.c.id == cycle, cycles.c.state != CycleState.CLOSED)
        .values(state=CycleState.CLOSED, closed_at=now, closed_reason=reason)
    )
    return found.rowcount > 0


def pause(tx: Connection, cycle: CycleId, reason: str) -> bool:
    """Stop an open cycle for a while: nothing is taken, nobody is reminded. False where it is not open."""
    return _switch(tx, cycle, CycleState.OPEN, state=CycleState.PAUSED, paused_reason=reason)


def resume(tx: Connection, cycle: CycleId) -> bool:
    """Go on with a paused cycle; False where it is not paused."""
    return _switch(tx, cycle, CycleState.PAUSED, state=CycleState.OPEN, paused_reason="")


def reopen(tx: Connection, cycle: Cycle, deadline_on: date, now: datetime) -> bool:
    """Open a closed cycle again, with this last day for everybody; False where it is not closed."""
    values = {"state": CycleState.OPEN, "closed_at": None, "closed_reason": "", "reopened_at": now}
    if not _switch(tx, cycle.id, CycleState.CLOSED, **values):
        return False
    if deadline_on != cycle.deadline_on:
        move_deadline(tx, cycle, deadline_on, now)
    return True


def note_turn(tx: Connection, cycle: CycleId, turn: Turn, reason: str, by: MemberId, now: datetime) -> None:
    """Keep who paused, resumed, closed or reopened a cycle, and why, in their own words."""
    tx.execute(insert(cycle_turns).values(cycle_id=cycle, turn=turn, reason=reason, by_id=by, at=now))


def turns(tx: Connection, cycle: CycleId) -> tuple[tuple[Turn, str, MemberId, datetime], ...]:
    """Every such turn of a cycle, oldest first: what, why, who, when."""
    rows = tx.execute(select(cycle_turns).where(cycle_turns.c.cycle_id == cycle).order_by(cycle_turns.c.id))
    return tuple((Turn(row.turn), row.reason, MemberId(row.by_id), row.at) for row in rows)


def last_period(tx: Connection, cell: CellId, year: int, kind: CycleKind) -> int:
    """The greatest number that a cycle of this kind has in that year; 0 where there is none."""
    of_kind = cycles.c.cell_id == cell, cycles.c.year == year, cycles.c.kind == kind
    return int(tx.execute(select(func.max(cycles.c.period)).where(*of_kind)).scalar() or 0)


def times(tx: Connection, ids: Iterable[CycleId]) -> dict[CycleId, Times]:
    """When these cycles were opened, closed and reopened."""
    asked = select(cycles.c.id, cycles.c.opened_at, cycles.c.closed_at, cycles.c.reopened_at)
    rows = tx.execute(asked.where(cycles.c.id.in_(list(ids))))
    return {CycleId(row.id): Times(row.opened_at, row.closed_at, row.reopened_at) for row in rows}


def changes(tx: Connection, ids: Iterable[CycleId]) -> tuple[Change, ...]:
    """How the deadlines of these cycles were moved and extended, earliest first."""
    wanted = list(ids)
    moves = tx.execute(select(deadline_moves).where(deadline_moves.c.cycle_id.in_(wanted)))
    found = [Change(CycleId(row.cycle_id), row.deadline_on, row.moved_at) for row in moves]
    own = tx.execute(
        select(extensions).where(extensions.c.cycle_id.in_(wanted), extensions.c.granted_at.is_not(None))
    )
    found += [
        Change(CycleId(row.cycle_id), row.deadline_on, row.granted_at, MemberId(row.member_id), row.reason)
        for row in own
    ]
    return tuple(sorted(found, key=lambda change: change.at))


def _switch(tx: Connection, cycle: CycleId, was: CycleState, **values: Any) -> bool:
    return tx.execute(update(cycles).where(cycles.c.id == cycle, cycles.c.state == was).values(values)).rowcount > 0


_ORDER = (
    cycles.c.year.desc(),
    case((cycles.c.kind == CycleKind.YEARLY, 0), else_=1),
    cycles.c.opens_on.desc(),
    cycles.c.id,
)


def _load(tx: Connection, *where: Any) -> tuple[Cycle, ...]:
    rows = tx.execute(select(cycles).where(*where).order_by(*_ORDER)).all()
    own = _extensions(tx, [row.id for row in rows])
    return tuple(_record(row, own.get(row.id, ())) for row in rows)


def _extensions(tx: Connection, ids: Sequence[int]) -> dict[int, tuple[tuple[MemberId, date], ...]]:
    found: dict[int, list[tuple[MemberId, date]]] = defaultdict(list)
    if ids:
        for row in tx.execute(
            select(extensions).where(extensions.c.cycle_id.in_(ids)).order_by(extensions.c.member_id)
        ):
            found[row.cycle_id].append((MemberId(row.member_id), row.deadline_on))
    return {cycle: tuple(own) for cycle, own in found.items()}


def _record(row: Row[Any], own: tuple[tuple[MemberId, date], ...]) -> Cycle:
    return Cycle(
        id=CycleId(row.id),
        cell_id=CellId(row.cell_id),
        year=row.year,
        rules=row.rules,
        opens_on=row.opens_on,
        deadline_on=row.deadline_on,
        state=CycleState(row.state),
        meeting_on=row.meeting_on,
        extensions=own,
        kind=CycleKind(row.kind),
        period=row.period,
        paused_reason=row.paused_reason,
    )
