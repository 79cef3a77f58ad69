"""The year's cycle: opened, its deadline moved, extended for one person, closed; every act is kept on the trail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time

from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import JSON, Flow, Refusal
from handlers.dialogue.fold import fold
from handlers.dialogue.phrases import Weekday, t
from handlers.dialogue.room import Outcome, Recipe, Visit, enter, go, stay
from handlers.dialogue.said import Command
from handlers.organisation.permissions import Verb
from handlers.reminders.daysoff import holiday_name
from handlers.reminders.deadlines_flow import DEADLINES
from handlers.reminders.deadlines_screens import DeadlinesView, Warned
from handlers.reminders.loading import Manner
from handlers.reminders.rounds import (
    asked,
    counts,
    day_in,
    day_meant,
    invited_at,
    number_in,
    own_of,
    rules_of,
    suggested_days,
    years_to_open,
)
from handlers.reminders.rules import Concern, concerns, who, year_end
from storage import audit, cycles
from storage import reminders as kept
from storage.records import CycleId, MemberId
from storage.transaction import Connection

Handle = Callable[["DeadlinesRoom", Connection, Visit, DeadlinesView, Answer], Outcome]

# Words of the draft of a new cycle or of a change, forgotten when a new act begins.
_DRAFT: dict[str, JSON] = dict.fromkeys(("year", "opens", "day", "meeting", "person", "reason"))


class DeadlinesRoom:
    """``/deadlines``; ``manner`` has the calendar by which dates are looked at."""

    flows: tuple[Flow[DeadlinesView], ...] = (DEADLINES,)
    commands: Mapping[str, str | None] = {"deadlines": Verb.DEADLINES_MANAGE, "han": Verb.DEADLINES_MANAGE}
    recipes: Mapping[str, Recipe] = {}
    group_commands: frozenset[str] = frozenset()

    def __init__(self, manner: Manner | None = None) -> None:
        self._manner = manner or Manner()

    def load(self, tx: Connection, visit: Visit) -> DeadlinesView:
        """Fetch the cycles of the speaker's own cell, and what has been entered so far."""
        calendar = self._manner.calendar(visit.now, visit.house.zone)
        cell, data = visit.known.cell, visit.state.data
        roster = tuple(reach.member for reach in kept.roster(tx, cell.id))
        rounds = cycles.of_cell(tx, cell.id)
        cycle = next((c for c in rounds if c.id == data.get("cycle")), cycles.current(tx, cell.id))
        year = number_in(data, "year") or visit.today.year
        rules = rules_of(year) or ""
        opens, day, meeting = day_in(data, "opens"), day_in(data, "day"), day_in(data, "meeting")
        invited = asked(roster, rules, meeting or day) if rules and day else []
        return DeadlinesView(
            today=visit.today,
            cycle=cycle,
            others=tuple(c for c in rounds if cycle is None or c.id != cycle.id),
            years=years_to_open(visit.today.year, {c.year for c in rounds}),
            year=year,
            rules=rules,
            opens=opens,
            day=day,
            meeting=meeting,
            suggested=tuple(suggested_days(opens, cycle, year, visit.today, calendar)),
            warned=self._warned(visit, day, year if opens or cycle is None else cycle.year),
            person=own_of(roster, cycle, number_in(data, "person")),
            reason=str(data.get("reason") or ""),
            page=number_in(data, "page"),
            invited=len(invited),
            invited_at=invited_at(opens, visit.now, calendar),
            **counts(tx, roster, cycle, visit.today),
        )

    def command(self, tx: Connection, visit: Visit, command: Command) -> Outcome:
        """``/deadlines``: where the year stands."""
        return enter(DEADLINES.name)

    def answer(self, tx: Connection, visit: Visit, view: DeadlinesView, answer: Answer) -> Outcome:
        """One step of opening, moving, extending or closing; anything about dates is confirmed before it counts."""
        return _STEPS[answer.step](self, tx, visit, view, answer)

    def _overview(self, tx: Connection, visit: Visit, view: DeadlinesView, answer: Answer) -> Outcome:
        option = answer.option or ""
        if option.startswith("cycle"):
            return stay(None, **_DRAFT, cycle=int(option.removeprefix("cycle")))
        cycle = view.cycle.id if view.cycle else None
        return go(option, None, **_DRAFT, page=0, cycle=cycle)

    def _year(self, tx: Connection, visit: Visit, view: DeadlinesView, answer: Answer) -> Outcome:
        year = int(answer.option[1:]) if answer.option else answer.value
        if not isinstance(year, int):
            return stay(t("deadlines.year.unreadable"))
        if cycles.of_year(tx, visit.known.cell.id, year):
            return stay(t("deadlines.year.taken", year=year))
        if rules_of(year) is None:
            return stay(t("deadlines.year.no_rules", year=year))
        return go("opens", year=year)

    def _opens(self, tx: Connection, visit: Visit, view: DeadlinesView, answer: Answer) -> Outcome:
        if answer.option == "today":
            return go("deadline", opens=visit.today.isoformat())
        day = day_meant(answer, view.year, date(view.year, 1, 1))
        return stay(day.why) if isinstance(day, Refusal) else go("deadline", opens=day.isoformat())

    def _deadline(self, tx: Connection, visit: Visit, view: DeadlinesView, answer: Answer) -> Outcome:
        opens = view.opens or visit.today
        day = day_meant(answer, view.year, opens)
        if isinstance(day, Refusal):
            return stay(day.why)
        if day < opens:
            return stay(t("deadlines.refuse.before_opening", day=Weekday(opens)))
        return go("confirm_new" if view.meeting else "meeting", day=day.isoformat())

    def _meeting(self, tx: Connection, visit: Visit, view: DeadlinesView, answer: Answer) -> Outcome:
        if answer.option == "none":
            return go("confirm_new", meeting=None)
        day = day_meant(answer, view.year, view.opens or visit.today)
        return stay(day.why) if isinstance(day, Refusal) else go("confirm_new", meeting=day.isoformat())

    def _confirm_new(self, tx: Connection, visit: Visit, view: DeadlinesView, answer: Answer) -> Outcome:
        if answer.option != "yes":
            return go(answer.option or "deadline")
        if view.opens is None or view.day is None or not view.rules:
            return go("overview", t("deadlines.lost"), **_DRAFT)
        cell = visit.known.cell
        made = cycles.create(
            tx, cell.id, view.year, view.rules, view.opens, view.day, view.meeting, visit.today, visit.now
        )
        if made is None:
            return go("overview", t("deadlines.year.taken", year=view.year), **_DRAFT)
        self._note(tx, visit, "cycle.created", made.id, opens=view.opens, deadline=view.day, rules=view.rules)
        said = t("deadlines.opened", year=made.year, at=view.invited_at or visit.now)
        return go("overview", said, **{**_DRAFT, "cycle": made.id})

    def _move(self, tx: Connection, visit: Visit, view: DeadlinesView, answer: Answer) -> Outcome:
        if not view.running:
            return go("overview", t("deadlines.refuse.closed"))
        day = day_meant(answer, view.shown.year, max(visit.today, view.shown.opens_on))
        if isinstance(day, Refusal):
            return stay(day.why)
        if day < view.shown.opens_on:
            return stay(t("deadlines.refuse.before_opening", day=Weekday(view.shown.opens_on)))
        if day == view.shown.deadline_on:
            return stay(t("deadlines.refuse.same", day=Weekday(day)))
        return go("confirm_move", day=day.isoformat())

    def _confirm_move(self, tx: Connection, visit: Visit, view: DeadlinesView, answer: Answer) -> Outcome:
        if answer.option != "yes":
            return go(answer.option or "move")
        if view.day is None or not view.running or not cycles.move_deadline(tx, view.shown, view.day, visit.now):
            return go("overview", t("deadlines.refuse.closed"), **_DRAFT)
        self._note(tx, visit, "cycle.moved", view.shown.id, was=view.shown.deadline_on, deadline=view.day)
        return go("overview", t("deadlines.moved", day=Weekday(view.day)), **_DRAFT)

    def _who(self, tx: Connection, visit: Visit, view: DeadlinesView, answer: Answer) -> Outcome:
        option = answer.option or ""
        if option in {"next", "prev"}:
            return stay(page=max(0, view.page + (1 if option == "next" else -1)))
        if option:
            return go("until", person=int(option.removeprefix("p")))
        wanted = fold(str(answer.value))
        found = [one for one in view.people if wanted and wanted in fold(one.name)]
        exact = [one for one in found if fold(one.name) == wanted]
        if len(exact or found) != 1:
            return stay(t("deadlines.who.several" if found else "deadlines.who.nobody"))
        return go("until", person=(exact or found)[0].id)

    def _until(self, tx: Connection, visit: Visit, view: DeadlinesView, answer: Answer) -> Outcome:
        if view.person is None or not view.running:
            return go("overview", t("deadlines.lost"), **_DRAFT)
        day = day_meant(answer, view.shown.year, visit.today)
        if isinstance(day, Refusal):
            return stay(day.why)
        before = view.person.deadline or view.shown.deadline_on
        if day <= before:
            return stay(t("deadlines.refuse.not_later", day=Weekday(before)))
        return go("why", day=day.isoformat())

    def _why(self, tx: Connection, visit: Visit, view: DeadlinesView, answer: Answer) -> Outcome:
        return go("confirm_own", reason=str(answer.value))

    def _confirm_own(self, tx: Connection, visit: Visit, view: DeadlinesView, answer: Answer) -> Outcome:
        if answer.option != "yes":
            return go(answer.option or "until")
        if view.person is None or view.day is None or not view.running:
            return go("overview", t("deadlines.lost"), **_DRAFT)
        member = MemberId(view.person.id)
        cycles.extend(tx, view.shown.id, member, view.day, view.reason, visit.now)
        self._note(tx, visit, "cycle.extended", view.shown.id, member=member, deadline=view.day)
        said = t("deadlines.extended.done", name=view.person.name, day=Weekday(view.day))
        return go("overview", said, **_DRAFT)

    def _meeting_on(self, tx: Connection, visit: Visit, view: DeadlinesView, answer: Answer) -> Outcome:
        if not view.running:
            return go("overview", t("deadlines.refuse.closed"))
        day = None if answer.option else day_meant(answer, view.shown.year, visit.today)
        if isinstance(day, Refusal):
            return stay(day.why)
        cycles.set_meeting(tx, view.shown.id, day)
        self._note(tx, visit, "cycle.meeting", view.shown.id, meeting=day)
        said = t("deadlines.meeting.set", day=Weekday(day)) if day else t("deadlines.meeting.cleared")
        return go("overview", said)

    def _reason(self, tx: Connection, visit: Visit, view: DeadlinesView, answer: Answer) -> Outcome:
        return go("confirm_close", reason=str(answer.value))

    def _confirm_close(self, tx: Connection, visit: Visit, view: DeadlinesView, answer: Answer) -> Outcome:
        if not view.running or not cycles.close(tx, view.shown.id, view.reason, visit.now):
            return go("overview", t("deadlines.refuse.closed"), **_DRAFT)
        self._note(tx, visit, "cycle.closed", view.shown.id)
        return go("overview", t("deadlines.closed", year=view.shown.year), **_DRAFT)

    def _warned(self, visit: Visit, day: date | None, year: int) -> tuple[Warned, ...]:
        if day is None:
            return ()
        around = self._manner.calendar(datetime.combine(day, time(12), visit.house.zone), visit.house.zone)
        found = concerns(day, visit.today, around, year)
        return tuple(self._warning(concern, day, year, visit) for concern in found)

    def _warning(self, concern: Concern, day: date, year: int, visit: Visit) -> Warned:
        rule = year_end(year)
        if concern is Concern.DAY_OFF:
            language = visit.known.member.language
            return Warned(concern, holiday_name(day, language, self._manner.country) or "")
        if concern is Concern.YEAR_END and rule is not None:
            return Warned(concern, rule.source, date(year, rule.month, rule.day))
        return Warned(concern, str(day.year))

    def _note(self, tx: Connection, visit: Visit, what: str, cycle: CycleId, **details: object) -> None:
        """Keep the act on the trail, and have the cell looked at with the next ring."""
        member = visit.known.member
        plain = {key: value.isoformat() if isinstance(value, date) else value for key, value in details.items()}
        audit.record(
            tx,
            now=visit.now,
            who=who(member.id),
            what=what,
            subject=f"cycle:{cycle}",
            cell=member.cell_id,
            details=plain,
        )
        kept.wake(tx, member.cell_id)


_STEPS: dict[str, Handle] = {
    "overview": DeadlinesRoom._overview,
    "year": DeadlinesRoom._year,
    "opens": DeadlinesRoom._opens,
    "deadline": DeadlinesRoom._deadline,
    "meeting": DeadlinesRoom._meeting,
    "confirm_new": DeadlinesRoom._confirm_new,
    "move": DeadlinesRoom._move,
    "confirm_move": DeadlinesRoom._confirm_move,
    "who": DeadlinesRoom._who,
    "until": DeadlinesRoom._until,
    "why": DeadlinesRoom._why,
    "confirm_own": DeadlinesRoom._confirm_own,
    "meeting_on": DeadlinesRoom._meeting_on,
    "reason": DeadlinesRoom._reason,
    "confirm_close": DeadlinesRoom._confirm_close,
}
