"""The year's cycle: opened, its deadline moved, extended for one person, closed; every act is kept on the trail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import Flow, Refusal
from handlers.dialogue.fold import fold
from handlers.dialogue.phrases import Weekday, t
from handlers.dialogue.room import Outcome, Recipe, Visit, enter, go, stay
from handlers.dialogue.said import Command
from handlers.organisation.permissions import Verb
from handlers.reminders.calendar import Calendar
from handlers.reminders.daysoff import holiday_name
from handlers.reminders.deadlines_flow import DEADLINES
from handlers.reminders.deadlines_screens import DeadlinesView, Warned
from handlers.reminders.deadlines_turns import DRAFT as _DRAFT
from handlers.reminders.deadlines_turns import TURNS, turned
from handlers.reminders.loading import Manner
from handlers.reminders.periods import Copy, Period, copied, period_of, quarters_to_open
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
from handlers.reminders.rules import Concern, concerns, year_end
from handlers.reminders.trail import note
from handlers.review.naming import period_of as named_period
from handlers.review.naming import year_of
from storage import cycles
from storage import reminders as kept
from storage.records import Cycle, CycleId, CycleKind, MemberId
from storage.transaction import Connection

Handle = Callable[["DeadlinesRoom", Connection, Visit, DeadlinesView, Answer], Outcome]


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
        period = Period(year, CycleKind(str(data.get("kind") or CycleKind.YEARLY)), number_in(data, "number"))
        taken = [period_of(one) for one in rounds]
        rules = rules_of(year) or ""
        opens, day, meeting = day_in(data, "opens"), day_in(data, "day"), day_in(data, "meeting")
        invited = asked(roster, rules, meeting or day) if rules and day else []
        return DeadlinesView(
            today=visit.today,
            cycle=cycle,
            others=tuple(c for c in rounds if cycle is None or c.id != cycle.id),
            years=years_to_open(visit.today.year, {c.year for c in rounds if c.kind is CycleKind.YEARLY}),
            kind=period.kind,
            number=period.number,
            quarters=quarters_to_open(visit.today, taken),
            copy=self._copy(visit, cycle, taken),
            copying=bool(data.get("copy")),
            year=year,
            rules=rules,
            opens=opens,
            day=day,
            meeting=meeting,
            suggested=tuple(suggested_days(opens, cycle, period, visit.today, calendar)),
            warned=self._warned(visit, day, period if opens or cycle is None else period_of(cycle)),
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
        if answer.step in TURNS:
            return turned(tx, visit, view, answer)
        return _STEPS[answer.step](self, tx, visit, view, answer)

    def _overview(self, tx: Connection, visit: Visit, view: DeadlinesView, answer: Answer) -> Outcome:
        option = answer.option or ""
        if option.startswith("cycle"):
            return stay(None, **_DRAFT, cycle=int(option.removeprefix("cycle")))
        cycle = view.cycle.id if view.cycle else None
        return go(option, None, **_DRAFT, page=0, cycle=cycle)

    def _year(self, tx: Connection, visit: Visit, view: DeadlinesView, answer: Answer) -> Outcome:
        match answer.option:
            case "copy" if view.copy is not None:
                return _copied(view.copy)
            case "quarter":
                return go("quarter")
            case "needed":
                kind = CycleKind.WHEN_NEEDED
                last = cycles.last_period(tx, visit.known.cell.id, visit.today.year, kind)
                return self._period(tx, visit, Period(visit.today.year, kind, last + 1))
        year = int(answer.option[1:]) if answer.option else answer.value
        if not isinstance(year, int):
            return stay(t("deadlines.year.unreadable"))
        return self._period(tx, visit, Period(year))

    def _quarter(self, tx: Connection, visit: Visit, view: DeadlinesView, answer: Answer) -> Outcome:
        if answer.option:
            year, _, number = answer.option[1:].partition("-")
            return self._period(tx, visit, Period(int(year), CycleKind.QUARTERLY, int(number)))
        meant = answer.value
        if not isinstance(meant, Period):
            return stay(t("deadlines.quarter.unreadable"))
        return self._period(tx, visit, replace(meant, year=meant.year or visit.today.year))

    def _period(self, tx: Connection, visit: Visit, period: Period) -> Outcome:
        if cycles.of_period(tx, visit.known.cell.id, period.year, period.kind, period.number):
            named = named_period(period.year, period.kind, period.number)
            return stay(t("deadlines.year.taken", year=named))
        if rules_of(period.year) is None:
            return stay(t("deadlines.year.no_rules", year=period.year))
        return go("opens", year=period.year, kind=period.kind, number=period.number, copy=None)

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
            tx,
            cell.id,
            view.year,
            view.rules,
            view.opens,
            view.day,
            view.meeting,
            visit.today,
            visit.now,
            view.kind,
            view.number,
        )
        if made is None:
            return go("overview", t("deadlines.year.taken", year=view.named), **_DRAFT)
        facts = {"opens": view.opens, "deadline": view.day, "rules": view.rules}
        of = {"copied": view.copy.of.id} if view.copying and view.copy else {}
        self._note(tx, visit, "cycle.created", made.id, **facts, **of)
        said = t("deadlines.opened", year=year_of(made), at=view.invited_at or visit.now)
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
        cycles.note_turn(tx, view.shown.id, cycles.Turn.CLOSED, view.reason, visit.known.member.id, visit.now)
        self._note(tx, visit, "cycle.closed", view.shown.id)
        return go("overview", t("deadlines.closed", year=year_of(view.shown)), **_DRAFT)

    def _copy(self, visit: Visit, cycle: Cycle | None, taken: list[Period]) -> Copy | None:
        """What would follow the cycle in view, where its year has rules."""
        if cycle is None:
            return None

        def working(day: date) -> date:
            around = self._around(visit, day)
            while day in around.days_off:
                day -= timedelta(days=1)
            return day

        found = copied(cycle, taken, visit.today, working)
        return found if found and rules_of(found.period.year) else None

    def _around(self, visit: Visit, day: date) -> Calendar:
        return self._manner.calendar(datetime.combine(day, time(12), visit.house.zone), visit.house.zone)

    def _warned(self, visit: Visit, day: date | None, period: Period) -> tuple[Warned, ...]:
        if day is None:
            return ()
        found = concerns(day, visit.today, self._around(visit, day), period.year)
        # The rule on the end of the year speaks of the yearly review.
        others = [one for one in found if one is not Concern.YEAR_END or period.kind is CycleKind.YEARLY]
        return tuple(self._warning(concern, day, period.year, visit) for concern in others)

    def _warning(self, concern: Concern, day: date, year: int, visit: Visit) -> Warned:
        rule = year_end(year)
        if concern is Concern.DAY_OFF:
            language = visit.known.member.language
            return Warned(concern, holiday_name(day, language, self._manner.country) or "")
        if concern is Concern.YEAR_END and rule is not None:
            return Warned(concern, rule.source, date(year, rule.month, rule.day))
        return Warned(concern, str(day.year))

    def _note(self, tx: Connection, visit: Visit, what: str, cycle: CycleId, **details: object) -> None:
        note(tx, visit, what, cycle, **details)


def _copied(copy: Copy) -> Outcome:
    """To the last look at a cycle whose every day was proposed from an earlier one."""
    return go(
        "confirm_new",
        year=copy.period.year,
        kind=copy.period.kind,
        number=copy.period.number,
        copy=copy.of.id,
        opens=copy.opens.isoformat(),
        day=copy.deadline.isoformat(),
        meeting=copy.meeting.isoformat() if copy.meeting else None,
    )


_STEPS: dict[str, Handle] = {
    "overview": DeadlinesRoom._overview,
    "year": DeadlinesRoom._year,
    "quarter": DeadlinesRoom._quarter,
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
