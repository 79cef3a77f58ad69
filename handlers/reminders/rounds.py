"""Facts about a cell's cycles for the people who run them: who must, who has, which days can be meant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import JSON, Refusal, refusal
from handlers.reminders.calendar import Calendar, next_allowed
from handlers.reminders.dates import TypedDay, in_round
from handlers.reminders.deadlines_screens import Own
from handlers.reminders.periods import Period
from handlers.reminders.rules import year_end
from handlers.review.forms import NoRulesError, rule_set, rule_set_for
from handlers.review.rules import reference_date, required_to_review
from storage import reminders as kept
from storage.records import Cycle, CycleKind, Member
from storage.transaction import Connection


def counts(tx: Connection, roster: tuple[Member, ...], cycle: Cycle | None, today: date) -> dict[str, Any]:
    """Who must, who has, who is away, who has a day of their own, in the cycle in view."""
    if cycle is None:
        return {}
    done = {who for who, found in kept.submitted(tx, [cycle.id]).items() if cycle.id in found}
    must = asked(roster, cycle.rules, reference_date(cycle))
    waiting = [member for member in must if member.id not in done]
    own = dict(cycle.extensions)
    return {
        "required": len(must),
        "submitted": len(must) - len(waiting),
        "away": sum(member.away_on(today) for member in waiting),
        "extended": tuple(Own(m.id, m.full_name, own[m.id]) for m in roster if m.id in own),
        "people": tuple(Own(m.id, m.full_name, own.get(m.id)) for m in waiting),
    }


def asked(roster: tuple[Member, ...], rules: str, reference: date) -> list[Member]:
    """Who must review by these rules, their membership counted up to ``reference``."""
    by = rule_set(rules)
    return [member for member in roster if required_to_review(member, reference, by) is None]


def own_of(roster: tuple[Member, ...], cycle: Cycle | None, number: int) -> Own | None:
    """One person of the roster with their own last day, if they have one."""
    own = dict(cycle.extensions) if cycle else {}
    return next((Own(m.id, m.full_name, own.get(m.id)) for m in roster if m.id == number), None)


def rules_of(year: int) -> str | None:
    """The rule set that a new cycle of that year opens with; None where none is known."""
    try:
        return rule_set_for(year).id
    except NoRulesError:
        return None


def years_to_open(this_year: int, taken: set[int]) -> tuple[int, ...]:
    """This year, the next and the last, as far as they have rules and no cycle yet."""
    return tuple(year for year in (this_year, this_year + 1, this_year - 1) if year not in taken and rules_of(year))


def suggested_days(
    opens: date | None, cycle: Cycle | None, period: Period, today: date, calendar: Calendar
) -> list[date]:
    """Dates to choose from: for a new cycle some before its period or the rule's year ends, else later ones."""
    if opens is not None and period.kind is CycleKind.WHEN_NEEDED:
        found = [max(opens, today) + timedelta(days=days) for days in (7, 14, 21)]
    elif opens is None:
        base = max(cycle.deadline_on if cycle else today, today)
        found = [base + timedelta(days=days) for days in (3, 7, 14)]
    else:
        rule = year_end(period.year) if period.kind is CycleKind.YEARLY else None
        end = date(period.year, rule.month, rule.day) if rule else period.ends_on
        found = [day for days in (16, 11, 6) if (day := end - timedelta(days=days)) >= max(opens, today)]
    return [day for day in found if day not in calendar.days_off]


def invited_at(opens: date | None, now: datetime, calendar: Calendar) -> datetime | None:
    """When the invitations of a cycle that opens on that day go out (UTC)."""
    if opens is None:
        return None
    return next_allowed(max(calendar.at(opens, calendar.hours.morning), now), calendar)


def day_meant(answer: Answer, year: int, not_before: date) -> date | Refusal:
    """The day that was typed or chosen."""
    if answer.option is not None:
        return date.fromisoformat(answer.option.removeprefix("d"))
    if isinstance(answer.value, TypedDay):
        return in_round(answer.value, year, not_before)
    return refusal("deadlines.date.unreadable")


def day_in(data: Mapping[str, JSON], key: str) -> date | None:
    """A day kept in the cursor; None where there is none."""
    found = data.get(key)
    return date.fromisoformat(found) if isinstance(found, str) else None


def number_in(data: Mapping[str, JSON], key: str) -> int:
    """A number kept in the cursor; 0 where there is none."""
    found = data.get(key)
    return found if isinstance(found, int) else 0
