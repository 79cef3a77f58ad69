"""Messenger accounts: who is behind an address, where a member is reached, and why not."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, case, delete, select, update

from storage.database import upsert
from storage.prepared import Prepared
from storage.records import (
    Account,
    Address,
    Cell,
    CellId,
    DeliveryTrouble,
    FormKind,
    Member,
    MemberId,
    Role,
    Status,
)
from storage.tables import accounts, cells, members, roles

# Those that work before those that do not, then the preferred one, then the one linked last: the first of a
# member's accounts is where they are reached.
BEST_FIRST = (accounts.c.trouble.is_not(None), accounts.c.preferred.desc(), accounts.c.linked_at.desc())
_CELL = (cells.c.name.label("cell_name"), cells.c.group_channel, cells.c.group_chat)
_SPEAKER = Prepared(
    lambda _: (
        select(members, roles.c.role, accounts.c.linked_at, accounts.c.trouble, accounts.c.preferred, *_CELL)
        .join(accounts, accounts.c.member_id == members.c.id)
        .join(cells, cells.c.id == members.c.cell_id)
        .outerjoin(roles, roles.c.member_id == members.c.id)
        .where(accounts.c.channel == bindparam("at"), accounts.c.chat == bindparam("chat_is"))
    )
)
_HEARD = Prepared(
    lambda _: update(members).where(members.c.id == bindparam("this")).values(last_heard_at=bindparam("now"))
)


def speaker(tx: Connection, address: Address) -> tuple[Member, Cell, Account] | None:
    """Who speaks from this address: member, cell and account in one query; None for a stranger.

    A removed member is still found (``removed_at`` is set), so that they can be told.
    """
    rows = _SPEAKER.rows(tx, at=address.channel, chat_is=address.chat)
    if not rows:
        return None
    first = rows[0]
    member = to_member(first, [row.role for row in rows if row.role])
    trouble = DeliveryTrouble(first.trouble) if first.trouble else None
    return member, _cell(first), Account(address, member.id, first.linked_at, trouble, first.preferred)


def of_member(tx: Connection, member: MemberId) -> tuple[Account, ...]:
    """Every account of a member; the first is where they are reached."""
    rows = tx.execute(select(accounts).where(accounts.c.member_id == member).order_by(*BEST_FIRST))
    return tuple(to_account(row) for row in rows)


def link(tx: Connection, address: Address, member: MemberId, now: datetime) -> None:
    """Make this address the member's; an address belongs to one member only."""
    upsert(
        tx,
        accounts,
        ("channel", "chat"),
        {
            "channel": address.channel,
            "chat": address.chat,
            "member_id": member,
            "linked_at": now,
            "trouble": None,
            "trouble_at": None,
            "preferred": False,
        },
    )


def prefer(tx: Connection, member: MemberId, address: Address) -> None:
    """Reach the member at this one of their accounts from now on; at most one is preferred."""
    chosen = case((and_(*_at(address)), True), else_=False)
    tx.execute(update(accounts).where(accounts.c.member_id == member).values(preferred=chosen))


def elsewhere(tx: Connection, member: MemberId, failed: Address) -> Address | None:
    """Where the member can be reached instead: the best of their other accounts that works."""
    others = (account for account in of_member(tx, member) if account.address != failed)
    return next((account.address for account in others if account.trouble is None), None)


def unlink(tx: Connection, address: Address) -> None:
    """Take an address away from whoever had it; what they wrote stays with the member."""
    tx.execute(delete(accounts).where(*_at(address)))


def set_trouble(tx: Connection, address: Address, trouble: DeliveryTrouble | None, now: datetime) -> bool:
    """Remember why this address cannot be reached (None: it can); returns whether that is news."""
    changed = tx.execute(
        update(accounts)
        .where(*_at(address), accounts.c.trouble.is_distinct_from(trouble))
        .values(trouble=trouble, trouble_at=now if trouble else None)
    )
    return changed.rowcount > 0


def heard(tx: Connection, member: MemberId, now: datetime) -> None:
    """Remember that the member said something."""
    _HEARD.change(tx, this=member, now=now)


def set_language(tx: Connection, member: MemberId, language: str) -> None:
    """Remember the language that the member reads."""
    tx.execute(update(members).where(members.c.id == member).values(language=language))


def language_of(tx: Connection, member: MemberId) -> str:
    """The language that the member reads."""
    return str(tx.execute(select(members.c.language).where(members.c.id == member)).scalar_one())


def to_member(row: Row[Any], roles_found: list[str]) -> Member:
    """A row of ``members`` and the names of its roles as a record; everybody is at least a member."""
    return Member(
        id=MemberId(row.id),
        cell_id=CellId(row.cell_id),
        party_number=row.party_number,
        full_name=row.full_name,
        form=FormKind(row.form),
        status=Status(row.status),
        born_on=row.born_on,
        admitted_on=row.admitted_on,
        official_on=row.official_on,
        position=row.position,
        phone=row.phone,
        away_from=row.away_from,
        away_to=row.away_to,
        language=row.language,
        removed_at=row.removed_at,
        roles=frozenset({Role.MEMBER, *map(Role, roles_found)}),
    )


def to_account(row: Row[Any]) -> Account:
    """A row of ``accounts`` as a record."""
    return Account(
        Address(row.channel, row.chat),
        MemberId(row.member_id),
        row.linked_at,
        DeliveryTrouble(row.trouble) if row.trouble else None,
        row.preferred,
    )


def _cell(row: Row[Any]) -> Cell:
    group = Address(row.group_channel, row.group_chat) if row.group_channel else None
    return Cell(CellId(row.cell_id), row.cell_name, group)


def _at(address: Address) -> tuple[Any, Any]:
    return accounts.c.channel == address.channel, accounts.c.chat == address.chat
