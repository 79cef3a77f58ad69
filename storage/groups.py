"""Group chats: which cell a group belongs to; a group belongs to one cell and a cell has one group."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from storage.records import Address, CellId
from storage.tables import cells


def link(tx: Connection, cell: CellId, group: Address) -> bool:
    """Make this group the cell's; returns False, and changes nothing, where it is another cell's."""
    owner = tx.execute(
        select(cells.c.id).where(cells.c.group_channel == group.channel, cells.c.group_chat == group.chat)
    ).scalar()
    if owner is not None and owner != cell:
        return False
    tx.execute(update(cells).where(cells.c.id == cell).values(group_channel=group.channel, group_chat=group.chat))
    return True


def unlink(tx: Connection, cell: CellId) -> None:
    """Take the cell's group away."""
    tx.execute(update(cells).where(cells.c.id == cell).values(group_channel=None, group_chat=None))


def move(tx: Connection, group: Address, to: Address) -> None:
    """The messenger has given a group another number: whatever cell it belongs to follows it there."""
    tx.execute(
        update(cells)
        .where(cells.c.group_channel == group.channel, cells.c.group_chat == group.chat)
        .values(group_channel=to.channel, group_chat=to.chat)
    )
