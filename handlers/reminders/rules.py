"""The ladder of reminders as rows of data, what somebody still owes, snoozing, and dates that need a warning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from handlers.reminders.calendar import Calendar, next_allowed
from storage.records import (
    Account,
    Cell,
    ChecklistItem,
    Cycle,
    CycleId,
    DeliveryTrouble,
    Due,
    Improvement,
    ItemId,
    Member,
    MemberId,
    NotRequired,
)


class Subject(StrEnum):
    """What a reminder is about."""

    REVIEW = "review"
    ITEMS = "items"
    PROMISES = "promises"


class Anchor(StrEnum):
    """The day from which a rung counts."""

    OPENING = "opening"
    DEADLINE = "deadline"


@dataclass(frozen=True, slots=True)
class Rung:
    """One row of the ladder: ``days`` from the anchor (negative is before it).

    ``useful_days`` says for how many days after its moment it still helps when the bot was down; None: until a
    later rung takes its place. The sentence is ``reminders.<subject>.<name>``.
    """

    subject: Subject
    name: str
    anchor: Anchor
    days: int
    useful_days: int | None

    @property
    def rule(self) -> str:
        """The name under which its occasions are kept."""
        return f"{self.subject}.{self.name}"


LADDER: tuple[Rung, ...] = (
    Rung(Subject.PROMISES, "before_3", Anchor.DEADLINE, -3, 1),
    Rung(Subject.PROMISES, "today", Anchor.DEADLINE, 0, 0),
    Rung(Subject.REVIEW, "invitation", Anchor.OPENING, 0, None),
    Rung(Subject.REVIEW, "before_14", Anchor.DEADLINE, -14, 4),
    Rung(Subject.REVIEW, "before_7", Anchor.DEADLINE, -7, 2),
    Rung(Subject.REVIEW, "before_3", Anchor.DEADLINE, -3, 1),
    Rung(Subject.REVIEW, "before_1", Anchor.DEADLINE, -1, 0),
    Rung(Subject.REVIEW, "today", Anchor.DEADLINE, 0, 0),
    Rung(Subject.REVIEW, "after_1", Anchor.DEADLINE, 1, 2),
    Rung(Subject.ITEMS, "before_14", Anchor.DEADLINE, -14, 4),
    Rung(Subject.ITEMS, "before_7", Anchor.DEADLINE, -7, 2),
    Rung(Subject.ITEMS, "before_3", Anchor.DEADLINE, -3, 1),
    Rung(Subject.ITEMS, "before_1", Anchor.DEADLINE, -1, 0),
    Rung(Subject.ITEMS, "today", Anchor.DEADLINE, 0, 0),
    Rung(Subject.ITEMS, "after_1", Anchor.DEADLINE, 1, 2),
)

_PROMISED_LEAD = max(-rung.days for rung in LADDER if rung.subject is Subject.PROMISES)
LONGEST_LEAD = max(-rung.days for rung in LADDER if rung.anchor is Anchor.DEADLINE)
LONGEST_TAIL = max(rung.days + (rung.useful_days or 0) for rung in LADDER if rung.anchor is Anchor.DEADLINE)

# Rules of due rows beside the ladder.
BUNDLE, CALL, SUMMARY, MANUAL, SNOOZE, MOVED, EXTENDED = (
    "bundle",
    "call",
    "summary",
    "manual",
    "snooze",
    "moved",
    "extended",
)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a cell may set: how many reminders may stay unanswered before a human being takes over."""

    escalate_after: int = 2


@dataclass(frozen=True, slots=True)
class Notice:
    """A deadline that changed: for all of a cycle, or (``member_id``) for one person."""

    cycle_id: CycleId
    to: date
    at: datetime
    member_id: MemberId | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """What the reminders need to know of one member.

    ``trouble`` None means that the bot can reach them. ``reminded_at`` are all reminders that went out lately,
    ``heard_at`` when anything last came from them. ``submitted`` are cycles that ask nothing more of them.
    ``settled`` are points that are done, not applicable, or blocked with a reason given: those are answered.
    ``spared_at``: when a reminder to them was last held back because a messenger's plan had run low.
    ``waiting`` are rows whose moment is still to come. ``accounts``: all of theirs, the one where they are reached
    first. ``returned``: in which cycles their review was given back, and when; that is owed again.
    ``promises``: what they said they would mend by a day of these weeks; nobody else is told of it.
    """

    member: Member
    not_required: NotRequired | None = None
    trouble: DeliveryTrouble | None = None
    entered_at: datetime | None = None
    heard_at: datetime | None = None
    reminded_at: tuple[datetime, ...] = ()
    snoozed_until: datetime | None = None
    submitted: frozenset[CycleId] = frozenset()
    settled: frozenset[ItemId] = frozenset()
    waiting: tuple[Due, ...] = ()
    accounts: tuple[Account, ...] = ()
    spared_at: datetime | None = None
    returned: tuple[tuple[CycleId, datetime], ...] = ()
    promises: tuple[Improvement, ...] = ()

    @property
    def who(self) -> str:
        """The name of this person in due rows."""
        return who(self.member.id)


@dataclass(frozen=True, slots=True)
class CellState:
    """Everything from which a cell's due work follows.

    ``known`` are the keys of rows that exist already, ``orphans`` waiting rows of people no longer on the roster.
    ``restored_at``: when the data were put back from a copy; what had come due by then may have been sent already.
    ``reopened`` are cycles that were closed once and opened again; ``opened_at`` says when.
    """

    cell: Cell
    cycles: tuple[Cycle, ...] = ()
    opened_at: Mapping[CycleId, datetime] | None = None
    closed_at: Mapping[CycleId, datetime] | None = None
    items: tuple[ChecklistItem, ...] = ()
    notices: tuple[Notice, ...] = ()
    people: tuple[Person, ...] = ()
    known: frozenset[tuple[str, str, str]] = frozenset()
    orphans: tuple[Due, ...] = ()
    policy: Policy = Policy()
    restored_at: datetime | None = None
    reopened: frozenset[CycleId] = frozenset()


@dataclass(frozen=True, slots=True)
class Owed:
    """What one person still has to do: reviews with their own deadlines, and points with due dates.

    ``promises`` are the person's own affair: with nothing else, nothing is owed.
    """

    reviews: tuple[tuple[Cycle, date], ...] = ()
    items: tuple[ChecklistItem, ...] = ()
    promises: tuple[Improvement, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.reviews or self.items)


def who(member: MemberId) -> str:
    """The name of a member in due rows."""
    return f"member:{member}"


def whose(cell: Cell) -> str:
    """The name of a whole cell in due rows."""
    return f"cell:{cell.id}"


def is_asked(person: Person) -> bool:
    """Whether anything is asked of this person at all: on the roster and required to review."""
    return person.member.removed_at is None and person.not_required is None


def owed(person: Person, state: CellState, today: date) -> Owed:
    """What this person still owes on that day: open cycles not submitted, points due within the longest lead."""
    if not is_asked(person):
        return Owed()
    horizon = today + timedelta(days=LONGEST_LEAD)
    reviews = tuple(
        (cycle, cycle.deadline_of(person.member.id))
        for cycle in state.cycles
        if cycle.takes_answers_on(today) and cycle.id not in person.submitted
    )
    items = tuple(
        item
        for item in state.items
        if item.due_on is not None and item.due_on <= horizon and item.id not in person.settled
    )
    soon = today + timedelta(days=_PROMISED_LEAD)
    promises = tuple(one for one in person.promises if one.due_on is not None and today <= one.due_on <= soon)
    return Owed(reviews, items, promises)


def unanswered(person: Person, since: datetime) -> tuple[datetime, ...]:
    """The reminders since ``since`` after which nothing was heard from this person."""
    heard = person.heard_at
    return tuple(at for at in person.reminded_at if at >= since and (heard is None or at > heard))


def left_unsaid(person: Person) -> bool:
    """Whether the last reminder to this person was held back, and nothing has passed between us since."""
    since = (*person.reminded_at, *([person.heard_at] if person.heard_at else []))
    return person.spared_at is not None and all(at <= person.spared_at for at in since)


class Later(StrEnum):
    """When somebody wants to be reminded again."""

    TONIGHT = "tonight"
    TOMORROW = "tomorrow"


def snooze_until(later: Later, now: datetime, calendar: Calendar) -> datetime:
    """The moment (UTC) that is meant; an evening that has passed already means the next morning."""
    today = calendar.day(now)
    tonight = calendar.at(today, calendar.hours.evening)
    if later is Later.TONIGHT and now < tonight:
        return next_allowed(tonight, calendar)
    return next_allowed(calendar.at(today + timedelta(days=1), calendar.hours.morning), calendar)


def snooze_choices(now: datetime, last_day: date | None, calendar: Calendar) -> tuple[Later, ...]:
    """Which delays still make sense before ``last_day`` has passed; all of them where no day is given."""
    today = calendar.day(now)
    found = []
    for later in Later:
        day = calendar.day(snooze_until(later, now, calendar))
        in_time = last_day is None or today > last_day or day <= last_day
        if in_time and (later is Later.TOMORROW or day == today):
            found.append(later)
    return tuple(found)


class Concern(StrEnum):
    """Why a date deserves a second look; none of them forbids it."""

    PAST = "past"
    DAY_OFF = "day_off"
    YEAR_END = "year_end"
    HOLIDAYS_UNKNOWN = "holidays_unknown"
    BEFORE_OPENING = "before_opening"


@dataclass(frozen=True, slots=True)
class YearEnd:
    """By when review and grading must be finished, as a rule of its years says: before ``month``/``day``."""

    from_year: int
    month: int
    day: int
    source: str


# The rule of a year is the last row that began in it or before; years before the first row: none was found.
YEAR_ENDS: tuple[YearEnd, ...] = (YearEnd(2025, 12, 31, "43-HD/BTCTW, mục 4"),)


def year_end(year: int) -> YearEnd | None:
    """The rule on finishing the review of that year; None where we know of none."""
    found = [row for row in YEAR_ENDS if row.from_year <= year]
    return found[-1] if found else None


def concerns(
    day: date, today: date, calendar: Calendar, year: int, opens_on: date | None = None
) -> tuple[Concern, ...]:
    """What to warn of before ``day`` becomes the deadline of the review of ``year``."""
    rule = year_end(year)
    checks = (
        (Concern.PAST, day < today),
        (Concern.BEFORE_OPENING, opens_on is not None and day < opens_on),
        (Concern.DAY_OFF, day in calendar.days_off),
        (Concern.HOLIDAYS_UNKNOWN, not calendar.knows(day)),
        # "Before" that day leaves the day itself out.
        (Concern.YEAR_END, rule is not None and day >= date(year, rule.month, rule.day)),
    )
    return tuple(concern for concern, holds in checks if holds)
