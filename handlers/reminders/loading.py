"""What storage knows of a cell, put together as the state from which its due work follows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.reminders.calendar import Calendar, Hours
from handlers.reminders.daysoff import calendar_around
from handlers.reminders.rules import (
    BUNDLE,
    LONGEST_LEAD,
    LONGEST_TAIL,
    MANUAL,
    CellState,
    Notice,
    Person,
    Policy,
)
from handlers.review.forms import NoRulesError, rule_set, rule_set_for
from handlers.review.rules import reference_date, required_to_review
from storage import cycles as kept_cycles
from storage import improvements, returns
from storage import members as kept_members
from storage import reminders as kept
from storage.records import (
    CellId,
    Cycle,
    CycleId,
    CycleState,
    DropReason,
    Due,
    DueState,
    Member,
    MemberId,
    NotRequired,
    Status,
)
from storage.restored import restored_at
from storage.transaction import Connection

# Rows older than this and than every open cycle cannot matter to anything that is due now.
_MEMORY = timedelta(days=40)
# A point's ladder, widened by the longest run of days off.
_ITEM_TAIL = timedelta(days=LONGEST_TAIL + 12)


@dataclass(frozen=True, slots=True)
class Manner:
    """How the bot reminds here: its hours, local days off, whose holidays, when a human being takes over."""

    hours: Hours = field(default_factory=Hours)
    extra_days_off: frozenset[date] = frozenset()
    country: str = "VN"
    policy: Policy = field(default_factory=Policy)

    def calendar(self, now: datetime, zone: ZoneInfo) -> Calendar:
        """The calendar around this moment."""
        return calendar_around(now.astimezone(zone).year, zone, self.hours, self.extra_days_off, self.country)


def load_state(
    tx: Connection, cell_id: CellId, now: datetime, calendar: Calendar, policy: Policy
) -> CellState | None:
    """The state of a cell at ``now``; None where there is no such cell."""
    cell = kept_members.cell(tx, cell_id)
    if cell is None:
        return None
    today = calendar.day(now)
    rounds = kept_cycles.of_cell(tx, cell_id)
    times = kept_cycles.times(tx, [cycle.id for cycle in rounds])
    relevant = tuple(
        cycle
        for cycle in rounds
        if cycle.state is not CycleState.CLOSED or _closed_lately(times[cycle.id].closed_at, now)
    )
    items = kept.items_due(tx, cell_id, today - _ITEM_TAIL, today + timedelta(days=LONGEST_LEAD + 1))
    rows = kept.since(tx, cell_id, _horizon(relevant, now, calendar))
    settled = kept.settled(tx, [item.id for item in items])
    waiting_back = returns.waiting(tx, [cycle.id for cycle in relevant])
    relevant = tuple(_with_more_time(cycle, waiting_back) for cycle in relevant)
    submitted = kept.submitted(tx, [cycle.id for cycle in relevant])
    snoozed = kept.snoozed(tx, cell_id, now - timedelta(days=3))
    reminded, waiting = _history(rows)
    spared = _spared(rows)
    promises = improvements.due_between(
        tx, cell_id, today - timedelta(days=1), today + timedelta(days=LONGEST_LEAD)
    )
    people = tuple(
        Person(
            member=reach.member,
            not_required=not_required(reach.member, relevant, today),
            trouble=reach.trouble,
            entered_at=reach.linked_at,
            heard_at=reach.heard_at,
            reminded_at=tuple(sorted(reminded[reach.member.id])),
            snoozed_until=snoozed.get(reach.member.id),
            submitted=(submitted.get(reach.member.id, frozenset()) - _of(reach.member, waiting_back))
            | _not_asked(reach.member, relevant),
            settled=settled.get(reach.member.id, frozenset()),
            waiting=tuple(waiting[reach.member.id]),
            accounts=reach.accounts,
            spared_at=spared.get(reach.member.id),
            promises=tuple(one for one in promises if one.member_id == reach.member.id),
            returned=tuple((one.cycle_id, one.at) for one in waiting_back if one.member_id == reach.member.id),
        )
        for reach in kept.roster(tx, cell_id)
    )
    present = {person.member.id for person in people}
    return CellState(
        cell=cell,
        cycles=relevant,
        opened_at={cycle: at.reopened_at or at.opened_at for cycle, at in times.items() if at.opened_at},
        closed_at={cycle: at.closed_at for cycle, at in times.items() if at.closed_at},
        items=items,
        notices=_notices(tx, relevant),
        people=people,
        known=frozenset(row.due.key for row in rows if row.due.state is not DueState.PENDING),
        orphans=tuple(due for who, dues in waiting.items() if who not in present for due in dues),
        policy=policy,
        restored_at=restored_at(tx),
        reopened=frozenset(cycle for cycle, at in times.items() if at.reopened_at),
    )


def _with_more_time(cycle: Cycle, given_back: tuple[returns.Waiting, ...]) -> Cycle:
    """The cycle with the later last days of those whose review is given back for longer than their deadline."""
    own = dict(cycle.extensions)
    for one in given_back:
        if one.cycle_id == cycle.id and one.until_on and one.until_on > cycle.deadline_of(one.member_id):
            own[one.member_id] = one.until_on
    return replace(cycle, extensions=tuple(sorted(own.items())))


def _of(member: Member, given_back: tuple[returns.Waiting, ...]) -> frozenset[CycleId]:
    return frozenset(one.cycle_id for one in given_back if one.member_id == member.id)


def not_required(member: Member, rounds: tuple[Cycle, ...], today: date) -> NotRequired | None:
    """Why nothing is asked of this member: by the rules of the newest cycle, or of the year where none runs."""
    running = [cycle for cycle in rounds if cycle.state is not CycleState.CLOSED]
    if running:
        newest = max(running, key=lambda cycle: (cycle.year, reference_date(cycle)))
        return required_to_review(member, reference_date(newest), rule_set(newest.rules))
    try:
        return required_to_review(member, today, rule_set_for(today.year))
    except NoRulesError:
        reasons = {Status.EXEMPT: NotRequired.EXEMPT, Status.SUSPENDED: NotRequired.SUSPENDED}
        return reasons.get(member.status)


def _not_asked(member: Member, rounds: tuple[Cycle, ...]) -> frozenset[CycleId]:
    """Cycles whose own rules ask nothing of this member, though a newer one may."""
    return frozenset(
        cycle.id for cycle in rounds if required_to_review(member, reference_date(cycle), rule_set(cycle.rules))
    )


def _closed_lately(closed_at: datetime | None, now: datetime) -> bool:
    return closed_at is not None and closed_at >= now - _MEMORY


def _horizon(rounds: tuple[Cycle, ...], now: datetime, calendar: Calendar) -> datetime:
    begun = [calendar.day_begins(cycle.opens_on) for cycle in rounds]
    return min([now, *begun]) - _MEMORY


def _history(rows: tuple[kept.Kept, ...]) -> tuple[dict[MemberId, set[datetime]], dict[MemberId, list[Due]]]:
    """When each member was reminded, and what still waits for them."""
    reminded: dict[MemberId, set[datetime]] = defaultdict(set)
    waiting: dict[MemberId, list[Due]] = defaultdict(list)
    for row in rows:
        who = row.due.member_id
        if who is None:
            continue
        if row.due.state is DueState.PENDING:
            waiting[who].append(row.due)
        elif row.due.state is DueState.SENT and row.due.rule in {BUNDLE, MANUAL} and row.settled_at:
            reminded[who].add(row.settled_at)
    return reminded, waiting


def _spared(rows: tuple[kept.Kept, ...]) -> dict[MemberId, datetime]:
    """When a reminder was last held back because of a messenger's plan."""
    found: dict[MemberId, datetime] = {}
    for row in rows:
        who, at = row.due.member_id, row.settled_at
        if who is not None and at is not None and row.due.dropped is DropReason.PLAN:
            found[who] = max(at, found.get(who, at))
    return found


def _notices(tx: Connection, rounds: tuple[Cycle, ...]) -> tuple[Notice, ...]:
    found = kept_cycles.changes(tx, [cycle.id for cycle in rounds])
    return tuple(Notice(change.cycle_id, change.to, change.at, change.member_id) for change in found)
