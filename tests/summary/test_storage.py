"""What a summary is counted from, in a real database: few statements, nothing of another cell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from handlers.summary.actions import gather
from storage import accounts, checklists, cycles, groups, members, reviews, summaries
from storage.records import (
    Address,
    CellId,
    Cycle,
    DeliveryTrouble,
    Grade,
    ItemState,
    Mark,
    MemberId,
    Role,
    RosterLine,
)
from tests.stage import Stage
from tests.summary.build import submit

ONE, TWO = "Chi bộ Một", "Chi bộ Hai"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.close()


def open_cycle(stage: Stage, cell: CellId, year: int = 2026) -> Cycle:
    opens, deadline = date(year, 11, 1), date(year, 12, 20)
    cycle = stage.write(
        lambda tx: cycles.create(tx, cell, year, "2025", opens, deadline, None, date(2026, 11, 22), stage.now)
    )
    assert cycle is not None
    return cycle


def lines(stage: Stage, cycle: Cycle) -> dict[MemberId, RosterLine]:
    found = stage.write(lambda tx: summaries.roster_lines(tx, cycle.cell_id, cycle.id))
    return {line.member.id: line for line in found}


def test_first_and_last_submission_and_the_grade_of_the_last(stage: Stage) -> None:
    an, cycle = stage.member("An"), open_cycle(stage, stage.cell())
    member = an.member
    assert member is not None
    assert lines(stage, cycle)[member] == RosterLine(lines(stage, cycle)[member].member)
    first = stage.now
    submit(stage, cycle, an, Grade.GOOD)
    stage.wait(days=2)
    submit(stage, cycle, an, Grade.EXCELLENT)
    line = lines(stage, cycle)[member]
    assert (line.self_grade, line.versions, line.begun) == (Grade.EXCELLENT, 2, True)
    assert (line.first_submitted_at, line.last_submitted_at) == (first, first + timedelta(days=2))


def test_a_draft_begun_after_a_submission_does_not_undo_it(stage: Stage) -> None:
    an, cycle = stage.member("An"), open_cycle(stage, stage.cell())
    member = an.member
    assert member is not None
    submit(stage, cycle, an, Grade.GOOD)

    def change(tx: Connection) -> None:
        review = reviews.find(tx, cycle.id, member)
        assert review is not None
        reviews.write(tx, review, "conduct", "sửa lại", stage.now)

    stage.write(change)
    line = lines(stage, cycle)[member]
    assert (line.self_grade, line.versions) == (Grade.GOOD, 1)


def test_a_draft_without_a_submission(stage: Stage) -> None:
    an, cycle = stage.member("An"), open_cycle(stage, stage.cell())
    member = an.member
    assert member is not None
    stage.write(lambda tx: reviews.begin(tx, cycle.id, member, "2025/non_leader", stage.now))
    line = lines(stage, cycle)[member]
    assert (line.begun, line.self_grade, line.versions, line.first_submitted_at) == (True, None, 0, None)


def test_reachable_over_one_account_is_reachable(stage: Stage) -> None:
    an, binh = stage.member("An"), stage.member("Bình")
    stage.member("Cúc", joined=False)
    cycle = open_cycle(stage, stage.cell())
    blocked = DeliveryTrouble.BLOCKED
    stage.write(lambda tx: accounts.set_trouble(tx, an.address, blocked, stage.now))
    stage.write(lambda tx: accounts.set_trouble(tx, binh.address, blocked, stage.now))
    second = Address("zalo", "77")
    member = an.member
    assert member is not None
    stage.write(lambda tx: accounts.link(tx, second, member, stage.now))
    found = {line.member.full_name: line for line in lines(stage, cycle).values()}
    assert (found["An"].joined, found["An"].trouble) == (True, None)
    assert (found["Bình"].joined, found["Bình"].trouble) == (True, blocked)
    assert (found["Cúc"].joined, found["Cúc"].trouble) == (False, None)


def test_removed_members_and_other_cells_and_years_are_not_there(stage: Stage) -> None:
    an, binh = stage.member("An", cell=ONE), stage.member("Bình", cell=TWO)
    gone = stage.member("Cúc", cell=ONE)
    cycle, other = open_cycle(stage, stage.cell(ONE)), open_cycle(stage, stage.cell(TWO))
    old = open_cycle(stage, stage.cell(ONE), 2025)
    submit(stage, other, binh, Grade.EXCELLENT)
    submit(stage, old, an, Grade.EXCELLENT)
    removed = gone.member
    assert removed is not None
    stage.write(lambda tx: members.remove(tx, removed, stage.now))
    assert [(line.member.full_name, line.self_grade) for line in lines(stage, cycle).values()] == [("An", None)]


def test_a_submission_in_another_cells_cycle_is_never_counted_here(stage: Stage) -> None:
    """Somebody moved to another cell in mid-cycle: what they handed in there does not appear here."""
    an = stage.member("An", cell=ONE)
    stage.member("Lan", Role.SECRETARY, cell=TWO)
    cycle, other = open_cycle(stage, stage.cell(ONE)), open_cycle(stage, stage.cell(TWO))
    submit(stage, other, an, Grade.EXCELLENT)
    [line] = lines(stage, cycle).values()
    assert line.self_grade is None
    assert [found.member.full_name for found in lines(stage, other).values()] == ["Lan"]


def count_statements(stage: Stage, cycle: Cycle) -> int:
    asked: list[str] = []

    def work(tx: Connection) -> None:
        cell = members.cell(tx, cycle.cell_id)
        assert cell is not None
        event.listen(tx, "before_cursor_execute", lambda *given: asked.append(str(given[2])))
        gather(tx, stage.house, cell, cycle, stage.now)

    stage.write(work)
    return len(asked)


def test_the_number_of_statements_does_not_grow_with_the_cell(stage: Stage) -> None:
    cycle = open_cycle(stage, stage.cell())
    stage.write(lambda tx: checklists.create(tx, cycle.cell_id, 2026, ["Một", "Hai"]))
    stage.member("An")
    few = count_statements(stage, cycle)
    items = stage.write(lambda tx: checklists.items(tx, cycle.cell_id, 2026))
    for number in range(30):
        who = stage.member(f"Đảng viên {number}")
        member = who.member
        assert member is not None
        submit(stage, cycle, who, Grade.GOOD)
        mark = Mark(items[0].id, member, ItemState.DONE)
        stage.write(lambda tx, m=mark: checklists.keep(tx, m, stage.now))  # type: ignore[misc]
    assert count_statements(stage, cycle) == few <= 6


def test_the_statements_use_indexes(stage: Stage) -> None:
    """No query of a summary reads a whole table: at 100,000 members that would be felt."""
    cycle = open_cycle(stage, stage.cell())
    plans: list[str] = []

    def work(tx: Connection) -> None:
        cell = members.cell(tx, cycle.cell_id)
        assert cell is not None
        asked: list[tuple[str, Any]] = []
        event.listen(tx, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
        gather(tx, stage.house, cell, cycle, stage.now)
        for statement, values in tuple(asked):
            explained = tx.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", values)
            plans.extend(row[3] for row in explained.fetchall())

    stage.write(work)
    assert any("SEARCH members" in step for step in plans)
    assert [step for step in plans if step.startswith("SCAN")] == []


def test_a_group_belongs_to_one_cell(stage: Stage) -> None:
    one, two = stage.cell(ONE), stage.cell(TWO)
    group = Address("telegram", "-100")
    assert stage.write(lambda tx: groups.link(tx, one, group))
    assert stage.write(lambda tx: groups.link(tx, one, group))
    assert not stage.write(lambda tx: groups.link(tx, two, group))
    found = stage.write(members.every_cell)
    assert {cell.name: cell.group for cell in found} == {ONE: group, TWO: None}
    stage.write(lambda tx: groups.unlink(tx, one))
    assert stage.write(lambda tx: groups.link(tx, two, group))
