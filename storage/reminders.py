"""Due rows that happen once, snoozes, the call list, and which cell's bell must be looked at when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, func, or_, select, update

from storage.accounts import BEST_FIRST, to_account, to_member
from storage.database import insert_ignore, insert_new, upsert
from storage.records import (
    Account,
    CellId,
    ChecklistItem,
    CycleId,
    DeliveryTrouble,
    DropReason,
    Due,
    DueState,
    ItemId,
    ItemState,
    Member,
    MemberId,
    PostId,
)
from storage.tables import (
    accounts,
    bells,
    calls,
    cells,
    checklist_items,
    marks,
    members,
    reminders,
    reviews,
    roles,
    snoozes,
)

_KEY = ("subject", "rule", "occasion")
# States in which a point has had its answer; a blocked one has told its reason.
_SETTLED = (ItemState.DONE, ItemState.NOT_APPLICABLE, ItemState.BLOCKED)


@dataclass(frozen=True, slots=True)
class Reach:
    """A member and how they stand with the bot; ``trouble`` None means that messages arrive.

    ``accounts``: all of theirs, the first is where they are reached.
    """

    member: Member
    heard_at: datetime | None
    linked_at: datetime | None
    trouble: DeliveryTrouble | None
    accounts: tuple[Account, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A due row with the time at which it was settled (None while it waits)."""

    due: Due
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Call:
    """One entry of the call list; ``called_at`` and ``called_by`` once somebody has telephoned."""

    member_id: MemberId
    occasion: str
    listed_at: datetime
    called_at: datetime | None = None
    called_by: MemberId | None = None


def roster(tx: Connection, cell: CellId) -> tuple[Reach, ...]:
    """Everybody on a cell's roster who was not removed, by name, and whether the bot reaches them."""
    rows = tx.execute(
        select(members)
        .where(members.c.cell_id == cell, members.c.removed_at.is_(None))
        .order_by(members.c.full_name, members.c.id)
    ).all()
    held = _grouped(
        tx.execute(
            select(roles.c.member_id, roles.c.role)
            .join(members, members.c.id == roles.c.member_id)
            .where(members.c.cell_id == cell)
        )
    )
    linked: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in tx.execute(
        select(accounts)
        .join(members, members.c.id == accounts.c.member_id)
        .where(members.c.cell_id == cell)
        .order_by(*BEST_FIRST)
    ):
        linked[row.member_id].append(row)
    return tuple(_reach(row, held.get(row.id, []), linked.get(row.id, [])) for row in rows)


def _reach(row: Row[Any], held: list[str], linked: Sequence[Row[Any]]) -> Reach:
    troubles = [account.trouble for account in linked]
    if not troubles:
        trouble: DeliveryTrouble | None = DeliveryTrouble.NEVER_JOINED
    else:
        trouble = None if None in troubles else DeliveryTrouble(troubles[0])
    since = min((account.linked_at for account in linked), default=None)
    return Reach(to_member(row, held), row.last_heard_at, since, trouble, tuple(map(to_account, linked)))


def submitted(tx: Connection, cycles: Iterable[CycleId]) -> dict[MemberId, frozenset[CycleId]]:
    """Which members have submitted in which of these cycles; a change begun since then takes nothing back."""
    rows = tx.execute(
        select(reviews.c.member_id, reviews.c.cycle_id).where(
            reviews.c.cycle_id.in_(list(cycles)), reviews.c.submitted_at.is_not(None)
        )
    )
    return {MemberId(who): frozenset(map(CycleId, found)) for who, found in _grouped(rows).items()}


def items_due(tx: Connection, cell: CellId, first: date, last: date) -> tuple[ChecklistItem, ...]:
    """The cell's points that are due between two days, both included."""
    rows = tx.execute(
        select(checklist_items)
        .where(checklist_items.c.cell_id == cell, checklist_items.c.due_on.between(first, last))
        .order_by(checklist_items.c.due_on, checklist_items.c.number)
    )
    return tuple(ChecklistItem(ItemId(r.id), CellId(r.cell_id), r.year, r.number, r.label, r.due_on) for r in rows)


def settled(tx: Connection, items: Iterable[ItemId]) -> dict[MemberId, frozenset[ItemId]]:
    """Which of these points are done, not applicable, or blocked with a reason, by member."""
    rows = tx.execute(
        select(marks.c.member_id, marks.c.item_id).where(
            marks.c.item_id.in_(list(items)), marks.c.state.in_(_SETTLED)
        )
    )
    return {MemberId(who): frozenset(map(ItemId, found)) for who, found in _grouped(rows).items()}


def since(tx: Connection, cell: CellId, moment: datetime) -> tuple[Kept, ...]:
    """The cell's due rows whose moment is not before ``moment``, and every one that still waits."""
    rows = tx.execute(
        select(reminders).where(
            reminders.c.cell_id == cell,
            or_(reminders.c.due_at >= moment, reminders.c.state == DueState.PENDING),
        )
    )
    return tuple(Kept(_to_due(row), row.settled_at) for row in rows)


def keep(tx: Connection, dues: Sequence[Due], now: datetime) -> frozenset[tuple[str, str, str]]:
    """Keep rows that are new and settle those that waited; returns the keys that this call really changed.

    Whoever comes second, in another process or after a restart, gets nothing back and so says nothing.
    """
    fresh = insert_new(tx, reminders, [_to_row(due, now) for due in dues], _KEY)
    changed = {(str(s), str(r), str(o)) for s, r, o in fresh}
    for due in dues:
        if due.state is not DueState.PENDING and due.key not in changed and _settle(tx, due, now):
            changed.add(due.key)
    return frozenset(changed)


def _settle(tx: Connection, due: Due, now: datetime) -> bool:
    found = tx.execute(
        update(reminders)
        .where(*_is(due), reminders.c.state == DueState.PENDING)
        .values(state=due.state, reason=due.dropped, settled_at=now)
    )
    return found.rowcount > 0


def carried_by(tx: Connection, posts: Sequence[tuple[Due, PostId]]) -> None:
    """Remember which post carries which row."""
    if not posts:
        return
    statement = (
        update(reminders)
        .where(
            reminders.c.subject == bindparam("who"),
            reminders.c.rule == bindparam("by_rule"),
            reminders.c.occasion == bindparam("at_occasion"),
        )
        .values(post_id=bindparam("post"))
    )
    tx.execute(
        statement,
        [{"who": due.who, "by_rule": due.rule, "at_occasion": due.occasion, "post": post} for due, post in posts],
    )


def carried_on(tx: Connection, member: MemberId, before: PostId, after: PostId) -> None:
    """A post that could not arrive was put anew, to another account: it carries the rows from now on."""
    theirs = reminders.c.member_id == member, reminders.c.post_id == before
    tx.execute(update(reminders).where(*theirs).values(post_id=after))


def unsaid(tx: Connection, member: MemberId, post: PostId, reason: DropReason, now: datetime) -> bool:
    """The post that carried these rows was not sent after all: drop them, and with them the day that their message
    had claimed, and have the cell's bell looked at; False where the post carried none."""
    mine = reminders.c.member_id == member, reminders.c.state == DueState.SENT
    carried = tx.execute(
        select(reminders.c.cell_id, reminders.c.settled_at).where(*mine, reminders.c.post_id == post).limit(1)
    ).first()
    if carried is None:
        return False
    claims = and_(reminders.c.rule == "bundle", reminders.c.settled_at == carried.settled_at)
    tx.execute(
        update(reminders)
        .where(*mine, or_(reminders.c.post_id == post, claims))
        .values(state=DueState.DROPPED, reason=reason, settled_at=now)
    )
    wake(tx, CellId(carried.cell_id))
    return True


def forget_future(tx: Connection, cell: CellId, now: datetime) -> int:
    """After a clock that ran ahead was put back: drops for moments still to come are void; returns how many."""
    found = tx.execute(
        delete(reminders).where(
            reminders.c.cell_id == cell, reminders.c.state == DueState.DROPPED, reminders.c.due_at > now
        )
    )
    return found.rowcount


def snooze(tx: Connection, member: MemberId, until: datetime) -> None:
    """Remember until when a member wants to be left alone; the newest wish counts."""
    upsert(tx, snoozes, ("member_id",), {"member_id": member, "until": until})


def snoozed(tx: Connection, cell: CellId, not_before: datetime) -> dict[MemberId, datetime]:
    """The snoozes of a cell that end at ``not_before`` or later."""
    rows = tx.execute(
        select(snoozes)
        .join(members, members.c.id == snoozes.c.member_id)
        .where(members.c.cell_id == cell, snoozes.c.until >= not_before)
    )
    return {MemberId(row.member_id): row.until for row in rows}


def list_calls(tx: Connection, entries: Iterable[tuple[MemberId, str]], now: datetime) -> int:
    """Put members on the call list, each once for an occasion; returns how many are new."""
    return insert_ignore(
        tx, calls, [{"member_id": who, "occasion": occasion, "listed_at": now} for who, occasion in entries]
    )


def calls_of(tx: Connection, cell: CellId, not_before: datetime) -> tuple[Call, ...]:
    """The call list of a cell since that time, oldest first."""
    rows = tx.execute(
        select(calls)
        .join(members, members.c.id == calls.c.member_id)
        .where(members.c.cell_id == cell, calls.c.listed_at >= not_before)
        .order_by(calls.c.listed_at, calls.c.member_id)
    )
    return tuple(
        Call(
            MemberId(row.member_id),
            row.occasion,
            row.listed_at,
            row.called_at,
            MemberId(row.called_by) if row.called_by else None,
        )
        for row in rows
    )


def called(tx: Connection, member: MemberId, by: MemberId, now: datetime) -> bool:
    """Somebody has telephoned: settle what is open for this member; False where nothing is open any more."""
    found = tx.execute(
        update(calls)
        .where(calls.c.member_id == member, calls.c.called_at.is_(None))
        .values(called_at=now, called_by=by)
    )
    return found.rowcount > 0


def cells_to_visit(tx: Connection, now: datetime, after: CellId, limit: int) -> tuple[CellId, ...]:
    """Cells whose bell must be looked at, by number greater than ``after``, at most ``limit``.

    Those never looked at, those whose time has come, and those that were last looked at in the future: a clock
    that was put back must not silence them.
    """
    rows = tx.execute(
        select(cells.c.id)
        .outerjoin(bells, bells.c.cell_id == cells.c.id)
        .where(
            cells.c.id > after,
            or_(bells.c.cell_id.is_(None), bells.c.visit_at <= now, bells.c.rung_at > now),
        )
        .order_by(cells.c.id)
        .limit(limit)
    )
    return tuple(CellId(row.id) for row in rows)


def set_bell(tx: Connection, cell: CellId, rung_at: datetime, visit_at: datetime, next_at: datetime | None) -> None:
    """Remember when a cell was looked at, when it must be again, and when its next event is due."""
    values = {"cell_id": cell, "rung_at": rung_at, "visit_at": visit_at, "next_at": next_at}
    upsert(tx, bells, ("cell_id",), values)


def wake(tx: Connection, cell: CellId) -> None:
    """Something changed in this cell: look at it at the next ring."""
    tx.execute(delete(bells).where(bells.c.cell_id == cell))


def cells_after(tx: Connection, after: CellId, limit: int) -> tuple[CellId, ...]:
    """Cells in order of their numbers, those greater than ``after``, at most ``limit``."""
    rows = tx.execute(select(cells.c.id).where(cells.c.id > after).order_by(cells.c.id).limit(limit))
    return tuple(CellId(row.id) for row in rows)


def next_at(tx: Connection, now: datetime) -> datetime | None:
    """When the next event of any cell is due, as far as the last visits knew."""
    return tx.execute(select(func.min(bells.c.next_at)).where(bells.c.next_at > now)).scalar()


def _grouped(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for key, value in rows:
        found[key].append(value)
    return found


def _is(due: Due) -> tuple[Any, ...]:
    return (
        reminders.c.subject == due.who,
        reminders.c.rule == due.rule,
        reminders.c.occasion == due.occasion,
    )


def _to_row(due: Due, now: datetime) -> dict[str, Any]:
    return {
        "subject": due.who,
        "rule": due.rule,
        "occasion": due.occasion,
        "cell_id": due.cell_id,
        "member_id": due.member_id,
        "due_at": due.moment,
        "state": due.state,
        "reason": due.dropped,
        "settled_at": None if due.state is DueState.PENDING else now,
        "details": {"cycle": due.cycle_id} if due.cycle_id else {},
    }


def _to_due(row: Row[Any]) -> Due:
    return Due(
        cell_id=CellId(row.cell_id),
        who=row.subject,
        rule=row.rule,
        occasion=row.occasion,
        moment=row.due_at,
        state=DueState(row.state),
        member_id=MemberId(row.member_id) if row.member_id else None,
        cycle_id=CycleId(row.details["cycle"]) if row.details.get("cycle") else None,
        dropped=DropReason(row.reason) if row.reason else None,
    )
