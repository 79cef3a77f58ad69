"""What of a messenger's plan has been used: messages by month, and the people who have come to the bot there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select, update

from storage.database import insert_ignore
from storage.tables import accounts, cells, conversations, plan_use


@dataclass(frozen=True, slots=True)
class Use:
    """One month of one channel: messages sent, and what the administrators have been told (JSON)."""

    sent: int = 0
    told: Mapping[str, Any] = field(default_factory=dict)


def count(tx: Connection, channel: str, month: str, more: int) -> Use:
    """Count ``more`` messages in that month ("2026-11"); returns how the month stands now.

    The row stays locked until the transaction ends, so whoever counts next sees what has been told by then.
    """
    insert_ignore(tx, plan_use, [{"channel": channel, "month": month, "sent": 0, "told": {}}])
    changed = (
        update(plan_use)
        .where(plan_use.c.channel == channel, plan_use.c.month == month)
        .values(sent=plan_use.c.sent + more)
        .returning(plan_use.c.sent, plan_use.c.told)
    )
    row = tx.execute(changed).one()
    return Use(row.sent, row.told)


def load(tx: Connection, channel: str, month: str) -> Use:
    """How that month stands; nothing used where nothing was counted."""
    row = tx.execute(
        select(plan_use.c.sent, plan_use.c.told).where(plan_use.c.channel == channel, plan_use.c.month == month)
    ).first()
    return Use(row.sent, row.told) if row else Use()


def earlier(tx: Connection, channel: str, month: str) -> Use:
    """The newest month before that one; nothing used where there is none."""
    row = tx.execute(
        select(plan_use.c.sent, plan_use.c.told)
        .where(plan_use.c.channel == channel, plan_use.c.month < month)
        .order_by(plan_use.c.month.desc())
        .limit(1)
    ).first()
    return Use(row.sent, row.told) if row else Use()


def set_told(tx: Connection, channel: str, month: str, told: Mapping[str, Any]) -> None:
    """Remember what the administrators have been told in that month."""
    tx.execute(
        update(plan_use).where(plan_use.c.channel == channel, plan_use.c.month == month).values(told=dict(told))
    )


def people(tx: Connection, channel: str) -> int:
    """How many chats have an account or a conversation on that channel, the groups of cells left out."""
    groups = select(cells.c.group_chat).where(cells.c.group_channel == channel)
    with_account = select(accounts.c.chat).where(accounts.c.channel == channel)
    spoke = select(conversations.c.chat).where(
        conversations.c.channel == channel, conversations.c.chat.not_in(groups)
    )
    return int(tx.execute(select(func.count()).select_from(with_account.union(spoke).subquery())).scalar_one())
