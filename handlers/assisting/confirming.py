"""The member makes the typed words their own: only then is there a submitted version."""

from __future__ import annotations

from dataclasses import dataclass, replace

from handlers.assisting import rules
from handlers.dialogue.flow import Refusal, State
from handlers.dialogue.phrases import t
from handlers.dialogue.room import Message, Outcome, Visit, stay
from handlers.papers.gathering import draft_sheet
from handlers.papers.recipes import one_file
from handlers.review.flow import flow_name
from handlers.review.loading import form_of, load
from handlers.review.submitting import keep_version, receipt
from handlers.review.views import ReviewView, may_write
from storage import assistances, audit, cycles, members, reviews
from storage.assistances import Assistance, Proof
from storage.transaction import Connection


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The submission that came of it, and who is to be told."""

    version: int
    messages: tuple[Message, ...]


def draft_of(tx: Connection, visit: Visit, found: Assistance) -> ReviewView | None:
    """The member's form as it stands, as the member sees it; None where there is none.

    Whoever calls this has made sure that the visitor may see what they show of it.
    """
    cycle, member = cycles.get(tx, found.cycle_id), members.find(tx, found.member_id)
    if cycle is None or member is None:
        return None
    form = form_of(member, cycle, reviews.find(tx, cycle.id, member.id))
    if form is None:
        return None
    there = State(flow_name(form[1].key), "overview", data={"cycle": cycle.id})
    theirs = replace(visit, person=replace(visit.known, member=member), state=there)
    view = load(tx, theirs)
    return view if isinstance(view, ReviewView) else None


def confirm(
    tx: Connection, visit: Visit, found: Assistance, proof: Proof, evidence: int | None = None
) -> Confirmed | Refusal:
    """Keep what waits as the member's submission, with how they said that it is theirs.

    What was put before them in time counts, though the deadline passed while it waited.
    """
    view = draft_of(tx, visit, found) if found.open_at(visit.now) else None
    refused = rules.may_confirm(found, rules.digest_of(view.answers) if view else None, visit.now)
    if refused is None and view is not None:
        refused = may_write(view)
    if refused is not None:
        return refused
    own = view.own_grade if view else None
    if view is None or view.review is None or own is None:
        return rules.CHANGED
    version = keep_version(tx, visit, view, view.review, own)
    assistances.confirm(tx, found.id, version.version, proof, visit.now, evidence)
    if kept := assistances.get(tx, found.id):
        assistances.join(tx, kept)
    _record(tx, visit, found, version.version, proof)
    return Confirmed(version.version, (receipt(view, version), *_told(visit, found, view, version.version, proof)))


def printed(tx: Connection, visit: Visit, found: Assistance) -> Outcome:
    """What waits, as a Word file to be signed, for whoever typed it: a draft is nobody else's business."""
    view = draft_of(tx, visit, found)
    if view is None or found.helper_id != visit.known.member.id:
        return stay()
    sheet = draft_sheet(tx, visit, view.cycle, view.member, view.form, view.answers)
    audit.record(
        tx,
        now=visit.now,
        who=f"member:{visit.known.member.id}",
        what="review_printed",
        subject=f"member:{found.member_id}",
        cell=visit.known.cell.id,
        details={"assistance": found.id},
    )
    return stay(None, Message(visit.known.member.id, t("assisting.printed"), attachment=one_file(sheet)))


def _told(visit: Visit, found: Assistance, view: ReviewView, version: int, proof: Proof) -> tuple[Message, ...]:
    """The helper and who asked them hear of it, whoever of them is not the one who speaks."""
    words = t(
        "assisting.confirmed.told",
        name=view.member.full_name,
        proof=t(f"assisting.proof.{proof}"),
        version=version,
    )
    others = {found.helper_id, found.opened_by} - {visit.known.member.id, found.member_id}
    return tuple(Message(other, words) for other in sorted(others))


def _record(tx: Connection, visit: Visit, found: Assistance, version: int, proof: Proof) -> None:
    audit.record(
        tx,
        now=visit.now,
        who=f"member:{visit.known.member.id}",
        what="assistance.confirmed",
        subject=f"member:{found.member_id}",
        cell=visit.known.cell.id,
        details={"assistance": found.id, "version": version, "proof": proof},
    )
