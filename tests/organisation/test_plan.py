from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.organisation.plan import ImportPlan, ImportScope, cell_key, plan_import
from handlers.organisation.sheet import RosterRow
from storage.records import Cell, CellId, FormKind, Member, MemberId, Role, Status

TRAINING = Cell(CellId(1), "Chi bộ Phòng Đào tạo")
OFFICE = Cell(CellId(2), "Chi bộ Văn phòng")
OWN = ImportScope((TRAINING,), default=TRAINING.id)
ANY = ImportScope((TRAINING, OFFICE), may_create=True)
LAN = RosterRow(2, "Nguyễn Thị Lan", "25001234", FormKind.NON_LEADER, Status.OFFICIAL, phone="0912345678")
LAN_KNOWN = Member(
    MemberId(7),
    TRAINING.id,
    "25001234",
    "Nguyễn Thị Lan",
    FormKind.NON_LEADER,
    Status.OFFICIAL,
    phone="0912345678",
)


def reasons(plan: ImportPlan) -> list[tuple[int, str]]:
    return [(fault.row, fault.why.id.removeprefix("organisation.fault.")) for fault in plan.faults]


def test_somebody_new() -> None:
    plan = plan_import([LAN], [], OWN)
    (added,) = plan.added
    assert (added.row, added.cell_name) == (2, TRAINING.name)
    assert added.member == replace(LAN_KNOWN, id=MemberId(0))
    assert plan.may_apply


def test_the_same_again_changes_nothing() -> None:
    plan = plan_import([LAN], [LAN_KNOWN], OWN)
    assert plan.unchanged == (LAN_KNOWN.id,)
    assert (plan.added, plan.changed, plan.faults, plan.may_apply) == ((), (), (), False)


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"full_name": "Nguyễn Thị Lan Anh"}, ("full_name",)),
        ({"form": FormKind.LEADER, "status": Status.EXEMPT}, ("form", "status")),
        ({"born_on": date(1980, 3, 2)}, ("born_on",)),
        ({"roles": frozenset({Role.SECRETARY})}, ("roles",)),
        ({"away_from": date(2026, 10, 1)}, ("away_from",)),
        ({"party_number": "025.001.234"}, ()),
        ({"form": None, "status": None, "phone": ""}, ()),
    ],
)
def test_what_differs_is_named_and_what_is_not_said_stays(said: dict[str, object], fields: tuple[str, ...]) -> None:
    row = replace(LAN, **said)  # type: ignore[arg-type]
    plan = plan_import([row], [LAN_KNOWN], OWN)
    assert tuple(change.fields for change in plan.changed) == ((fields,) if fields else ())


def test_an_import_takes_no_role_away_and_removes_nobody() -> None:
    chair = replace(LAN_KNOWN, roles=frozenset({Role.MEMBER, Role.CHAIR}))
    other = replace(LAN_KNOWN, id=MemberId(8), party_number="9")
    plan = plan_import([LAN], [chair, other], OWN)
    assert not plan.changed
    assert plan.absent == (other.id,)


def test_a_new_absence_does_not_keep_the_old_end() -> None:
    was = replace(LAN_KNOWN, away_from=date(2026, 1, 1), away_to=date(2026, 2, 1))
    (change,) = plan_import([replace(LAN, away_from=date(2026, 10, 1))], [was], OWN).changed
    assert (change.after.away_from, change.after.away_to) == (date(2026, 10, 1), None)


def test_somebody_removed_comes_back_with_their_history() -> None:
    gone = replace(LAN_KNOWN, removed_at=datetime(2026, 1, 1, tzinfo=UTC))
    (change,) = plan_import([LAN], [gone], OWN).changed
    assert (change.fields, change.after.id, change.after.removed_at) == (("removed",), gone.id, None)


def test_a_new_person_without_a_form_cannot_be_guessed() -> None:
    plan = plan_import([replace(LAN, form=None)], [], OWN)
    assert reasons(plan) == [(2, "form_missing")]
    assert not plan.may_apply


def test_one_fault_stops_everything() -> None:
    plan = plan_import([LAN, replace(LAN, number=3, party_number="9", form=None)], [], OWN)
    assert len(plan.added) == 1
    assert not plan.may_apply


def test_a_secretary_writes_own_cells_only() -> None:
    rows = [
        replace(LAN, cell_name="chi bo phong dao tao"),
        replace(LAN, number=3, party_number="9", cell_name="Văn phòng"),
    ]
    plan = plan_import(rows, [], OWN)
    assert reasons(plan) == [(3, "cell_not_yours")]


def test_a_number_of_another_cell_is_named_without_its_person() -> None:
    plan = plan_import([LAN], [], OWN, elsewhere={"25001234"})
    assert reasons(plan) == [(2, "elsewhere")]


def test_the_administrator_makes_a_cell_once_however_it_is_spelt() -> None:
    names = ["Chi bộ Khoa Xây dựng Đảng", "khoa xây dựng đảng", "Văn phòng"]
    rows = [replace(LAN, number=n, party_number=str(n), cell_name=name) for n, name in enumerate(names, 2)]
    plan = plan_import(rows, [], ANY)
    assert plan.new_cells == ("Chi bộ Khoa Xây dựng Đảng",)
    assert [(a.cell_name, a.member.cell_id) for a in plan.added] == [
        (names[0], 0),
        (names[0], 0),
        (OFFICE.name, OFFICE.id),
    ]


def test_a_new_person_without_a_cell_needs_one() -> None:
    assert reasons(plan_import([LAN], [], ANY)) == [(2, "cell_missing")]
    assert reasons(plan_import([LAN], [LAN_KNOWN], ANY)) == []


def test_the_administrator_moves_somebody_to_another_cell() -> None:
    (change,) = plan_import([replace(LAN, cell_name="Văn phòng")], [LAN_KNOWN], ANY).changed
    assert (change.fields, change.after.cell_id) == (("cell",), OFFICE.id)


@pytest.mark.parametrize("name", ["Chi bộ Văn phòng", "CHI BỘ VĂN PHÒNG", "văn  phòng"])
def test_spellings_of_one_cell(name: str) -> None:
    assert cell_key(name) == "van phong"


def test_a_cell_called_chi_bo_keeps_its_name() -> None:
    assert cell_key("Chi bộ") == "chi bo"


people = st.lists(
    st.builds(
        RosterRow,
        number=st.integers(2, 99),
        full_name=st.text(min_size=1, max_size=5),
        party_number=st.integers(1, 12).map(str),
        form=st.sampled_from(FormKind),
        status=st.none() | st.sampled_from(Status),
        phone=st.sampled_from(["", "0912345678"]),
        roles=st.frozensets(st.sampled_from([Role.CHAIR, Role.SECRETARY])),
        born_on=st.none() | st.dates(),
    ),
    unique_by=lambda row: row.party_number,
    max_size=8,
)


@settings(max_examples=50, deadline=None)
@given(people, people)
def test_what_was_applied_once_is_unchanged_the_second_time(
    first: list[RosterRow], second: list[RosterRow]
) -> None:
    roster: list[Member] = []
    for rows in (first, second, second):
        plan = plan_import(rows, roster, OWN)
        after = {change.after.id: change.after for change in plan.changed}
        new = [replace(a.member, id=MemberId(1000 + int(a.member.party_number))) for a in plan.added]
        roster = [after.get(member.id, member) for member in roster] + new
    assert (plan.added, plan.changed) == ((), ())
    assert {member.party_number for member in roster} == {row.party_number for row in (*first, *second)}
