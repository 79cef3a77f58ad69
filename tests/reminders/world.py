"""A cell in memory: rings the plan, remembers what it said, lets people answer. Only the plan decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers.reminders.calendar import next_awake
from handlers.reminders.daysoff import calendar_around
from handlers.reminders.plan import plan
from handlers.reminders.rules import BUNDLE, MANUAL, CellState, Notice, Person
from storage.records import (
    Cell,
    CellId,
    ChecklistItem,
    Cycle,
    CycleId,
    CycleState,
    DropReason,
    Due,
    DueState,
    FormKind,
    ItemId,
    Member,
    MemberId,
    Status,
)

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
CELL = Cell(CellId(1), "Chi bộ thử")
CYCLE = Cycle(CycleId(7), CELL.id, 2026, "2025", date(2026, 11, 23), date(2026, 12, 25))
OPENED = datetime(2026, 11, 20, 8, tzinfo=HANOI)


def at(words: str) -> datetime:
    """``"18/12 08:00"`` of 2026 (or with a year) in Hà Nội."""
    day, _, clock = words.partition(" ")
    numbers = [int(n) for n in day.split("/")]
    year = numbers[2] if len(numbers) == 3 else 2026
    return datetime.combine(date(year, numbers[1], numbers[0]), time.fromisoformat(clock or "08:00"), HANOI)


def member(number: int = 1, **facts: object) -> Member:
    """An ordinary member of the cell."""
    base = Member(
        MemberId(number), CELL.id, f"P{number}", f"Đảng viên {number}", FormKind.NON_LEADER, Status.OFFICIAL
    )
    return replace(base, **facts)  # type: ignore[arg-type]


def item(number: int, due_on: date | None) -> ChecklistItem:
    """One point of the year's list."""
    return ChecklistItem(ItemId(number), CELL.id, 2026, number, f"Việc {number}", due_on)


class World:
    """``rows`` is what the due table would hold; ``said`` the automatic messages: (person, when, rules in it)."""

    def __init__(
        self, *people: Person, cycles: tuple[Cycle, ...] = (CYCLE,), items: tuple[ChecklistItem, ...] = ()
    ):
        self.people = {p.member.id: p for p in people or (Person(member()),)}
        self.cycles, self.items = cycles, items
        self.opened = {cycle.id: OPENED for cycle in cycles}
        self.closed: dict[CycleId, datetime] = {}
        self.notices: tuple[Notice, ...] = ()
        self.rows: dict[tuple[str, str, str], Due] = {}
        self.said: list[tuple[MemberId, datetime, tuple[str, ...]]] = []

    def state(self) -> CellState:
        return CellState(
            cell=CELL,
            cycles=self.cycles,
            opened_at=self.opened,
            closed_at=self.closed,
            items=self.items,
            notices=self.notices,
            people=tuple(self.people.values()),
            known=frozenset(key for key, due in self.rows.items() if due.state is not DueState.PENDING),
        )

    def change(self, number: int = 1, **facts: object) -> None:
        key = MemberId(number)
        self.people[key] = replace(self.people[key], **facts)  # type: ignore[arg-type]

    def hears(self, now: datetime, number: int = 1) -> None:
        self.change(number, heard_at=now)

    def submits(self, now: datetime, number: int = 1) -> None:
        self.change(number, heard_at=now, submitted=frozenset({CYCLE.id}))

    def nudges(self, now: datetime, number: int = 1) -> None:
        """The secretary presses "remind" by hand."""
        person = self.people[MemberId(number)]
        moment = next_awake(now, calendar_around(now.year, HANOI))
        row = Due(
            CELL.id, person.who, MANUAL, moment.date().isoformat(), moment, DueState.PENDING, person.member.id
        )
        self.rows.setdefault(row.key, row)
        self.change(number, waiting=(row,) if self.rows[row.key] is row else person.waiting)

    def ring(self, now: datetime) -> tuple[Due, ...]:
        """One ring; what the database would refuse twice is refused here too."""
        dues = plan(now, self.state(), calendar_around(now.astimezone(HANOI).year, HANOI))
        for due in dues:
            old = self.rows.get(due.key)
            assert old is None or old.state is DueState.PENDING, f"twice: {due.key}"
            self.rows[due.key] = due
        for person in list(self.people.values()):
            rules = [
                d.rule
                for d in dues
                if d.member_id == person.member.id and d.state is DueState.SENT and d.rule not in {BUNDLE, "call"}
            ]
            waiting = tuple(d for d in person.waiting if self.rows[d.key].state is DueState.PENDING)
            self.change(person.member.id, waiting=waiting)
            if rules:
                self.said.append((person.member.id, now, tuple(rules)))
                self.change(person.member.id, reminded_at=(*person.reminded_at, now.astimezone(UTC)))
        return dues

    def run(self, start: datetime, end: datetime, every: timedelta = timedelta(minutes=30)) -> None:
        """Ring and ring until ``end`` (left out)."""
        now = start
        while now < end:
            self.ring(now)
            now += every

    def told(self, number: int = 1) -> list[tuple[str, str]]:
        """What one person was sent: (local time, rules joined by +)."""
        return [
            (now.astimezone(HANOI).strftime("%d/%m %H:%M"), "+".join(rules))
            for who, now, rules in self.said
            if who == number
        ]

    def dropped(self, number: int = 1) -> dict[str, DropReason]:
        """Rule → why it was dropped, for one person."""
        return {d.rule: d.dropped for d in self.rows.values() if d.member_id == number and d.dropped is not None}

    def calls(self) -> list[str]:
        """Who is on the call list, with the occasion."""
        return [f"{d.member_id} {d.occasion}" for d in self.rows.values() if d.rule == "call"]


OPEN = CycleState.OPEN
