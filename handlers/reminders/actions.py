"""Reminding: what the bell does (``ring``), putting a reminder off, reminding by hand, the call list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import JSON, Flow
from handlers.dialogue.phrases import Phrase, t
from handlers.dialogue.room import Outcome, Recipe, Visit, aside, enter, finish, go, stay
from handlers.dialogue.said import Command
from handlers.organisation.permissions import Verb
from handlers.reminders.bell import (
    RingReport,
    cells_to_ring,
    later_button,
    next_due,
    ring,
    send_waiting,
    work_button,
)
from handlers.reminders.calendar import Calendar, next_awake
from handlers.reminders.calls import called_label, card, open_entries
from handlers.reminders.flow import (
    CALLS,
    REMIND,
    CallRow,
    Left,
    Reached,
    RemindView,
    Spared,
)
from handlers.reminders.loading import Manner, load_state
from handlers.reminders.rules import (
    MANUAL,
    CellState,
    Later,
    Person,
    owed,
    snooze_until,
    who,
)
from handlers.reminders.words import later_choices, missing, reminder
from handlers.review.naming import year_of
from storage import audit
from storage import reminders as kept
from storage.records import Due, DueState, MemberId
from storage.transaction import Connection

__all__ = ["Manner", "RemindersRoom", "RingReport", "cells_to_ring", "next_due", "ring"]


class RemindersRoom:
    """Reminders, their delay, ``/remind`` and the call list; ``manner`` says how this installation reminds."""

    flows: tuple[Flow[RemindView], ...] = (REMIND, CALLS)
    commands: Mapping[str, str | None] = {
        "remind": Verb.REMIND,
        "nhac": Verb.REMIND,
        "calls": Verb.REMIND,
        "goi": Verb.REMIND,
        "called": Verb.REMIND,
        "later": Verb.OWN_DATA,
    }
    recipes: Mapping[str, Recipe] = {}
    group_commands: frozenset[str] = frozenset()

    def __init__(self, manner: Manner | None = None) -> None:
        self._manner = manner or Manner()

    def load(self, tx: Connection, visit: Visit) -> RemindView:
        """Look afresh at who owes what; the list that was shown is kept to, but nobody is kept on it in vain."""
        state, calendar = self._state(tx, visit)
        if visit.state.flow == CALLS.name:
            return RemindView(calls=_call_rows(tx, state, visit, calendar), page=_number(visit.state.data, "page"))
        return _view(tx, state, visit, calendar)

    def command(self, tx: Connection, visit: Visit, command: Command) -> Outcome:
        """``/remind``, ``/calls``, and the buttons under reminders and call lists."""
        match command.name:
            case "later":
                return self._put_off(tx, visit, command.args)
            case "called":
                return self._called(tx, visit, command.args)
            case "calls" | "goi":
                return enter(CALLS.name)
        state, calendar = self._state(tx, visit)
        shown = [one.id for one in _view(tx, state, visit, calendar, fresh=True).reached]
        return enter(REMIND.name, shown=_listed(shown))

    def answer(self, tx: Connection, visit: Visit, view: RemindView, answer: Answer) -> Outcome:
        """Turn a page, choose people, send; or note a call."""
        option = answer.option or ""
        if option in {"next", "prev"}:
            return stay(page=max(0, view.page + (1 if option == "next" else -1)))
        if answer.step == "list":
            return self._called_on_screen(tx, visit, option)
        match option:
            case "send":
                return self._send(tx, visit, view)
            case "sample" | "choose":
                return go(option, page=0)
            case "chosen":
                return go("preview", page=0)
            case "calls":
                return Outcome(enter=CALLS.name, returning=True)
        if option.startswith("m") and option[1:].isdigit():
            return stay(off=_listed(sorted(view.off ^ {int(option[1:])})))
        return stay()

    def _state(self, tx: Connection, visit: Visit) -> tuple[CellState, Calendar]:
        calendar = self._manner.calendar(visit.now, visit.house.zone)
        state = load_state(tx, visit.known.cell.id, visit.now, calendar, self._manner.policy)
        if state is None:
            raise LookupError("a member without a cell")
        return state, calendar

    def _send(self, tx: Connection, visit: Visit, view: RemindView) -> Outcome:
        """Remind exactly those who were shown and chosen, as far as they still owe something."""
        member, cell = visit.known.member, visit.known.cell
        calendar = self._manner.calendar(visit.now, visit.house.zone)
        moment = next_awake(visit.now, calendar)
        day = calendar.day(moment).isoformat()
        rows = [
            Due(cell.id, who(MemberId(one.id)), MANUAL, day, moment, DueState.PENDING, MemberId(one.id))
            for one in view.chosen
        ]
        new = kept.keep(tx, rows, visit.now)
        if not new:
            return stay(t("reminders.sent.nobody"))
        details = {"people": sorted(row.member_id for row in rows if row.key in new and row.member_id), "day": day}
        audit.record(tx, now=visit.now, who=who(member.id), what="reminders.sent", cell=cell.id, details=details)
        kept.wake(tx, cell.id)
        if moment > visit.now:
            return finish(t("reminders.sent.later", count=len(new), at=moment))
        return finish(t("reminders.sent", count=send_waiting(tx, visit.house, cell.id, visit.now, self._manner)))

    def _put_off(self, tx: Connection, visit: Visit, args: str) -> Outcome:
        """Somebody wants to be reminded later; their message keeps the button that leads to the work."""
        state, calendar = self._state(tx, visit)
        person = next((p for p in state.people if p.member.id == visit.known.member.id), None)
        if person is None or args not in set(Later):
            return aside(t("engine.forged"))
        if not owed(person, state, visit.today):
            return aside(t("reminders.later.nothing"), card=t("reminders.later.nothing"))
        choices = later_choices(person, state, visit.now, calendar)
        if not choices:
            return aside(t("reminders.later.last_day"))
        later = Later(args) if args in choices else choices[0]
        until = snooze_until(later, visit.now, calendar)
        kept.snooze(tx, person.member.id, until)
        kept.wake(tx, visit.known.cell.id)
        again = tuple(later_button(choice) for choice in choices if choice is not later)
        return aside(
            t("reminders.later.toast", at=until),
            card=t("reminders.later", at=until, missing=missing(owed(person, state, visit.today))),
            card_buttons=(work_button(person, state, calendar, visit.now), *again),
        )

    def _called(self, tx: Connection, visit: Visit, args: str) -> Outcome:
        """A "called" button under the list that was sent: note it, and show what is left of the list."""
        said = self._note_call(tx, visit, args)
        state, calendar = self._state(tx, visit)
        body, buttons = card(open_entries(tx, state, visit.now, calendar), said)
        return aside(said, card=body, card_buttons=buttons)

    def _called_on_screen(self, tx: Connection, visit: Visit, option: str) -> Outcome:
        return stay(self._note_call(tx, visit, option.removeprefix("c")))

    def _note_call(self, tx: Connection, visit: Visit, number: str) -> Phrase:
        """Keep who telephoned and when; a second press, or somebody else's, changes nothing."""
        state, _ = self._state(tx, visit)
        person = next((p for p in state.people if str(p.member.id) == number), None)
        if person is None:
            return t("reminders.called.unknown")
        name = person.member.full_name
        if not kept.called(tx, person.member.id, visit.known.member.id, visit.now):
            return t("reminders.called.already", name=name)
        audit.record(
            tx,
            now=visit.now,
            who=who(visit.known.member.id),
            what="reminders.called",
            subject=person.who,
            cell=visit.known.cell.id,
        )
        return t("reminders.called", name=name, by=visit.known.member.full_name, at=visit.now)


def _view(tx: Connection, state: CellState, visit: Visit, calendar: Calendar, *, fresh: bool = False) -> RemindView:
    today, moment = visit.today, next_awake(visit.now, calendar)
    shown = None if fresh else _numbers(visit.state.data, "shown")
    judged = (_spared(person, state, calendar, moment) for person in state.people)
    spared = tuple(one for one in judged if one is not None)
    left = {person.member.id for person in state.people if _reason(person, state, calendar, moment)}
    reached = tuple(
        Reached(
            person.member.id,
            person.member.full_name,
            missing(owed(person, state, today), usual=False),
            any(calendar.day(at) == today for at in person.reminded_at),
        )
        for person in state.people
        if person.member.id not in left and (shown is None or person.member.id in shown)
    )
    off = _numbers(visit.state.data, "off")
    return RemindView(
        deadlines=tuple((year_of(c), c.deadline_on) for c in state.cycles if c.takes_answers_on(today)),
        reached=reached,
        spared=spared,
        off=off,
        sends_at=moment if moment > visit.now else None,
        sample=_sample(state, visit, next((one.id for one in reached if one.id not in off), None)),
        page=_number(visit.state.data, "page"),
        calls=_call_rows(tx, state, visit, calendar),
    )


def _reason(person: Person, state: CellState, calendar: Calendar, moment: datetime) -> Left | None:
    """Why this person is not reminded by hand; None where they are."""
    today = calendar.day(moment)
    checks = (
        (Left.NOT_REQUIRED, person.not_required is not None),
        (Left.DONE, not owed(person, state, today)),
        (Left.AWAY, person.member.away_on(today)),
        (Left.UNREACHABLE, person.trouble is not None),
        (Left.NUDGED, _nudged(person, state, today.isoformat())),
    )
    return next((reason for reason, holds in checks if holds), None)


def _nudged(person: Person, state: CellState, day: str) -> bool:
    key = (person.who, MANUAL, day)
    return key in state.known or any(due.key == key for due in person.waiting)


def _spared(person: Person, state: CellState, calendar: Calendar, moment: datetime) -> Spared | None:
    reason = _reason(person, state, calendar, moment)
    if reason is None:
        return None
    why: Phrase | None = None
    if reason is Left.AWAY and person.member.away_to is not None:
        why = t("reminders.why.away_to", day=person.member.away_to)
    if reason is Left.UNREACHABLE:
        why = t(f"reminders.why.{person.trouble}")
    return Spared(person.member.full_name, reason, why)


def _sample(state: CellState, visit: Visit, first: int | None) -> Phrase | None:
    person = next((p for p in state.people if p.member.id == first), None)
    if person is None:
        return None
    due = Due(state.cell.id, person.who, MANUAL, "", visit.now, member_id=person.member.id)
    return reminder(person, [due], state, visit.today)


def _call_rows(tx: Connection, state: CellState, visit: Visit, calendar: Calendar) -> tuple[CallRow, ...]:
    return tuple(
        CallRow(entry.member.id, entry.says(), called_label(entry))
        for entry in open_entries(tx, state, visit.now, calendar)
    )


def _listed(numbers: list[int]) -> str | None:
    return ",".join(map(str, numbers))


def _numbers(data: Mapping[str, JSON], key: str) -> frozenset[int]:
    return frozenset(int(part) for part in str(data.get(key) or "").split(",") if part.isdigit())


def _number(data: Mapping[str, JSON], key: str) -> int:
    found = data.get(key)
    return found if isinstance(found, int) else 0
