"""Lists and marks in a real database: numbers stay in order, history grows, cells do not see each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from storage import checklists
from storage.records import CellId, ChecklistItem, ItemId, ItemState, Mark, MemberId
from tests.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.close()


def the_list(stage: Stage, cell: CellId, year: int = 2026) -> tuple[ChecklistItem, ...]:
    return stage.write(lambda tx: checklists.items(tx, cell, year))


def test_a_list_is_written_once(stage: Stage) -> None:
    cell = stage.cell()
    assert stage.write(lambda tx: checklists.create(tx, cell, 2026, ["Một", "Hai"])) == 2
    assert stage.write(lambda tx: checklists.create(tx, cell, 2026, ["Khác", "Khác", "Ba"])) == 1
    assert [(item.number, item.label) for item in the_list(stage, cell)] == [(1, "Một"), (2, "Hai"), (3, "Ba")]
    assert stage.write(lambda tx: checklists.newest_year(tx, cell, 2027)) == 2026
    assert stage.write(lambda tx: checklists.newest_year(tx, cell, 2026)) is None


def test_points_move_up_when_one_goes(stage: Stage) -> None:
    cell = stage.cell()
    stage.write(lambda tx: checklists.create(tx, cell, 2026, ["Một", "Hai", "Ba", "Bốn"]))
    second = the_list(stage, cell)[1]
    stage.write(lambda tx: checklists.remove(tx, second))
    stage.write(lambda tx: checklists.add(tx, cell, 2026, "Năm"))
    assert [(item.number, item.label) for item in the_list(stage, cell)] == [
        (1, "Một"),
        (2, "Ba"),
        (3, "Bốn"),
        (4, "Năm"),
    ]


def test_a_marked_point_cannot_be_removed(stage: Stage) -> None:
    cell, an = stage.cell(), stage.member("An").member
    assert an is not None
    stage.write(lambda tx: checklists.create(tx, cell, 2026, ["Một"]))
    [item] = the_list(stage, cell)
    stage.write(lambda tx: checklists.keep(tx, Mark(item.id, an, ItemState.DONE), stage.now))
    assert stage.write(lambda tx: checklists.in_use(tx, item.id))
    assert not stage.write(lambda tx: checklists.remove(tx, item))
    assert the_list(stage, cell) == (item,)


def test_every_mark_stays_in_the_history(stage: Stage) -> None:
    cell, an = stage.cell(), stage.member("An").member
    assert an is not None
    member = MemberId(an)
    stage.write(lambda tx: checklists.create(tx, cell, 2026, ["Một"]))
    [item] = the_list(stage, cell)
    blocked = Mark(item.id, member, ItemState.BLOCKED, reason="thiếu <b>người</b>", note="ghi 😀")
    done = Mark(item.id, member, ItemState.DONE, reason="thiếu <b>người</b>", note="ghi 😀")
    stage.write(lambda tx: checklists.keep(tx, blocked, stage.now))
    stage.write(lambda tx: checklists.keep(tx, done, stage.now))
    [now] = stage.write(lambda tx: checklists.marks_of(tx, member, 2026))
    assert (now.state, now.reason, now.note, now.marked_at) == (ItemState.DONE, done.reason, done.note, stage.now)
    states = [mark.state for mark in stage.write(lambda tx: checklists.history(tx, item.id, member))]
    assert states == [ItemState.BLOCKED, ItemState.DONE]


def test_due_dates_are_set_and_taken_away(stage: Stage) -> None:
    cell = stage.cell()
    stage.write(lambda tx: checklists.create(tx, cell, 2026, ["Một", "Hai"]))
    first, second = the_list(stage, cell)
    stage.write(lambda tx: checklists.set_due(tx, [first.id, second.id], date(2026, 11, 30)))
    stage.write(lambda tx: checklists.set_due(tx, [second.id], None))
    assert [item.due_on for item in the_list(stage, cell)] == [date(2026, 11, 30), None]


def test_cells_and_years_are_apart(stage: Stage) -> None:
    one, two = stage.cell("Chi bộ Một"), stage.cell("Chi bộ Hai")
    an = stage.member("An", cell="Chi bộ Một").member
    assert an is not None
    member = MemberId(an)
    for cell, year in ((one, 2025), (one, 2026), (two, 2026)):
        stage.write(lambda tx, c=cell, y=year: checklists.create(tx, c, y, ["Việc"]))  # type: ignore[misc]
    [old], [new] = the_list(stage, one, 2025), the_list(stage, one)
    for item in (old, new):
        stage.write(lambda tx, i=item: checklists.keep(tx, Mark(i.id, member, ItemState.DONE), stage.now))  # type: ignore[misc]
    assert [mark.item_id for mark in stage.write(lambda tx: checklists.marks_of(tx, member, 2026))] == [new.id]
    assert stage.write(lambda tx: checklists.marks_of_cell(tx, two, 2026)) == ()
    assert len(stage.write(lambda tx: checklists.marks_of_cell(tx, one, 2026))) == 1
    assert stage.write(lambda tx: checklists.item(tx, two, ItemId(new.id))) is None
