from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.dialogue.flow import Refusal
from handlers.organisation import rules
from handlers.organisation.rules import JoinState
from handlers.organisation.sheet import RosterRow
from storage.records import (
    Account,
    Address,
    CellId,
    DeliveryTrouble,
    FormKind,
    Invitation,
    JoinRequest,
    Member,
    MemberId,
    OnRoster,
    RequestState,
    Role,
    Status,
)

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
LAN = Member(MemberId(1), CellId(1), "1", "Nguyễn Thị Lan", FormKind.NON_LEADER, Status.OFFICIAL)
PHONE = Account(Address("telegram", "1"), LAN.id, NOW)
CODE = Invitation("h", LAN.id, NOW, NOW + timedelta(days=14))
REQUEST = JoinRequest(1, LAN.id, PHONE.address, RequestState.PENDING, NOW)


@pytest.mark.parametrize(
    ("person", "state"),
    [
        (OnRoster(LAN), JoinState.NOT_INVITED),
        (OnRoster(LAN, (), CODE), JoinState.INVITED),
        (OnRoster(LAN, (), replace(CODE, expires_at=NOW)), JoinState.EXPIRED),
        (OnRoster(LAN, (), CODE, REQUEST), JoinState.WAITING),
        (OnRoster(LAN, (PHONE,), CODE), JoinState.JOINED),
        (OnRoster(LAN, (PHONE,), None, REQUEST), JoinState.WAITING),
        (OnRoster(LAN, (replace(PHONE, trouble=DeliveryTrouble.BLOCKED),)), JoinState.TROUBLE),
        (OnRoster(LAN, (replace(PHONE, trouble=DeliveryTrouble.BLOCKED), PHONE)), JoinState.JOINED),
    ],
)
def test_how_far_somebody_has_come(person: OnRoster, state: JoinState) -> None:
    assert rules.join_state(person, NOW) is state


def test_the_counts_add_up() -> None:
    people = [OnRoster(LAN), OnRoster(LAN, (), CODE), OnRoster(LAN, (PHONE,)), OnRoster(LAN, (), None, REQUEST)]
    assert rules.count(people, NOW) == rules.Counts(total=4, joined=1, waiting=1, trouble=0, outside=2)


@pytest.mark.parametrize(
    ("accounts", "trouble"),
    [
        ((), DeliveryTrouble.NEVER_JOINED),
        ((PHONE,), None),
        ((replace(PHONE, trouble=DeliveryTrouble.CHAT_GONE),), DeliveryTrouble.CHAT_GONE),
    ],
)
def test_why_somebody_cannot_be_reached(accounts: tuple[Account, ...], trouble: DeliveryTrouble | None) -> None:
    assert rules.trouble_of(accounts) is trouble


def test_lists_stand_by_given_name() -> None:
    names = ["Vũ Cường", "Lê An", "Đỗ Dũng", "Trần An", "Âu Thắm", "Ân"]
    people = [OnRoster(replace(LAN, id=MemberId(n), full_name=name)) for n, name in enumerate(names)]
    ordered = [person.member.full_name for person in rules.in_order(people)]
    assert ordered == ["Ân", "Lê An", "Trần An", "Vũ Cường", "Đỗ Dũng", "Âu Thắm"]


@pytest.mark.parametrize(("total", "pages"), [(0, 1), (1, 1), (4, 1), (5, 2), (41, 11)])
def test_pages(total: int, pages: int) -> None:
    assert rules.pages_of(total) == pages


@pytest.mark.parametrize(
    ("target", "secretaries", "joined", "kept"),
    [
        (1, [1], [1], False),
        (1, [1], [], False),
        (1, [1, 2], [1, 2], True),
        (1, [1, 2], [1], False),
        (2, [1, 2], [1], True),
        (1, [1, 2], [], True),
    ],
)
def test_a_cell_keeps_a_secretary_who_can_work(
    target: int, secretaries: list[int], joined: list[int], kept: bool
) -> None:
    people = {n: replace(LAN, id=MemberId(n), roles=frozenset({Role.SECRETARY})) for n in (1, 2)}
    held, working = [people[n] for n in secretaries], [people[n] for n in joined]
    assert rules.keeps_a_secretary(people[target], held, working) is kept


@pytest.mark.parametrize(
    ("typed", "absence"),
    [
        ("01/10/2026 - 31/03/2027", (date(2026, 10, 1), date(2027, 3, 31))),
        ("từ 1.10.26 đến 31-3-27", (date(2026, 10, 1), date(2027, 3, 31))),
        ("2026-10-01", (date(2026, 10, 1), None)),
        ("01/10/2026 – 01/10/2026", (date(2026, 10, 1), date(2026, 10, 1))),
    ],
)
def test_an_absence_as_people_type_it(typed: str, absence: tuple[date, date | None]) -> None:
    assert rules.read_absence(typed) == absence


@pytest.mark.parametrize(
    "typed", ["", "mai", "31/02/2026", "1/1/2026 2/1/2026 3/1/2026", "02/10/2026 - 01/10/2026", "1/12 - 31/12/2026"]
)
def test_what_is_no_absence(typed: str) -> None:
    assert isinstance(rules.read_absence(typed), Refusal)


def test_one_person_typed() -> None:
    read = rules.read_person(" Nguyễn Thị Lan ; 25001234;Mẫu 02B ; 19/05/2005 ; +84912345678")
    assert read == RosterRow(
        0, "Nguyễn Thị Lan", "25001234", FormKind.NON_LEADER, admitted_on=date(2005, 5, 19), phone="0912345678"
    )


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_typed_line_can_make_the_readers_fail(typed: str) -> None:
    rules.read_person(typed)
    rules.read_absence(typed)
    rules.matching([OnRoster(LAN)], typed)
