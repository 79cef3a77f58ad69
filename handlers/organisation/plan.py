"""What an import would do: who is new, who changes and in what, who stays; pure, and all or nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from handlers.dialogue.fold import fold
from handlers.dialogue.phrases import Text, t
from handlers.organisation.columns import RosterField, vocabulary
from handlers.organisation.sheet import Fault, RosterRow
from handlers.organisation.values import number_key
from storage.records import Cell, CellId, Member, MemberId, Role, Status


@dataclass(frozen=True, slots=True)
class ImportScope:
    """Whose roster may be written: the cells, where rows without a cell go, and whether new cells may arise."""

    cells: tuple[Cell, ...]
    default: CellId | None = None
    may_create: bool = False


@dataclass(frozen=True, slots=True)
class Added:
    """A person to be added; ``member.cell_id`` is 0 where the cell ``cell_name`` has yet to be made."""

    row: int
    member: Member
    cell_name: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A person already on the roster, as they will be, with the names of the fields that differ."""

    row: int
    before: Member
    after: Member
    cell_name: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """Everything that would happen; with any fault nothing does."""

    added: tuple[Added, ...]
    changed: tuple[Changed, ...]
    unchanged: tuple[MemberId, ...]
    absent: tuple[MemberId, ...]
    new_cells: tuple[str, ...]
    faults: tuple[Fault, ...]

    @property
    def may_apply(self) -> bool:
        """Whether there is something to do and nothing against it."""
        return not self.faults and bool(self.added or self.changed or self.new_cells)


NO_CELL = CellId(0)
_COMPARED = (
    "full_name",
    "form",
    "status",
    "born_on",
    "admitted_on",
    "official_on",
    "position",
    "phone",
    "away_from",
    "away_to",
)


def plan_import(
    rows: Iterable[RosterRow],
    existing: Iterable[Member],
    scope: ImportScope,
    *,
    elsewhere: Collection[str] = (),
    faults: Iterable[Fault] = (),
) -> ImportPlan:
    """Compare a file's rows with the roster.

    ``existing`` are the members of the scope's cells, removed ones too (they come back with their history);
    ``elsewhere`` the number keys of people in cells outside the scope; ``faults`` those of the reading. People
    are the same by their number. An empty cell of the file changes nothing, an import takes no role away and
    removes nobody: those are deliberate acts of their own.
    """
    planner = _Planner(scope, {number_key(m.party_number): m for m in existing}, frozenset(elsewhere))
    for row in rows:
        planner.take(row)
    absent = (m.id for key, m in planner.known.items() if key not in planner.met and m.removed_at is None)
    return ImportPlan(
        added=tuple(planner.added),
        changed=tuple(planner.changed),
        unchanged=tuple(planner.unchanged),
        absent=tuple(absent),
        new_cells=tuple(planner.new_cells.values()),
        faults=tuple(sorted((*faults, *planner.faults), key=lambda fault: fault.row)),
    )


def cell_key(name: str) -> str:
    """What makes two spellings the same cell: ``Chi bộ Phòng Đào tạo`` is ``phòng đào tạo``."""
    bare = fold(name)
    return bare.removeprefix("chi bo ") or bare


class _Planner:
    def __init__(self, scope: ImportScope, known: dict[str, Member], elsewhere: frozenset[str]) -> None:
        self.scope, self.known, self.elsewhere = scope, known, elsewhere
        self.cells = {cell_key(cell.name): cell for cell in scope.cells}
        self.by_id = {cell.id: cell for cell in scope.cells}
        self.added: list[Added] = []
        self.changed: list[Changed] = []
        self.unchanged: list[MemberId] = []
        self.faults: list[Fault] = []
        self.new_cells: dict[str, str] = {}
        self.met: set[str] = set()

    def take(self, row: RosterRow) -> None:
        key = number_key(row.party_number)
        self.met.add(key)
        if key in self.elsewhere:
            self._fault(row, RosterField.PARTY_NUMBER, t("organisation.fault.elsewhere", value=row.party_number))
            return
        before = self.known.get(key)
        found = self._cell(row, before)
        if found is None:
            return
        cell_id, cell_name = found
        if before is None:
            self._add(row, cell_id, cell_name)
        else:
            self._change(row, before, cell_id, cell_name)

    def _fault(self, row: RosterRow, column: RosterField, why: Text) -> None:
        self.faults.append(Fault(row.number, vocabulary().titles[column], why))

    def _cell(self, row: RosterRow, before: Member | None) -> tuple[CellId, str] | None:
        """The cell that the row belongs to: an existing one, or NO_CELL with the name of one to make."""
        if not row.cell_name:
            home = before.cell_id if before else self.scope.default
            if home is None:
                self._fault(row, RosterField.CELL, t("organisation.fault.cell_missing"))
                return None
            return home, self.by_id[home].name
        if cell := self.cells.get(cell_key(row.cell_name)):
            return cell.id, cell.name
        if not self.scope.may_create:
            self._fault(row, RosterField.CELL, t("organisation.fault.cell_not_yours", value=row.cell_name))
            return None
        return NO_CELL, self.new_cells.setdefault(cell_key(row.cell_name), row.cell_name)

    def _add(self, row: RosterRow, cell_id: CellId, cell_name: str) -> None:
        if row.form is None:
            self._fault(row, RosterField.FORM, t("organisation.fault.form_missing"))
            return
        blank = Member(
            MemberId(0), cell_id, row.party_number, row.full_name, row.form, row.status or Status.OFFICIAL
        )
        self.added.append(Added(row.number, merged(blank, row, cell_id), cell_name))

    def _change(self, row: RosterRow, before: Member, cell_id: CellId, cell_name: str) -> None:
        after = merged(before, row, cell_id)
        fields = [name for name in _COMPARED if getattr(before, name) != getattr(after, name)]
        fields += ["roles"] if after.roles != before.roles else []
        fields += ["cell"] if cell_id != before.cell_id else []
        fields += ["removed"] if before.removed_at else []
        if fields:
            self.changed.append(Changed(row.number, before, after, cell_name, tuple(fields)))
        else:
            self.unchanged.append(before.id)


def merged(member: Member, row: RosterRow, cell_id: CellId) -> Member:
    """The member with everything that the row says; what it does not say stays."""
    # An end of absence alone is no absence, and a new beginning does not keep the old end.
    away = (row.away_from, row.away_to) if row.away_from else (member.away_from, member.away_to)
    return replace(
        member,
        cell_id=cell_id,
        full_name=row.full_name,
        form=row.form or member.form,
        status=row.status or member.status,
        born_on=row.born_on or member.born_on,
        admitted_on=row.admitted_on or member.admitted_on,
        official_on=row.official_on or member.official_on,
        position=row.position or member.position,
        phone=row.phone or member.phone,
        away_from=away[0],
        away_to=away[1],
        roles=member.roles | row.roles | {Role.MEMBER},
        removed_at=None,
    )
