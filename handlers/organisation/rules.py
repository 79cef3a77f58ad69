"""What a roster says about joining, in which order people stand, and which changes are not allowed; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from handlers.dialogue.flow import Refusal, refusal
from handlers.dialogue.fold import fold
from handlers.organisation.sheet import RosterRow
from handlers.organisation.values import read_date, read_form, read_name, read_number, read_phone
from storage.records import Account, DeliveryTrouble, Member, OnRoster, Role

PAGE = 4
# Roles that are given and taken in chat; an administrator is made where the machine is.
GIVEN_ROLES = (Role.SECRETARY, Role.CHAIR, Role.DEPUTY, Role.OBSERVER)
_DAY = re.compile(r"\d{1,2}\s*[/.\-]\s*\d{1,2}\s*[/.\-]\s*\d{2,4}|\d{4}-\d{1,2}-\d{1,2}")
_LATEST_YEAR = 2099


class JoinState(StrEnum):
    """How far a member has come, the most urgent first."""

    WAITING = "waiting"
    TROUBLE = "trouble"
    NOT_INVITED = "not_invited"
    EXPIRED = "expired"
    INVITED = "invited"
    JOINED = "joined"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of a roster are in which state; the four add up to the total."""

    total: int
    joined: int
    waiting: int
    trouble: int
    outside: int


def join_state(person: OnRoster, now: datetime) -> JoinState:
    """Where this person stands on the way in, as the secretary must know it."""
    if person.request is not None:
        return JoinState.WAITING
    if person.accounts:
        return JoinState.TROUBLE if trouble_of(person.accounts) else JoinState.JOINED
    if person.invitation is None:
        return JoinState.NOT_INVITED
    return JoinState.INVITED if now < person.invitation.expires_at else JoinState.EXPIRED


def trouble_of(accounts: Sequence[Account]) -> DeliveryTrouble | None:
    """Why the bot cannot write to somebody; None where at least one account can be reached."""
    if any(account.trouble is None for account in accounts):
        return None
    return accounts[0].trouble if accounts else DeliveryTrouble.NEVER_JOINED


def count(people: Iterable[OnRoster], now: datetime) -> Counts:
    """Count a roster by state."""
    states = [join_state(person, now) for person in people]
    joined, waiting, trouble = (
        states.count(state) for state in (JoinState.JOINED, JoinState.WAITING, JoinState.TROUBLE)
    )
    return Counts(len(states), joined, waiting, trouble, len(states) - joined - waiting - trouble)


def name_key(full_name: str) -> tuple[str, str]:
    """The order of a Vietnamese list: by given name, which comes last, then by the rest."""
    *rest, given = fold(full_name).split() or [""]
    return given, " ".join(rest)


def in_order(people: Iterable[OnRoster]) -> tuple[OnRoster, ...]:
    """People in the order of a list."""
    return tuple(sorted(people, key=lambda person: (name_key(person.member.full_name), person.member.id)))


def matching(people: Iterable[OnRoster], words: str) -> tuple[OnRoster, ...]:
    """Those whose name holds the words, or whose number or telephone holds the figures, however typed."""
    wanted = fold(words)

    def holds(member: Member) -> bool:
        return wanted in fold(member.full_name) or wanted.replace(" ", "") in (
            fold(member.party_number).replace(" ", "") + " " + fold(member.phone).replace(" ", "")
        )

    return tuple(person for person in people if wanted and holds(person.member))


def pages_of(total: int) -> int:
    """How many screens a list fills; an empty one fills one."""
    return max(1, -(-total // PAGE))


def keeps_a_secretary(target: Member, secretaries: Iterable[Member], joined: Iterable[Member]) -> bool:
    """Whether the cell still has a secretary who can work when this one no longer is.

    ``secretaries`` are all holders of the role, ``joined`` those among them whom the bot can address: as long as
    somebody can approve others, it has to stay so.
    """
    others = {m.id for m in secretaries} - {target.id}
    working = {m.id for m in joined}
    return bool(others & working if working else others)


def read_person(typed: str) -> RosterRow | Refusal:
    """One person typed by hand: name; number; form; then day of admission and telephone where known."""
    parts = [part.strip() for part in re.split(r"[;\n|]", typed)]
    if not 3 <= len(parts) <= 5:
        return refusal("organisation.add.shape")
    parts += [""] * (5 - len(parts))
    read = (
        read_name(parts[0]),
        read_number(parts[1]),
        read_form(parts[2]),
        read_date(parts[3], _LATEST_YEAR),
        read_phone(parts[4]),
    )
    for value in read:
        if isinstance(value, Refusal):
            return value
    name, number, form, admitted_on, phone = read
    return RosterRow(0, str(name), str(number), form, admitted_on=admitted_on, phone=str(phone))  # type: ignore[arg-type]


def read_absence(typed: str) -> tuple[date, date | None] | Refusal:
    """An absence as typed: ``01/10/2026 - 31/03/2027``, or its first day alone when the end is not known."""
    found = [read_date(part.replace(" ", ""), _LATEST_YEAR) for part in _DAY.findall(typed)]
    days = [day for day in found if isinstance(day, date)]
    # Figures that are no whole day ("1/12 - 31/12/2026") must not leave the other day to be taken for the first.
    if len(days) != len(found) or len(days) not in {1, 2} or re.search(r"\d", _DAY.sub("", typed)):
        return refusal("organisation.away.shape")
    first, last = days[0], days[1] if len(days) == 2 else None
    if last is not None and last < first:
        return refusal("organisation.away.backwards", first=first, last=last)
    return first, last
