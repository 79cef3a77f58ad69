"""Cells and the people on their rosters: who they are, their roles, how far they have joined."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, exists, insert, not_, select, update

from storage.accounts import BEST_FIRST, to_account, to_member
from storage.database import insert_ignore
from storage.invitations import to_invitation, to_request
from storage.records import (
    Account,
    Address,
    Cell,
    CellId,
    Invitation,
    JoinRequest,
    Member,
    MemberId,
    OnRoster,
    RequestState,
    Role,
)
from storage.tables import accounts, cells, invitations, join_requests, members, roles


def every_cell(tx: Connection) -> tuple[Cell, ...]:
    """Every cell of the installation, by name."""
    return tuple(_cell(row) for row in tx.execute(select(cells).order_by(cells.c.name)))


def cell(tx: Connection, cell_id: CellId) -> Cell | None:
    """A cell by its id."""
    row = tx.execute(select(cells).where(cells.c.id == cell_id)).one_or_none()
    return _cell(row) if row else None


def add_cell(tx: Connection, name: str) -> Cell:
    """Make a cell; its name must be new (IntegrityError otherwise)."""
    made = tx.execute(insert(cells).values(name=name, settings={}).returning(cells.c.id)).scalar_one()
    return Cell(CellId(made), name)


def find(tx: Connection, member_id: MemberId) -> Member | None:
    """A member by id, removed or not."""
    found = _members(tx, select(members).where(members.c.id == member_id))
    return found[0] if found else None


def by_number(tx: Connection, party_number: str) -> Member | None:
    """A member by the number exactly as kept, removed or not."""
    found = _members(tx, select(members).where(members.c.party_number == party_number))
    return found[0] if found else None


def of_cell(tx: Connection, cell_id: CellId, *, removed: bool = False) -> tuple[Member, ...]:
    """The members of a cell, with those removed where they are asked for."""
    query = select(members).where(members.c.cell_id == cell_id)
    return _members(tx, query if removed else query.where(members.c.removed_at.is_(None)))


def everybody(tx: Connection) -> tuple[Member, ...]:
    """Every member of every cell, removed ones too."""
    return _members(tx, select(members))


def numbers_outside(tx: Connection, cell_ids: Collection[CellId]) -> tuple[str, ...]:
    """The member numbers in all other cells: only to notice that one is taken, never to show whose it is."""
    return tuple(tx.execute(select(members.c.party_number).where(members.c.cell_id.not_in(cell_ids))).scalars())


def holders(tx: Connection, cell_id: CellId, wanted: Iterable[Role], *, joined: bool = False) -> tuple[Member, ...]:
    """Who holds one of these roles in the cell; ``joined`` leaves out those whom the bot cannot address."""
    query = select(members).where(
        members.c.cell_id == cell_id,
        members.c.removed_at.is_(None),
        exists().where(roles.c.member_id == members.c.id, roles.c.role.in_(tuple(wanted))),
    )
    return _members(tx, query.where(exists().where(accounts.c.member_id == members.c.id)) if joined else query)


def add(tx: Connection, people: Sequence[Member], now: datetime) -> tuple[MemberId, ...]:
    """Put people on their rosters, all in one statement; returns their ids in the same order.

    Their numbers must be new (IntegrityError otherwise).
    """
    if not people:
        return ()
    statement = insert(members).returning(members.c.id, sort_by_parameter_order=True)
    rows = [_columns(member) | {"language": member.language} for member in people]
    ids = tuple(MemberId(made) for made in tx.execute(statement, rows).scalars())
    held = [
        {"member_id": made, "role": role, "granted_at": now}
        for made, member in zip(ids, people, strict=True)
        for role in sorted(member.roles - {Role.MEMBER})
    ]
    insert_ignore(tx, roles, held)
    return ids


def change(tx: Connection, member: Member) -> None:
    """Write everything that the roster says of a member; roles and language have functions of their own."""
    tx.execute(update(members).where(members.c.id == member.id).values(**_columns(member)))


def remove(tx: Connection, member_id: MemberId, now: datetime) -> None:
    """Take somebody off the roster: their roles end, everything they wrote stays."""
    tx.execute(update(members).where(members.c.id == member_id).values(removed_at=now))
    tx.execute(delete(roles).where(roles.c.member_id == member_id))


def grant(tx: Connection, member_id: MemberId, role: Role, now: datetime) -> bool:
    """Give a role; returns whether that is news. Being a member needs no row."""
    if role is Role.MEMBER:
        return False
    return insert_ignore(tx, roles, [{"member_id": member_id, "role": role, "granted_at": now}]) > 0


def revoke(tx: Connection, member_id: MemberId, role: Role) -> bool:
    """Take a role away; returns whether it was held."""
    held = roles.c.member_id == member_id, roles.c.role == role
    return tx.execute(delete(roles).where(*held)).rowcount > 0


def roster(tx: Connection, cell_id: CellId, only: MemberId | None = None) -> tuple[OnRoster, ...]:
    """A cell's people with their accounts, the codes they were given that are open, and waiting requests.

    ``only``: this one of them.
    """
    query = select(members).where(members.c.cell_id == cell_id, members.c.removed_at.is_(None))
    people = _members(tx, query if only is None else query.where(members.c.id == only))
    ids = [member.id for member in people]
    linked: dict[int, list[Account]] = defaultdict(list)
    for row in tx.execute(select(accounts).where(accounts.c.member_id.in_(ids)).order_by(*BEST_FIRST)):
        linked[row.member_id].append(to_account(row))
    open_code = invitations.c.used_at.is_(None), invitations.c.revoked_at.is_(None)
    codes: dict[int, Invitation] = {
        row.member_id: to_invitation(row)
        for row in tx.execute(
            select(invitations)
            .where(invitations.c.member_id.in_(ids), not_(invitations.c.links), *open_code)
            .order_by(invitations.c.issued_at)
        )
    }
    waiting: dict[int, JoinRequest] = {
        row.member_id: to_request(row)
        for row in tx.execute(
            select(join_requests)
            .where(join_requests.c.member_id.in_(ids), join_requests.c.state == RequestState.PENDING)
            .order_by(join_requests.c.id)
        )
    }
    return tuple(OnRoster(m, tuple(linked[m.id]), codes.get(m.id), waiting.get(m.id)) for m in people)


def _members(tx: Connection, query: Select[Any]) -> tuple[Member, ...]:
    """Run a query over ``members`` and put each one's roles to them, in two statements."""
    rows = tx.execute(query.order_by(members.c.id)).all()
    held: dict[int, list[str]] = defaultdict(list)
    wanted = query.with_only_columns(members.c.id)
    for row in tx.execute(select(roles).where(roles.c.member_id.in_(wanted))):
        held[row.member_id].append(row.role)
    return tuple(to_member(row, held[row.id]) for row in rows)


def _columns(member: Member) -> dict[str, Any]:
    return {
        "cell_id": member.cell_id,
        "party_number": member.party_number,
        "full_name": member.full_name,
        "form": member.form,
        "status": member.status,
        "born_on": member.born_on,
        "admitted_on": member.admitted_on,
        "official_on": member.official_on,
        "position": member.position,
        "phone": member.phone,
        "away_from": member.away_from,
        "away_to": member.away_to,
        "removed_at": member.removed_at,
    }


def _cell(row: Row[Any]) -> Cell:
    group = Address(row.group_channel, row.group_chat) if row.group_channel else None
    return Cell(CellId(row.id), row.name, group)
