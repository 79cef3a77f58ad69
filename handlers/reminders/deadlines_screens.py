"""What the screens about the year's cycle show: the facts of one turn, and phrases and buttons made of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from handlers.dialogue.flow import Option
from handlers.dialogue.phrases import Param, Phrase, Plain, Weekday, lines, paragraphs, stack, t
from handlers.reminders.flow import TOGGLES, on_page, pages
from handlers.reminders.periods import Copy, Period
from handlers.reminders.rules import Concern
from handlers.review.duedates import national_days
from handlers.review.naming import period_of as period_named
from handlers.review.naming import year_of
from storage.records import Cycle, CycleKind, CycleState


@dataclass(frozen=True, slots=True)
class Warned:
    """A reason to look at a date twice; ``name`` is the holiday's or the rule's, ``on`` the day it names."""

    concern: Concern
    name: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Own:
    """One person and their last day; ``id`` names them on a button."""

    id: int
    name: str
    deadline: date | None = None


@dataclass(frozen=True, slots=True)
class DeadlinesView:
    """What the screens need: ``day`` is the date in question, ``opens`` and ``meeting`` belong to a new cycle.

    ``kind`` and ``number`` say which period of ``year`` a new one is for; ``copy`` is what would follow the cycle
    in view, ``copying`` says that this is being set up.
    """

    today: date = date.min
    cycle: Cycle | None = None
    others: tuple[Cycle, ...] = ()
    required: int = 0
    submitted: int = 0
    away: int = 0
    extended: tuple[Own, ...] = ()
    people: tuple[Own, ...] = ()
    page: int = 0
    years: tuple[int, ...] = ()
    year: int = 0
    rules: str = ""
    opens: date | None = None
    day: date | None = None
    meeting: date | None = None
    suggested: tuple[date, ...] = ()
    warned: tuple[Warned, ...] = ()
    person: Own | None = None
    reason: str = ""
    kind: CycleKind = CycleKind.YEARLY
    number: int = 0
    quarters: tuple[Period, ...] = ()
    copy: Copy | None = None
    copying: bool = False
    invited: int = 0
    invited_at: datetime | None = None

    @property
    def running(self) -> bool:
        """Whether the cycle in view can still be changed."""
        return self.cycle is not None and self.cycle.state is not CycleState.CLOSED

    @property
    def named(self) -> Param:
        """The period of a new cycle, as ``{year}`` of a sentence."""
        return period_named(self.year, self.kind, self.number)

    @property
    def shown(self) -> Cycle:
        """The cycle in view; raises LookupError where there is none."""
        if self.cycle is None:
            raise LookupError("no cycle in view")
        return self.cycle


def overview(view: DeadlinesView) -> Phrase:
    """Where the cycle in view stands."""
    if view.cycle is None:
        return paragraphs(t("deadlines.head"), t("deadlines.none"))
    cycle = view.cycle
    return paragraphs(
        t("deadlines.head"),
        lines(
            t(f"deadlines.state.{cycle.state}", year=year_of(cycle)),
            t("deadlines.confirm.reason", reason=cycle.paused_reason) if cycle.paused_reason else None,
            t("deadlines.opens", day=Weekday(cycle.opens_on)),
            t("deadlines.deadline", day=Weekday(cycle.deadline_on)),
            t("deadlines.meeting", day=Weekday(cycle.meeting_on)) if cycle.meeting_on else None,
            t("deadlines.progress", submitted=view.submitted, required=view.required),
            t("deadlines.away", count=view.away) if view.away else None,
        ),
        _extended(view.extended),
    )


def _extended(own: tuple[Own, ...]) -> Phrase | None:
    if not own:
        return None
    rows = [t("deadlines.extended.one", name=one.name, day=one.deadline) for one in own if one.deadline]
    return stack([t("deadlines.extended"), *rows])


def acts(view: DeadlinesView) -> tuple[Option, ...]:
    """What can be done with it, and the other years."""
    found = []
    if view.running:
        found += [
            Option("move", t("deadlines.button.move"), ("doi han", "move")),
            Option("who", t("deadlines.button.extend"), ("gia han", "extend")),
            Option("meeting_on", t("deadlines.button.meeting"), ("ngay hop", "meeting"), wide=False),
            Option("reason", t("deadlines.button.close"), ("ket thuc", "close"), wide=False),
        ]
    found += _turns(view.cycle)
    found.append(Option("year", t("deadlines.button.new"), ("mo ky moi", "new")))
    found += [
        Option(f"cycle{other.id}", t("deadlines.button.other", year=year_of(other)), (str(other.year),), wide=False)
        for other in view.others[:6]
    ]
    return tuple(found)


def _turns(cycle: Cycle | None) -> list[Option]:
    state = cycle.state if cycle else None
    if state is CycleState.OPEN:
        return [Option("pause_reason", t("deadlines.button.pause"), ("tam dung", "pause"))]
    if state is CycleState.PAUSED:
        return [Option("confirm_resume", t("deadlines.button.resume"), ("tiep tuc", "resume"))]
    if state is CycleState.CLOSED:
        return [Option("reopen_reason", t("deadlines.button.reopen"), ("mo lai", "reopen"))]
    return []


def years(view: DeadlinesView) -> tuple[Option, ...]:
    """Years that a cycle can be opened for, other rhythms, and the cycle that would follow the one in view."""
    of_year = [Option(f"y{year}", Plain(str(year)), wide=False) for year in view.years]
    if view.copy is not None:
        label = t("deadlines.button.copy", year=year_of(view.copy.of))
        of_year.append(Option("copy", label, ("nhu ky truoc", "chep", "copy")))
    return (
        *of_year,
        Option("quarter", t("deadlines.button.quarter"), ("quy", "theo quy", "quarter")),
        Option("needed", t("deadlines.button.needed"), ("khi can", "when needed")),
    )


def quarters(view: DeadlinesView) -> tuple[Option, ...]:
    """Quarters that a cycle can be opened for."""
    return tuple(
        Option(f"q{one.year}-{one.number}", t("deadlines.button.quarter_of", quarter=one.number, year=one.year))
        for one in view.quarters
    )


def deadline_day(view: DeadlinesView) -> Phrase:
    """The question for the last day, under the days that the rules of the year name: they only help to choose."""
    return paragraphs(national_days(view.rules, view.year), t("deadlines.ask.deadline"))


def suggestions(view: DeadlinesView) -> tuple[Option, ...]:
    """Dates to choose from, each with its weekday."""
    return tuple(Option(f"d{day.isoformat()}", t("deadlines.day", day=Weekday(day))) for day in view.suggested)


def opening(view: DeadlinesView) -> tuple[Option, ...]:
    """Opening at once."""
    return (Option("today", t("deadlines.button.today", day=view.today), ("hom nay", "today")),)


def no_meeting(view: DeadlinesView) -> tuple[Option, ...]:
    """Leaving the day of the meeting open."""
    return (Option("none", t("deadlines.button.no_meeting"), ("chua dinh", "none")),)


def _warnings(view: DeadlinesView) -> Phrase | None:
    if not view.warned:
        return None
    return stack(map(_warning, view.warned))


def _warning(found: Warned) -> Phrase:
    if found.concern is Concern.DAY_OFF and not found.name:
        return t("deadlines.concern.local_day_off")
    return t(f"deadlines.concern.{found.concern}", name=found.name, on=found.on or "")


def confirm_new(view: DeadlinesView) -> Phrase:
    """A new cycle before it is set up: every date with its weekday, and what to look at twice."""
    return paragraphs(
        t("deadlines.confirm.new", year=view.named),
        t("deadlines.confirm.copied", year=year_of(view.copy.of)) if view.copying and view.copy else None,
        lines(
            t("deadlines.opens", day=Weekday(view.opens)) if view.opens else None,
            t("deadlines.deadline", day=Weekday(view.day)) if view.day else None,
            t("deadlines.meeting", day=Weekday(view.meeting)) if view.meeting else None,
            t("deadlines.rules", rules=view.rules),
        ),
        _warnings(view),
        t("deadlines.confirm.invites", count=view.invited, at=view.invited_at) if view.invited_at else None,
    )


def confirm_move(view: DeadlinesView) -> Phrase:
    """The old and the new deadline, and who will be told."""
    new = view.day or view.shown.deadline_on
    return paragraphs(
        t("deadlines.confirm.move", year=year_of(view.shown)),
        lines(
            t("deadlines.confirm.was", day=Weekday(view.shown.deadline_on)),
            t("deadlines.confirm.becomes", day=Weekday(new)),
        ),
        _warnings(view),
        t("deadlines.confirm.told", count=view.required - view.submitted),
    )


def confirm_own(view: DeadlinesView) -> Phrase:
    """One person's old and new last day."""
    person, day = view.person, view.day
    if person is None or day is None:
        return t("deadlines.lost")
    return paragraphs(
        t("deadlines.confirm.own", name=person.name),
        lines(
            t("deadlines.confirm.was", day=Weekday(person.deadline or view.shown.deadline_on)),
            t("deadlines.confirm.becomes", day=Weekday(day)),
            t("deadlines.confirm.reason", reason=view.reason) if view.reason else None,
        ),
        _warnings(view),
    )


def confirm_close(view: DeadlinesView) -> Phrase:
    """What closing means, and who has not handed in."""
    return paragraphs(
        t("deadlines.confirm.close", year=year_of(view.shown)),
        t("deadlines.progress", submitted=view.submitted, required=view.required),
        t("deadlines.confirm.close.left", count=view.required - view.submitted),
        t("deadlines.confirm.reason", reason=view.reason) if view.reason else None,
    )


def confirm_pause(view: DeadlinesView) -> Phrase:
    """What pausing means, and why."""
    return paragraphs(
        t("deadlines.confirm.pause", year=year_of(view.shown)),
        t("deadlines.confirm.reason", reason=view.reason),
    )


def confirm_resume(view: DeadlinesView) -> Phrase:
    """Why it was paused, and where the deadline stands now."""
    cycle = view.shown
    return paragraphs(
        t("deadlines.confirm.resume", year=year_of(cycle)),
        t("deadlines.confirm.reason", reason=cycle.paused_reason),
        t("deadlines.deadline", day=Weekday(cycle.deadline_on)),
        t("deadlines.resume.late") if cycle.deadline_on < view.today else None,
    )


def confirm_reopen(view: DeadlinesView) -> Phrase:
    """A closed cycle before it is opened again: until when, why, and who will hear of it."""
    day = view.day or view.shown.deadline_on
    return paragraphs(
        t("deadlines.confirm.reopen", year=year_of(view.shown)),
        lines(
            t("deadlines.confirm.was", day=Weekday(view.shown.deadline_on)),
            t("deadlines.confirm.becomes", day=Weekday(day)),
            t("deadlines.confirm.reason", reason=view.reason),
        ),
        t("deadlines.confirm.reopen.kept") if day < view.today else _warnings(view),
        t("deadlines.confirm.told", count=view.required - view.submitted) if day >= view.today else None,
    )


def reopening(view: DeadlinesView) -> tuple[Option, ...]:
    """Days to choose from, and the deadline as it was: then only single forms are opened, by returning them."""
    label = t("deadlines.button.keep", day=Weekday(view.shown.deadline_on))
    return (*suggestions(view), Option("keep", label, ("giu han cu", "giu nguyen", "keep")))


def yes(label: str, *back: str) -> tuple[Option, ...]:
    """The button that does it, and the one that leads back to ``back`` for another day."""
    return (Option("yes", t(label), ("dong y", "co", "yes", "ok")), *map(_again, back))


def _again(step: str) -> Option:
    return Option(step, t("deadlines.button.again"), ("sua", "doi", "change"))


def who(view: DeadlinesView) -> tuple[Option, ...]:
    """People who have not handed in, a page at a time."""
    shown = on_page(view.people, view.page, TOGGLES)
    named: Iterable[Option] = (Option(f"p{one.id}", Plain(one.name)) for one in shown)
    return (*named, *pages(view.people, view.page, TOGGLES))
