"""Putting off, the call list, and reminding by hand: what people press and what follows."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from storage import accounts, audit, cycles, tables
from storage.records import Role, Status
from tests.reminders.conftest import House, at
from tests.stage import Phone


def told(house: House, who: Phone) -> list[str]:
    return [seen.text for seen in house.stage.delivered(who)]


def invited(house: House, *more: Phone) -> tuple[Phone, Phone]:
    """An ordinary member and a secretary who have had their invitation."""
    an = house.stage.member("Nguyễn Văn An", phone="0912345678")
    binh = house.stage.member("Trần Thị Bình", Role.SECRETARY, phone="0987654321")
    house.opens()
    house.rings("23/11 08:00")
    for who in (an, binh, *more):
        house.stage.delivered(who)
    return an, binh


def test_tonight_is_this_evening_once_and_the_message_says_so(house: House) -> None:
    an, _ = invited(house)
    house.stage.now = at("23/11 08:20")
    [card] = an.presses("Nhắc tôi tối nay")
    assert "19:00 23/11/2026" in card.text
    assert [label for label, _ in card.buttons] == ["Làm ngay", "Nhắc ngày mai"]
    house.rings("23/11 18:59")
    assert told(house, an) == []
    house.rings("23/11 19:00")
    [evening] = told(house, an)
    assert "như đồng chí đã hẹn" in evening
    house.rings("23/11 19:01")
    assert told(house, an) == []


def test_tomorrow_is_the_next_morning_that_is_no_holiday(house: House) -> None:
    an, _ = invited(house)
    house.stage.now = at("23/11 08:20")
    [card] = an.presses("Nhắc ngày mai")
    assert "08:00 25/11/2026" in card.text  # 24/11 is a public holiday
    house.rings("25/11 08:00")
    assert len(told(house, an)) == 1


def test_tonight_pressed_late_in_the_evening_is_tomorrow_morning(house: House) -> None:
    an, _ = invited(house)
    house.stage.now = at("25/11 21:40")
    [card] = an.presses("Nhắc tôi tối nay")
    assert "08:00 26/11/2026" in card.text


def test_putting_off_twice_keeps_the_newest_wish(house: House) -> None:
    an, _ = invited(house)
    house.stage.now = at("25/11 09:00")
    an.presses("Nhắc tôi tối nay")
    house.stage.delivered(an)
    an.presses("Nhắc ngày mai")
    house.stage.delivered(an)
    house.rings("25/11 19:00")
    assert told(house, an) == []
    house.rings("26/11 08:00")
    assert len(told(house, an)) == 1


def test_on_the_last_day_nobody_is_offered_a_delay_that_comes_too_late(house: House) -> None:
    an, _ = invited(house)
    an.says("vâng")
    house.rings("25/12 08:00")
    [today] = house.stage.delivered(an)[-1:]
    assert [label for label, _ in today.buttons] == ["Làm ngay", "Nhắc tôi tối nay", "Hỏi người"]
    house.stage.now = at("25/12 19:30")
    an.presses("Nhắc tôi tối nay", today)
    assert told(house, an) == []
    assert house.stage.write(lambda tx: tx.execute(select(tables.snoozes)).all()) == []


def test_an_old_button_after_handing_in_says_thanks_and_keeps_nothing(house: House) -> None:
    an, _ = invited(house)
    house.submits(an, house.cycle())
    [card] = an.presses("Nhắc tôi tối nay")
    assert "không còn việc nào thiếu" in card.text
    assert not card.buttons
    assert house.stage.write(lambda tx: tx.execute(select(tables.snoozes)).all()) == []


def test_forged_delays_do_nothing(house: House) -> None:
    an, _ = invited(house)
    an.commands("/later nextyear")
    an.commands("/later")
    assert house.stage.write(lambda tx: tx.execute(select(tables.snoozes)).all()) == []


def test_after_two_silences_the_secretary_is_asked_to_call(house: House) -> None:
    an, binh = invited(house)
    binh.says("vâng")
    house.rings("11/12 08:00")
    binh.says("vâng")
    house.stage.delivered(an)
    house.stage.delivered(binh)
    report = house.rings("18/12 08:00")
    assert (report.calls, report.dropped) == (1, 1)
    assert told(house, an) == []
    listed = next(seen for seen in house.stage.delivered(binh) if "Cần gọi điện" in seen.text)
    assert "Nguyễn Văn An" in listed.text
    assert "0912345678" in listed.text
    assert "bản kiểm điểm năm 2026 (hạn 25/12/2026)" in listed.text
    assert "đã nhắc 2 lần" in listed.text
    [card] = binh.presses("Đã gọi: Nguyễn Văn An", listed)
    assert card.ref == listed.ref
    assert "Trần Thị Bình gọi cho Nguyễn Văn An lúc 08:00 18/12/2026" in card.text
    assert "Không còn đồng chí nào cần gọi điện" in card.text
    [call] = house.stage.write(lambda tx: tx.execute(select(tables.calls)).all())
    assert (call.called_by, call.called_at) == (binh.member, at("18/12 08:00"))
    binh.presses("Đã gọi: Nguyễn Văn An", listed)
    [again] = house.stage.write(lambda tx: tx.execute(select(tables.calls)).all())
    assert again == call


def test_the_call_list_says_why_the_bot_cannot_reach_somebody(house: House) -> None:
    binh = house.stage.member("Bình", Role.SECRETARY)
    house.stage.member("An", joined=False)
    house.opens()
    house.rings("23/11 08:00")
    listed = next(text for text in told(house, binh) if "Cần gọi điện" in text)
    assert "chưa tham gia bot" in listed
    assert "chưa có số điện thoại" in listed


def test_a_long_call_list_shows_four_and_opens_the_rest(house: House) -> None:
    binh = house.stage.member("Bình", Role.SECRETARY)
    for number in range(7):
        house.stage.member(f"Đảng viên {number}", joined=False)
    house.opens()
    house.rings("23/11 08:00")
    listed = next(seen for seen in house.stage.delivered(binh) if "Cần gọi điện: 7" in seen.text)
    assert "Còn 3 đồng chí nữa" in listed.text
    assert len(listed.buttons) == 5
    [page] = binh.presses("Danh sách cần gọi", listed)
    assert "Đảng viên 3" in page.text
    assert "Trang 1/2" in page.text
    [second] = binh.presses("next")
    assert "Đảng viên 4" in second.text
    [left] = binh.presses("Đã gọi: Đảng viên 4")
    assert "Bình gọi cho Đảng viên 4" in left.text
    assert "Cần gọi điện: 6" in left.text


def test_a_silent_secretary_is_listed_for_the_chair(house: House) -> None:
    binh = house.stage.member("Bình", Role.SECRETARY)
    chi = house.stage.member("Chi", Role.CHAIR)
    house.opens()
    for day in ("23/11", "11/12", "18/12"):
        house.rings(f"{day} 08:00")
        chi.says("vâng")
    assert any("Cần gọi điện" in seen.text and "Bình" in seen.text for seen in chi.messages)
    assert not any("Cần gọi điện" in seen.text for seen in binh.messages)


def test_whoever_answers_leaves_the_call_list(house: House) -> None:
    an, binh = invited(house)
    for day in ("11/12", "18/12"):
        binh.says("vâng")
        house.rings(f"{day} 08:00")
    house.stage.now = at("18/12 09:00")
    assert "Nguyễn Văn An" in binh.commands("/calls")[-1].text
    house.stage.now = at("18/12 10:00")
    an.says("tôi đây")
    assert "Không còn đồng chí nào" in binh.commands("/calls")[-1].text


def test_whoever_joins_leaves_the_call_list(house: House) -> None:
    binh = house.stage.member("Bình", Role.SECRETARY)
    an = house.stage.member("Nguyễn Văn An", joined=False)
    house.opens()
    house.rings("23/11 08:00")
    assert "Nguyễn Văn An" in binh.commands("/calls")[-1].text
    joined = an.member
    assert joined is not None
    house.stage.write(lambda tx: accounts.link(tx, an.address, joined, at("23/11 09:00")))
    assert "Không còn đồng chí nào" in binh.commands("/calls")[-1].text


def test_only_those_who_may_see_the_list_and_only_their_cell(house: House) -> None:
    an, _ = invited(house)
    other = house.stage.member("Người khác", Role.SECRETARY, cell="Chi bộ Hai")
    dung = house.stage.member("Dũng", joined=False)
    house.rings("25/11 08:00")
    house.stage.now = at("25/11 09:00")
    assert "được phân công" in an.commands("/calls")[-1].text
    assert "được phân công" in an.commands("/remind")[-1].text
    an.commands(f"/called {dung.member}")
    other.commands(f"/called {dung.member}")
    assert "Không còn đồng chí nào" in other.commands("/calls")[-1].text
    [call] = house.stage.write(lambda tx: tx.execute(select(tables.calls)).all())
    assert call.called_at is None


def test_by_hand_shows_whom_and_whom_not_and_then_reaches_exactly_those(house: House) -> None:
    stage = house.stage
    chi = stage.member("Chi", Role.CHAIR)
    an, _ = invited(house, chi)
    done = stage.member("Xong")
    away = stage.member("Vắng", away_from=date(2026, 11, 20), away_to=date(2026, 12, 20))
    stage.member("Miễn", status=Status.EXEMPT)
    stage.member("Ngoài", joined=False)
    house.submits(done, house.cycle())
    house.submits(chi, house.cycle())
    stage.now = at("26/11 15:00")
    [preview] = chi.commands("/remind")
    assert "Sẽ nhắc 2 đồng chí" in preview.text
    assert "• Nguyễn Văn An: bản kiểm điểm năm 2026" in preview.text
    assert "Không nhắc 5 đồng chí" in preview.text
    assert "Đã xong: 2" in preview.text
    assert "• Vắng: đến hết 20/12/2026" in preview.text
    assert "Không phải kiểm điểm kỳ này: 1" in preview.text
    assert "• Ngoài: chưa tham gia bot" in preview.text
    [sample] = chi.presses("Xem lời nhắc")
    assert "Đồng chí Nguyễn Văn An sẽ nhận được" in sample.text
    assert "chi bộ nhờ bot" in sample.text
    chi.presses("nav.back")
    [sent] = chi.presses("Gửi cho 2 đồng chí")
    assert "Đã gửi lời nhắc cho 2 đồng chí" in sent.text
    assert len(told(house, an)) == 1
    assert told(house, done) == told(house, away) == []
    cell = stage.cell()
    act = stage.write(lambda tx: audit.of_cell(tx, cell))[0]
    assert (act.what, act.who) == ("reminders.sent", f"member:{chi.member}")
    assert len(act.details["people"]) == 2


def test_people_can_be_left_out(house: House) -> None:
    an, binh = invited(house)
    house.stage.now = at("26/11 15:00")
    binh.commands("/remind")
    binh.presses("Chọn từng người")
    [chosen] = binh.presses("✅ Trần Thị Bình")
    assert ("⬜ Trần Thị Bình") in [label for label, _ in chosen.buttons]
    binh.presses("chosen")
    binh.presses("Gửi cho 1 đồng chí")
    assert len(told(house, an)) == 1
    assert told(house, binh) == []


def test_at_most_once_a_day_by_hand(house: House) -> None:
    an, binh = invited(house)
    house.stage.now = at("26/11 15:00")
    binh.commands("/remind")
    binh.presses("send")
    house.stage.delivered(an)
    house.stage.now = at("26/11 16:00")
    [preview] = binh.commands("/remind")
    assert "Không có đồng chí nào cần nhắc" in preview.text
    assert "Đã được nhắc theo yêu cầu trong ngày: 2" in preview.text
    house.stage.now = at("27/11 09:00")
    binh.commands("/remind")
    binh.presses("send")
    assert len(told(house, an)) == 1


def test_two_secretaries_who_press_at_once_remind_once(house: House) -> None:
    an, binh = invited(house)
    dao = house.stage.member("Đào", Role.SECRETARY)
    house.stage.now = at("26/11 15:00")
    binh.commands("/remind")
    [preview] = dao.commands("/remind")
    binh.presses("send")
    house.stage.delivered(dao)
    [second] = dao.presses("send", preview)
    assert "không có tác dụng" in second.text
    assert "Đã được nhắc theo yêu cầu trong ngày: 3" in second.text
    assert len(told(house, an)) == 1


def test_whoever_hands_in_between_preview_and_sending_is_left_out_and_nobody_new_is_added(house: House) -> None:
    an, binh = invited(house)
    house.stage.now = at("26/11 15:00")
    binh.commands("/remind")
    house.submits(an, house.cycle())
    late = house.stage.member("Mới vào")
    sent = binh.presses("send")
    assert any("Đã gửi lời nhắc cho 1 đồng chí" in seen.text for seen in sent)
    assert told(house, an) == told(house, late) == []


def test_at_night_it_waits_for_the_morning_and_holds_back_the_automatic_one(house: House) -> None:
    an, binh = invited(house)
    house.stage.now = at("10/12 21:00")
    [preview] = binh.commands("/remind")
    assert "08:00 11/12/2026" in preview.text
    [sent] = binh.presses("send")
    assert "08:00 11/12/2026" in sent.text
    assert told(house, an) == []
    house.rings("10/12 22:00")
    assert told(house, an) == []
    assert house.rings("11/12 08:00").sent == 2
    assert len(told(house, an)) == 1


def test_removed_in_the_meantime(house: House) -> None:
    an, binh = invited(house)
    house.stage.now = at("10/12 21:00")
    binh.commands("/remind")
    binh.presses("send")
    house.changes(an, removed_at=at("10/12 22:00"))
    house.rings("11/12 08:00")
    assert told(house, an) == []
    assert ("manual", "dropped", "removed") in house.rows()


def test_what_is_missing_names_the_review_and_the_points_and_an_own_deadline(house: House) -> None:
    an, binh = invited(house)
    assert an.member is not None
    cycle, who = house.cycle(), an.member
    house.item(3, date(2026, 12, 1))
    house.item(5, date(2026, 12, 5))
    house.stage.write(lambda tx: cycles.extend(tx, cycle.id, who, date(2026, 12, 30), "", house.stage.now))
    house.stage.now = at("26/11 15:00")
    [preview] = binh.commands("/remind")
    assert "• Nguyễn Văn An: bản kiểm điểm năm 2026 (hạn 30/12/2026); việc 3, 5" in preview.text
    assert "• Trần Thị Bình: bản kiểm điểm năm 2026; việc 3, 5" in preview.text
    binh.presses("send")
    [told_an] = told(house, an)
    assert "Việc 3. Việc số 3: hạn <b>Thứ Ba, 01/12/2026</b>, còn 5 ngày" in told_an
    assert "/checklist" in told_an
