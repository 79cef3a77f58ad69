"""Importing a roster: whose cells, what it would do, and doing it, all or nothing; in chat and on the shell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from handlers.dialogue.flow import Refusal
from handlers.organisation.plan import ImportPlan, ImportScope, cell_key, plan_import
from handlers.organisation.roster import read_roster
from handlers.organisation.sheet import Fault, RosterReading, RosterRow
from handlers.organisation.values import number_key
from storage import audit, members
from storage.records import Cell, CellId, FormKind, MemberId, Role, Status
from storage.transaction import Connection

ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import found and did; ``done`` is False where a fault or the lack of news stopped it."""

    reading: RosterReading
    plan: ImportPlan
    done: bool


def import_as_administrator(
    tx: Connection,
    content: bytes,
    *,
    now: datetime,
    today: date,
    cell: str = "",
    preview: bool = False,
) -> Imported | Refusal:
    """Read a file and write it into any cell, making cells that do not exist; nothing at all where a row is wrong.

    ``cell`` names the cell of rows that do not say theirs; ``preview`` only looks.
    """
    reading = read_roster(content, today)
    if isinstance(reading, Refusal):
        return reading
    if cell:
        reading = replace(reading, rows=tuple(replace(r, cell_name=r.cell_name or cell) for r in reading.rows))
    plan = look(tx, reading.rows, administrator_scope(tx), reading.faults)
    done = plan.may_apply and not preview
    if done:
        apply_plan(tx, plan, ADMINISTRATOR, now)
    return Imported(reading, plan, done)


def administrator_scope(tx: Connection) -> ImportScope:
    """Every cell, and new ones; where there is exactly one, rows without a cell go there."""
    cells = members.every_cell(tx)
    return ImportScope(cells, default=cells[0].id if len(cells) == 1 else None, may_create=True)


def secretary_scope(cell: Cell) -> ImportScope:
    """The secretary's own cell and no other."""
    return ImportScope((cell,), default=cell.id)


def look(tx: Connection, rows: Iterable[RosterRow], scope: ImportScope, faults: Iterable[Fault] = ()) -> ImportPlan:
    """What importing these rows would do now."""
    if scope.may_create:
        return plan_import(rows, members.everybody(tx), scope, faults=faults)
    ids = [cell.id for cell in scope.cells]
    existing = [member for cell in ids for member in members.of_cell(tx, cell, removed=True)]
    elsewhere = {number_key(number) for number in members.numbers_outside(tx, ids)}
    return plan_import(rows, existing, scope, elsewhere=elsewhere, faults=faults)


def apply_plan(tx: Connection, plan: ImportPlan, who: str, now: datetime) -> tuple[MemberId, ...]:
    """Write a plan without faults; returns the ids of the people added, in the plan's order.

    Raises ValueError for a plan that may not be applied.
    """
    if not plan.may_apply:
        raise ValueError("a plan with faults, or without news, is not applied")
    made = {cell_key(name): members.add_cell(tx, name).id for name in plan.new_cells}
    touched: dict[CellId, dict[str, int]] = {}

    def count(cell: CellId, what: str) -> None:
        figures = touched.setdefault(cell, {"added": 0, "changed": 0})
        figures[what] += 1

    new = [
        replace(one.member, cell_id=made.get(cell_key(one.cell_name)) or one.member.cell_id) for one in plan.added
    ]
    added = members.add(tx, new, now)
    for member in new:
        count(member.cell_id, "added")
    for change in plan.changed:
        cell = made.get(cell_key(change.cell_name)) or change.after.cell_id
        members.change(tx, replace(change.after, cell_id=cell))
        for role in sorted(change.after.roles - change.before.roles):
            members.grant(tx, change.after.id, role, now)
        count(cell, "changed")
    for cell, figures in touched.items():
        audit.record(tx, now=now, who=who, what="roster.imported", cell=cell, details=figures)
    return added


def to_json(row: RosterRow) -> dict[str, Any]:
    """A row as JSON, for the draft that waits for a yes."""
    kept = asdict(row)
    kept |= {name: value.isoformat() for name, value in kept.items() if isinstance(value, date)}
    return kept | {"roles": sorted(row.roles)}


def from_json(kept: Mapping[str, Any]) -> RosterRow:
    """The row that ``to_json`` wrote."""
    days = {
        name: date.fromisoformat(kept[name]) if kept[name] else None
        for name in ("born_on", "admitted_on", "official_on", "away_from", "away_to")
    }
    return RosterRow(
        number=kept["number"],
        full_name=kept["full_name"],
        party_number=kept["party_number"],
        form=FormKind(kept["form"]) if kept["form"] else None,
        status=Status(kept["status"]) if kept["status"] else None,
        position=kept["position"],
        phone=kept["phone"],
        cell_name=kept["cell_name"],
        roles=frozenset(map(Role, kept["roles"])),
        **days,
    )
