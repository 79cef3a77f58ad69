"""A cycle that is paused for a while, goes on, ends, or is opened again: each with a reason, and confirmed."""

from __future__ import annotations

from datetime import date

from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import JSON, Refusal
from handlers.dialogue.phrases import Weekday, t
from handlers.dialogue.room import Outcome, Visit, go, stay
from handlers.reminders.deadlines_screens import DeadlinesView
from handlers.reminders.rounds import day_meant
from handlers.reminders.trail import note
from handlers.review.naming import year_of
from storage import cycles
from storage.records import CycleState
from storage.transaction import Connection

# Words of the draft of a new cycle or of a change, forgotten when a new act begins.
DRAFT: dict[str, JSON] = dict.fromkeys(
    ("year", "kind", "number", "copy", "opens", "day", "meeting", "person", "reason")
)
TURNS = frozenset(
    {"pause_reason", "confirm_pause", "confirm_resume", "reopen_reason", "reopen_until", "confirm_reopen"}
)
# In which state a cycle must be for each of the steps.
_NEEDS = {
    "pause_reason": CycleState.OPEN,
    "confirm_pause": CycleState.OPEN,
    "confirm_resume": CycleState.PAUSED,
    "reopen_reason": CycleState.CLOSED,
    "reopen_until": CycleState.CLOSED,
    "confirm_reopen": CycleState.CLOSED,
}


def turned(tx: Connection, visit: Visit, view: DeadlinesView, answer: Answer) -> Outcome:
    """One step; a cycle that somebody else turned meanwhile is shown as it is now."""
    if view.cycle is None or view.cycle.state is not _NEEDS[answer.step]:
        return go("overview", t("deadlines.refuse.turned"), **DRAFT)
    match answer.step, answer.option:
        case "pause_reason", _:
            return go("confirm_pause", reason=str(answer.value))
        case "confirm_pause", _:
            return _pause(tx, visit, view)
        case "confirm_resume", _:
            return _resume(tx, visit, view)
        case "reopen_reason", _:
            return go("reopen_until", reason=str(answer.value))
        case "reopen_until", _:
            return _until(visit, view, answer)
        case "confirm_reopen", "yes":
            return _reopen(tx, visit, view)
    return go(answer.option or "reopen_until")


def _pause(tx: Connection, visit: Visit, view: DeadlinesView) -> Outcome:
    cycle = view.shown
    if not cycles.pause(tx, cycle.id, view.reason):
        return go("overview", t("deadlines.refuse.turned"), **DRAFT)
    _keep(tx, visit, view, cycles.Turn.PAUSED)
    return go("overview", t("deadlines.paused", year=year_of(cycle)), **DRAFT)


def _resume(tx: Connection, visit: Visit, view: DeadlinesView) -> Outcome:
    cycle = view.shown
    if not cycles.resume(tx, cycle.id):
        return go("overview", t("deadlines.refuse.turned"), **DRAFT)
    _keep(tx, visit, view, cycles.Turn.RESUMED)
    late = cycle.deadline_on < visit.today
    said = t("deadlines.resumed.late" if late else "deadlines.resumed", year=year_of(cycle))
    return go("overview", said, **DRAFT)


def _until(visit: Visit, view: DeadlinesView, answer: Answer) -> Outcome:
    if answer.option == "keep":
        return go("confirm_reopen", day=view.shown.deadline_on.isoformat())
    day: date | Refusal = day_meant(answer, visit.today.year, visit.today)
    if isinstance(day, Refusal):
        return stay(day.why)
    if day < visit.today:
        return stay(t("deadlines.refuse.past", day=Weekday(visit.today)))
    return go("confirm_reopen", day=day.isoformat())


def _reopen(tx: Connection, visit: Visit, view: DeadlinesView) -> Outcome:
    cycle, day = view.shown, view.day
    past = day is not None and day < visit.today and day != cycle.deadline_on
    if day is None or past or not cycles.reopen(tx, cycle, day, visit.now):
        return go("overview", t("deadlines.refuse.turned"), **DRAFT)
    _keep(tx, visit, view, cycles.Turn.REOPENED, deadline=day)
    name = "deadlines.reopened" if day >= visit.today else "deadlines.reopened.kept"
    said = t(name, year=year_of(cycle), day=Weekday(day))
    return go("overview", said, **DRAFT)


def _keep(tx: Connection, visit: Visit, view: DeadlinesView, turn: cycles.Turn, **details: object) -> None:
    """The reason with the cycle, the act on the trail."""
    cycles.note_turn(tx, view.shown.id, turn, view.reason, visit.known.member.id, visit.now)
    note(tx, visit, f"cycle.{turn}", view.shown.id, **details)
