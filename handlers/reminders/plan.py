"""What is due by now in one cell: a pure function from its state to rows, sent or dropped with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from handlers.reminders.calendar import Calendar, next_allowed, next_awake
from handlers.reminders.chains import PROMISE_DAYS, Chain, Occasion, chains, opened, over, row, summaries
from handlers.reminders.rules import (
    BUNDLE,
    CALL,
    LONGEST_LEAD,
    SNOOZE,
    CellState,
    Person,
    Subject,
    is_asked,
    left_unsaid,
    owed,
    unanswered,
)
from storage.records import CycleId, DropReason, Due, DueState


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
        dues += [due for due in summaries(state, calendar) if due.moment <= now and due.key not in state.known]
    return tuple(dues)


def next_moment(now: datetime, state: CellState, calendar: Calendar) -> datetime | None:
    """When (UTC, later than ``now``) something will next fall due in this cell if nobody does anything."""
    moments = [due.moment for due in summaries(state, calendar) if due.key not in state.known]
    for person in state.people:
        moments += _ahead(now, person, state, calendar)
    return min((moment for moment in moments if moment > now), default=None)


def _ahead(now: datetime, person: Person, state: CellState, calendar: Calendar) -> list[datetime]:
    moments = [due.moment for due in person.waiting]
    snoozed = person.snoozed_until
    for occasion in (o for c in chains(person, state, calendar) if c.over is None for o in c.occasions):
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
    if speaks:
        yield from _unsaid(now, person, state, calendar)
    snoozed = person.snoozed_until
    if not speaks or not is_asked(person) or (snoozed is not None and snoozed > now):
        return
    rows = [
        due for chain in chains(person, state, calendar) for due in _judged(now, chain, person, state, calendar)
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
        yield row(person, BUNDLE, occasion, now, None)
    yield from rows


def _stops(rows: list[Due]) -> bool:
    """Whether a person has to telephone: never for what somebody promised to mend, which is their own affair."""
    about_others = [due for due in rows if not due.rule.startswith(f"{Subject.PROMISES}.")]
    return any(due.dropped in {DropReason.UNREACHABLE, DropReason.UNANSWERED} for due in about_others)


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
    if _perhaps_sent(latest.due, person, state):
        return DropReason.RESTORED
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


def _perhaps_sent(due: Due, person: Person, state: CellState) -> bool:
    """Whether it came due before the data were put back from a copy, which cannot know what was sent since.

    Whoever joins after that begins anew.
    """
    at = state.restored_at
    return at is not None and due.moment <= at and person.entered_at is not None and person.entered_at <= at


def _settled(due: Due, person: Person, state: CellState, calendar: Calendar, now: datetime) -> Due:
    """What became of a row that was waiting for its moment: a reminder that somebody sent by hand."""
    today = calendar.day(now)
    gone = over(person, state, today)
    checks: tuple[tuple[DropReason | None, bool], ...] = (
        (DropReason.REMOVED, person.member.removed_at is not None),
        (DropReason.NOT_REQUIRED, person.not_required is not None),
        (DropReason.AWAY, person.member.away_on(today)),
        (gone, gone is not None),
        (DropReason.RESTORED, _perhaps_sent(due, person, state)),
        (DropReason.DAY_PASSED, today > calendar.day(due.moment) + timedelta(days=PROMISE_DAYS)),
        (DropReason.UNREACHABLE, person.trouble is not None),
    )
    reason = next((reason for reason, holds in checks if holds), None)
    return replace(due, state=DueState.SENT) if reason is None else _dropped(due, reason)


def _unsaid(now: datetime, person: Person, state: CellState, calendar: Calendar) -> Iterator[Due]:
    """The row that has somebody called whom a messenger's plan left without their reminder: once a month."""
    today = calendar.day(now)
    if person.spared_at is None or not left_unsaid(person) or person.trouble is not None:
        return
    debts = owed(person, state, today)
    if not debts or person.member.away_on(today):
        return
    cycle = debts.reviews[0][0].id if debts.reviews else None
    month = f"{calendar.day(person.spared_at):%Y-%m}"
    due = row(person, CALL, f"{_about(cycle, today)}:plan:{month}", now, cycle)
    if due.key not in state.known:
        yield due


def _about(cycle: CycleId | None, today: date) -> str:
    return f"cycle:{cycle}" if cycle else f"year:{today.year}"


def _call(now: datetime, person: Person, state: CellState, calendar: Calendar) -> Due:
    """The row that puts this person on the secretary's call list: once for every reason and every silence."""
    today = calendar.day(now)
    debts = owed(person, state, today)
    cycle = debts.reviews[0][0].id if debts.reviews else None
    if person.trouble is not None:
        why = str(person.trouble)
    else:
        last = unanswered(person, silence_counts_from(person, state, calendar, today))[-1]
        why = f"unanswered:{calendar.day(last).isoformat()}"
    return row(person, CALL, f"{_about(cycle, today)}:{why}", now, cycle)


def silence_counts_from(person: Person, state: CellState, calendar: Calendar, today: date) -> datetime:
    """From when (UTC) silence counts: what was not answered in an earlier round is not held against anybody."""
    debts = owed(person, state, today)
    begun = [opened(cycle, state, calendar) for cycle, _ in debts.reviews]
    begun += [
        calendar.day_begins(item.due_on - timedelta(days=LONGEST_LEAD)) for item in debts.items if item.due_on
    ]
    return min(begun, default=calendar.day_begins(today - timedelta(days=LONGEST_LEAD)))


def _reminded_on(person: Person, day: date, calendar: Calendar) -> bool:
    return any(calendar.day(at) == day for at in person.reminded_at)


def _dropped(due: Due, reason: DropReason) -> Due:
    return replace(due, state=DueState.DROPPED, dropped=reason)
