"""Changes to one person of a roster: standing, form, absence, roles, removal; each leaves a line in the trail."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from handlers.dialogue.flow import Refusal, refusal
from handlers.dialogue.phrases import t
from handlers.dialogue.room import Message
from handlers.organisation.rules import keeps_a_secretary
from handlers.organisation.screens import role_name
from storage import accounts, audit, conversations, handouts, invitations, members
from storage.records import Member, Role
from storage.transaction import Connection


@dataclass(frozen=True, slots=True)
class Editor:
    """Who changes somebody, and when; every change is in the same transaction as its line in the trail."""

    tx: Connection
    by: Member
    now: datetime

    def change(self, member: Member, **fields: Any) -> Member:
        """Write the named fields of the record; the trail keeps their names, not their values."""
        after = replace(member, **fields)
        if after != member:
            members.change(self.tx, after)
            self._record(member, "member.changed", fields=sorted(fields))
        return after

    def absent(self, member: Member, first: date | None, last: date | None) -> Member:
        """Set or (None) end an absence."""
        return self.change(member, away_from=first, away_to=last)

    def grant(self, member: Member, role: Role) -> tuple[Message, ...]:
        """Give a role and tell its bearer."""
        if not members.grant(self.tx, member.id, role, self.now):
            return ()
        self._record(member, "role.granted", role=role)
        return self._tell(member, "organisation.role.told.granted", role)

    def revoke(self, member: Member, role: Role) -> tuple[Message, ...] | Refusal:
        """Take a role away and tell its bearer; the last secretary stays one."""
        if role is Role.SECRETARY and not self._can_spare(member):
            return refusal("organisation.last_secretary", name=member.full_name)
        if not members.revoke(self.tx, member.id, role):
            return ()
        self._record(member, "role.revoked", role=role)
        return self._tell(member, "organisation.role.told.revoked", role)

    def remove(self, member: Member) -> tuple[Message, ...] | Refusal:
        """Take somebody off the roster: roles and open codes end, what was written stays, they are told."""
        if member.id == self.by.id:
            return refusal("organisation.remove.self")
        if Role.SECRETARY in member.roles and not self._can_spare(member):
            return refusal("organisation.last_secretary", name=member.full_name)
        members.remove(self.tx, member.id, self.now)
        invitations.revoke_open(self.tx, [member.id], self.now)
        handouts.revoke_for(self.tx, member.id, self.now, f"member:{self.by.id}")
        waiting = invitations.refuse_waiting(self.tx, member.id, self.by.id, self.now)
        told = [account.address for account in accounts.of_member(self.tx, member.id)]
        for address in told:
            conversations.forget(self.tx, address)
        self._record(member, "member.removed")
        return (
            *(Message(address, t("joining.removed")) for address in told),
            *(Message(address, t("joining.refused")) for address in waiting if address not in told),
        )

    def _can_spare(self, member: Member) -> bool:
        held = (Role.SECRETARY,)
        all_of_them = members.holders(self.tx, member.cell_id, held)
        return keeps_a_secretary(member, all_of_them, members.holders(self.tx, member.cell_id, held, joined=True))

    def _tell(self, member: Member, text: str, role: Role) -> tuple[Message, ...]:
        if member.id == self.by.id:
            return ()
        return (Message(member.id, t(text, role=role_name(role), by=self.by.full_name)),)

    def _record(self, member: Member, what: str, **details: Any) -> None:
        who, subject = f"member:{self.by.id}", f"member:{member.id}"
        audit.record(
            self.tx, now=self.now, who=who, what=what, subject=subject, cell=member.cell_id, details=details
        )
