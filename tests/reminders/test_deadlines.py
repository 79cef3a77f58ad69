"""``/deadlines``: opening a year's cycle, moving, extending, closing; typed dates, warnings, the trail."""

from __future__ import annotations

from datetime import date

import pytest

from handlers.reminders.rules import Concern, concerns, year_end
from storage import audit, cycles
from storage.records import CycleState, Role, Status
from tests.reminders.conftest import House, at
from tests.stage import Phone


def last_act(house: House) -> audit.Act:
    cell = house.stage.cell()
    return house.stage.write(lambda tx: audit.of_cell(tx, cell))[0]


def opening(house: House) -> Phone:
    """The secretary, at the question for the opening day of 2026."""
    binh = house.stage.member("Trần Thị Bình", Role.SECRETARY)
    binh.commands("/deadlines")
    binh.presses("Mở kỳ mới")
    binh.presses("2026")
    return binh


def test_a_cycle_is_opened_with_weekdays_told_back_and_rules_of_its_year(house: House) -> None:
    binh = opening(house)
    house.stage.member("An")
    house.stage.member("Miễn", status=Status.EXEMPT)
    binh.says("1/12")
    binh.says("25/12")
    [confirm] = binh.says("ngày 28 tháng 12")
    assert "Thứ Ba, 01/12/2026" in confirm.text
    assert "Thứ Sáu, 25/12/2026" in confirm.text
    assert "Thứ Hai, 28/12/2026" in confirm.text
    assert "Lưu ý" not in confirm.text
    assert "mời 2 đồng chí" in confirm.text
    [done] = binh.presses("Mở kỳ kiểm điểm")
    assert "08:00 01/12/2026" in done.text
    assert "Năm 2026: đã lên lịch" in done.text
    cycle = house.cycle()
    assert (cycle.opens_on, cycle.deadline_on, cycle.meeting_on) == (
        date(2026, 12, 1),
        date(2026, 12, 25),
        date(2026, 12, 28),
    )
    assert (cycle.rules, cycle.state) == ("2025", CycleState.PLANNED)
    assert (last_act(house).what, last_act(house).details["deadline"]) == ("cycle.created", "2026-12-25")


def test_opened_today_it_invites_at_once(house: House) -> None:
    binh = opening(house)
    house.stage.now = at("23/11 15:00")
    binh.presses("today")
    binh.presses("d2026-12-20")
    binh.presses("Chưa định ngày họp")
    [done] = binh.presses("yes")
    assert "15:00 23/11/2026" in done.text
    assert house.cycle().state is CycleState.OPEN
    assert house.rings("23/11 15:00").sent == 1


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("31/12", "trước 31/12/2026"),
        ("1/1/2027", "Tết Dương lịch"),
        ("2/12", "nothing"),
        ("6/2/2027", "Tết Nguyên Đán"),
    ],
)
def test_dates_that_deserve_a_second_look_are_told_and_not_forbidden(house: House, typed: str, told: str) -> None:
    binh = opening(house)
    binh.presses("today")
    binh.says(typed)
    [confirm] = binh.presses("none")
    assert (told in confirm.text) or (told == "nothing" and "Lưu ý" not in confirm.text)
    binh.presses("yes")
    assert house.cycle().year == 2026


def test_another_day_can_be_chosen_at_the_end_and_unreadable_ones_are_asked_again(house: House) -> None:
    binh = opening(house)
    assert "Không có ngày 31/2" in binh.says("31/2")[0].text
    assert "chưa đọc được" in binh.says("đầu tháng")[0].text
    binh.says("1/12")
    assert "từ ngày mở kỳ trở đi (Thứ Ba, 01/12/2026)" in binh.says("30/11/2026")[0].text
    binh.says("20/12")
    binh.presses("none")
    binh.presses("Chọn ngày khác")
    binh.says("22/12")
    [confirm] = binh.presses("none")
    assert "22/12/2026" in confirm.text
    binh.presses("yes")
    assert house.cycle().deadline_on == date(2026, 12, 22)


def test_a_year_beyond_all_counting_is_refused_and_nothing_is_lost(house: House) -> None:
    binh = opening(house)
    binh.presses("today")
    [asked] = binh.says("31/12/9999")
    assert "Năm 9999 quá xa" in asked.text
    [meeting] = binh.says("25/12")
    assert "Họp kiểm điểm" in meeting.text


def test_years_without_rules_or_taken_are_refused(house: House) -> None:
    binh = house.stage.member("Bình", Role.SECRETARY)
    house.opens()
    binh.commands("/deadlines")
    binh.presses("Mở kỳ mới")
    assert "Bot chưa có biểu mẫu" in binh.says("2017")[0].text
    assert "đã có kỳ kiểm điểm năm 2026" in binh.says("2026")[0].text
    assert "bốn chữ số" in binh.says("năm nay")[0].text


def test_the_deadline_is_moved_and_told_with_the_next_reminder(house: House) -> None:
    binh = house.stage.member("Bình", Role.SECRETARY)
    an = house.stage.member("An")
    house.opens()
    house.rings("23/11 08:00")
    house.stage.delivered(an)
    house.stage.now = at("25/11 09:00")
    binh.commands("/han")
    binh.presses("Dời hạn chung")
    [confirm] = binh.says("20/12")
    assert "Hạn cũ: Thứ Sáu, 25/12/2026" in confirm.text
    assert "Chủ Nhật, 20/12/2026" in confirm.text
    [done] = binh.presses("Dời hạn")
    assert "Hạn nộp: <b>Chủ Nhật, 20/12/2026</b>" in done.text
    assert house.cycle().deadline_on == date(2026, 12, 20)
    assert last_act(house).details == {"was": "2026-12-25", "deadline": "2026-12-20"}
    house.rings("25/11 09:01")
    [told] = house.stage.delivered(an)
    assert "đã thay đổi" in told.text
    assert "20/12/2026" in told.text
    an.says("vâng")
    house.stage.delivered(an)
    house.rings("11/12 08:00")
    assert house.stage.delivered(an) == [], "the old ladder does not ring any more"
    house.rings("13/12 08:00")
    assert "còn 7 ngày" in house.stage.delivered(an)[0].text


def test_the_same_day_is_no_move(house: House) -> None:
    binh = house.stage.member("Bình", Role.SECRETARY)
    house.opens()
    binh.commands("/deadlines")
    binh.presses("move")
    assert "đã là Thứ Sáu, 25/12/2026" in binh.says("25/12")[0].text


def test_one_person_gets_an_own_deadline(house: House) -> None:
    binh = house.stage.member("Bình", Role.SECRETARY)
    an = house.stage.member("Nguyễn Văn An")
    house.stage.member("Nguyễn Văn Ân")
    done = house.stage.member("Xong")
    house.opens()
    house.submits(done, house.cycle())
    house.rings("23/11 08:00")
    house.stage.delivered(an)
    house.stage.now = at("25/11 09:00")
    binh.commands("/deadlines")
    [people] = binh.presses("Gia hạn cho một người")
    assert "Xong" not in [label for label, _ in people.buttons]
    assert "Không tìm thấy" in binh.says("Xong")[0].text
    assert "trùng tên" in binh.says("nguyen van an")[0].text
    assert "Nguyễn Văn Ân" in binh.says("Nguyễn Văn Ân")[0].text
    binh.presses("nav.back")
    binh.presses(f"p{an.member}")
    assert "chọn ngày sau đó" in binh.says("24/12")[0].text
    binh.says("30/12")
    [confirm] = binh.says("Nằm viện <3 tuần>")
    assert "Nằm viện &lt;3 tuần&gt;" in confirm.text
    assert "Thứ Tư, 30/12/2026" in confirm.text
    [overview] = binh.presses("Gia hạn")
    assert "• Nguyễn Văn An: 30/12/2026" in overview.text
    assert an.member is not None
    assert house.cycle().deadline_of(an.member) == date(2026, 12, 30)
    assert last_act(house).details == {"member": an.member, "deadline": "2026-12-30"}
    house.rings("25/11 09:01")
    assert "gia hạn riêng" in house.stage.delivered(an)[0].text


def test_the_reason_can_be_skipped_and_the_screen_left_and_found_again(house: House) -> None:
    binh = house.stage.member("Bình", Role.SECRETARY)
    house.stage.member("An")
    house.opens()
    binh.commands("/deadlines")
    binh.presses("who")
    binh.says("an")
    binh.says("30/12")
    binh.presses("Bỏ qua")
    binh.presses("yes")
    assert len(house.cycle().extensions) == 1


def test_closing_needs_a_reason_tells_who_is_missing_and_ends_it(house: House) -> None:
    binh = house.stage.member("Bình", Role.SECRETARY)
    an = house.stage.member("An")
    house.opens()
    house.rings("23/11 08:00")
    house.stage.delivered(an)
    binh.commands("/deadlines")
    binh.presses("Kết thúc kỳ")
    [confirm] = binh.says("Đã họp xong")
    assert "Còn 2 đồng chí chưa nộp" in confirm.text
    [done] = binh.presses("Kết thúc kỳ này")
    assert "Năm 2026: đã kết thúc" in done.text
    assert [label for label, _ in done.buttons][:2] == ["Mở lại kỳ này", "Mở kỳ mới"]
    assert house.cycle().state is CycleState.CLOSED
    assert last_act(house).what == "cycle.closed"
    for day in ("11/12", "18/12", "26/12"):
        house.rings(f"{day} 08:00")
    assert house.stage.delivered(an) == []


def test_two_who_act_at_once(house: House) -> None:
    binh = house.stage.member("Bình", Role.SECRETARY)
    chi = house.stage.member("Chi", Role.CHAIR)
    house.opens()
    for who in (binh, chi):
        who.commands("/deadlines")
        who.presses("reason")
        who.says("xong")
    binh.presses("yes")
    [late] = chi.presses("yes")
    assert "đã kết thúc hoặc vừa thay đổi" in late.text
    cell = house.stage.cell()
    assert [act.what for act in house.stage.write(lambda tx: audit.of_cell(tx, cell))] == ["cycle.closed"]


def test_a_screen_of_a_cycle_closed_meanwhile_changes_nothing(house: House) -> None:
    binh = house.stage.member("Bình", Role.SECRETARY)
    house.opens()
    cycle = house.cycle()
    binh.commands("/deadlines")
    binh.presses("move")
    binh.says("20/12")
    house.stage.write(lambda tx: cycles.close(tx, cycle.id, "", house.stage.now))
    assert "đã kết thúc hoặc vừa thay đổi" in binh.presses("yes")[0].text
    assert house.cycle().deadline_on == date(2026, 12, 25)


def test_the_meeting_day_is_set_and_cleared(house: House) -> None:
    binh = house.stage.member("Bình", Role.SECRETARY)
    house.opens()
    binh.commands("/deadlines")
    binh.presses("Ngày họp")
    assert "Thứ Hai, 28/12/2026" in binh.says("28/12")[0].text
    assert house.cycle().meeting_on == date(2026, 12, 28)
    binh.presses("meeting_on")
    binh.presses("none")
    assert house.cycle().meeting_on is None


def test_members_may_not_and_other_cells_see_nothing(house: House) -> None:
    an = house.stage.member("An")
    other = house.stage.member("Người khác", Role.SECRETARY, cell="Chi bộ Hai")
    house.opens()
    assert "được phân công" in an.commands("/deadlines")[-1].text
    [overview] = other.commands("/deadlines")
    assert "chưa có kỳ kiểm điểm nào" in overview.text


def test_numbers_say_how_far_the_cell_has_come_and_away_apart(house: House) -> None:
    binh = house.stage.member("Bình", Role.SECRETARY)
    an = house.stage.member("An")
    house.stage.member("Vắng", away_from=date(2026, 11, 1))
    house.stage.member("Miễn", status=Status.EXEMPT)
    house.opens()
    house.submits(an, house.cycle())
    [overview] = binh.commands("/deadlines")
    assert "Đã nộp: 1/3 đồng chí" in overview.text
    assert "Đang vắng, chưa nộp: 1" in overview.text


def test_rules_on_dates(house: House) -> None:
    around = house.calendar(2026)
    today = date(2026, 11, 22)
    assert concerns(date(2026, 12, 30), today, around, 2026) == ()
    assert concerns(date(2026, 12, 31), today, around, 2026) == (Concern.YEAR_END,)
    assert concerns(date(2026, 11, 21), today, around, 2026) == (Concern.PAST,)
    assert concerns(date(2026, 12, 1), today, around, 2026, date(2026, 12, 5)) == (Concern.BEFORE_OPENING,)
    assert concerns(date(2027, 1, 1), today, around, 2026) == (Concern.DAY_OFF, Concern.YEAR_END)
    assert concerns(date(2029, 5, 2), today, around, 2026) == (Concern.HOLIDAYS_UNKNOWN, Concern.YEAR_END)
    assert year_end(2020) is None
    assert concerns(date(2020, 12, 31), date(2020, 11, 1), house.calendar(2020), 2020) == ()


def test_another_year_can_be_looked_at(house: House) -> None:
    binh = house.stage.member("Bình", Role.SECRETARY)
    house.opens(opens_on=date(2026, 11, 20))
    house.opens(year=2025, opens_on=date(2025, 11, 1), deadline_on=date(2025, 12, 20))
    [overview] = binh.commands("/deadlines")
    assert "Năm 2026: đang mở" in overview.text
    [older] = binh.presses("Năm 2025")
    assert "Hạn nộp: <b>Thứ Bảy, 20/12/2025</b>" in older.text
    binh.presses("reason")
    binh.says("xong từ năm trước")
    binh.presses("yes")
    assert house.cycle().year == 2026


def test_many_people_are_turned_page_by_page(house: House) -> None:
    binh = house.stage.member("Zung", Role.SECRETARY)
    for number in range(1, 10):
        house.stage.member(f"Đảng viên {number}")
    house.opens()
    binh.commands("/deadlines")
    binh.presses("who")
    [second] = binh.presses("Sau ›")
    assert "Đảng viên 7" in [label for label, _ in second.buttons]
    [until] = binh.presses("Đảng viên 7")
    assert "Đảng viên 7" in until.text


def test_the_days_that_the_rules_name_stand_beside_the_question(house: House) -> None:
    binh = house.stage.member("Bình", Role.SECRETARY)
    house.opens()
    binh.commands("/deadlines")
    binh.presses("Mở kỳ mới")
    binh.says("2027")
    binh.presses("today")
    assert "• Kiểm điểm, xếp loại cuối năm xong (trước 31/12) (43-HD/BTCTW, mục 4)" in plain(binh.screen.text)
    assert "chưa kiểm chứng" in binh.screen.text


def plain(text: str) -> str:
    return text.replace("<i>", "").replace("</i>", "")
