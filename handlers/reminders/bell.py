"""What happens when the alarm clock rings: due rows come into being once, and what is to be said goes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from handlers.dialogue.phrases import t
from handlers.dialogue.room import House, Message, Standing
from handlers.posting import post
from handlers.reminders import calls
from handlers.reminders.calendar import Calendar, next_window
from handlers.reminders.loading import Manner, load_state
from handlers.reminders.plan import next_moment, plan
from handlers.reminders.rules import BUNDLE, CALL, MANUAL, SUMMARY, CellState, Later, Person, owed
from handlers.reminders.words import later_choices, reminder
from handlers.summary.actions import post_at_deadline
from storage import audit, cycles, outbox
from storage import reminders as kept
from storage.records import Cell, CellId, Cycle, Due, DueState, MemberId, Post, Urgency
from storage.transaction import Connection

# What writes a cell's summary for its chair.
PostSummary = Callable[[Connection, House, Cell, Cycle, datetime], Iterable[Post]]

# Few enough to look at each one when somebody asks what comes next.
_FEW_CELLS = 20
# How many people one transaction speaks to; the rest of a very large cell follows with the next ring.
_AT_ONCE = 500
BEFORE_ALL = CellId(0)


@dataclass(frozen=True, slots=True)
class RingReport:
    """What one ring did in one cell: messages sent, rows dropped, people put on the call list, summaries posted."""

    sent: int = 0
    dropped: int = 0
    calls: int = 0
    summaries: int = 0


def cells_to_ring(
    tx: Connection, now: datetime, after: CellId = BEFORE_ALL, limit: int = 200
) -> tuple[CellId, ...]:
    """The next cells that have to be looked at; call again with the last one as ``after`` until none comes."""
    return kept.cells_to_visit(tx, now, after, limit)


def ring(
    tx: Connection,
    house: House,
    cell: CellId,
    now: datetime,
    manner: Manner | None = None,
    post_summary: PostSummary = post_at_deadline,
) -> RingReport:
    """Do everything that is due in one cell by ``now``; run it in a transaction of its own.

    Two processes that ring at once, a restart in between, a clock that goes back: what has been done is not done
    again, because each row can be inserted once only and only whoever inserts it speaks.
    """
    manner = manner or Manner()
    calendar = manner.calendar(now, house.zone)
    for opened in cycles.open_planned(tx, cell, calendar.day(now), now):
        audit.record(tx, now=now, who="system", what="cycle.opened", subject=f"cycle:{opened}", cell=cell)
    kept.forget_future(tx, cell, now)
    state = load_state(tx, cell, now, calendar, manner.policy)
    if state is None:
        return RingReport()
    planned = plan(now, state, calendar)
    batch = _first_people(planned)
    dues = _kept(tx, batch, now)
    sent = _speak(tx, house, state, dues, now, calendar)
    listed = calls.list_new(tx, house, state, dues, now, calendar)
    posted = [_summary(tx, house, state, due, now, post_summary) for due in dues if due.rule == SUMMARY]
    if len(batch) < len(planned):
        kept.set_bell(tx, cell, now, visit_at=now, next_at=now)
    else:
        _set_bell(tx, _after(state, dues, now), now, calendar)
    dropped = sum(due.state is DueState.DROPPED for due in dues)
    return RingReport(sent=sent, dropped=dropped, calls=listed, summaries=sum(posted))


def send_waiting(tx: Connection, house: House, cell: CellId, now: datetime, manner: Manner) -> int:
    """Send what was asked for by hand and whose moment has come, and nothing else; returns how many messages."""
    calendar = manner.calendar(now, house.zone)
    state = load_state(tx, cell, now, calendar, manner.policy)
    if state is None:
        return 0
    by_hand = tuple(due for due in plan(now, state, calendar) if due.rule == MANUAL)
    return _speak(tx, house, state, _kept(tx, by_hand, now), now, calendar)


def next_due(tx: Connection, house: House, now: datetime, manner: Manner | None = None) -> datetime | None:
    """When the next reminder, call list or summary of any cell falls due (UTC); None where nothing is ahead."""
    manner = manner or Manner()
    calendar = manner.calendar(now, house.zone)
    every = kept.cells_after(tx, BEFORE_ALL, _FEW_CELLS + 1)
    few = len(every) <= _FEW_CELLS
    looked_at = every if few else cells_to_ring(tx, now, limit=_FEW_CELLS)
    states = (load_state(tx, cell, now, calendar, manner.policy) for cell in looked_at)
    moments = [next_moment(now, state, calendar) for state in states if state]
    if not few:
        moments.append(kept.next_at(tx, now))
    return min((moment for moment in moments if moment is not None), default=None)


def _first_people(planned: Sequence[Due]) -> tuple[Due, ...]:
    """As many rows as belong to the first people, so that no transaction grows with the size of a cell."""
    people = set(list(dict.fromkeys(due.who for due in planned))[:_AT_ONCE])
    return tuple(due for due in planned if due.who in people)


def _kept(tx: Connection, dues: Sequence[Due], now: datetime) -> tuple[Due, ...]:
    """Keep the rows and return those that are really new.

    The day is claimed first: where another process has it, the rest of that person's message waits for tomorrow.
    """
    claims = [due for due in dues if due.rule == BUNDLE]
    won = kept.keep(tx, claims, now)
    lost = {due.who for due in claims if due.key not in won}
    rest = [
        due
        for due in dues
        if due.rule != BUNDLE
        and not (due.who in lost and due.state is DueState.SENT and due.rule not in {MANUAL, CALL})
    ]
    new = kept.keep(tx, rest, now)
    return tuple(due for due in dues if due.key in won or due.key in new)


def _speak(
    tx: Connection, house: House, state: CellState, dues: Iterable[Due], now: datetime, calendar: Calendar
) -> int:
    """Post one message to everybody who has rows that are sent; returns how many messages."""
    by_member: dict[MemberId, list[Due]] = {}
    for due in dues:
        if due.state is DueState.SENT and due.member_id is not None and due.rule not in {BUNDLE, CALL}:
            by_member.setdefault(due.member_id, []).append(due)
    carried = []
    for person in state.people:
        if mine := by_member.get(person.member.id):
            posted = post(tx, house, _message(person, mine, state, now, calendar), now)
            carried += [(due, posted) for due in mine if posted is not None]
    kept.carried_by(tx, carried)
    return len(by_member)


def _message(person: Person, sent: Sequence[Due], state: CellState, now: datetime, calendar: Calendar) -> Message:
    choices = later_choices(person, state, now, calendar)
    today = calendar.day(now)
    return Message(
        to=person.member.id,
        body=reminder(person, sent, state, today),
        buttons=(
            work_button(person, state, calendar, now),
            *(later_button(later) for later in choices),
            Standing(t("reminders.button.ask"), "ask"),
        ),
        urgency=Urgency.REMINDER,
    )


def work_button(person: Person, state: CellState, calendar: Calendar, now: datetime) -> Standing:
    """The button that leads to the work itself: the review where one is owed, else the list of points."""
    debts = owed(person, state, calendar.day(now))
    return Standing(t("reminders.button.now"), "review" if debts.reviews else "checklist")


def later_button(later: Later) -> Standing:
    """The button that puts a reminder off."""
    return Standing(t(f"reminders.button.{later}"), "later", later)


def _summary(
    tx: Connection, house: House, state: CellState, due: Due, now: datetime, post_summary: PostSummary
) -> int:
    cycle = next((cycle for cycle in state.cycles if cycle.id == due.cycle_id), None)
    if cycle is None:
        return 0
    for posted in post_summary(tx, house, state.cell, cycle, now):
        outbox.put(tx, posted, now)
    return 1


def _after(state: CellState, dues: Sequence[Due], now: datetime) -> CellState:
    """The state as this ring leaves it."""
    spoken = {due.member_id for due in dues if due.state is DueState.SENT and due.rule in {BUNDLE, MANUAL}}
    settled = {due.key for due in dues}
    people = tuple(
        replace(
            person,
            reminded_at=(*person.reminded_at, now) if person.member.id in spoken else person.reminded_at,
            waiting=tuple(due for due in person.waiting if due.key not in settled),
        )
        for person in state.people
    )
    return replace(state, known=state.known | settled, people=people)


def _set_bell(tx: Connection, state: CellState, now: datetime, calendar: Calendar) -> None:
    following = next_moment(now, state, calendar)
    # Other rooms change things without telling: every beginning of a window looks again.
    visit = min(filter(None, (next_window(now, calendar), following)))
    kept.set_bell(tx, state.cell.id, now, visit, following)
