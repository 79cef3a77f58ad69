"""A member's further messengers: the code from the first, the account that it adds, and taking one away again."""

from __future__ import annotations

import secrets
from dataclasses import replace

from handlers.dialogue.phrases import paragraphs, t
from handlers.dialogue.room import Door, Message, Outcome, Standing, Visit, aside, go, stay
from handlers.dialogue.said import Command
from handlers.joining import rules
from handlers.joining.document import qr_picture
from handlers.joining.invite import Draw, link_to, ways_in
from handlers.reaching import channel_name
from storage import accounts, audit, conversations, handouts, invitations, outbox
from storage.records import Account, Invitation, Member
from storage.transaction import Connection


def missing(visit: Visit, linked: tuple[Account, ...]) -> tuple[Door, ...]:
    """The messengers of the house on which this member has no account yet."""
    used = {account.address.channel for account in linked}
    return tuple(door for door in visit.house.doors if door.channel not in used)


def asked(tx: Connection, visit: Visit, *, only: str | None = None, draw: Draw = secrets.randbelow) -> Outcome:
    """Give the member a code for the messengers that they do not use yet (``only``: for this one); they stay where
    they are."""
    member = visit.known.member
    free = missing(visit, accounts.of_member(tx, member.id))
    doors = tuple(door for door in free if only in (None, door.channel))
    if not doors:
        return stay(t("joining.link.none"))
    return stay(None, _code_for(tx, visit, member, doors, draw))


def _code_for(tx: Connection, visit: Visit, member: Member, doors: tuple[Door, ...], draw: Draw) -> Message:
    """A new code for a further account; it ends the one before it, and no code that a secretary gave."""
    code, until = rules.code_from(draw(rules.CODE_SPACE)), visit.now + rules.LINK_VALID_FOR
    hashed = rules.code_hash(code, invitations.key(tx))
    invitations.issue(tx, [Invitation(hashed, member.id, visit.now, until, issued_by=member.id, links=True)])
    _record(tx, visit, member, "link.issued")
    link = link_to(replace(visit.house, doors=doors), code)
    names = ", ".join(channel_name(door.channel) for door in doors)
    body = paragraphs(
        t("joining.link.head", channels=names, code=rules.shown(code)),
        ways_in(doors, code),
        t("joining.link.end", until=until),
    )
    return Message(visit.address, body, attachment=qr_picture(link) if link else None)


def add(tx: Connection, visit: Visit, member: Member) -> Outcome:
    """Make the speaker's account the member's: the accounts they have vouch for it, and are told at once."""
    before = accounts.of_member(tx, member.id)
    accounts.link(tx, visit.address, member.id, visit.now)
    invitations.forgive(tx, visit.address)
    _record(tx, visit, member, "account.added")
    channel = channel_name(visit.address.channel)
    told = t("joining.link.told", channel=channel, account=visit.sender_name or "–", at=visit.now)
    stamp = f"{visit.address.channel}.{int(visit.now.timestamp())}"
    button = Standing(t("joining.link.undo", channel=channel), "unlink", stamp)
    messages = (Message(account.address, told, (button,)) for account in before)
    welcome = t("joining.link.done", name=member.full_name, channel=channel)
    return replace(go("joined", welcome, *messages, invite=None), renewed=True)


def undo(tx: Connection, visit: Visit, command: Command) -> Outcome:
    """The button under the news of a further account: take that very account away, not a later one."""
    mine = accounts.of_member(tx, visit.known.member.id)
    which = next((account for account in mine if _stamp(account) == command.args), None)
    if which is None:
        return _said(command, aside(t("joining.unlink.gone")))
    if refused := rules.may_end(which, mine, visit.known.account, visit.now):
        return _said(command, aside(refused.why))
    if which.address == visit.address:
        end(tx, visit, which)
        return Outcome(enter="join", say=t("me.account.ended.here"), renewed=True)
    said = t("joining.unlink.done", channel=channel_name(which.address.channel), at=visit.now)
    return _said(command, aside(said, *end(tx, visit, which), card=said))


def end(tx: Connection, visit: Visit, account: Account) -> tuple[Message, ...]:
    """Take one of the speaker's accounts away, with the consent given from it and open codes for further ones.

    Gives the words for whoever holds it; what they wrote stays with the member.
    """
    member = visit.known.member
    accounts.unlink(tx, account.address)
    outbox.discard(tx, account.address, visit.now)
    handouts.revoke_for(tx, account.address, visit.now, f"member:{member.id}")
    invitations.withdraw_consent(tx, member.id, account.address, visit.now)
    invitations.revoke_open(tx, [member.id], visit.now, links_only=True)
    _record(tx, visit, member, "account.removed", of=account.address.channel)
    if account.address == visit.address:
        return ()
    conversations.forget(tx, account.address)
    return (Message(account.address, t("me.account.ended.told", name=member.full_name)),)


def _said(command: Command, outcome: Outcome) -> Outcome:
    """Typed, there is no card to change: the words stand above the screen."""
    return outcome if command.standing else stay(outcome.say, *outcome.messages)


def _stamp(account: Account) -> str:
    return f"{account.address.channel}.{int(account.linked_at.timestamp())}"


def _record(tx: Connection, visit: Visit, member: Member, what: str, of: str | None = None) -> None:
    audit.record(
        tx,
        now=visit.now,
        who=f"member:{member.id}",
        what=what,
        subject=f"member:{member.id}",
        cell=member.cell_id,
        details={"channel": of or visit.address.channel},
    )
