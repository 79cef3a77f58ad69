"""What is due by now in one cell: a pure function from its state to rows, sent or dropped with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from handlers.reminders.calendar import Calendar, next_allowed, next_awake
from handlers.reminders.rules import (
    BUNDLE,
    CALL,
    EXTENDED,
    LADDER,
    LONGEST_LEAD,
    MOVED,
    SNOOZE,
    SUMMARY,
    Anchor,
    CellState,
    Notice,
    Person,
    Rung,
    Subject,
    is_asked,
    is_running,
    owed,
    unanswered,
    whose,
)
from storage.records import ChecklistItem, Cycle, CycleId, CycleState, DropReason, Due, DueState

# A promised "tonight" or a delayed manual reminder may come one day late, not later.
_PROMISE_DAYS = 1


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


def plan(now: datetime, state: CellState, calendar: Calendar) -> tuple[Due, ...]:
    """Every row that is due at ``now`` (aware) and not known yet; in quiet hours and on days off there is none.

    For each person the automatic rows that are SENT belong to one message and follow a ``bundle`` row, which claims
    the day: only one message a day and person can have it (a snooze that the person asked for has its own).
    ``call`` rows are for the secretary's call list, ``summary`` rows for the chair. Rows that were waiting come
    back settled. What is held back (one message a day, snoozed) has no row yet.
    """
    if next_awake(now, calendar) != now:
        return ()
    speaks = next_allowed(now, calendar) == now
    dues = [_dropped(due, DropReason.REMOVED) for due in state.orphans if due.moment <= now]
    dues += [due for person in state.people for due in _of_person(now, person, state, calendar, speaks=speaks)]
    if speaks:
        dues += [due for due in _summaries(state, calendar) if due.moment <= now and due.key not in state.known]
    return tuple(dues)


def next_moment(now: datetime, state: CellState, calendar: Calendar) -> datetime | None:
    """When (UTC, later than ``now``) something will next fall due in this cell if nobody does anything."""
    moments = [due.moment for due in _summaries(state, calendar) if due.key not in state.known]
    for person in state.people:
        moments += _ahead(now, person, state, calendar)
    return min((moment for moment in moments if moment > now), default=None)


def _ahead(now: datetime, person: Person, state: CellState, calendar: Calendar) -> list[datetime]:
    moments = [due.moment for due in person.waiting]
    snoozed = person.snoozed_until
    for occasion in (o for c in _chains(person, state, calendar) if c.over is None for o in c.occasions):
        if occasion.due.key in state.known:
            continue
        moment = occasion.due.moment
        if snoozed and snoozed > now:
            moment = max(moment, snoozed)
        if moment <= now and _reminded_on(person, calendar.day(now), calendar):
            moment = next_allowed(calendar.day_begins(calendar.day(now) + timedelta(days=1)), calendar)
        if not person.member.away_on(calendar.day(moment)) and not _too_late(occasion, calendar.day(moment)):
            moments.append(moment)
    return moments


def _of_person(
    now: datetime, person: Person, state: CellState, calendar: Calendar, *, speaks: bool
) -> Iterator[Due]:
    yield from (_settled(due, person, state, calendar, now) for due in person.waiting if due.moment <= now)
    snoozed = person.snoozed_until
    if not speaks or not is_asked(person) or (snoozed is not None and snoozed > now):
        return
    rows = [
        due for chain in _chains(person, state, calendar) for due in _judged(now, chain, person, state, calendar)
    ]
    if _stops(rows):
        call = _call(now, person, state, calendar)
        yield from (due for due in (*rows, call) if due.key not in state.known)
        return
    sent = [due for due in rows if due.state is DueState.SENT]
    today = calendar.day(now)
    promised = next((due.occasion for due in sent if due.rule == SNOOZE), None)
    if sent and promised is None and _reminded_on(person, today, calendar):
        yield from (due for due in rows if due.state is not DueState.SENT)
        return
    if sent:
        occasion = f"{today.isoformat()}+{promised}" if promised else today.isoformat()
        yield _row(person, BUNDLE, occasion, now, None)
    yield from rows


def _stops(rows: list[Due]) -> bool:
    return any(due.dropped in {DropReason.UNREACHABLE, DropReason.UNANSWERED} for due in rows)


def _judged(now: datetime, chain: Chain, person: Person, state: CellState, calendar: Calendar) -> Iterator[Due]:
    """The chain's rows that are due: the latest decides for itself, earlier ones were overtaken by it."""
    come = [occasion for occasion in chain.occasions if occasion.due.moment <= now]
    if all(occasion.due.key in state.known for occasion in come):
        return
    reason = _against(now, come[-1], chain, person, state, calendar)
    for occasion in come:
        if occasion.due.key in state.known:
            continue
        if occasion is come[-1]:
            yield occasion.due if reason is None else _dropped(occasion.due, reason)
        else:
            yield _dropped(occasion.due, chain.over or DropReason.OVERTAKEN)


def _against(
    now: datetime, latest: Occasion, chain: Chain, person: Person, state: CellState, calendar: Calendar
) -> DropReason | None:
    today = calendar.day(now)
    if chain.over is not None:
        return chain.over
    if person.member.away_on(today):
        return DropReason.AWAY
    if _too_late(latest, today):
        return DropReason.DAY_PASSED
    if person.trouble is not None:
        return DropReason.UNREACHABLE
    if len(unanswered(person, silence_counts_from(person, state, calendar, today))) >= state.policy.escalate_after:
        return DropReason.UNANSWERED
    return None


def _too_late(occasion: Occasion, today: date) -> bool:
    return occasion.last_day is not None and today > occasion.last_day


def _settled(due: Due, person: Person, state: CellState, calendar: Calendar, now: datetime) -> Due:
    """What became of a row that was waiting for its moment: a reminder that somebody sent by hand."""
    today = calendar.day(now)
    over = _over(person, state, today)
    checks: tuple[tuple[DropReason | None, bool], ...] = (
        (DropReason.REMOVED, person.member.removed_at is not None),
        (DropReason.NOT_REQUIRED, person.not_required is not None),
        (DropReason.AWAY, person.member.away_on(today)),
        (over, over is not None),
        (DropReason.DAY_PASSED, today > calendar.day(due.moment) + timedelta(days=_PROMISE_DAYS)),
        (DropReason.UNREACHABLE, person.trouble is not None),
    )
    reason = next((reason for reason, holds in checks if holds), None)
    return replace(due, state=DueState.SENT) if reason is None else _dropped(due, reason)


def _call(now: datetime, person: Person, state: CellState, calendar: Calendar) -> Due:
    """The row that puts this person on the secretary's call list: once for every reason and every silence."""
    today = calendar.day(now)
    debts = owed(person, state, today)
    cycle = debts.reviews[0][0].id if debts.reviews else None
    about = f"cycle:{cycle}" if cycle else f"year:{today.year}"
    if person.trouble is not None:
        why = str(person.trouble)
    else:
        last = unanswered(person, silence_counts_from(person, state, calendar, today))[-1]
        why = f"unanswered:{calendar.day(last).isoformat()}"
    return _row(person, CALL, f"{about}:{why}", now, cycle)


def silence_counts_from(person: Person, state: CellState, calendar: Calendar, today: date) -> datetime:
    """From when (UTC) silence counts: what was not answered in an earlier round is not held against anybody."""
    debts = owed(person, state, today)
    begun = [_opened(cycle, state, calendar) for cycle, _ in debts.reviews]
    begun += [
        calendar.day_begins(item.due_on - timedelta(days=LONGEST_LEAD)) for item in debts.items if item.due_on
    ]
    return min(begun, default=calendar.day_begins(today - timedelta(days=LONGEST_LEAD)))


def _chains(person: Person, state: CellState, calendar: Calendar) -> Iterator[Chain]:
    for cycle in state.cycles:
        if cycle.state is not CycleState.CLOSED:
            yield _review_chain(person, cycle, state, calendar)
            yield from _notice_chains(person, cycle, state, calendar)
    for due_on in sorted({item.due_on for item in state.items if item.due_on}):
        yield _items_chain(person, due_on, state, calendar)
    if person.snoozed_until is not None:
        yield _snooze_chain(person, person.snoozed_until, state, calendar)


def _review_chain(person: Person, cycle: Cycle, state: CellState, calendar: Calendar) -> Chain:
    deadline = cycle.deadline_of(person.member.id)
    entered = max(filter(None, (_opened(cycle, state, calendar), person.entered_at)))
    # A rung that lay in the past when the person came, or when the deadline was moved, never existed.
    since = max([entered, *(notice.at for notice in _notices(person, cycle, state))])
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
            found.append(Occasion(_row(person, rung.rule, occasion, moment, cycle.id), last))
    # On one morning the invitation says more than any rung of the ladder.
    found.sort(key=lambda o: (o.due.moment, o.due.rule == f"{Subject.REVIEW}.invitation"))
    return Chain(tuple(found), _submitted(person, cycle))


def _items_chain(person: Person, due_on: date, state: CellState, calendar: Calendar) -> Chain:
    items: list[ChecklistItem] = [item for item in state.items if item.due_on == due_on]
    found = []
    for rung in (rung for rung in LADDER if rung.subject is Subject.ITEMS):
        moment, last = _rung_day(rung, due_on, calendar)
        if person.entered_at is None or moment >= person.entered_at:
            found.append(Occasion(_row(person, rung.rule, f"items:{due_on.isoformat()}", moment, None), last))
    settled = all(item.id in person.settled for item in items)
    return Chain(tuple(found), DropReason.ALREADY_DONE if settled else None)


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
        due = _row(person, rule, occasion, next_allowed(notice.at, calendar), cycle.id)
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
    due = _row(person, SNOOZE, until.strftime("%Y%m%dT%H%M%S"), until, None)
    last = calendar.day(until) + timedelta(days=_PROMISE_DAYS)
    return Chain((Occasion(due, last),), _over(person, state, calendar.day(until)))


def _submitted(person: Person, cycle: Cycle) -> DropReason | None:
    return DropReason.ALREADY_DONE if cycle.id in person.submitted else None


def _over(person: Person, state: CellState, today: date) -> DropReason | None:
    """Why a promise to remind has nothing left to speak of; None where something is still owed."""
    if owed(person, state, today):
        return None
    running = any(is_running(cycle, today) for cycle in state.cycles) or state.items
    return DropReason.ALREADY_DONE if running else DropReason.CYCLE_CLOSED


def _summaries(state: CellState, calendar: Calendar) -> Iterator[Due]:
    """One row a deadline: the morning after it, or at once when the cycle is closed without one."""
    for cycle in state.cycles:
        at_deadline = _summary(state, cycle, cycle.deadline_on.isoformat(), _day_after(cycle, calendar))
        if cycle.state is not CycleState.CLOSED and at_deadline.moment >= _opened(cycle, state, calendar):
            yield at_deadline
        closed = (state.closed_at or {}).get(cycle.id)
        if cycle.state is CycleState.CLOSED and closed is not None and at_deadline.key not in state.known:
            yield _summary(state, cycle, "closed", next_allowed(closed, calendar))


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


def _opened(cycle: Cycle, state: CellState, calendar: Calendar) -> datetime:
    return (state.opened_at or {}).get(cycle.id) or calendar.day_begins(cycle.opens_on)


def _reminded_on(person: Person, day: date, calendar: Calendar) -> bool:
    return any(calendar.day(at) == day for at in person.reminded_at)


def _row(person: Person, rule: str, occasion: str, moment: datetime, cycle: CycleId | None) -> Due:
    return Due(
        cell_id=person.member.cell_id,
        who=person.who,
        rule=rule,
        occasion=occasion,
        moment=moment,
        member_id=person.member.id,
        cycle_id=cycle,
    )


def _dropped(due: Due, reason: DropReason) -> Due:
    return replace(due, state=DueState.DROPPED, dropped=reason)
