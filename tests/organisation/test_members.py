from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from handlers.dialogue.room import Door
from handlers.dialogue.said import Command, File, Forged, Sent, Thing
from handlers.joining.actions import JoiningRoom
from handlers.organisation.actions import OrganisationRoom
from handlers.organisation.roster import read_roster
from handlers.organisation.sheet import RosterReading
from storage import accounts, audit, members
from storage.records import DeliveryTrouble, FormKind, Member, Role, Status
from tests.organisation.sheets import HEADINGS, LAN, TODAY, csv, xlsx
from tests.stage import Phone, Seen, Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    numbers = count(7)
    stage = Stage(tmp_path, [JoiningRoom(), OrganisationRoom(draw=lambda _: next(numbers))])
    yield stage
    stage.close()


@pytest.fixture
def ha(stage: Stage) -> Phone:
    return stage.member("Nguyễn Thu Hà", Role.SECRETARY)


def roster(stage: Stage, *, removed: bool = False) -> dict[str, Member]:
    cell = stage.cell()
    found = stage.write(lambda tx: members.of_cell(tx, cell, removed=removed))
    return {member.full_name: member for member in found}


def acts(stage: Stage) -> list[str]:
    cell = stage.cell()
    return [act.what for act in stage.write(lambda tx: audit.of_cell(tx, cell))]


def send(phone: Phone, content: bytes | None, name: str = "danh-sach.xlsx") -> list[Seen]:
    return phone.hears(File("f1", name, len(content or b""), content))


def open_card(phone: Phone, name: str) -> None:
    phone.commands("/members")
    phone.says(name)
    if "Sửa thông tin" not in [label for label, _ in phone.screen.buttons]:
        phone.presses(next(label for label, _ in phone.screen.buttons if label.endswith(name)))


def open_edit(phone: Phone, name: str, what: str) -> None:
    open_card(phone, name)
    phone.presses("Sửa thông tin")
    phone.presses(what)


# The list


def test_the_list_counts_and_pages_by_given_name(stage: Stage, ha: Phone) -> None:
    for name in ("Trần Bình", "Lê An", "Vũ Cường", "Đỗ Dũng", "Bùi Em"):
        stage.member(name, joined=False)
    ha.commands("/dangvien")
    assert "<b>Chi bộ Một</b>: 6 đảng viên" in ha.screen.text
    assert "✅ 1 đã tham gia" in ha.screen.text
    assert "▫️ 5 chưa tham gia" in ha.screen.text
    assert "Trang 1/2" in ha.screen.text
    assert [label for label, _ in ha.screen.buttons][:4] == ["▫️ Lê An", "▫️ Trần Bình", "▫️ Vũ Cường", "▫️ Đỗ Dũng"]
    ha.presses("next")
    assert [label for label, _ in ha.screen.buttons][:2] == ["▫️ Bùi Em", "✅ Nguyễn Thu Hà"]
    ha.says("truoc")
    assert "Trang 1/2" in ha.screen.text


def names(seen: Seen) -> list[str]:
    """The people on a page, without their marks."""
    return [label.partition(" ")[2] for label, data in seen.buttons if re.search(r":m\d+$", data)]


def test_where_no_file_can_be_sent_the_way_is_told(tmp_path: Path) -> None:
    doors = (Door("zalo", "bot.ChiBo", files=False), Door("telegram", "chibo_bot"))
    stage = Stage(tmp_path, [JoiningRoom(), OrganisationRoom()], doors, channel="zalo", plain=frozenset({"zalo"}))
    ha = stage.member("Nguyễn Thu Hà", Role.SECRETARY)
    ha.commands("/members")
    ha.says("việc khác")
    assert "Trên Zalo chưa gửi được tệp" in ha.says("nhap danh sach tu tep")[-1].text
    assert "Gõ một dòng" in ha.says("them mot dong chi")[-1].text
    stage.close()


@pytest.mark.parametrize("words", ["lan", "LÂN", "nguyễn thị l", "0912 345", "p0099"])
def test_people_are_found_by_name_number_or_telephone(stage: Stage, ha: Phone, words: str) -> None:
    stage.member("Nguyễn Thị Lan", number="P0099", phone="0912345678")
    stage.member("Trần Bình")
    ha.commands("/members")
    ha.says(words)
    assert names(ha.screen) == ["Nguyễn Thị Lan"]
    ha.presses("Xem tất cả")
    assert names(ha.screen) == ["Trần Bình", "Nguyễn Thu Hà", "Nguyễn Thị Lan"]


def test_a_number_chooses_where_there_are_no_buttons(stage: Stage, ha: Phone) -> None:
    stage.member("Lê An")
    ha.commands("/members")
    ha.says("1")
    assert "<b>Lê An</b>" in ha.screen.text


def test_things_that_are_no_answer_change_nothing(stage: Stage, ha: Phone) -> None:
    ha.commands("/members")
    for said in (Sent(Thing.STICKER), File("f", "a.xlsx", 3, b"abc")):
        ha.hears(said)
        assert "Chi bộ Một" in ha.screen.text
    ha.says("x")
    assert "chưa hiểu" in ha.screen.text


def test_nobody_but_the_secretary_sees_the_list(stage: Stage, ha: Phone) -> None:
    for role in (None, Role.CHAIR, Role.DEPUTY, Role.OBSERVER):
        person = stage.member("Ai đó", *([role] if role else []))
        person.commands("/members")
        assert "người được phân công" in person.screen.text


def test_another_cell_is_not_seen(stage: Stage, ha: Phone) -> None:
    other = stage.member("Vũ Khác", cell="Chi bộ Hai")
    ha.commands("/members")
    assert "1 đảng viên" in ha.screen.text
    ha.says("Khác")
    assert "0 người" in ha.screen.text
    # Even a cursor that names a stranger finds nobody.
    cell = stage.cell()
    assert other.member is not None
    stranger = other.member
    assert stage.write(lambda tx: members.roster(tx, cell, stranger)) == ()


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (DeliveryTrouble.BLOCKED, "đã chặn bot"),
        (DeliveryTrouble.NEVER_STARTED, "chưa bấm Bắt đầu"),
        (DeliveryTrouble.DEACTIVATED, "đã bị xóa"),
        (DeliveryTrouble.CHAT_GONE, "không còn"),
    ],
)
def test_why_the_bot_cannot_reach_somebody_is_said_plainly(
    stage: Stage, ha: Phone, trouble: DeliveryTrouble, words: str
) -> None:
    lan = stage.member("Nguyễn Thị Lan")
    stage.write(lambda tx: accounts.set_trouble(tx, lan.address, trouble, stage.now))
    ha.commands("/members")
    assert "⚠️ 1 bot không gửi tin được" in ha.screen.text
    ha.says("2")
    assert words in ha.screen.text
    assert "Việc tiếp theo" in ha.screen.text


# One person


def test_a_code_from_the_card_up_to_the_approval(stage: Stage, ha: Phone) -> None:
    lan = stage.member("Nguyễn Thị Lan", joined=False, phone="0912345678")
    open_card(ha, "Nguyễn Thị Lan")
    assert "chưa có mã" in ha.screen.text
    code, screen = ha.presses("Cấp mã tham gia")
    assert "https://t.me/chibo_bot?start=" in code.text
    assert code.post.picture
    assert "Đã cấp mã, chưa dùng" in screen.text
    typed = code.text.split("<code>")[1].split("</code>")[0]
    for step in (typed, "dung", "tiep", "dong y"):
        lan.says(step)
    stage.delivered(ha)
    open_card(ha, "Nguyễn Thị Lan")
    assert "đang chờ duyệt" in ha.screen.text
    card, _ = ha.presses("Xem yêu cầu để duyệt")
    ha.presses("Duyệt", card)
    open_card(ha, "Nguyễn Thị Lan")
    assert "Đã tham gia từ 09:00 22/11/2026" in ha.screen.text


@pytest.mark.parametrize(
    ("what", "answer", "fields"),
    [
        ("Trạng thái", "○ Dự bị", {"status": Status.PROBATIONARY}),
        ("Loại mẫu", "2A", {"form": FormKind.LEADER}),
        ("Loại mẫu", "○ 2C: không làm việc trong hệ thống chính trị", {"form": FormKind.OUTSIDE_SYSTEM}),
        ("Điện thoại", "912345678", {"phone": "0912345678"}),
        (
            "Thời gian vắng",
            "1/10/2026 - 31/03/2027",
            {"away_from": date(2026, 10, 1), "away_to": date(2027, 3, 31)},
        ),
        ("Thời gian vắng", "từ 01/10/2026", {"away_from": date(2026, 10, 1), "away_to": None}),
    ],
)
def test_facts_are_changed_and_leave_a_line(
    stage: Stage, ha: Phone, what: str, answer: str, fields: dict[str, Any]
) -> None:
    stage.member("Nguyễn Thị Lan")
    open_edit(ha, "Nguyễn Thị Lan", what)
    ha.says(answer)
    lan = roster(stage)["Nguyễn Thị Lan"]
    assert {name: getattr(lan, name) for name in fields} == fields
    assert acts(stage) == ["member.changed"]


@pytest.mark.parametrize(
    ("what", "answer", "words"),
    [
        ("Điện thoại", "không có", "chưa phải số điện thoại"),
        ("Thời gian vắng", "tháng sau", "Chưa đọc được ngày"),
        ("Thời gian vắng", "31/02/2026 - 01/03/2026", "Chưa đọc được ngày"),
        ("Thời gian vắng", "01/03/2026 - 01/02/2026", "trước ngày đi"),
        ("Trạng thái", "đã chuyển", "chưa hiểu"),
    ],
)
def test_what_cannot_be_read_changes_nothing(stage: Stage, ha: Phone, what: str, answer: str, words: str) -> None:
    stage.member("Nguyễn Thị Lan")
    before = roster(stage)
    open_edit(ha, "Nguyễn Thị Lan", what)
    ha.says(answer)
    assert words in ha.screen.text
    assert roster(stage) == before
    assert acts(stage) == []


def test_an_absence_is_ended(stage: Stage, ha: Phone) -> None:
    stage.member("Nguyễn Thị Lan", away_from=date(2026, 10, 1))
    open_card(ha, "Nguyễn Thị Lan")
    assert "Vắng từ 01/10/2026, chưa rõ ngày về" in ha.screen.text
    open_edit(ha, "Nguyễn Thị Lan", "Thời gian vắng")
    ha.presses("Không còn vắng")
    assert roster(stage)["Nguyễn Thị Lan"].away_from is None


def test_a_role_is_given_told_and_taken(stage: Stage, ha: Phone) -> None:
    lan = stage.member("Nguyễn Thị Lan")
    open_edit(ha, "Nguyễn Thị Lan", "Vai trò")
    ha.presses("○ Bí thư")
    assert Role.CHAIR in roster(stage)["Nguyễn Thị Lan"].roles
    assert "<b>Bí thư</b>" in stage.delivered(lan)[0].text
    ha.presses("● Bí thư")
    assert roster(stage)["Nguyễn Thị Lan"].roles == {Role.MEMBER}
    assert acts(stage) == ["role.revoked", "role.granted"]


def test_the_last_secretary_stays_and_a_handover_ends_the_rights(stage: Stage, ha: Phone) -> None:
    lan = stage.member("Nguyễn Thị Lan")
    stage.member("Trần Bình", Role.SECRETARY, joined=False)
    open_edit(ha, "Nguyễn Thu Hà", "Vai trò")
    ha.presses("● Thư ký")
    assert "thư ký duy nhất đang dùng bot" in ha.screen.text
    open_edit(ha, "Nguyễn Thị Lan", "Vai trò")
    ha.presses("○ Thư ký")
    open_edit(ha, "Nguyễn Thu Hà", "Vai trò")
    ha.presses("● Thư ký")
    assert "đã bàn giao" in ha.screen.text
    ha.commands("/members")
    assert "người được phân công" in ha.screen.text
    lan.commands("/members")
    assert "3 đảng viên" in lan.screen.text


def test_somebody_is_removed_told_and_comes_back_with_the_same_record(stage: Stage, ha: Phone) -> None:
    lan = stage.member("Nguyễn Thị Lan", number="25001234")
    lan.commands("/menu")
    stage.delivered(lan)
    open_edit(ha, "Nguyễn Thị Lan", "Đưa ra khỏi danh sách")
    ha.presses("remove")
    assert "Đã đưa Nguyễn Thị Lan ra" in ha.screen.text
    assert "Nguyễn Thị Lan" not in roster(stage)
    assert "không còn trong danh sách" in stage.delivered(lan)[0].text
    lan.says("tiếp tục bài đang viết")
    assert "không còn trong danh sách" in lan.screen.text
    ha.presses("more")
    ha.presses("add")
    ha.says("Nguyễn Thị Lan; 25.001.234; 2B")
    assert "Đã thêm" in ha.screen.text
    assert roster(stage)["Nguyễn Thị Lan"].id == lan.member
    assert acts(stage) == ["roster.imported", "member.removed"]


def test_one_does_not_remove_oneself_nor_the_last_secretary(stage: Stage, ha: Phone) -> None:
    open_edit(ha, "Nguyễn Thu Hà", "Đưa ra khỏi danh sách")
    ha.presses("remove")
    assert "không tự đưa mình" in ha.screen.text
    assert "Nguyễn Thu Hà" in roster(stage)


def test_somebody_removed_meanwhile_by_another_secretary(stage: Stage, ha: Phone) -> None:
    minh = stage.member("Lê Minh", Role.SECRETARY)
    stage.member("Nguyễn Thị Lan")
    open_edit(ha, "Nguyễn Thị Lan", "Trạng thái")
    open_edit(minh, "Nguyễn Thị Lan", "Đưa ra khỏi danh sách")
    minh.presses("remove")
    ha.presses("probationary")
    assert "không còn trong danh sách" in ha.screen.text
    assert roster(stage, removed=True)["Nguyễn Thị Lan"].status is Status.OFFICIAL


# The file


def open_import(phone: Phone) -> None:
    phone.commands("/members")
    phone.presses("more")
    phone.presses("import")


def test_a_file_is_shown_first_then_written_and_the_second_time_changes_nothing(stage: Stage, ha: Phone) -> None:
    stage.member("Nguyễn Thị Lan", number="25001234", phone="0900000000")
    rows = [[*LAN[:9], ""], ["Trần <b>Bình</b> & Co", "25001235", *LAN[2:9], "chi bo mot"]]
    open_import(ha)
    send(ha, xlsx(rows, [*HEADINGS[:9], "Chi bộ"]))
    assert "2 người" in ha.screen.text
    assert "• Mới: 1" in ha.screen.text
    assert "Nguyễn Thị Lan: ngày sinh, ngày kết nạp, ngày chính thức, chức vụ, điện thoại" in ha.screen.text
    assert "không có trong tệp: 1" in ha.screen.text
    assert "Trần <b>Bình</b> & Co" not in roster(stage)
    ha.presses("Nhập danh sách")
    assert "Đã nhập: 1 người mới, 1 người thay đổi" in ha.screen.text
    assert roster(stage)["Trần <b>Bình</b> & Co"].party_number == "25001235"
    before = roster(stage)
    ha.presses("import")
    send(ha, xlsx(rows))
    assert "không có gì thay đổi" in ha.screen.text
    assert roster(stage) == before
    assert acts(stage) == ["roster.imported"]


def test_bad_rows_are_named_and_nothing_is_written(stage: Stage, ha: Phone) -> None:
    bad = ["Hà", "25001234", "31/02/1980", *LAN[3:6], "2D", *LAN[7:9], "Chi bộ Hai"]
    open_import(ha)
    (screen,) = send(ha, xlsx([[*LAN[:9], ""], bad]))
    assert "1 dòng cần sửa, 1 dòng đã đúng" in screen.text
    assert "Dòng 3, cột “Loại mẫu”: “2D”" in screen.text
    assert "Dòng 3, cột “Ngày sinh”: “31/02/1980” không có trong lịch" in screen.text
    assert "Dòng 3, cột “Mã đảng viên”: mã 25001234 đã có ở dòng 2" in screen.text
    assert list(roster(stage)) == ["Nguyễn Thu Hà"]


def test_two_thousand_rows_with_thirty_broken_then_mended(stage: Stage, ha: Phone) -> None:
    def rows(*, broken: bool) -> list[list[str]]:
        return [
            [f"Đảng viên {n:04}", str(25000000 + n), "2B", "30/02/1980" if broken and n % 66 == 10 else ""]
            for n in range(1980)
        ]

    headings = ["Họ và tên", "Mã đảng viên", "Loại mẫu", "Ngày sinh"]
    open_import(ha)
    (screen,) = send(ha, csv(rows(broken=True), headings).encode(), "ds.csv")
    assert screen.text.count("Dòng ") == 30
    assert "30 dòng cần sửa, 1950 dòng đã đúng" in screen.text
    assert len(roster(stage)) == 1
    send(ha, csv(rows(broken=False), headings).encode(), "ds.csv")
    ha.presses("Nhập danh sách")
    assert len(roster(stage)) == 1981
    ha.presses("codes")
    sent, _ = ha.presses("make")
    assert "1980 đồng chí" in sent.text


def test_more_faults_than_a_screen_holds_come_as_a_file(stage: Stage, ha: Phone) -> None:
    rows = [[f"Đảng viên {n}", "", "2B"] for n in range(40)]
    open_import(ha)
    sent, screen = send(ha, csv(rows, ["Họ tên", "Mã số", "Mẫu"]).encode(), "ds.csv")
    assert "… và 10 chỗ khác" in screen.text
    assert sent.post.file_name == "dong-can-sua.txt"
    listed = (sent.post.file or b"").decode("utf-8-sig").splitlines()
    assert len(listed) == 40
    assert listed[39] == "Dòng 41, cột “Mã số”: thiếu mã đảng viên."


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "lớn quá 5 MB"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "kiểu cũ (.xls)"),
        (b"%PDF-1.7", "không phải bảng danh sách"),
    ],
)
def test_what_is_no_roster_is_refused_in_one_sentence(
    stage: Stage, ha: Phone, content: bytes | None, words: str
) -> None:
    open_import(ha)
    send(ha, content)
    assert words in ha.screen.text
    ha.says("xin chào")
    assert "chờ một tệp" in ha.screen.text


def test_a_secretary_writes_into_the_own_cell_only(stage: Stage, ha: Phone) -> None:
    stage.member("Vũ Khác", cell="Chi bộ Hai", number="25001234")
    open_import(ha)
    send(ha, xlsx([[*LAN[:9], ""]]))
    assert "đang thuộc chi bộ khác" in ha.screen.text
    assert "Khác" not in ha.screen.text
    send(ha, xlsx([[LAN[0], "9", *LAN[2:9], "Chi bộ Hai"]]))
    assert "không phải chi bộ của đồng chí" in ha.screen.text


def test_a_preview_is_checked_anew_when_it_is_accepted(stage: Stage, ha: Phone) -> None:
    minh = stage.member("Lê Minh", Role.SECRETARY)
    for phone in (ha, minh):
        open_import(phone)
        send(phone, xlsx([[*LAN[:9], ""]]))
    ha.presses("Nhập danh sách")
    minh.presses("Nhập danh sách")
    assert "không có gì thay đổi" in minh.screen.text
    assert len(roster(stage)) == 3


def test_another_file_instead(stage: Stage, ha: Phone) -> None:
    open_import(ha)
    send(ha, xlsx([[*LAN[:9], ""]]))
    ha.presses("Gửi tệp khác")
    assert "gửi tệp danh sách" in ha.screen.text
    assert len(roster(stage)) == 1


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Nguyễn Thị Lan", "ít nhất ba mục"),
        ("Nguyễn Thị Lan; 25001234; 2X", "chưa rõ mẫu nào"),
        ("Nguyễn Thị Lan; 25001234; ", "thiếu loại mẫu"),
        ("Nguyễn Thị Lan; 25001234; 2B; 19/05/2030", "ở tương lai"),
        ("; 25001234; 2B", "thiếu họ tên"),
    ],
)
def test_adding_one_person_by_the_same_rules(stage: Stage, ha: Phone, typed: str, words: str) -> None:
    ha.commands("/members")
    ha.presses("more")
    ha.presses("add")
    ha.says(typed)
    assert words in ha.screen.text
    assert len(roster(stage)) == 1
    ha.says("Nguyễn Thị Lan; 25001234; 2B; 19/05/2005; 912345678")
    lan = roster(stage)["Nguyễn Thị Lan"]
    assert (lan.form, lan.admitted_on, lan.phone) == (FormKind.NON_LEADER, date(2005, 5, 19), "0912345678")
    ha.commands("/members")
    ha.presses("more")
    ha.presses("add")
    ha.says("Lan Khác; 25001234; 2C")
    assert "đã có trong danh sách" in ha.screen.text
    assert roster(stage)["Nguyễn Thị Lan"] == lan


def test_the_roster_goes_out_and_comes_back_the_same(stage: Stage, ha: Phone) -> None:
    stage.member("=1+1 & <b>", Role.CHAIR, number="007", phone="0912345678", away_from=date(2026, 10, 1))
    ha.commands("/members")
    ha.presses("more")
    sent, _ = ha.presses("export")
    content = stage.desk.cook(sent.post.recipe or "", sent.post.data or {}).content
    reading = read_roster(content, TODAY)
    assert isinstance(reading, RosterReading)
    assert [row.full_name for row in reading.rows] == ["=1+1 & <b>", "Nguyễn Thu Hà"]
    ha.presses("import")
    send(ha, content)
    assert "không có gì thay đổi" in ha.screen.text
    assert acts(stage) == ["roster.exported"]


def test_the_empty_form_is_a_roster_without_people(stage: Stage, ha: Phone) -> None:
    open_import(ha)
    sent, screen = ha.presses("template")
    content = stage.desk.cook(sent.post.recipe or "", sent.post.data or {}).content
    assert "gửi tệp danh sách" in screen.text
    send(ha, content)
    assert "chưa có người nào" in ha.screen.text


def test_forged_commands_of_a_member_do_nothing(stage: Stage, ha: Phone) -> None:
    lan = stage.member("Nguyễn Thị Lan")
    lan.hears(Command("members", "", standing=True))
    lan.hears(Command("members", "hà"))
    assert "được phân công" in lan.screen.text


def test_a_secretary_who_loses_the_role_in_mid_flow(stage: Stage, ha: Phone) -> None:
    open_import(ha)
    secretary = roster(stage)["Nguyễn Thu Hà"]

    def lose(tx: Connection) -> None:
        members.revoke(tx, secretary.id, Role.SECRETARY)

    stage.write(lose)
    send(ha, xlsx([[*LAN[:9], ""]]))
    assert "được phân công" in ha.screen.text
    assert len(roster(stage)) == 1


def test_a_right_that_ended_takes_the_screen_with_it(stage: Stage, ha: Phone) -> None:
    binh = stage.member("Lê Văn Bình")
    ha.commands("/members")
    assert "Lê Văn Bình" in str(ha.screen)
    ha.commands("/help")
    secretary = ha.member
    assert secretary is not None
    stage.write(lambda tx: members.revoke(tx, secretary, Role.SECRETARY))
    for seen in (ha.presses("return"), ha.commands("/nonsense"), ha.hears(Forged())):
        assert "Lê Văn Bình" not in str(seen)
    assert binh.messages == []
