"""What a reminder, a call list and a preview say: phrases from what is owed; the catalogue has the sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from handlers.dialogue.phrases import Param, Phrase, Plain, Text, Weekday, lines, paragraphs, stack, t
from handlers.reaching import passed_over
from handlers.reminders.calendar import Calendar
from handlers.reminders.rules import (
    EXTENDED,
    LADDER,
    MANUAL,
    MOVED,
    SNOOZE,
    CellState,
    Later,
    Owed,
    Person,
    left_unsaid,
    owed,
    snooze_choices,
    unanswered,
)
from handlers.review.naming import year_of
from storage.records import Due

_PROMISED = 120
# The first of these that is due opens the message: what the person asked for, then people, then the ladder.
_LEADS = (SNOOZE, MANUAL, *(rung.rule for rung in reversed(LADDER)), MOVED, EXTENDED)


def reminder(person: Person, sent: Sequence[Due], state: CellState, today: date) -> Phrase:
    """One bundled message for one person: an opening by what fell due, then everything that is still owed."""
    rules = {due.rule for due in sent}
    debts = owed(person, state, today)
    lead = next(rule for rule in _LEADS if rule in rules)
    year: Param = year_of(debts.reviews[0][0]) if debts.reviews else today.year
    opening = t(f"reminders.{lead}", name=person.member.full_name, year=year)
    changed = [t(f"reminders.{rule}", name=person.member.full_name, year=year) for rule in (MOVED, EXTENDED)]
    notes = [note for rule, note in zip((MOVED, EXTENDED), changed, strict=True) if rule in rules and rule != lead]
    hint = t("reminders.hint.list") if debts.items and debts.reviews else None
    return paragraphs(opening, *notes, stack(_needs(debts, today)), hint)


def _needs(debts: Owed, today: date) -> Iterable[Text]:
    for cycle, deadline in debts.reviews:
        yield t(f"reminders.need.review.{_by_days(deadline, today)}", year=year_of(cycle), **_when(deadline, today))
    for item in debts.items:
        if item.due_on is not None:
            yield t(
                f"reminders.need.item.{_by_days(item.due_on, today)}",
                number=item.number,
                label=item.label,
                **_when(item.due_on, today),
            )
    for one in debts.promises:
        if one.due_on is not None:
            words = one.fault if len(one.fault) <= _PROMISED else f"{one.fault[: _PROMISED - 1].rstrip()}…"
            yield t("reminders.need.promise", words=words, deadline=Weekday(one.due_on))


def _by_days(deadline: date, today: date) -> str:
    days = (deadline - today).days
    if days < 0:
        return "over"
    return ("today", "tomorrow")[days] if days < 2 else "ahead"


def _when(deadline: date, today: date) -> dict[str, Weekday | int]:
    return {"deadline": Weekday(deadline), "days": abs((deadline - today).days)}


def later_choices(person: Person, state: CellState, now: datetime, calendar: Calendar) -> tuple[Later, ...]:
    """Which delays to offer: those that end before the next of this person's deadlines has passed."""
    today = calendar.day(now)
    debts = owed(person, state, today)
    ahead = [deadline for _, deadline in debts.reviews] + [item.due_on for item in debts.items if item.due_on]
    return snooze_choices(now, min((day for day in ahead if day >= today), default=None), calendar)


def missing(debts: Owed, *, usual: bool = True) -> Phrase:
    """What somebody still owes, in one line, for a colleague's eyes: what is missing, never what was written.

    ``usual`` False leaves out the deadline that everybody has; an own one is always said.
    """
    parts: list[Phrase] = [
        t("reminders.missing.review", year=year_of(cycle), deadline=deadline)
        if usual or deadline != cycle.deadline_on
        else t("reminders.missing.review.short", year=year_of(cycle))
        for cycle, deadline in debts.reviews
    ]
    if debts.items:
        numbers = ", ".join(str(item.number) for item in debts.items)
        parts.append(t("reminders.missing.items", numbers=numbers))
    return _joined(parts)


def _joined(parts: Sequence[Phrase]) -> Phrase:
    if not parts:
        return t("reminders.missing.nothing")
    joined = parts[0]
    for part in parts[1:]:
        joined = t("reminders.missing.and", first=joined, second=part)
    return joined


def why_call(person: Person, since: datetime) -> Phrase:
    """Why a human being has to telephone: what keeps the bot from reaching this person, in plain words."""
    if person.trouble is not None:
        return t(f"reminders.why.{person.trouble}")
    if left_unsaid(person):
        return t("reminders.why.plan")
    return t("reminders.why.silent", times=len(unanswered(person, since)))


def call_entry(person: Person, debts: Owed, why: Phrase) -> Phrase:
    """One person on the call list: name, telephone, what is missing, why."""
    phone: Phrase = Plain(person.member.phone) if person.member.phone else t("reminders.call.no_phone")
    return lines(
        t("reminders.call.name", name=person.member.full_name, phone=phone),
        t("reminders.call.missing", missing=missing(debts)),
        t("reminders.call.why", why=why),
        passed_over(person.accounts),
    )
