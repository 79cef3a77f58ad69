"""What the bot's database says in the end, read past the program: one plain record a member, and its queues."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, func, select

from storage import tables
from tests.torture.model import Mark

_SCREENS = """
    SELECT chat, screen_serial, screen_ref, state FROM conversations
    WHERE channel = 'zalo' AND screen_ref IS NOT NULL AND json_extract(state, '$.serial') = screen_serial
"""
_OF_ZALO = select(tables.inbox.c.update_id).where(tables.inbox.c.channel == "zalo")


@dataclass
class Reminder:
    """One due row of a member: its rule, how it ended, when, and whether a post carries it."""

    rule: str
    state: str
    reason: str | None
    settled_at: datetime | None


@dataclass
class Kept:
    """Everything that is kept of one member."""

    flow: str = ""
    step: str = ""
    serial: int = 0
    answers: dict[str, Any] | None = None
    history: list[tuple[str, Any]] = field(default_factory=list)
    versions: list[dict[str, Any]] = field(default_factory=list)
    first_submitted: datetime | None = None
    marks: dict[int, Mark] = field(default_factory=dict)
    mark_log: list[tuple[int, Mark]] = field(default_factory=list)
    reminders: list[Reminder] = field(default_factory=list)


@dataclass(frozen=True)
class Settled:
    """A post that the records call sent: the id of the (last) message that it became."""

    id: int
    ref: str
    urgency: int


@dataclass
class Records:
    """``members`` by party number; the queues as (state, trouble, chat) of each row that is not simply done.

    ``settled``: the posts that were sent, by chat, oldest first; ``known``: ids of Zalo's events that were kept.
    """

    members: dict[str, Kept] = field(default_factory=dict)
    inbox: list[tuple[str, str | None, str]] = field(default_factory=list)
    outbox: list[tuple[str, str | None, str]] = field(default_factory=list)
    settled: dict[str, list[Settled]] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)


def read(file: Path) -> Records:
    """Read it all; nothing may write meanwhile."""
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as tx:
        found = _read(tx)
    engine.dispose()
    return found


def rung(file: Path, since: datetime) -> bool:
    """Whether the bell has been round every cell since then; the bot may be writing meanwhile."""
    engine = create_engine(f"sqlite:///file:{file}?mode=ro&uri=true")
    with engine.connect() as tx:
        cells = tx.scalar(select(func.count()).select_from(tables.cells))
        fresh = select(func.count()).select_from(tables.bells).where(tables.bells.c.rung_at >= since)
        done = cells == tx.scalar(fresh)
    engine.dispose()
    return done


class Glance:
    """Looks at the records of a bot that is running: where plain chats stand, and which events were kept."""

    def __init__(self, file: Path) -> None:
        self._tx = sqlite3.connect(f"file:{file}?mode=ro", uri=True, isolation_level=None, timeout=0.02)

    def screens(self, known: Mapping[int, tuple[int, str]]) -> list[tuple[int, int, str, list[str]]]:
        """Chat, serial, message and choices of each newest screen in Zalo that has arrived and is not ``known``."""
        rows = self._tx.execute(_SCREENS).fetchall()
        fresh = [
            (int(c), serial, ref, state) for c, serial, ref, state in rows if known.get(int(c)) != (serial, ref)
        ]
        return [(chat, serial, ref, json.loads(state)["shown"]) for chat, serial, ref, state in fresh]

    def kept(self) -> set[str]:
        """The ids of Zalo's events that were kept."""
        return {row[0] for row in self._tx.execute("SELECT update_id FROM inbox WHERE channel = 'zalo'")}

    def close(self) -> None:
        """Look no more."""
        self._tx.close()


def _read(tx: Connection) -> Records:
    numbers = {row.id: row.party_number for row in tx.execute(select(tables.members))}
    found = Records({number: Kept() for number in numbers.values()})

    def of(member: int) -> Kept:
        return found.members[numbers[member]]

    chats = {row.chat: row.member_id for row in tx.execute(select(tables.accounts))}
    for row in tx.execute(select(tables.conversations)):
        if row.chat in chats:
            kept = of(chats[row.chat])
            kept.flow, kept.step = row.state["flow"].partition(".")[0], row.state["step"]
            kept.serial = row.state["serial"]
    _read_reviews(tx, of)
    _read_marks(tx, of)
    for row in tx.execute(select(tables.reminders)):
        if row.member_id is not None:
            of(row.member_id).reminders.append(Reminder(row.rule, row.state, row.reason, row.settled_at))
    for queue, table, done in (
        (found.inbox, tables.inbox, {"done"}),
        (found.outbox, tables.outbox, {"sent", "merged"}),
    ):
        rows = tx.execute(select(table).where(table.c.state.not_in(done)))
        queue += [(row.state, row.trouble, row.chat) for row in rows]
    posts = select(tables.outbox).where(tables.outbox.c.ref.is_not(None)).order_by(tables.outbox.c.id)
    for row in tx.execute(posts):
        found.settled.setdefault(row.chat, []).append(Settled(row.id, row.ref, row.urgency))
    found.known = set(tx.execute(_OF_ZALO).scalars())
    return found


def _read_reviews(tx: Connection, of: Any) -> None:
    whose = {row.id: row.member_id for row in tx.execute(select(tables.reviews))}
    for member in whose.values():
        of(member).answers = {}
    for row in tx.execute(select(tables.review_answers)):
        of(whose[row.review_id]).answers[row.key] = row.value
    for row in tx.execute(select(tables.review_history).order_by(tables.review_history.c.id)):
        of(whose[row.review_id]).history.append((row.key, row.value))
    for row in tx.execute(select(tables.review_versions).order_by(tables.review_versions.c.version)):
        kept = of(whose[row.review_id])
        kept.versions.append(row.answers)
        kept.first_submitted = kept.first_submitted or row.submitted_at


def _read_marks(tx: Connection, of: Any) -> None:
    number = {row.id: row.number for row in tx.execute(select(tables.checklist_items))}
    for row in tx.execute(select(tables.marks)):
        of(row.member_id).marks[number[row.item_id]] = Mark(row.state, row.reason, row.note)
    for row in tx.execute(select(tables.mark_history).order_by(tables.mark_history.c.id)):
        of(row.member_id).mark_log.append((number[row.item_id], Mark(row.state, row.reason, row.note)))
