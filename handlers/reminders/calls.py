"""The call list: people whom a human being should telephone, and the message about them to the secretary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from handlers.dialogue.phrases import Phrase, paragraphs, t
from handlers.dialogue.room import House, Message, Standing
from handlers.posting import post
from handlers.reminders.calendar import Calendar
from handlers.reminders.plan import silence_counts_from
from handlers.reminders.rules import CALL, CellState, Owed, Person, left_unsaid, owed, unanswered
from handlers.reminders.words import call_entry, why_call
from storage import members
from storage import reminders as kept
from storage.records import Due, Member, MemberId, Role, Urgency
from storage.transaction import Connection

# As many as fit a phone's screen with a button each; the rest is one press away.
ON_ONE_SCREEN = 4
_MEMORY = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Entry:
    """One person on the list who still has to be called."""

    person: Person
    debts: Owed
    why: Phrase

    @property
    def member(self) -> Member:
        """Who it is."""
        return self.person.member

    def says(self) -> Phrase:
        """Name, telephone, what is missing, why."""
        return call_entry(self.person, self.debts, self.why)


def open_entries(tx: Connection, state: CellState, now: datetime, calendar: Calendar) -> tuple[Entry, ...]:
    """Who is still to be called: listed, not called yet, still owing, and nothing heard from them since."""
    waiting = {
        call.member_id: call.listed_at
        for call in kept.calls_of(tx, state.cell.id, now - _MEMORY)
        if call.called_at is None
    }
    today = calendar.day(now)
    return tuple(
        Entry(person, debts, why_call(person, silence_counts_from(person, state, calendar, today)))
        for person in state.people
        if (listed := waiting.get(person.member.id)) is not None
        and (debts := owed(person, state, today))
        and not person.member.away_on(today)
        and (person.trouble is not None or left_unsaid(person) or _silent(person, state, calendar, today, listed))
    )


def _silent(person: Person, state: CellState, calendar: Calendar, today: date, listed: datetime) -> bool:
    """Whether reminders are still without an answer; whoever was listed as out of reach may be within it by now."""
    if person.heard_at is not None and person.heard_at > listed:
        return False
    return bool(unanswered(person, silence_counts_from(person, state, calendar, today)))


def list_new(
    tx: Connection, house: House, state: CellState, dues: Iterable[Due], now: datetime, calendar: Calendar
) -> int:
    """Put the new ones on the list and send it to whoever telephones; returns how many are new."""
    new = [(due.member_id, due.occasion) for due in dues if due.rule == CALL and due.member_id is not None]
    if not new:
        return 0
    kept.list_calls(tx, new, now)
    entries = open_entries(tx, state, now, calendar)
    for caller in callers(tx, state, {who for who, _ in new}):
        theirs = [entry for entry in entries if entry.member.id != caller.id]
        if theirs:
            body, buttons = card(theirs)
            # Before reminders, and not held back with them: it is the way round a reminder that cannot go.
            post(tx, house, Message(caller.id, body, buttons, urgency=Urgency.SUMMARY), now)
    return len(new)


def callers(tx: Connection, state: CellState, listed: set[MemberId]) -> tuple[Member, ...]:
    """Who telephones: the secretaries; the chair and deputies where none has joined or is not on the list."""
    for wanted in ((Role.SECRETARY,), (Role.CHAIR, Role.DEPUTY)):
        found = tuple(
            member for member in members.holders(tx, state.cell.id, wanted, joined=True) if member.id not in listed
        )
        if found:
            return found
    return members.holders(tx, state.cell.id, (Role.SECRETARY, Role.CHAIR, Role.DEPUTY), joined=True)


def card(entries: Sequence[Entry], said: Phrase | None = None) -> tuple[Phrase, tuple[Standing, ...]]:
    """The list as a message with one "called" button a person; ``said`` stands above it."""
    if not entries:
        return paragraphs(said, t("reminders.call.none")), ()
    shown = entries[:ON_ONE_SCREEN]
    more = len(entries) - len(shown)
    body = paragraphs(
        said,
        t("reminders.call.head", count=len(entries)),
        *(entry.says() for entry in shown),
        t("reminders.call.more", count=more) if more else None,
    )
    buttons = [Standing(called_label(entry), "called", str(entry.member.id)) for entry in shown]
    if more:
        buttons.append(Standing(t("reminders.button.calls"), "calls"))
    return body, tuple(buttons)


def called_label(entry: Entry) -> Phrase:
    """The words on the button that says: I have telephoned."""
    return t("reminders.button.called", name=entry.member.full_name)
