"""Databases for measuring: many members as the rooms would have written them, put in by the thousand."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, create_engine, delete, event, insert, select, update

from bot.app import make_desk
from handlers.desk import Desk
from handlers.dialogue.room import House
from handlers.dialogue.said import Command, Incoming, Pressed, Said
from handlers.joining.rules import CONSENT_VERSION, text_hash
from storage import tables
from storage.migrations import upgrade
from storage.records import Address, CycleState, FormKind, Role, Status

T = TypeVar("T")

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
# A Wednesday in the middle of a cycle; two weeks before its deadline everybody is reminded at eight.
MORNING = datetime(2026, 11, 25, 8, 0, 5, tzinfo=ZONE).astimezone(UTC)
YEAR, RULES = 2026, "2025"
OPENED_BEFORE, DUE_AFTER = timedelta(days=30), timedelta(days=14)
PER_CELL, POINTS = 40, 7
FIRST_CHAT = 1_000_000
_CHUNK = 2_000


class Seed:
    """A database file that is being made; ``write`` runs one transaction, nobody waits for the disk."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._engine = create_engine(f"sqlite:///{file}")
        event.listen(self._engine, "connect", lambda made, _: made.execute("PRAGMA synchronous=OFF"))
        self.write(upgrade)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run storage functions in one transaction."""
        with self._engine.begin() as tx:
            return work(tx)

    def rehearse(self, work: Callable[[Connection], T]) -> T:
        """Run in a transaction that leaves nothing behind."""
        with self._engine.connect() as tx:
            found = work(tx)
            tx.rollback()
        return found

    def close(self) -> None:
        """Let go of the file; it is one file again, without a log beside it."""
        self._engine.dispose()
        with sqlite3.connect(self.file) as settled:
            settled.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        settled.close()


def desk() -> Desk:
    """The front desk as the program has it on the bench's server."""
    return make_desk(House(zone=ZONE))


def chat_of(member: int) -> int:
    """The chat of a member by their number, from 1."""
    return FIRST_CHAT + member


def members(tx: Connection, count: int, now: datetime) -> None:
    """So many members who joined a month ago, 40 a cell; a cycle is open and due in two weeks.

    The first two of each cell are its chair and its secretary; each cell has a list of seven points.
    """
    since, cells = now - OPENED_BEFORE, range(1, -(-count // PER_CELL) + 1)
    tx.execute(insert(tables.cells), [{"id": cell, "name": f"Chi bộ {cell}", "settings": {}} for cell in cells])
    tx.execute(insert(tables.cycles), [_cycle(cell, now) for cell in cells])
    points = [
        {"id": item_id(cell, number), "cell_id": cell, "year": YEAR, "number": number, "label": f"Việc {number}"}
        for cell in cells
        for number in range(1, POINTS + 1)
    ]
    tx.execute(insert(tables.checklist_items), points)
    for numbers in chunks(count):
        tx.execute(insert(tables.members), [_member(number, since) for number in numbers])
        tx.execute(insert(tables.accounts), [_account(number, since) for number in numbers])
        tx.execute(insert(tables.consents), [_consent(number, since) for number in numbers])
        leaders = [
            {"member_id": number, "role": role, "granted_at": since}
            for number in numbers
            if (role := {1: Role.CHAIR, 2: Role.SECRETARY}.get(number % PER_CELL))
        ]
        if leaders:
            tx.execute(insert(tables.roles), leaders)


def chunks(count: int) -> Iterator[range]:
    """The numbers from 1 to ``count``, few enough at a time to be held in memory."""
    for first in range(1, count + 1, _CHUNK):
        yield range(first, min(first + _CHUNK, count + 1))


def cell_of(member: int) -> int:
    """The cell, and its cycle, of a member."""
    return (member - 1) // PER_CELL + 1


def item_id(cell: int, number: int) -> int:
    """The id of a cell's point."""
    return (cell - 1) * POINTS + number


def _cycle(cell: int, now: datetime) -> dict[str, object]:
    today = now.astimezone(ZONE).date()
    return {
        "id": cell,
        "cell_id": cell,
        "year": YEAR,
        "rules": RULES,
        "opens_on": today - OPENED_BEFORE,
        "deadline_on": today + DUE_AFTER,
        "meeting_on": None,
        "state": CycleState.OPEN,
        "opened_at": now - OPENED_BEFORE,
        "closed_reason": "",
    }


def _member(number: int, since: datetime) -> dict[str, object]:
    return {
        "id": number,
        "cell_id": cell_of(number),
        "party_number": f"P{number:06}",
        "full_name": f"Nguyễn Thị Đảng Viên {number}",
        "form": FormKind.NON_LEADER,
        "status": Status.OFFICIAL,
        "admitted_on": date(2010, 5, 19),
        "position": "",
        "phone": f"09{number:08}",
        "language": "vi",
        "last_heard_at": since + timedelta(days=1),
    }


def _account(number: int, since: datetime) -> dict[str, object]:
    return {"channel": "telegram", "chat": str(chat_of(number)), "member_id": number, "linked_at": since}


def _consent(number: int, since: datetime) -> dict[str, object]:
    return {
        "member_id": number,
        "version": CONSENT_VERSION,
        "text_hash": text_hash("bench"),
        "channel": "telegram",
        "chat": str(chat_of(number)),
        "agreed_at": since,
    }


def hear(tx: Connection, front: Desk, member: int, said: Said, now: datetime) -> None:
    """One turn of the real desk."""
    chat = str(chat_of(member))
    front.hear(tx, Incoming(Address("telegram", chat), chat, said, ref="1", sender_name="Người"), now)


def begin_writing(tx: Connection, front: Desk, numbers: range, now: datetime) -> None:
    """Let these members open the form and begin: they stand at its first question, and all posts have arrived."""
    for number in numbers:
        hear(tx, front, number, Command("review"), now)
        hear(tx, front, number, Pressed(serial_of(tx, number), "begin"), now)
    all_arrived(tx)


def serial_of(tx: Connection, member: int) -> int:
    """The number of the screen that this member sees."""
    state = tx.execute(
        select(tables.conversations.c.state).where(tables.conversations.c.chat == str(chat_of(member)))
    ).scalar_one()
    return int(state["serial"])


def all_arrived(tx: Connection) -> None:
    """Everything that was posted is on the phones: the outbox is empty, the screens are known by a number."""
    tx.execute(delete(tables.outbox))
    tx.execute(update(tables.conversations).values(screen_ref="10000000", screen_serial=2))
