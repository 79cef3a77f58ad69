"""Fetching what a turn of assisted entry needs, and nothing of what the visitor may not see."""

from __future__ import annotations

from handlers.assisting import rules
from handlers.assisting.confirming import draft_of
from handlers.assisting.helping import ASSIST, MINE
from handlers.assisting.rights import HELP
from handlers.assisting.screens import found_in
from handlers.assisting.views import AssistView, Card
from handlers.dialogue.room import Visit
from handlers.organisation.permissions import Verb, may
from handlers.review.reading import reading
from handlers.review.views import cursor_of
from storage import accounts, assistances, cycles, members
from storage.assistances import Assistance
from storage.records import Cycle, CycleId, Member, MemberId, OnRoster
from storage.transaction import Connection

_CARD = frozenset({"one", "code", "voice", "sign", "own"})
_WITH_TEXT = frozenset({"voice", "own"})


def load(tx: Connection, visit: Visit) -> AssistView:
    """The view of the visit's flow and step."""
    me, step, leads = visit.known.member, visit.state.step, leads_here(visit)
    member, cycle = member_of(tx, visit), cycle_of(tx, visit)
    return AssistView(
        me=me,
        leads=leads,
        now=visit.now,
        cycle=cycle,
        running=_running(tx, visit) if step == "list" and visit.state.flow == ASSIST else (),
        people=_people(tx, visit, member) if step in {"members", "helpers"} and leads else (),
        member=member,
        photographs=assistances.count_pages(tx, member.id, cycle.id) if member and cycle else 0,
        card=_card(tx, visit) if step in _CARD else None,
        cursor=visit.state.data,
    )


def leads_here(visit: Visit) -> bool:
    """Whether the visitor may open and end assistances in their cell."""
    return may(visit.known.member.roles, Verb.ASSIST)


def member_of(tx: Connection, visit: Visit) -> Member | None:
    """The member whose form it is about, where the visitor may deal with it: in their cell, or their own."""
    number = cursor_of(visit.state.data, "member")
    found = members.find(tx, MemberId(number)) if number else None
    if found is None or found.removed_at is not None or found.cell_id != visit.known.cell.id:
        return None
    return found if leads_here(visit) or found.id == visit.known.member.id else None


def cycle_of(tx: Connection, visit: Visit) -> Cycle | None:
    """The cycle that it is about: the paper's, else the one that runs in the cell."""
    number = cursor_of(visit.state.data, "cycle")
    cycle = cycles.get(tx, CycleId(number)) if number else cycles.current(tx, visit.known.cell.id)
    if cycle is None or cycle.cell_id != visit.known.cell.id or not cycle.takes_answers_on(visit.today):
        return None
    return cycle


def assistance_of(tx: Connection, visit: Visit) -> Assistance | None:
    """The one in the cursor, where the visitor types under it, leads the cell, or is the member themselves."""
    found = assistances.get(tx, cursor_of(visit.state.data, HELP))
    member = members.find(tx, found.member_id) if found else None
    if found is None or member is None:
        return None
    me = visit.known.member
    if visit.state.flow == MINE:
        return found if member.id == me.id else None
    leads = leads_here(visit) and member.cell_id == visit.known.cell.id
    return found if leads or found.helper_id == me.id else None


def _running(tx: Connection, visit: Visit) -> tuple[Card, ...]:
    cell = visit.known.cell.id if leads_here(visit) else None
    found = assistances.open_for(tx, visit.known.member.id, visit.now, cell)
    return tuple(card for one in found if (card := _with_people(tx, one)) is not None)


def _people(tx: Connection, visit: Visit, member: Member | None) -> tuple[Member, ...]:
    """Whom to help (everybody else of the cell), or who may type (of those whom the bot can reach)."""
    others = [on for on in members.roster(tx, visit.known.cell.id) if on.member.id != visit.known.member.id]
    if visit.state.step == "helpers" and member is not None:
        others = [on for on in others if _can_type(on, member)]
    return found_in((on.member for on in others), visit.state.data.get("find"))


def _can_type(on: OnRoster, member: Member) -> bool:
    return bool(on.accounts) and rules.may_be_asked(on.member, member) is None


def _with_people(tx: Connection, found: Assistance) -> Card | None:
    """The assistance with its people; None where the member has left the roster."""
    member, helper = members.find(tx, found.member_id), members.find(tx, found.helper_id)
    opened_by, cycle = members.find(tx, found.opened_by), cycles.get(tx, found.cycle_id)
    if member is None or helper is None or opened_by is None or cycle is None or member.removed_at:
        return None
    return Card(found, member, helper, opened_by, cycle.year)


def _card(tx: Connection, visit: Visit) -> Card | None:
    found = assistance_of(tx, visit)
    card = _with_people(tx, found) if found else None
    if found is None or card is None:
        return None
    view = draft_of(tx, visit, found)
    changed = found.offered_at is not None and (view is None or rules.digest_of(view.answers) != found.digest)
    wants_text = visit.state.step in _WITH_TEXT and found.open_at(visit.now) and not changed
    mine = found.helper_id == visit.known.member.id or visit.state.flow == MINE
    show = view is not None and found.offered_at is not None and wants_text and mine
    return Card(
        assistance=found,
        member=card.member,
        helper=card.helper,
        opened_by=card.opened_by,
        year=card.year,
        reachable=bool(accounts.of_member(tx, card.member.id)),
        photographs=assistances.count_pages(tx, card.member.id, found.cycle_id),
        text=reading(view.form, view.answers) if show and view is not None else (),
        changed=changed,
    )
