"""The seven points: a cell's list of a year, and every member's mark on every point, with its history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, func, insert, select, update

from storage.database import insert_ignore, upsert
from storage.records import CellId, ChecklistItem, ItemId, ItemState, Mark, MemberId
from storage.tables import checklist_items, mark_history, marks


def items(tx: Connection, cell: CellId, year: int) -> tuple[ChecklistItem, ...]:
    """A cell's list of that year in the order of its numbers; empty where it has none."""
    rows = tx.execute(
        select(checklist_items)
        .where(checklist_items.c.cell_id == cell, checklist_items.c.year == year)
        .order_by(checklist_items.c.number)
    )
    return tuple(map(_item, rows))


def item(tx: Connection, cell: CellId, id: ItemId) -> ChecklistItem | None:
    """One point of this cell's lists; another cell's is not found."""
    row = tx.execute(
        select(checklist_items).where(checklist_items.c.id == id, checklist_items.c.cell_id == cell)
    ).one_or_none()
    return _item(row) if row else None


def newest_year(tx: Connection, cell: CellId, before: int) -> int | None:
    """The last year before ``before`` for which the cell has a list."""
    found = tx.execute(
        select(func.max(checklist_items.c.year)).where(
            checklist_items.c.cell_id == cell, checklist_items.c.year < before
        )
    ).scalar()
    return int(found) if found is not None else None


def create(tx: Connection, cell: CellId, year: int, labels: Sequence[str]) -> int:
    """Write a list, numbered from 1; numbers that exist stay as they are. Returns how many points are new."""
    return insert_ignore(
        tx,
        checklist_items,
        [
            {"cell_id": cell, "year": year, "number": number, "label": label, "due_on": None}
            for number, label in enumerate(labels, 1)
        ],
    )


def add(tx: Connection, cell: CellId, year: int, label: str) -> ItemId:
    """Put a point at the end of the list."""
    last = tx.execute(
        select(func.max(checklist_items.c.number)).where(
            checklist_items.c.cell_id == cell, checklist_items.c.year == year
        )
    ).scalar()
    return ItemId(
        tx.execute(
            insert(checklist_items)
            .values(cell_id=cell, year=year, number=(last or 0) + 1, label=label)
            .returning(checklist_items.c.id)
        ).scalar_one()
    )


def rename(tx: Connection, id: ItemId, label: str) -> None:
    """Give a point another label; the marks on it stay."""
    tx.execute(update(checklist_items).where(checklist_items.c.id == id).values(label=label))


def set_due(tx: Connection, ids: Sequence[ItemId], due_on: date | None) -> None:
    """Set, move or (None) take away the due date of these points."""
    tx.execute(update(checklist_items).where(checklist_items.c.id.in_(ids)).values(due_on=due_on))


def in_use(tx: Connection, id: ItemId) -> bool:
    """Whether anybody has ever marked this point."""
    return bool(tx.execute(select(exists().where(mark_history.c.item_id == id))).scalar())


def remove(tx: Connection, gone: ChecklistItem) -> bool:
    """Take a point off its list, those behind it move up by one; False where somebody has marked it: it stays."""
    marked = exists().where(mark_history.c.item_id == gone.id)
    removed = tx.execute(delete(checklist_items).where(checklist_items.c.id == gone.id, ~marked)).rowcount
    if not removed:
        return False
    behind = tx.execute(
        select(checklist_items.c.id)
        .where(
            checklist_items.c.cell_id == gone.cell_id,
            checklist_items.c.year == gone.year,
            checklist_items.c.number > gone.number,
        )
        .order_by(checklist_items.c.number)
    ).scalars()
    # One by one from the front: the numbers of a list are unique at every moment.
    for place, id_behind in enumerate(behind.all(), gone.number):
        tx.execute(update(checklist_items).where(checklist_items.c.id == id_behind).values(number=place))
    return True


def marks_of(tx: Connection, member: MemberId, year: int) -> tuple[Mark, ...]:
    """One member's marks on their list of that year."""
    rows = tx.execute(
        select(marks)
        .join(checklist_items, checklist_items.c.id == marks.c.item_id)
        .where(marks.c.member_id == member, checklist_items.c.year == year)
    )
    return tuple(map(_mark, rows))


def marks_of_cell(tx: Connection, cell: CellId, year: int) -> tuple[Mark, ...]:
    """Every mark on a cell's list of that year."""
    rows = tx.execute(
        select(marks)
        .join(checklist_items, checklist_items.c.id == marks.c.item_id)
        .where(checklist_items.c.cell_id == cell, checklist_items.c.year == year)
    )
    return tuple(map(_mark, rows))


def keep(tx: Connection, mark: Mark, now: datetime) -> None:
    """Keep a mark and, beside it, that it was made: the history has every state with its reason and note."""
    row = {
        "item_id": mark.item_id,
        "member_id": mark.member_id,
        "state": mark.state,
        "reason": mark.reason,
        "note": mark.note,
        "marked_at": now,
    }
    upsert(tx, marks, ("item_id", "member_id"), row)
    tx.execute(insert(mark_history).values(row))


def history(tx: Connection, id: ItemId, member: MemberId) -> tuple[Mark, ...]:
    """Every mark that a member made on a point, oldest first."""
    rows = tx.execute(
        select(mark_history)
        .where(mark_history.c.item_id == id, mark_history.c.member_id == member)
        .order_by(mark_history.c.id)
    )
    return tuple(map(_mark, rows))


def _item(row: Row[Any]) -> ChecklistItem:
    return ChecklistItem(ItemId(row.id), CellId(row.cell_id), row.year, row.number, row.label, row.due_on)


def _mark(row: Row[Any]) -> Mark:
    return Mark(
        ItemId(row.item_id),
        MemberId(row.member_id),
        ItemState(row.state),
        note=row.note,
        reason=row.reason,
        marked_at=row.marked_at,
    )
