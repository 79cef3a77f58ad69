"""Questions that members put to a person, and the answers they got."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from storage.accounts import to_member
from storage.records import CellId, Member, MemberId, Role
from storage.tables import members, questions, roles


@dataclass(frozen=True, slots=True)
class Question:
    """A question: who asked, from which cell, in which flow they were, their words."""

    id: int
    member_id: MemberId
    cell_id: CellId
    place: str
    words: str
    answer: str | None = None


def ask(tx: Connection, member: MemberId, place: str, words: str, now: datetime) -> int:
    """Keep a question; empty words mean "please call me"."""
    values = {"member_id": member, "place": place, "words": words, "asked_at": now}
    return int(tx.execute(insert(questions).values(values).returning(questions.c.id)).scalar_one())


def find(tx: Connection, id: int) -> Question | None:
    """A question by its number."""
    row = tx.execute(
        select(questions, members.c.cell_id)
        .join(members, members.c.id == questions.c.member_id)
        .where(questions.c.id == id)
    ).one_or_none()
    if row is None:
        return None
    return Question(row.id, MemberId(row.member_id), CellId(row.cell_id), row.place, row.words, row.answer)


def answer(tx: Connection, id: int, words: str, by: MemberId, now: datetime) -> None:
    """Keep the newest answer."""
    tx.execute(update(questions).where(questions.c.id == id).values(answer=words, answered_at=now, answered_by=by))


def helpers(tx: Connection, cell: CellId, asker: MemberId) -> tuple[Member, ...]:
    """Who may be asked: the cell's secretaries, or its chair and deputies where nobody else is one."""
    rows = tx.execute(
        select(members, roles.c.role)
        .join(roles, roles.c.member_id == members.c.id)
        .where(
            members.c.cell_id == cell,
            members.c.id != asker,
            members.c.removed_at.is_(None),
            roles.c.role.in_((Role.SECRETARY, Role.CHAIR, Role.DEPUTY)),
        )
        .order_by(members.c.id)
    ).all()
    secretaries = [row for row in rows if row.role == Role.SECRETARY]
    chosen = secretaries or rows
    return tuple({row.id: to_member(row, [row.role]) for row in chosen}.values())
