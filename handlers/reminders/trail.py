"""Every act about a cycle on the trail, and the cell looked at with the next ring."""

from __future__ import annotations

from datetime import date

from handlers.dialogue.room import Visit
from handlers.reminders.rules import who
from storage import audit
from storage import reminders as kept
from storage.records import CycleId
from storage.transaction import Connection


def note(tx: Connection, visit: Visit, what: str, cycle: CycleId, **details: object) -> None:
    """Keep who did what to which cycle; ``details`` holds days, numbers and ids, never what a person wrote."""
    member = visit.known.member
    plain = {key: value.isoformat() if isinstance(value, date) else value for key, value in details.items()}
    audit.record(
        tx,
        now=visit.now,
        who=who(member.id),
        what=what,
        subject=f"cycle:{cycle}",
        cell=member.cell_id,
        details=plain,
    )
    kept.wake(tx, member.cell_id)
