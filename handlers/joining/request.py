"""A request to join, on the secretary's side: the card, the one decision, the phone that is linked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from handlers.dialogue.buttons import read_number
from handlers.dialogue.phrases import Phrase, lines, t
from handlers.dialogue.room import Message, Standing
from handlers.joining import rules
from handlers.organisation.permissions import Verb, roles_with
from storage import accounts, audit, conversations, handouts, invitations, members, outbox
from storage.records import Address, JoinRequest, Member, MemberId, RequestState
from storage.transaction import Connection


@dataclass(frozen=True, slots=True)
class Settled:
    """What the decider is told, what the card says from now on (None: as it was), what others are told."""

    say: Phrase
    card: Phrase | None = None
    messages: tuple[Message, ...] = ()


def approvers_of(tx: Connection, member: Member) -> tuple[Member, ...]:
    """Who in the member's cell may approve and can be written to."""
    return members.holders(tx, member.cell_id, roles_with(Verb.JOIN_APPROVE), joined=True)


def card_for(tx: Connection, to: MemberId, request: JoinRequest, member: Member) -> Message:
    """What an approver sees: who asks, from which account, and that a phone in use would end."""
    body = lines(
        t("joining.request.card", name=member.full_name, number=member.party_number),
        t("joining.request.account", account=request.sender_name or "–", at=request.asked_at),
        t("joining.request.relink") if _same_channel(tx, member, request.address) else None,
        t("joining.request.question"),
    )
    number = str(request.id)
    buttons = (
        Standing(t("joining.request.approve"), "approve", number),
        Standing(t("joining.request.decline"), "decline", number),
    )
    return Message(to, body, buttons)


def settle(tx: Connection, by: Member, args: str, state: RequestState, now: datetime) -> Settled:
    """Approve or refuse a request, once: whoever comes second is told who decided and when."""
    number = read_number(args)
    request = invitations.request(tx, number) if number is not None else None
    member = members.find(tx, request.member_id) if request else None
    if (refused := rules.may_decide(request, member, by)) or request is None or member is None:
        return Settled(refused.why if refused else t("joining.request.unknown"), _verdict(tx, request, member, by))
    if state is RequestState.APPROVED and _taken(tx, request):
        return Settled(t("joining.request.taken"))
    if not invitations.decide(tx, request.id, state, by.id, now):
        return Settled(t("joining.request.settled"))
    audit.record(
        tx,
        now=now,
        who=f"member:{by.id}",
        what=f"join.{state}",
        subject=f"member:{member.id}",
        cell=member.cell_id,
        details={"request": request.id},
    )
    if state is RequestState.APPROVED:
        messages = link_phone(tx, member, request.address, by.id, now)
    else:
        messages = _turn_away(tx, member, request.address, now)
    decided = invitations.request(tx, request.id)
    return Settled(t(f"joining.request.done.{state}"), _verdict(tx, decided, member, by), messages)


def approve_by_administrator(tx: Connection, number: int, member: Member, address: Address, now: datetime) -> None:
    """Link an account whose code came from the administrator, where the cell has nobody else to approve."""
    invitations.decide(tx, number, RequestState.APPROVED, None, now)
    link_phone(tx, member, address, None, now)
    subject = f"member:{member.id}"
    details = {"request": number}
    audit.record(
        tx,
        now=now,
        who="administrator",
        what="join.approved",
        subject=subject,
        cell=member.cell_id,
        details=details,
    )


def link_phone(
    tx: Connection, member: Member, address: Address, by: MemberId | None, now: datetime
) -> tuple[Message, ...]:
    """Make the account the member's; an older one of the same channel ends and is told, what was written stays."""
    mine = accounts.of_member(tx, member.id)
    old = tuple(a.address for a in mine if a.address.channel == address.channel and a.address != address)
    for account in old:
        accounts.unlink(tx, account)
        outbox.discard(tx, account, now)
        handouts.revoke_for(tx, account, now)
        conversations.forget(tx, account)
    # Whoever holds an old phone may have asked it for a code.
    invitations.revoke_open(tx, [member.id], now, links_only=True)
    accounts.link(tx, address, member.id, now)
    if any(account.preferred and account.address in old for account in mine):
        accounts.prefer(tx, member.id, address)
    conversations.forget(tx, address)
    invitations.forgive(tx, address)
    others = invitations.refuse_waiting(tx, member.id, by, now)
    told = tuple(Message(a, t("joining.relinked.old", name=member.full_name)) for a in old)
    turned_away = tuple(Message(a, t("joining.refused")) for a in others if a != address)
    welcome = t("joining.approved.again" if old else "joining.approved", name=member.full_name)
    return (Message(address, welcome, (Standing(t("joining.open"), "menu"),)), *told, *turned_away)


def _turn_away(tx: Connection, member: Member, address: Address, now: datetime) -> tuple[Message, ...]:
    """A refusal ends the consent that was given for it, and is told to whoever asked."""
    invitations.withdraw_consent(tx, member.id, address, now)
    conversations.forget(tx, address)
    return (Message(address, t("joining.refused")),)


def _verdict(tx: Connection, request: JoinRequest | None, member: Member | None, reader: Member) -> Phrase | None:
    """What a settled card says: whom it was about, who decided what, and when."""
    if request is None or member is None or request.decided_at is None or member.cell_id != reader.cell_id:
        return None
    by = members.find(tx, request.decided_by) if request.decided_by is not None else None
    return t(
        f"joining.request.verdict.{request.state}",
        name=member.full_name,
        by=by.full_name if by else "–",
        at=request.decided_at,
    )


def _same_channel(tx: Connection, member: Member, address: Address) -> tuple[Address, ...]:
    """The member's other accounts on the messenger that the request comes from."""
    found = (account.address for account in accounts.of_member(tx, member.id))
    return tuple(a for a in found if a.channel == address.channel and a != address)


def _taken(tx: Connection, request: JoinRequest) -> bool:
    """Whether the account has become another member's since it asked."""
    speaker = accounts.speaker(tx, request.address)
    return speaker is not None and speaker[0].removed_at is None and speaker[0].id != request.member_id
