"""What happens while somebody types for a member: counted, the paper shown again, and put before the member."""

from __future__ import annotations

import secrets

from handlers.assisting import rules
from handlers.assisting.proofs import attachment_of
from handlers.assisting.rights import AID_PAGES, HELP
from handlers.dialogue.phrases import Phrase, paragraphs, t
from handlers.dialogue.room import Message, Outcome, Standing, Visit, enter, stay
from handlers.review.views import ReviewView, cursor_of
from storage import accounts, assistances, invitations
from storage.assistances import Assistance
from storage.records import CycleId, MemberId
from storage.transaction import Connection

ASSIST, MINE = "assist", "assist_mine"


def typed(tx: Connection, visit: Visit) -> None:
    """Count an answer that the helper changed; what waited for the member waits no more."""
    assistances.wrote(tx, cursor_of(visit.state.data, HELP))


def aided(tx: Connection, visit: Visit, view: ReviewView, aid: str) -> Outcome:
    """What every screen offers the helper: the photographs of the paper once more, or the card."""
    if aid == AID_PAGES:
        return stay(None, *photographs(tx, visit, view.member.id, view.cycle.id))
    return enter(ASSIST, "one", help=cursor_of(visit.state.data, HELP))


def photographs(tx: Connection, visit: Visit, member: MemberId, cycle: CycleId) -> tuple[Message, ...]:
    """The photographs of a member's paper, to whoever asks."""
    found = assistances.pages(tx, member, cycle)
    return tuple(
        Message(
            visit.address,
            t("assisting.photo", place=place, count=len(found), at=page.sent_at),
            attachment=attachment_of(page),
        )
        for place, page in enumerate(found, 1)
    )


def offered(tx: Connection, visit: Visit, view: ReviewView) -> Outcome:
    """The helper is done: the text waits for the member, who is told where the bot can reach them."""
    found = assistances.get(tx, cursor_of(visit.state.data, HELP))
    if found is None or view.review is None:
        raise LookupError("an assistance without its review")
    return put_before(tx, visit, found, view, rules.digest_of(view.answers))


def put_before(tx: Connection, visit: Visit, found: Assistance, view: ReviewView, digest: str) -> Outcome:
    """Put the text before the member, with a new code that goes to their own phone and nowhere else."""
    member, until = view.member, visit.now + rules.VALID_FOR
    if not accounts.of_member(tx, member.id):
        assistances.offer(tx, found.id, digest, None, visit.now, until)
        return enter(ASSIST, "one", t("assisting.offered.no_phone", name=member.full_name), help=found.id)
    code = rules.code_from(secrets.randbelow(10**rules.CODE_DIGITS))
    hashed = rules.code_hash(invitations.key(tx), found.id, code)
    assistances.offer(tx, found.id, digest, hashed, visit.now, until)
    said = t("assisting.offered", name=member.full_name)
    return Outcome(
        enter=ASSIST, go="one", say=said, data={HELP: found.id}, messages=(_asked(visit, view, found, code),)
    )


def _asked(visit: Visit, view: ReviewView, found: Assistance, code: str) -> Message:
    """What the member reads: who typed, how to look at it, and the code that says yes."""
    words: Phrase = paragraphs(
        t("assisting.asked", helper=visit.known.member.full_name, year=view.cycle.year),
        t("assisting.asked.code", code=rules.shown_code(code), until=visit.now + rules.VALID_FOR),
    )
    button = Standing(t("assisting.asked.read"), "ownwords", str(found.id))
    return Message(view.member.id, words, (button,))
