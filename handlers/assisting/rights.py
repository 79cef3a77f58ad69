"""Whether somebody may type for a member at this moment: asked anew at every turn, never remembered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from handlers.dialogue.flow import Option
from handlers.dialogue.phrases import Phrase, t
from handlers.dialogue.room import Visit
from storage import assistances, members
from storage.assistances import Assistance, Ended
from storage.records import Member
from storage.transaction import Connection

# In the state's cursor: the number of the assistance under which somebody types.
HELP = "help"
VALID_FOR = timedelta(days=1)
AID_CARD, AID_PAGES = "aid.card", "aid.pages"


@dataclass(frozen=True, slots=True)
class Helping:
    """An open assistance, the member whose form it is, and how many photographs of their paper there are."""

    assistance: Assistance
    member: Member
    pages: int


def helping(tx: Connection, visit: Visit) -> Helping | None:
    """For whom the visitor types where they stand; None where it is their own place.

    Raises LookupError where the right has ended: ``shut_out`` is asked first, in every turn.
    """
    number = _number(visit)
    if number == 0:
        return None
    found = assistances.get(tx, number)
    member = members.find(tx, found.member_id) if found else None
    if found is None or member is None or shut_out(tx, visit) is not None:
        raise LookupError("a form of somebody for whom the visitor may not type")
    return Helping(found, member, assistances.count_pages(tx, member.id, found.cycle_id))


def shut_out(tx: Connection, visit: Visit) -> Phrase | None:
    """Why the visitor may no longer stand where they do; None where it is their own place, or still allowed."""
    number = _number(visit)
    if number == 0:
        return None
    found = assistances.get(tx, number)
    if found is None or visit.person is None or found.helper_id != visit.person.member.id:
        return t("assisting.over.gone")
    member = members.find(tx, found.member_id)
    if member is None:
        return t("assisting.over.gone")
    if found.ended_at is None and (member.removed_at or member.cell_id != visit.person.cell.id):
        assistances.end(tx, found.id, Ended.REMOVED, visit.now)
        return t("assisting.over.removed", name=member.full_name)
    if found.open_at(visit.now):
        return None
    assistances.expire(tx, visit.now, found.member_id, found.cycle_id)
    return t(f"assisting.over.{found.ended_how or Ended.EXPIRED}", name=member.full_name)


def banner_of(help: Helping) -> Phrase:
    """What stands at the head of every screen while somebody types for a member."""
    return t("assisting.banner", name=help.member.full_name, until=help.assistance.expires_at)


def aids_of(help: Helping) -> tuple[Option, ...]:
    """What every screen offers the helper: the photographs of the paper again, and the way to the card."""
    photos = (Option(AID_PAGES, t("assisting.option.photos"), ("anh", "xem anh", "photos"), wide=False),)
    card = Option(AID_CARD, t("assisting.option.card"), ("the viet giup", "card"), wide=False)
    return (*(photos if help.pages else ()), card)


def _number(visit: Visit) -> int:
    value = visit.state.data.get(HELP)
    return value if isinstance(value, int) else 0
