"""Giving out codes: a new one for a member, the words and the picture that carry it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.dialogue.phrases import Lines, Phrase, lines, paragraphs, t
from handlers.dialogue.room import Door, House, Message
from handlers.joining import rules
from handlers.joining.document import qr_picture
from handlers.reaching import channel_name
from storage import audit, invitations
from storage.audit import Act
from storage.records import Address, Invitation, Member, MemberId
from storage.transaction import Connection

# Draws a number from 0 to its argument less one; tests put in one that they can foresee.
Draw = Callable[[int], int]


@dataclass(frozen=True, slots=True)
class Issued:
    """A code in the clear: it exists in this value and in the message that carries it, nowhere else."""

    member: Member
    code: str
    expires_at: datetime
    link: str | None
    doors: tuple[Door, ...] = ()


def issue(
    tx: Connection,
    house: House,
    member: Member,
    *,
    by: MemberId | None,
    now: datetime,
    draw: Draw = secrets.randbelow,
) -> Issued:
    """Make a one-time code for one member; earlier open codes of theirs end. ``by`` None is the administrator."""
    (issued,) = issue_all(tx, house, [member], by=by, now=now, draw=draw)
    return issued


def issue_all(
    tx: Connection,
    house: House,
    people: Sequence[Member],
    *,
    by: MemberId | None,
    now: datetime,
    valid_for: timedelta = rules.VALID_FOR,
    draw: Draw = secrets.randbelow,
) -> tuple[Issued, ...]:
    """Make a one-time code for each of them, in a handful of statements however many they are."""
    key, until = invitations.key(tx), now + valid_for
    codes = [rules.code_from(draw(rules.CODE_SPACE)) for _ in people]
    kept = [
        Invitation(rules.code_hash(code, key), member.id, now, until, issued_by=by)
        for code, member in zip(codes, people, strict=True)
    ]
    invitations.issue(tx, kept)
    who = f"member:{by}" if by is not None else "administrator"
    audit.record_all(
        tx, [Act(now, who, "code.issued", f"member:{member.id}", member.cell_id, {}) for member in people]
    )
    return tuple(
        Issued(member, code, until, link_to(house, code), house.doors)
        for code, member in zip(codes, people, strict=True)
    )


def link_to(house: House, code: str) -> str | None:
    """The address that opens the chat with the code; None where no messenger of the house knows such links."""
    links = (door.invite_link(code) for door in house.doors)
    return next((link for link in links if link), None)


def ways_in(doors: Sequence[Door], code: str) -> Lines:
    """How the code is used on each of these messengers, a line each: by an address, or by looking for the bot."""
    return lines(*(_way_in(door, code) for door in doors))


def _way_in(door: Door, code: str) -> Phrase:
    channel, link = channel_name(door.channel), door.invite_link(code)
    if link is not None:
        return t("reaching.door.link", channel=channel, link=link)
    if door.name:
        return t("reaching.door.name", channel=channel, bot=door.name)
    return t("reaching.door.code", channel=channel)


def to_pass_on(issued: Issued, to: MemberId | Address) -> Message:
    """What the secretary forwards to the member, or shows them: code, link and picture."""
    name, code = issued.member.full_name, rules.shown(issued.code)
    picture = qr_picture(issued.link) if issued.link else None
    if len(issued.doors) > 1 or (issued.doors and issued.link is None):
        ways = (
            t("joining.invite.head", name=name, code=code),
            ways_in(issued.doors, issued.code),
            t("joining.invite.end", until=issued.expires_at),
        )
        return Message(to, paragraphs(*ways), attachment=picture)
    if issued.link is None:
        return Message(to, t("joining.invite.code", name=name, code=code, until=issued.expires_at))
    body = t("joining.invite.link", name=name, code=code, until=issued.expires_at, link=issued.link)
    return Message(to, body, attachment=picture)
