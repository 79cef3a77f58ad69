from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import IntegrityError

from handlers.dialogue.flow import Refusal
from handlers.organisation.document import roster_book, roster_data, table_book
from handlers.organisation.importing import (
    Imported,
    apply_plan,
    from_json,
    import_as_administrator,
    look,
    secretary_scope,
    to_json,
)
from handlers.organisation.plan import ImportScope, plan_import
from handlers.organisation.sheet import RosterRow
from storage import audit, members, rosters
from storage.migrations import upgrade
from storage.records import Cell, CellId, FormKind, Member, MemberId, Role, Status
from storage.rosters import RosterDraft
from tests.organisation.sheets import HEADINGS, LAN, TODAY, csv, read, xlsx

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
HA = ("Nguyễn Thu Hà", "25001235", *LAN[2:9], "Chi bộ Văn phòng")


@pytest.fixture
def tx(tmp_path: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{tmp_path / 'import.db'}")
    with engine.begin() as connection:
        upgrade(connection)
        yield connection
    engine.dispose()


def bring_in(tx: Connection, content: bytes, *, cell: str = "", preview: bool = False) -> Imported:
    done = import_as_administrator(tx, content, now=NOW, today=TODAY, cell=cell, preview=preview)
    assert isinstance(done, Imported)
    return done


def test_the_administrator_makes_cells_and_fills_them(tx: Connection) -> None:
    assert bring_in(tx, xlsx([LAN, HA])).done
    assert [cell.name for cell in members.every_cell(tx)] == ["Chi bộ Phòng Đào tạo", "Chi bộ Văn phòng"]
    lan, ha = members.by_number(tx, "25001234"), members.by_number(tx, "25001235")
    assert lan is not None
    assert ha is not None
    assert (lan.full_name, lan.born_on, lan.phone) == ("Nguyễn Thị Lan", date(1980, 3, 2), "0912345678")
    assert lan.cell_id != ha.cell_id
    (act,) = audit.of_cell(tx, lan.cell_id)
    assert (act.who, act.what, act.details) == ("administrator", "roster.imported", {"added": 1, "changed": 0})


def test_the_same_file_twice_changes_nothing(tx: Connection) -> None:
    bring_in(tx, xlsx([LAN, HA]))
    before = members.everybody(tx)
    again = bring_in(tx, xlsx([LAN, HA]))
    assert (again.done, len(again.plan.unchanged)) == (False, 2)
    assert members.everybody(tx) == before


def test_a_preview_writes_nothing(tx: Connection) -> None:
    looked = bring_in(tx, xlsx([LAN]), preview=True)
    assert (looked.done, looked.plan.may_apply) == (False, True)
    assert members.every_cell(tx) == ()


def test_one_bad_row_and_nothing_is_written(tx: Connection) -> None:
    done = bring_in(tx, xlsx([LAN, [*HA[:6], "2D", *HA[7:]]]))
    assert not done.done
    assert [fault.row for fault in done.plan.faults] == [3]
    assert members.everybody(tx) == ()


def test_a_refused_file(tx: Connection) -> None:
    assert isinstance(import_as_administrator(tx, b"", now=NOW, today=TODAY), Refusal)


def test_rows_without_a_cell_go_where_the_administrator_says(tx: Connection) -> None:
    content = csv([["Lan", "1", "2B"]], ["Họ tên", "Mã số", "Mẫu"]).encode()
    assert not bring_in(tx, content).done
    assert bring_in(tx, content, cell="Chi bộ Một").done
    again = csv([["Hà", "2", "2B"]], ["Họ tên", "Mã số", "Mẫu"]).encode()
    assert bring_in(tx, again).done, "where there is one cell, rows go there"


def test_changes_roles_moves_and_a_return(tx: Connection) -> None:
    bring_in(tx, xlsx([LAN, HA]))
    lan = members.by_number(tx, "25001234")
    assert lan is not None
    members.remove(tx, lan.id, NOW)
    headings = [*HEADINGS, "Vai trò"]
    done = bring_in(tx, xlsx([[*LAN[:8], "0900000000", "Văn phòng", "Bí thư, thư ký"]], headings))
    assert done.plan.changed[0].fields == ("phone", "roles", "cell", "removed")
    after = members.find(tx, lan.id)
    assert after is not None
    assert (after.phone, after.removed_at) == ("0900000000", None)
    assert after.roles == {Role.MEMBER, Role.CHAIR, Role.SECRETARY}
    assert len(members.of_cell(tx, after.cell_id)) == 2


def test_a_secretary_does_not_reach_other_cells(tx: Connection) -> None:
    bring_in(tx, xlsx([LAN, HA]))
    office = next(cell for cell in members.every_cell(tx) if "Văn phòng" in cell.name)
    plan = look(tx, [RosterRow(2, "Lan", "025001234", FormKind.LEADER)], secretary_scope(office))
    assert [fault.why.id for fault in plan.faults] == ["organisation.fault.elsewhere"]
    with pytest.raises(ValueError, match="not applied"):
        apply_plan(tx, plan, "member:1", NOW)


def test_people_are_added_in_order_and_numbers_are_unique(tx: Connection) -> None:
    cell = members.add_cell(tx, "Chi bộ Một")
    new = [
        Member(MemberId(0), cell.id, str(n), f"Người {n}", FormKind.NON_LEADER, Status.OFFICIAL) for n in range(50)
    ]
    ids = members.add(tx, new, NOW)
    assert [members.find(tx, id_).full_name for id_ in ids if members.find(tx, id_)] == [m.full_name for m in new]  # type: ignore[union-attr]
    assert members.add(tx, [], NOW) == ()
    with pytest.raises(IntegrityError), tx.begin_nested():
        members.add(tx, new[:1], NOW)


def test_drafts_are_one_a_person_and_do_not_live_for_ever(tx: Connection) -> None:
    bring_in(tx, xlsx([LAN, HA]))
    lan, ha = (member.id for member in members.everybody(tx))
    rosters.keep(tx, lan, RosterDraft("một.xlsx", [], NOW - timedelta(days=2)))
    rosters.keep(tx, ha, RosterDraft("hai.xlsx", [{"a": 1}], NOW))
    rosters.keep(tx, ha, RosterDraft("ba.xlsx", [{"a": 2}], NOW))
    assert rosters.drop_before(tx, NOW - timedelta(days=1)) == 1
    assert rosters.draft(tx, lan) is None
    assert rosters.draft(tx, ha) == RosterDraft("ba.xlsx", [{"a": 2}], NOW)
    rosters.drop(tx, ha)
    assert rosters.draft(tx, ha) is None


rows = st.builds(
    RosterRow,
    number=st.integers(1, 5000),
    full_name=st.text(min_size=1, max_size=20),
    party_number=st.text(min_size=1, max_size=20),
    form=st.none() | st.sampled_from(FormKind),
    status=st.none() | st.sampled_from(Status),
    born_on=st.none() | st.dates(),
    away_from=st.none() | st.dates(),
    phone=st.text(max_size=12),
    roles=st.frozensets(st.sampled_from(Role)),
)


@settings(deadline=None)
@given(rows)
def test_a_row_survives_the_draft(row: RosterRow) -> None:
    assert from_json(to_json(row)) == row


words = st.text("aăâđêôơư ÁẦ<b>&=+-@'\"", min_size=1, max_size=20).map(lambda s: f"Nguyễn {s.strip()}".strip())
people = st.lists(
    st.builds(
        Member,
        id=st.integers(1, 999).map(MemberId),
        cell_id=st.just(CellId(1)),
        party_number=st.integers(1, 10**12).map(str),
        full_name=words.map(lambda name: " ".join(name.split())),
        form=st.sampled_from(FormKind),
        status=st.sampled_from(Status),
        born_on=st.none() | st.dates(date(1930, 1, 1), date(2000, 1, 1)),
        admitted_on=st.none() | st.dates(date(2001, 1, 1), date(2010, 1, 1)),
        official_on=st.none() | st.dates(date(2011, 1, 1), date(2020, 1, 1)),
        position=st.sampled_from(["", "Giảng viên", "=1+1"]),
        phone=st.sampled_from(["", "0912345678", "0912345678; 02438251234"]),
        away_from=st.none() | st.dates(date(2026, 1, 1), date(2026, 6, 1)),
        roles=st.frozensets(
            st.sampled_from([Role.CHAIR, Role.DEPUTY, Role.SECRETARY, Role.OBSERVER]), max_size=3
        ).map(lambda held: held | {Role.MEMBER}),
    ),
    unique_by=(lambda m: m.id, lambda m: m.party_number),
    min_size=1,
    max_size=5,
)


@settings(max_examples=25, deadline=None)
@given(people)
def test_what_goes_out_comes_back_unchanged(found: list[Member]) -> None:
    cell = Cell(CellId(1), "Chi bộ Một")
    reading = read(roster_book(roster_data((member, cell.name) for member in found)))
    assert reading.faults == ()
    plan = plan_import(reading.rows, found, ImportScope((cell,), default=cell.id))
    assert (plan.added, plan.changed, plan.faults) == ((), (), ())
    assert len(plan.unchanged) == len(found)


def test_a_table_is_words_and_never_a_formula() -> None:
    data = {"title": "Mã tham gia", "headings": ["Họ và tên", "Mã"], "rows": [["=HYPERLINK(1)", "ABCD-2345"]]}
    sheet = openpyxl.load_workbook(io.BytesIO(table_book(data))).worksheets[0]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["Họ và tên", "Mã"],
        ["=HYPERLINK(1)", "ABCD-2345"],
    ]
    assert sheet["A2"].data_type == "s"
