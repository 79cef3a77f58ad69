"""Who handles a member's form (reads, returns, approves it): never the member; the head's is the deputy's."""

from __future__ import annotations

from collections.abc import Iterable

from handlers.organisation.permissions import Verb, may
from storage.records import Member, MemberId, Role


def is_head(member: Member) -> bool:
    """Whether this member heads the cell (bí thư chi bộ)."""
    return Role.CHAIR in member.roles


def officers_of(members: Iterable[Member]) -> tuple[Member, ...]:
    """Those of a cell's members whose role lets them read the cell's forms."""
    return tuple(m for m in members if m.removed_at is None and may(m.roles, Verb.REVIEW_READ_CELL))


def who_handles(member: Member, officers: Iterable[Member]) -> frozenset[MemberId]:
    """Who of the cell's officers handles this member's form.

    Nobody handles their own. The head's form is handled by the deputies; in a cell without a deputy by its other
    officers, so that it does not lie unread.
    """
    others = [officer for officer in officers if officer.id != member.id and officer.cell_id == member.cell_id]
    if is_head(member):
        deputies = [officer for officer in others if Role.DEPUTY in officer.roles]
        others = deputies or others
    return frozenset(officer.id for officer in others)


def handles(reader: Member, member: Member, officers: Iterable[Member]) -> bool:
    """Whether this reader handles that member's form."""
    return reader.id in who_handles(member, officers)
