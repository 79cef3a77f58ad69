"""What reading screens and the printed form say of who typed for a member, and how the member confirmed it."""

from __future__ import annotations

from handlers.dialogue.phrases import Phrase, t
from storage import assistances, members
from storage.assistances import Assistance
from storage.records import CycleId, MemberId
from storage.transaction import Connection


def typed_lines(tx: Connection, member: MemberId, cycle: CycleId, version: int) -> tuple[Phrase, ...]:
    """One line for every helper whose typing went into the member's submissions up to ``version``; () for none."""
    found = assistances.of_review(tx, member, cycle)
    return tuple(_line(tx, one) for one in found if one.written and one.version and one.version <= version)


def _line(tx: Connection, found: Assistance) -> Phrase:
    helper = members.find(tx, found.helper_id)
    return t(
        "assisting.line",
        name=helper.full_name if helper else "–",
        source=t(f"assisting.source.{found.source}"),
        begun=found.began_at,
        ended=found.ended_at or found.confirmed_at or found.began_at,
        proof=t(f"assisting.proof.{found.confirmed_by}"),
        at=found.confirmed_at or found.began_at,
        version=found.version or 0,
    )
