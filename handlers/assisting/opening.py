"""Opening and ending assistances: who asks whom to type, who is told, and what is refused."""

from __future__ import annotations

from handlers.assisting import rules
from handlers.dialogue.phrases import t
from handlers.dialogue.room import Message, Outcome, Standing, Visit, go, stay
from storage import accounts, assistances, audit, members, reviews
from storage.assistances import Assistance, Ended, Source
from storage.records import Cycle, Member
from storage.transaction import Connection


def opened(tx: Connection, visit: Visit, member: Member, helper: Member, cycle: Cycle, source: Source) -> Outcome:
    """Let the helper type for a day; where somebody does already, say who and since when."""
    if refused := rules.may_be_asked(helper, member):
        return stay(refused.why)
    if _wrote_alone(tx, member, cycle):
        return stay(t("assisting.wrote_alone", name=member.full_name))
    made = assistances.begin(
        tx,
        member=member.id,
        helper=helper.id,
        opened_by=visit.known.member.id,
        cycle=cycle.id,
        source=source,
        now=visit.now,
        expires_at=visit.now + rules.VALID_FOR,
    )
    if made is None:
        return _taken(tx, visit, member, cycle)
    _record(tx, visit, made, "assistance.opened")
    messages = (*_told_helper(visit, made, member, helper), _told_member(visit, made, member, helper))
    return go("one", t("assisting.opened", name=member.full_name), *messages, help=made.id, member=None)


def _wrote_alone(tx: Connection, member: Member, cycle: Cycle) -> bool:
    """Whether there are words that the member wrote on a phone of their own: whoever types would read them."""
    review = reviews.find(tx, cycle.id, member.id)
    if review is None or not review.answers or not accounts.of_member(tx, member.id):
        return False
    return not any(one.written for one in assistances.of_review(tx, member.id, cycle.id))


def _taken(tx: Connection, visit: Visit, member: Member, cycle: Cycle) -> Outcome:
    found = assistances.running(tx, member.id, cycle.id, visit.now)
    helper = members.find(tx, found.helper_id) if found else None
    if found is None or helper is None:
        return stay(t("assisting.over.gone"))
    said = t("assisting.taken", name=member.full_name, helper=helper.full_name, since=found.began_at)
    return go("one", said, help=found.id, member=None)


def _told_helper(visit: Visit, made: Assistance, member: Member, helper: Member) -> tuple[Message, ...]:
    if helper.id == visit.known.member.id:
        return ()
    words = t("assisting.appointed", by=visit.known.member.full_name, name=member.full_name, until=made.expires_at)
    return (Message(helper.id, words, (Standing(t("assisting.appointed.open"), "typefor", str(made.id)),)),)


def _told_member(visit: Visit, made: Assistance, member: Member, helper: Member) -> Message:
    """Nobody types for a member behind their back: they can say no at once."""
    words = t("assisting.begun", helper=helper.full_name, until=made.expires_at)
    return Message(member.id, words, (Standing(t("assisting.begun.decline"), "nohelp", str(made.id)),))


def ended(tx: Connection, visit: Visit, found: Assistance, how: Ended) -> tuple[Message, ...] | None:
    """End it; who is to be told, or None where it had ended already. What was typed stays in the member's draft."""
    if not found.open_at(visit.now) or not assistances.end(tx, found.id, how, visit.now):
        return None
    _record(tx, visit, found, f"assistance.{how}")
    member = members.find(tx, found.member_id)
    words = t(f"assisting.over.{how}", name=member.full_name if member else "–")
    others = {found.helper_id, found.opened_by} - {visit.known.member.id}
    return tuple(Message(other, words) for other in sorted(others))


def _record(tx: Connection, visit: Visit, found: Assistance, what: str) -> None:
    audit.record(
        tx,
        now=visit.now,
        who=f"member:{visit.known.member.id}",
        what=what,
        subject=f"member:{found.member_id}",
        cell=visit.known.cell.id,
        details={"assistance": found.id, "helper": found.helper_id, "source": found.source},
    )
