"""The room of promises: entered from the review that admitted them and from the checklist."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import Flow, Refusal
from handlers.dialogue.phrases import Phrase, lines, t
from handlers.dialogue.room import Outcome, Recipe, Visit, finish, go, stay
from handlers.dialogue.said import Command
from handlers.improvements.flow import FLOW, PROMISES, PromisesView, next_asked
from handlers.organisation.permissions import Verb
from handlers.reminders.dates import TypedDay, on_calendar
from storage import improvements, reminders
from storage.records import ImprovementState
from storage.transaction import Connection


class ImprovementsRoom:
    """A member's own promises; nobody else sees them, and nothing follows from a day that has passed."""

    flows: tuple[Flow[PromisesView], ...] = (FLOW,)
    commands: Mapping[str, str | None] = {"promises": Verb.REVIEW_WRITE}
    group_commands: frozenset[str] = frozenset()
    recipes: Mapping[str, Recipe] = {}

    def load(self, tx: Connection, visit: Visit) -> PromisesView:
        """Fetch the promises, and those that are asked about."""
        found = improvements.of_member(tx, visit.known.member.id)
        chosen, review = visit.state.data.get("one"), visit.state.data.get("review")
        return PromisesView(
            today=visit.today,
            all=found,
            asked=tuple(one for one in found if one.review_id == review and one.due_on is None),
            one=next((one for one in found if one.id == chosen), None),
            cursor=visit.state.data,
        )

    def command(self, tx: Connection, visit: Visit, command: Command) -> Outcome:
        """Open the list, behind whatever is on the screen."""
        return Outcome(enter=PROMISES, returning=visit.state.flow != PROMISES)

    def answer(self, tx: Connection, visit: Visit, view: PromisesView, answer: Answer) -> Outcome:
        """A day, a state, or a choice of the list."""
        option = answer.option or ""
        match answer.step:
            case "ask":
                return self._asked(tx, visit, view, answer)
            case "list":
                return go("one", one=int(option[1:]))
            case _ if view.one is None:
                return go("list", t("improvements.gone"), one=None)
        if option == "date":
            return go("ask")
        improvements.set_state(tx, view.one.id, ImprovementState(option), visit.now)
        reminders.wake(tx, visit.known.cell.id)
        return go("list", t("improvements.kept"), one=None)

    def _asked(self, tx: Connection, visit: Visit, view: PromisesView, answer: Answer) -> Outcome:
        """A day for the one that is asked about, or none; then the next."""
        one = next_asked(view)
        if one is None or answer.option == "end":
            return finish(t("improvements.done") if view.all else None)
        if answer.option == "pass":
            return self._after(view, one.id, None)
        day = _day_of(answer, view.today)
        if isinstance(day, Refusal):
            return stay(day.why)
        improvements.set_due(tx, one.id, day)
        # What is due has changed: the alarm clock has to look at this cell again.
        reminders.wake(tx, visit.known.cell.id)
        said = t("improvements.set_past" if day < view.today else "improvements.set", on=day)
        return self._after(view, one.id, said)

    def _after(self, view: PromisesView, done: int, said: Phrase | None) -> Outcome:
        if view.one is not None:
            return go("one", said)
        if any(one.id > done for one in view.asked):
            return stay(said, passed=done)
        return finish(lines(said, t("improvements.done")) if said else t("improvements.done"))


def _day_of(answer: Answer, today: date) -> date | Refusal:
    """The day that was typed or chosen; without a year the next such day."""
    if isinstance(answer.value, TypedDay):
        return on_calendar(answer.value, today)
    return datetime.strptime((answer.option or "")[1:], "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
