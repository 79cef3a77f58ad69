"""Files handed out by an address for a while: whose they are, how often they were fetched, when they ended."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update
from sqlalchemy.sql import ColumnElement

from storage import audit
from storage.database import insert_ignore
from storage.records import Address, CellId, MemberId, PostId
from storage.tables import accounts, handouts, members, settings

_KEY_NAME = "handout_key"
# Of a handout that has ended so many refusals are told in the trail; the rest is only counted elsewhere.
TOLD_REFUSALS = 20
_NO_CONTENT: tuple[ColumnElement[Any], ...] = tuple(c for c in handouts.c if c.name != "content")
_IS_KEPT = handouts.c.content.is_not(None).label("is_kept")
_QUERY = select(*_NO_CONTENT, _IS_KEPT, members.c.cell_id, members.c.language)


@dataclass(frozen=True, slots=True)
class Handout:
    """One file for one account; ``is_kept``: its bytes are still there. ``language`` is its person's."""

    id: int
    post_id: PostId
    address: Address
    member_id: MemberId | None
    cell_id: CellId | None
    language: str
    file_name: str
    picture: bool
    is_kept: bool
    made_at: datetime
    expires_at: datetime
    fetched: int
    refused: int
    browser_hash: str | None
    revoked_at: datetime | None


def key(tx: Connection) -> bytes:
    """The secret with which addresses are signed: made once and kept, so that they outlive a restart."""
    insert_ignore(tx, settings, [{"name": _KEY_NAME, "value": secrets.token_hex(32), "secret": True}])
    kept = tx.execute(select(settings.c.value).where(settings.c.name == _KEY_NAME)).scalar_one()
    return bytes.fromhex(kept)


def owner(tx: Connection, address: Address) -> MemberId | None:
    """Whose account this is; None where it is nobody's, or of a member who was taken off the roster."""
    joined = select(accounts.c.member_id).join(members, members.c.id == accounts.c.member_id)
    here = accounts.c.channel == address.channel, accounts.c.chat == address.chat
    found = tx.execute(joined.where(*here, members.c.removed_at.is_(None))).scalar_one_or_none()
    return MemberId(found) if found is not None else None


def keep(
    tx: Connection,
    *,
    token_hash: str,
    post_id: PostId,
    address: Address,
    member: MemberId | None,
    file_name: str,
    picture: bool,
    content: bytes,
    now: datetime,
    expires_at: datetime,
) -> int:
    """Keep a file under the hash of its address; returns its number."""
    row = {
        "token_hash": token_hash,
        "post_id": post_id,
        "channel": address.channel,
        "chat": address.chat,
        "member_id": member,
        "file_name": file_name,
        "picture": picture,
        "content": content,
        "made_at": now,
        "expires_at": expires_at,
    }
    return int(tx.execute(insert(handouts).values(row).returning(handouts.c.id)).scalar_one())


def prolong(tx: Connection, id: int, content: bytes, expires_at: datetime) -> None:
    """The same file once more, for a post that is sent again; one that was revoked stays so."""
    again = {"content": content, "expires_at": expires_at}
    tx.execute(update(handouts).where(handouts.c.id == id, handouts.c.revoked_at.is_(None)).values(**again))


def of_post(tx: Connection, post_id: PostId) -> Handout | None:
    """What was handed out with a post, in whatever state."""
    return _one(tx, handouts.c.post_id == post_id)


def behind(tx: Connection, token_hash: str) -> Handout | None:
    """What an address leads to, in whatever state."""
    return _one(tx, handouts.c.token_hash == token_hash)


def bind(tx: Connection, id: int, browser_hash: str) -> bool:
    """Let this browser, and no other from now on, take the file; False where another was first."""
    free = or_(handouts.c.browser_hash.is_(None), handouts.c.browser_hash == browser_hash)
    bound = update(handouts).where(handouts.c.id == id, free).values(browser_hash=browser_hash)
    return tx.execute(bound).rowcount > 0


def fetch(tx: Connection, id: int, most: int) -> bytes | None:
    """Count one fetch and give the bytes; None where they were fetched ``most`` times, or are gone."""
    may = handouts.c.id == id, handouts.c.fetched < most, handouts.c.content.is_not(None)
    counted = update(handouts).where(*may).values(fetched=handouts.c.fetched + 1)
    found = tx.execute(counted.returning(handouts.c.content)).scalar_one_or_none()
    return None if found is None else bytes(found)


def content(tx: Connection, id: int) -> bytes | None:
    """The bytes without counting; None where they are gone."""
    found = tx.execute(select(handouts.c.content).where(handouts.c.id == id)).scalar_one_or_none()
    return None if found is None else bytes(found)


def refuse(tx: Connection, found: Handout, reason: str, now: datetime) -> None:
    """Write into the trail that somebody came in vain, so often and no oftener: the trail is not theirs to fill."""
    few = handouts.c.id == found.id, handouts.c.refused < TOLD_REFUSALS
    counted = tx.execute(update(handouts).where(*few).values(refused=handouts.c.refused + 1))
    if counted.rowcount:
        record(tx, found, "link.refused", "unknown", now, reason=reason)


def revoke_for(tx: Connection, whom: MemberId | Address, now: datetime, who: str = "system") -> int:
    """End every open address of a member, or of one account; returns how many. ``who`` is named in the trail."""
    if isinstance(whom, Address):
        theirs: tuple[ColumnElement[bool], ...] = (handouts.c.channel == whom.channel, handouts.c.chat == whom.chat)
    else:
        theirs = (handouts.c.member_id == whom,)
    rows = tx.execute(_with_people().where(*theirs, *_still_open(now))).all()
    return _revoke(tx, [_to_handout(row) for row in rows], now, who)


def revoke_one(tx: Connection, post_id: PostId, member: MemberId, now: datetime) -> bool:
    """End the address that a member was sent with this post; False where it is not theirs or has ended already."""
    theirs = handouts.c.post_id == post_id, handouts.c.member_id == member
    row = tx.execute(_with_people().where(*theirs, *_still_open(now))).one_or_none()
    return row is not None and _revoke(tx, [_to_handout(row)], now, f"member:{member}") > 0


def purge(tx: Connection, now: datetime, forget_before: datetime) -> tuple[int, int]:
    """Drop the bytes of what has expired, and the whole row of what expired before ``forget_before``.

    Returns how many of each; the trail (``audit``) keeps its lines.
    """
    over = handouts.c.expires_at <= now, handouts.c.content.is_not(None)
    emptied = tx.execute(update(handouts).where(*over).values(content=None)).rowcount
    gone = tx.execute(delete(handouts).where(handouts.c.expires_at <= forget_before)).rowcount
    return emptied, gone


def record(tx: Connection, found: Handout, what: str, who: str, now: datetime, **details: str | int) -> None:
    """One line of the trail about a handout: numbers and reasons, never the address or what is in the file."""
    subject = f"handout:{found.id}"
    if found.member_id is not None:
        details["member"] = found.member_id
    audit.record(tx, now=now, who=who, what=what, subject=subject, cell=found.cell_id, details=details)


def _revoke(tx: Connection, found: Collection[Handout], now: datetime, who: str) -> int:
    ids = [one.id for one in found]
    tx.execute(update(handouts).where(handouts.c.id.in_(ids)).values(revoked_at=now, content=None))
    for one in found:
        record(tx, one, "link.revoked", who, now)
    return len(ids)


def _still_open(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return handouts.c.revoked_at.is_(None), handouts.c.expires_at > now


def _with_people() -> Any:
    return _QUERY.outerjoin_from(handouts, members, members.c.id == handouts.c.member_id)


def _one(tx: Connection, which: ColumnElement[bool]) -> Handout | None:
    row = tx.execute(_with_people().where(which)).one_or_none()
    return _to_handout(row) if row else None


def _to_handout(row: Row[Any]) -> Handout:
    return Handout(
        id=row.id,
        post_id=PostId(row.post_id),
        address=Address(row.channel, row.chat),
        member_id=MemberId(row.member_id) if row.member_id is not None else None,
        cell_id=CellId(row.cell_id) if row.cell_id is not None else None,
        language=row.language or "vi",
        file_name=row.file_name,
        picture=row.picture,
        is_kept=row.is_kept,
        made_at=row.made_at,
        expires_at=row.expires_at,
        fetched=row.fetched,
        refused=row.refused,
        browser_hash=row.browser_hash,
        revoked_at=row.revoked_at,
    )
