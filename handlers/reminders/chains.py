"""Every occasion that one person or one cell can have: the ladder by the calendar, changes, promises, summaries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from handlers.reminders.calendar import Calendar, next_allowed
from handlers.reminders.rules import (
    EXTENDED,
    LADDER,
    MOVED,
    SNOOZE,
    SUMMARY,
    Anchor,
    CellState,
    Notice,
    Person,
    Rung,
    Subject,
    owed,
    whose,
)
from storage.records import ChecklistItem, Cycle, CycleId, CycleState, DropReason, Due

# A promised "tonight" or a delayed manual reminder may come one day late, not later.
PROMISE_DAYS = 1


@dataclass(frozen=True, slots=True)
class Occasion:
    """A row that may come into being; ``last_day`` is the last day on which it still helps (None: no limit)."""

    due: Due
    last_day: date | None


@dataclass(frozen=True, slots=True)
class Chain:
    """Occasions about one thing, earliest first: at most the latest one that is due is ever sent.

    ``over`` says why nothing is to be said about it any more.
    """

    occasions: tuple[Occasion, ...]
    over: DropReason | None


def chains(person: Person, state: CellState, calendar: Calendar) -> Iterator[Chain]:
    """Everything that this person could be spoken to about: reviews, changed deadlines, points, an own wish."""
    for cycle in state.cycles:
        if cycle.state in {CycleState.OPEN, CycleState.PLANNED}:
            yield _review_chain(person, cycle, state, calendar)
            yield from _notice_chains(person, cycle, state, calendar)
    for due_on in sorted({item.due_on for item in state.items if item.due_on}):
        yield _items_chain(person, due_on, state, calendar)
    for due_on in sorted({one.due_on for one in person.promises if one.due_on}):
        yield _promises_chain(person, due_on, calendar)
    if person.snoozed_until is not None:
        yield _snooze_chain(person, person.snoozed_until, state, calendar)


def _review_chain(person: Person, cycle: Cycle, state: CellState, calendar: Calendar) -> Chain:
    deadline = cycle.deadline_of(person.member.id)
    entered = max(filter(None, (opened(cycle, state, calendar), person.entered_at)))
    # A rung that lay in the past when the person came, or when the deadline was moved, never existed.
    changed = [notice.at for notice in _notices(person, cycle, state)]
    since = max([entered, *changed, *(at for of, at in person.returned if of == cycle.id)])
    found = []
    for rung in (rung for rung in LADDER if rung.subject is Subject.REVIEW):
        if rung.anchor is Anchor.OPENING:
            moment = next_allowed(max(calendar.at(cycle.opens_on, calendar.hours.morning), entered), calendar)
            last = deadline
            occasion = f"cycle:{cycle.id}"
        else:
            moment, last = _rung_day(rung, deadline, calendar)
            occasion = f"cycle:{cycle.id}:{deadline.isoformat()}"
        if rung.anchor is Anchor.OPENING or moment >= since:
            found.append(Occasion(row(person, rung.rule, occasion, moment, cycle.id), last))
    # On one morning the invitation says more than any rung of the ladder.
    found.sort(key=lambda o: (o.due.moment, o.due.rule == f"{Subject.REVIEW}.invitation"))
    return Chain(tuple(found), _submitted(person, cycle))


def _items_chain(person: Person, due_on: date, state: CellState, calendar: Calendar) -> Chain:
    items: list[ChecklistItem] = [item for item in state.items if item.due_on == due_on]
    found = []
    for rung in (rung for rung in LADDER if rung.subject is Subject.ITEMS):
        moment, last = _rung_day(rung, due_on, calendar)
        if person.entered_at is None or moment >= person.entered_at:
            found.append(Occasion(row(person, rung.rule, f"items:{due_on.isoformat()}", moment, None), last))
    settled = all(item.id in person.settled for item in items)
    return Chain(tuple(found), DropReason.ALREADY_DONE if settled else None)


def _promises_chain(person: Person, due_on: date, calendar: Calendar) -> Chain:
    """What the person promised to mend by that day; what is mended is not among it any more."""
    found = []
    for rung in (rung for rung in LADDER if rung.subject is Subject.PROMISES):
        moment, last = _rung_day(rung, due_on, calendar)
        if person.entered_at is None or moment >= person.entered_at:
            found.append(Occasion(row(person, rung.rule, f"promises:{due_on.isoformat()}", moment, None), last))
    return Chain(tuple(found), None)


@lru_cache(maxsize=4096)  # a cell's members share their deadlines
def _rung_day(rung: Rung, deadline: date, calendar: Calendar) -> tuple[datetime, date]:
    """When a rung of the ladder falls due, and the last day on which it still helps."""
    planned = deadline + timedelta(days=rung.days)
    moment = next_allowed(calendar.at(planned, calendar.hours.morning), calendar)
    last = calendar.day(moment) + timedelta(days=rung.useful_days or 0)
    # Days off can push "tomorrow is the last day" past that day: then it must not be said any more.
    return moment, min(last, deadline) if rung.days <= 0 else last


def _notice_chains(person: Person, cycle: Cycle, state: CellState, calendar: Calendar) -> Iterator[Chain]:
    deadline = cycle.deadline_of(person.member.id)
    occasions = []
    for notice in _notices(person, cycle, state):
        rule = MOVED if notice.member_id is None else EXTENDED
        occasion = f"cycle:{cycle.id}:{notice.to.isoformat()}:{notice.at:%Y%m%dT%H%M%S}"
        due = row(person, rule, occasion, next_allowed(notice.at, calendar), cycle.id)
        occasions.append(Occasion(due, deadline))
    if occasions:
        yield Chain(tuple(occasions), _submitted(person, cycle))


def _notices(person: Person, cycle: Cycle, state: CellState) -> list[Notice]:
    """The changes of the deadline that concern this person, earliest first; an own extension outweighs a move."""
    own = [n for n in state.notices if n.cycle_id == cycle.id and n.member_id == person.member.id]
    if person.member.id in dict(cycle.extensions):
        return sorted(own, key=lambda n: n.at)
    return sorted((n for n in state.notices if n.cycle_id == cycle.id and n.member_id is None), key=lambda n: n.at)


def _snooze_chain(person: Person, until: datetime, state: CellState, calendar: Calendar) -> Chain:
    due = row(person, SNOOZE, until.strftime("%Y%m%dT%H%M%S"), until, None)
    last = calendar.day(until) + timedelta(days=PROMISE_DAYS)
    return Chain((Occasion(due, last),), over(person, state, calendar.day(until)))


def _submitted(person: Person, cycle: Cycle) -> DropReason | None:
    return DropReason.ALREADY_DONE if cycle.id in person.submitted else None


def over(person: Person, state: CellState, today: date) -> DropReason | None:
    """Why a promise to remind has nothing left to speak of; None where something is still owed."""
    if owed(person, state, today):
        return None
    running = any(cycle.takes_answers_on(today) for cycle in state.cycles) or state.items
    return DropReason.ALREADY_DONE if running else DropReason.CYCLE_CLOSED


def summaries(state: CellState, calendar: Calendar) -> Iterator[Due]:
    """One row a deadline: the morning after it, or at once when the cycle is closed without one."""
    for cycle in state.cycles:
        at_deadline = _summary(state, cycle, cycle.deadline_on.isoformat(), _day_after(cycle, calendar))
        if cycle.state in {CycleState.OPEN, CycleState.PLANNED} and at_deadline.moment >= opened(
            cycle, state, calendar
        ):
            yield at_deadline
        closed = (state.closed_at or {}).get(cycle.id)
        if cycle.state is CycleState.CLOSED and closed is not None and at_deadline.key not in state.known:
            # Closed for the second time it is another occasion.
            again = f":{closed:%Y%m%dT%H%M%S}" if cycle.id in state.reopened else ""
            yield _summary(state, cycle, f"closed{again}", next_allowed(closed, calendar))


def _summary(state: CellState, cycle: Cycle, occasion: str, moment: datetime) -> Due:
    return Due(
        cell_id=state.cell.id,
        who=whose(state.cell),
        rule=SUMMARY,
        occasion=f"cycle:{cycle.id}:{occasion}",
        moment=moment,
        cycle_id=cycle.id,
    )


def _day_after(cycle: Cycle, calendar: Calendar) -> datetime:
    return next_allowed(calendar.at(cycle.deadline_on + timedelta(days=1), calendar.hours.morning), calendar)


def opened(cycle: Cycle, state: CellState, calendar: Calendar) -> datetime:
    """When a cycle began to ask: as kept, or the beginning of its first day."""
    return (state.opened_at or {}).get(cycle.id) or calendar.day_begins(cycle.opens_on)


def row(person: Person, rule: str, occasion: str, moment: datetime, cycle: CycleId | None) -> Due:
    """A due row of this person, as if it were sent."""
    return Due(
        cell_id=person.member.cell_id,
        who=person.who,
        rule=rule,
        occasion=occasion,
        moment=moment,
        member_id=person.member.id,
        cycle_id=cycle,
    )
