"""The year's cycle and its dates, declared as values: open, move, extend for one person, close."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from handlers.dialogue.flow import END, Flow, Option, Refusal, Step, Takes, refusal
from handlers.dialogue.phrases import Phrase, Plain, Weekday, lines, paragraphs, stack, t
from handlers.organisation.permissions import Verb
from handlers.reminders.dates import read_day
from handlers.reminders.flow import TOGGLES, on_page, pages
from handlers.reminders.rules import Concern
from storage.records import Cycle, CycleState

MOST_REASON = 200


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
    """What the screens need: ``day`` is the date in question, ``opens`` and ``meeting`` belong to a new cycle."""

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
    invited: int = 0
    invited_at: datetime | None = None

    @property
    def running(self) -> bool:
        """Whether the cycle in view can still be changed."""
        return self.cycle is not None and self.cycle.state is not CycleState.CLOSED

    @property
    def shown(self) -> Cycle:
        """The cycle in view; raises LookupError where there is none."""
        if self.cycle is None:
            raise LookupError("no cycle in view")
        return self.cycle


def _overview(view: DeadlinesView) -> Phrase:
    if view.cycle is None:
        return paragraphs(t("deadlines.head"), t("deadlines.none"))
    cycle = view.cycle
    return paragraphs(
        t("deadlines.head"),
        lines(
            t(f"deadlines.state.{cycle.state}", year=cycle.year),
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


def _acts(view: DeadlinesView) -> tuple[Option, ...]:
    found = []
    if view.running:
        found += [
            Option("move", t("deadlines.button.move"), ("doi han", "move")),
            Option("who", t("deadlines.button.extend"), ("gia han", "extend")),
            Option("meeting_on", t("deadlines.button.meeting"), ("ngay hop", "meeting"), wide=False),
            Option("reason", t("deadlines.button.close"), ("ket thuc", "close"), wide=False),
        ]
    if view.years:
        found.append(Option("year", t("deadlines.button.new"), ("mo ky moi", "new")))
    found += [
        Option(f"cycle{other.id}", t("deadlines.button.other", year=other.year), (str(other.year),), wide=False)
        for other in view.others[:3]
    ]
    return tuple(found)


def _years(view: DeadlinesView) -> tuple[Option, ...]:
    return tuple(Option(f"y{year}", Plain(str(year)), wide=False) for year in view.years)


def _read_year(text: str) -> int | Refusal:
    digits = text.strip()
    if len(digits) == 4 and digits.isascii() and digits.isdigit():
        return int(digits)
    return refusal("deadlines.year.unreadable")


def _suggestions(view: DeadlinesView) -> tuple[Option, ...]:
    return tuple(Option(f"d{day.isoformat()}", t("deadlines.day", day=Weekday(day))) for day in view.suggested)


def _opening(view: DeadlinesView) -> tuple[Option, ...]:
    return (Option("today", t("deadlines.button.today", day=view.today), ("hom nay", "today")),)


def _no_meeting(view: DeadlinesView) -> tuple[Option, ...]:
    return (Option("none", t("deadlines.button.no_meeting"), ("chua dinh", "none")),)


def _warnings(view: DeadlinesView) -> Phrase | None:
    if not view.warned:
        return None
    return stack(map(_warning, view.warned))


def _warning(found: Warned) -> Phrase:
    if found.concern is Concern.DAY_OFF and not found.name:
        return t("deadlines.concern.local_day_off")
    return t(f"deadlines.concern.{found.concern}", name=found.name, on=found.on or "")


def _confirm_new(view: DeadlinesView) -> Phrase:
    return paragraphs(
        t("deadlines.confirm.new", year=view.year),
        lines(
            t("deadlines.opens", day=Weekday(view.opens)) if view.opens else None,
            t("deadlines.deadline", day=Weekday(view.day)) if view.day else None,
            t("deadlines.meeting", day=Weekday(view.meeting)) if view.meeting else None,
            t("deadlines.rules", rules=view.rules),
        ),
        _warnings(view),
        t("deadlines.confirm.invites", count=view.invited, at=view.invited_at) if view.invited_at else None,
    )


def _confirm_move(view: DeadlinesView) -> Phrase:
    new = view.day or view.shown.deadline_on
    return paragraphs(
        t("deadlines.confirm.move", year=view.shown.year),
        lines(
            t("deadlines.confirm.was", day=Weekday(view.shown.deadline_on)),
            t("deadlines.confirm.becomes", day=Weekday(new)),
        ),
        _warnings(view),
        t("deadlines.confirm.told", count=view.required - view.submitted),
    )


def _confirm_own(view: DeadlinesView) -> Phrase:
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


def _confirm_close(view: DeadlinesView) -> Phrase:
    return paragraphs(
        t("deadlines.confirm.close", year=view.shown.year),
        t("deadlines.progress", submitted=view.submitted, required=view.required),
        t("deadlines.confirm.close.left", count=view.required - view.submitted),
        t("deadlines.confirm.reason", reason=view.reason) if view.reason else None,
    )


def _yes(label: str, *back: str) -> tuple[Option, ...]:
    return (Option("yes", t(label), ("dong y", "co", "yes", "ok")), *map(_again, back))


def _again(step: str) -> Option:
    return Option(step, t("deadlines.button.again"), ("sua", "doi", "change"))


def _who(view: DeadlinesView) -> tuple[Option, ...]:
    shown = on_page(view.people, view.page, TOGGLES)
    named: Iterable[Option] = (Option(f"p{one.id}", Plain(one.name)) for one in shown)
    return (*named, *pages(view.people, view.page, TOGGLES))


DEADLINES = Flow[DeadlinesView](
    name="deadlines",
    first="overview",
    commands=("deadlines", "han"),
    verb=Verb.DEADLINES_MANAGE,
    steps=(
        Step(
            "overview",
            ask="deadlines.head",
            body=_overview,
            options=_acts,
            leads=("move", "who", "meeting_on", "reason", "year", END),
        ),
        Step(
            "year",
            ask="deadlines.ask.year",
            takes=Takes.LINE,
            options=_years,
            read=_read_year,
            back="overview",
            leads=("opens",),
        ),
        Step(
            "opens",
            ask="deadlines.ask.opens",
            takes=Takes.DATE,
            body=lambda view: t("deadlines.ask.opens", year=view.year),
            options=_opening,
            read=read_day,
            back="year",
            leads=("deadline",),
        ),
        Step(
            "deadline",
            ask="deadlines.ask.deadline",
            takes=Takes.DATE,
            options=_suggestions,
            read=read_day,
            back="opens",
            leads=("meeting",),
        ),
        Step(
            "meeting",
            ask="deadlines.ask.meeting",
            takes=Takes.DATE,
            options=_no_meeting,
            read=read_day,
            back="deadline",
            leads=("confirm_new",),
        ),
        Step(
            "confirm_new",
            ask="deadlines.confirm.new",
            body=_confirm_new,
            options=lambda _: _yes("deadlines.button.open", "deadline"),
            back="meeting",
            leads=("overview", "deadline"),
        ),
        Step(
            "move",
            ask="deadlines.ask.move",
            takes=Takes.DATE,
            options=_suggestions,
            read=read_day,
            back="overview",
            leads=("confirm_move",),
        ),
        Step(
            "confirm_move",
            ask="deadlines.confirm.move",
            body=_confirm_move,
            options=lambda _: _yes("deadlines.button.do_move", "move"),
            back="move",
            leads=("overview", "move"),
        ),
        Step(
            "who",
            ask="deadlines.ask.who",
            takes=Takes.LINE,
            options=_who,
            back="overview",
            leads=("until",),
        ),
        Step(
            "until",
            ask="deadlines.ask.until",
            takes=Takes.DATE,
            body=lambda view: t("deadlines.ask.until", name=view.person.name if view.person else "–"),
            options=_suggestions,
            read=read_day,
            back="who",
            leads=("why",),
        ),
        Step(
            "why",
            ask="deadlines.ask.why",
            takes=Takes.LINE,
            optional=True,
            back="until",
            leads=("confirm_own",),
            most=MOST_REASON,
        ),
        Step(
            "confirm_own",
            ask="deadlines.confirm.own",
            body=_confirm_own,
            options=lambda _: _yes("deadlines.button.do_extend", "until"),
            back="until",
            leads=("overview", "until"),
        ),
        Step(
            "meeting_on",
            ask="deadlines.ask.meeting",
            takes=Takes.DATE,
            options=_no_meeting,
            read=read_day,
            back="overview",
            leads=("overview",),
        ),
        Step(
            "reason",
            ask="deadlines.ask.reason",
            takes=Takes.LINE,
            back="overview",
            leads=("confirm_close",),
            most=MOST_REASON,
        ),
        Step(
            "confirm_close",
            ask="deadlines.confirm.close",
            body=_confirm_close,
            options=lambda _: _yes("deadlines.button.do_close"),
            back="overview",
            leads=("overview",),
        ),
    ),
)
