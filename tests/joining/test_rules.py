from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.joining import rules
from handlers.joining.rules import CodeState
from storage.records import (
    Address,
    CellId,
    FormKind,
    Invitation,
    JoinAttempts,
    JoinRequest,
    Member,
    MemberId,
    RequestState,
    Status,
)

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
INVITATION = Invitation("h", MemberId(1), NOW, NOW + rules.VALID_FOR)
numbers = st.integers(0, rules.CODE_SPACE - 1)


@settings(deadline=None)
@given(numbers)
def test_a_code_is_read_back_however_it_is_typed(number: int) -> None:
    code = rules.code_from(number)
    spaced = " ".join(code)
    for typed in (
        code,
        code.lower(),
        rules.shown(code),
        rules.shown(code).replace("-", " – "),
        spaced,
        f" {code}\n",
    ):
        assert rules.read_code(typed) == code


@settings(deadline=None)
@given(numbers, numbers)
def test_two_numbers_are_two_codes(one: int, other: int) -> None:
    assert (rules.code_from(one) == rules.code_from(other)) is (one == other)


@pytest.mark.parametrize("number", [-1, rules.CODE_SPACE])
def test_no_code_outside_the_space(number: int) -> None:
    with pytest.raises(ValueError, match="not a number"):
        rules.code_from(number)


@pytest.mark.parametrize("sign", "0O1IL")
def test_nothing_that_can_be_misread(sign: str) -> None:
    assert sign not in rules.ALPHABET
    assert rules.read_code(f"ABCD-234{sign}") is None


@pytest.mark.parametrize("typed", ["", "ABCD-234", "ABCD-23456", "xin chào", "ABCD-234Đ", "!" * 8, "A" * 5000])
def test_what_cannot_be_a_code(typed: str) -> None:
    assert rules.read_code(typed) is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ABCD-234", True),
        ("abcd 23451", True),
        ("ABCD-234O", True),
        ("xin chào", False),
        ("?", False),
        ("A" * 40, False),
    ],
)
def test_small_talk_is_told_from_a_code_that_went_wrong(typed: str, meant: bool) -> None:
    assert rules.meant_as_code(typed) is meant


def test_full_width_letters_of_some_keyboards_count() -> None:
    assert rules.read_code("ＡＢＣＤ－２３４５") == "ABCD2345"


def test_the_hash_depends_on_the_key_and_hides_the_code() -> None:
    assert rules.code_hash("ABCD2345", b"a") != rules.code_hash("ABCD2345", b"b")
    assert rules.code_hash("ABCD2345", b"a") == rules.code_hash("ABCD2345", b"a")
    assert len(rules.code_hash("ABCD2345", b"a")) == 64


@pytest.mark.parametrize(
    ("invitation", "state"),
    [
        (None, CodeState.UNKNOWN),
        (INVITATION, CodeState.OPEN),
        (replace(INVITATION, expires_at=NOW), CodeState.EXPIRED),
        (replace(INVITATION, expires_at=NOW + timedelta(seconds=1)), CodeState.OPEN),
        (replace(INVITATION, used_at=NOW), CodeState.USED),
        (replace(INVITATION, revoked_at=NOW), CodeState.REVOKED),
    ],
)
def test_whether_a_code_opens(invitation: Invitation | None, state: CodeState) -> None:
    assert rules.state_of(invitation, NOW) is state


def test_wrong_codes_are_slowed_down() -> None:
    attempts: JoinAttempts | None = None
    waits = []
    for _ in range(14):
        attempts = rules.after_wrong(attempts, NOW)
        until = rules.locked_until(attempts, NOW)
        waits.append(int((until - NOW).total_seconds() // 60) if until else 0)
    assert waits == [0, 0, 0, 0, 15, 30, 60, 120, 240, 480, 960, 1440, 1440, 1440]


def test_the_wait_ends_and_the_next_wrong_code_costs_more() -> None:
    attempts = JoinAttempts(5, NOW, NOW + timedelta(minutes=15))
    later = NOW + timedelta(minutes=15)
    assert rules.locked_until(attempts, later) is None
    assert rules.after_wrong(attempts, later).locked_until == later + timedelta(minutes=30)


def test_after_a_week_it_begins_anew() -> None:
    assert rules.after_wrong(JoinAttempts(50, NOW), NOW + timedelta(days=7)) == JoinAttempts(
        1, NOW + timedelta(days=7)
    )


@settings(deadline=None)
@given(st.integers(0, 10**6))
def test_no_number_of_attempts_overflows(wrong: int) -> None:
    until = rules.after_wrong(JoinAttempts(wrong, NOW), NOW).locked_until
    assert until is None or until - NOW <= rules.LONGEST_WAIT


@pytest.mark.parametrize(
    ("name", "seen"), [("Nguyễn Thị Lan", "N. T. Lan"), ("Lan", "Lan"), ("Âu  Thắm", "Â. Thắm"), ("", "")]
)
def test_names_are_masked(name: str, seen: str) -> None:
    assert rules.masked(name) == seen


SECRETARY = Member(MemberId(9), CellId(1), "9", "Hà", FormKind.NON_LEADER, Status.OFFICIAL)
LAN = replace(SECRETARY, id=MemberId(1), party_number="1", full_name="Lan")
REQUEST = JoinRequest(5, LAN.id, Address("telegram", "77"), RequestState.PENDING, NOW)


@pytest.mark.parametrize(
    ("request_", "member", "why"),
    [
        (REQUEST, LAN, None),
        (None, None, "unknown"),
        (REQUEST, replace(LAN, cell_id=CellId(2)), "unknown"),
        (replace(REQUEST, state=RequestState.APPROVED), LAN, "settled"),
        (replace(REQUEST, state=RequestState.REFUSED), LAN, "settled"),
        (REQUEST, replace(LAN, removed_at=NOW), "removed"),
    ],
)
def test_who_may_decide(request_: JoinRequest | None, member: Member | None, why: str | None) -> None:
    refused = rules.may_decide(request_, member, SECRETARY)
    assert (refused.why.id if refused else None) == (f"joining.request.{why}" if why else None)
