"""A cell on a real database file, with an open cycle, a bell to ring and people who answer."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, update

from handlers.reminders.actions import RemindersRoom
from handlers.reminders.bell import RingReport, ring
from handlers.reminders.calendar import Calendar
from handlers.reminders.daysoff import calendar_around
from handlers.reminders.deadlines import DeadlinesRoom
from handlers.review.forms import rule_set_for
from handlers.summary.actions import SummaryRoom
from storage import cycles, tables
from storage.records import Cycle, ItemState, ReviewState
from tests.stage import ZONE, Phone, Stage


def at(words: str) -> datetime:
    """``"18/12 08:00"`` of 2026, or with a year, in Hà Nội."""
    day, _, clock = words.partition(" ")
    numbers = [int(part) for part in day.split("/")]
    year = numbers[2] if len(numbers) == 3 else 2026
    return datetime.combine(date(year, numbers[1], numbers[0]), time.fromisoformat(clock or "08:00"), ZONE)


@dataclass
class House:
    """The stage with what these tests need on top of it."""

    stage: Stage

    def opens(
        self,
        opens_on: date = date(2026, 11, 23),
        deadline_on: date = date(2026, 12, 25),
        cell: str = "Chi bộ Một",
        year: int = 2026,
    ) -> Cycle:
        """Set up the year's cycle as the secretary would."""
        cell_id, now = self.stage.cell(cell), self.stage.now
        rules, today = rule_set_for(2026).id, now.astimezone(ZONE).date()
        made = self.stage.write(
            lambda tx: cycles.create(tx, cell_id, year, rules, opens_on, deadline_on, None, today, now)
        )
        assert made is not None
        return made

    def calendar(self, year: int) -> Calendar:
        """The calendar around a year, as it is without settings."""
        return calendar_around(year, ZONE)

    def cycle(self, cell: str = "Chi bộ Một") -> Cycle:
        """The cell's cycle as it stands."""
        cell_id = self.stage.cell(cell)
        found = self.stage.write(lambda tx: cycles.current(tx, cell_id))
        assert found is not None
        return found

    def rings(self, when: str | datetime, cell: str = "Chi bộ Một") -> RingReport:
        """Let the clock stand at that moment, ring the cell's bell, deliver."""
        self.stage.now = at(when) if isinstance(when, str) else when
        cell_id = self.stage.cell(cell)
        report = self.stage.write(lambda tx: ring(tx, self.stage.house, cell_id, self.stage.now))
        self.stage.deliver()
        return report

    def submits(self, who: Phone, cycle: Cycle) -> None:
        """As if the review had been handed in."""

        def work(tx: Connection) -> None:
            tx.execute(
                insert(tables.reviews).values(
                    cycle_id=cycle.id,
                    member_id=who.member,
                    form="2025/non_leader",
                    state=ReviewState.SUBMITTED,
                    begun_at=self.stage.now,
                    submitted_at=self.stage.now,
                )
            )

        self.stage.write(work)

    def item(self, number: int, due_on: date, cell: str = "Chi bộ Một") -> int:
        """A point of the cell's list with a date."""
        cell_id = self.stage.cell(cell)
        values = {
            "cell_id": cell_id,
            "year": 2026,
            "number": number,
            "label": f"Việc số {number}",
            "due_on": due_on,
        }
        statement = insert(tables.checklist_items).values(values).returning(tables.checklist_items.c.id)
        return int(self.stage.write(lambda tx: tx.execute(statement).scalar_one()))

    def marks(self, who: Phone, item: int, state: ItemState) -> None:
        """As if the point had been marked."""
        values = {"item_id": item, "member_id": who.member, "state": state, "marked_at": self.stage.now}
        self.stage.write(lambda tx: tx.execute(insert(tables.marks).values(**values, reason="", note="")))

    def changes(self, who: Phone, **values: object) -> None:
        """Change what the roster says of somebody."""
        statement = update(tables.members).where(tables.members.c.id == who.member).values(**values)
        self.stage.write(lambda tx: tx.execute(statement))

    def rows(self) -> list[tuple[str, str, str | None]]:
        """(rule, state, reason) of every due row, in the order in which they came."""
        table = tables.reminders
        query = select(table.c.rule, table.c.state, table.c.reason).order_by(table.c.id)
        return [tuple(row) for row in self.stage.write(lambda tx: tx.execute(query).all())]


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An upgraded database file without a row: copying it is faster than upgrading every time."""
    folder = tmp_path_factory.mktemp("empty")
    Stage(folder).close()
    return folder / "stage.db"


@pytest.fixture
def house(tmp_path: Path, empty_database: Path) -> Iterator[House]:
    """A stage with the rooms of this capability."""
    shutil.copy(empty_database, tmp_path)
    stage = Stage(tmp_path, [RemindersRoom(), DeadlinesRoom(), SummaryRoom()])
    stage.now = at("22/11 09:00")
    yield House(stage)
    stage.close()
