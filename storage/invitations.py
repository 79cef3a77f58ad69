"""The way in, as it is kept: codes (hashed), wrong attempts, requests that wait, consents."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from storage.database import insert_ignore, upsert
from storage.records import (
    Address,
    Consent,
    Invitation,
    JoinAttempts,
    JoinRequest,
    MemberId,
    RequestState,
)
from storage.tables import consents, invitations, join_attempts, join_requests, settings

_KEY_NAME = "invitation_key"


def key(tx: Connection) -> bytes:
    """The secret with which codes are hashed: made once and kept, so that codes outlive a restart and a restore."""
    insert_ignore(tx, settings, [{"name": _KEY_NAME, "value": secrets.token_hex(32), "secret": True}])
    kept = tx.execute(select(settings.c.value).where(settings.c.name == _KEY_NAME)).scalar_one()
    return bytes.fromhex(kept)


def issue(tx: Connection, new: Sequence[Invitation]) -> None:
    """Keep new codes, all of one kind, and end earlier ones of the same members.

    A secretary's ends everything that is open; one that a member made (``links``) only what the member made.
    """
    if not new:
        return
    revoke_open(tx, [invitation.member_id for invitation in new], new[0].issued_at, links_only=new[0].links)
    rows = [
        {
            "code_hash": invitation.code_hash,
            "member_id": invitation.member_id,
            "issued_at": invitation.issued_at,
            "issued_by": invitation.issued_by,
            "expires_at": invitation.expires_at,
            "links": invitation.links,
        }
        for invitation in new
    ]
    tx.execute(insert(invitations), rows)


def revoke_open(tx: Connection, people: Collection[MemberId], now: datetime, *, links_only: bool = False) -> None:
    """End every code of these members that is neither used nor revoked (``links_only``: that they made)."""
    still_open = invitations.c.used_at.is_(None), invitations.c.revoked_at.is_(None)
    theirs = [invitations.c.member_id.in_(people), *([invitations.c.links] if links_only else [])]
    tx.execute(update(invitations).where(*theirs, *still_open).values(revoked_at=now))


def find(tx: Connection, code_hash: str) -> Invitation | None:
    """The invitation behind a code, in whatever state."""
    row = tx.execute(select(invitations).where(invitations.c.code_hash == code_hash)).one_or_none()
    return to_invitation(row) if row else None


def use(tx: Connection, code_hash: str, now: datetime) -> bool:
    """Use a code up; False where somebody was quicker, or it was revoked."""
    still_open = invitations.c.used_at.is_(None), invitations.c.revoked_at.is_(None)
    done = tx.execute(
        update(invitations).where(invitations.c.code_hash == code_hash, *still_open).values(used_at=now)
    )
    return done.rowcount > 0


def attempts(tx: Connection, address: Address) -> JoinAttempts | None:
    """The wrong codes typed at this address."""
    row = tx.execute(select(join_attempts).where(*_at(join_attempts, address))).one_or_none()
    return JoinAttempts(row.wrong, row.last_at, row.locked_until) if row else None


def keep_attempts(tx: Connection, address: Address, found: JoinAttempts) -> None:
    """Remember the wrong codes typed at this address."""
    upsert(
        tx,
        join_attempts,
        ("channel", "chat"),
        {
            "channel": address.channel,
            "chat": address.chat,
            "wrong": found.wrong,
            "last_at": found.last_at,
            "locked_until": found.locked_until,
        },
    )


def forgive(tx: Connection, address: Address) -> None:
    """Forget the wrong codes typed at this address."""
    tx.execute(delete(join_attempts).where(*_at(join_attempts, address)))


def ask(tx: Connection, member: MemberId, address: Address, sender_name: str, code_hash: str, now: datetime) -> int:
    """Keep a request to join; an earlier one from the same account is overtaken by it."""
    tx.execute(
        update(join_requests)
        .where(*_at(join_requests, address), join_requests.c.state == RequestState.PENDING)
        .values(state=RequestState.REFUSED, decided_at=now)
    )
    statement = insert(join_requests).values(
        member_id=member,
        channel=address.channel,
        chat=address.chat,
        sender_name=sender_name[:200],
        code_hash=code_hash,
        state=RequestState.PENDING,
        asked_at=now,
    )
    return int(tx.execute(statement.returning(join_requests.c.id)).scalar_one())


def request(tx: Connection, number: int) -> JoinRequest | None:
    """A request by its number."""
    row = tx.execute(select(join_requests).where(join_requests.c.id == number)).one_or_none()
    return to_request(row) if row else None


def waiting_at(tx: Connection, address: Address) -> JoinRequest | None:
    """The request of this account that waits to be decided."""
    pending = join_requests.c.state == RequestState.PENDING
    row = tx.execute(select(join_requests).where(*_at(join_requests, address), pending)).first()
    return to_request(row) if row else None


def decide(tx: Connection, number: int, state: RequestState, by: MemberId | None, now: datetime) -> bool:
    """Settle a request that waits; False where somebody was quicker."""
    done = tx.execute(
        update(join_requests)
        .where(join_requests.c.id == number, join_requests.c.state == RequestState.PENDING)
        .values(state=state, decided_by=by, decided_at=now)
    )
    return done.rowcount > 0


def refuse_waiting(tx: Connection, member: MemberId, by: MemberId | None, now: datetime) -> tuple[Address, ...]:
    """Refuse every request for a member that still waits; returns the accounts that made them."""
    pending = join_requests.c.member_id == member, join_requests.c.state == RequestState.PENDING
    rows = tx.execute(select(join_requests.c.channel, join_requests.c.chat).where(*pending)).all()
    tx.execute(
        update(join_requests).where(*pending).values(state=RequestState.REFUSED, decided_by=by, decided_at=now)
    )
    return tuple(Address(row.channel, row.chat) for row in rows)


def agree(tx: Connection, consent: Consent) -> None:
    """Keep that a member agreed."""
    tx.execute(
        insert(consents).values(
            member_id=consent.member_id,
            version=consent.version,
            text_hash=consent.text_hash,
            channel=consent.address.channel,
            chat=consent.address.chat,
            agreed_at=consent.agreed_at,
        )
    )


def consents_of(tx: Connection, member: MemberId) -> tuple[Consent, ...]:
    """Everything a member agreed to, the newest first."""
    rows = tx.execute(select(consents).where(consents.c.member_id == member).order_by(consents.c.id.desc()))
    return tuple(
        Consent(
            MemberId(row.member_id),
            row.version,
            row.text_hash,
            Address(row.channel, row.chat),
            row.agreed_at,
            row.withdrawn_at,
        )
        for row in rows
    )


def withdraw_consent(tx: Connection, member: MemberId, address: Address | None, now: datetime) -> int:
    """Mark consents as withdrawn: those given from this account, or (None) all; returns how many."""
    still_given = consents.c.member_id == member, consents.c.withdrawn_at.is_(None)
    here = () if address is None else _at(consents, address)
    return tx.execute(update(consents).where(*still_given, *here).values(withdrawn_at=now)).rowcount


def to_invitation(row: Row[Any]) -> Invitation:
    """A row of ``invitations`` as a record."""
    return Invitation(
        code_hash=row.code_hash,
        member_id=MemberId(row.member_id),
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        issued_by=MemberId(row.issued_by) if row.issued_by is not None else None,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
        links=row.links,
    )


def to_request(row: Row[Any]) -> JoinRequest:
    """A row of ``join_requests`` as a record."""
    return JoinRequest(
        id=row.id,
        member_id=MemberId(row.member_id),
        address=Address(row.channel, row.chat),
        state=RequestState(row.state),
        asked_at=row.asked_at,
        sender_name=row.sender_name,
        decided_at=row.decided_at,
        decided_by=MemberId(row.decided_by) if row.decided_by is not None else None,
    )


def _at(table: Any, address: Address) -> tuple[Any, Any]:
    return table.c.channel == address.channel, table.c.chat == address.chat
