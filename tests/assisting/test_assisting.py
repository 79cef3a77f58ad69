"""Somebody types for a member: opened, typed in the very same form, confirmed by the member, shown for ever."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from handlers.assisting.lines import typed_lines
from handlers.posting import written
from storage import audit, evidence, members, reviews, tables
from storage.assistances import Ended, Proof, Source
from storage.records import EvidenceId, ReviewState, Role
from tests.assisting.scene import VOICE, Scene, card_with, code_on, id_of, voice
from tests.review.scene import ANSWERS_2B, FORM_2B, play


def line_of(scene: Scene, version: int = 1) -> str:
    def work(tx: object) -> list[str]:
        found = typed_lines(tx, id_of(scene.lan), scene.cycle.id, version)  # type: ignore[arg-type]
        return [written(line, "vi", scene.house) for line in found]

    return "\n".join(scene.write(work))


def test_from_opening_to_the_submitted_version_typed_by_somebody_else(both: Scene) -> None:
    lan, binh = both.lan, both.binh
    both.open_for(lan, binh)
    assert any("được giao viết giúp" in m.text for m in lan.messages)
    invitation = card_with(binh, "Mở để viết giúp")
    binh.presses("Mở để viết giúp", invitation)
    binh.presses("write")
    assert "Viết giúp đồng chí Nguyễn Thị Lan" in binh.screen.text
    binh.presses("begin")
    play(binh, FORM_2B)
    review = both.review(lan)
    assert review is not None
    assert review.answers == ANSWERS_2B
    assert both.review(binh) is None, "their own form was not touched"
    binh.presses("submit")
    assert "Chỉ khi đồng chí ấy xác nhận" in binh.screen.text
    binh.presses("yes")
    review = both.review(lan)
    assert review is not None
    assert (review.version, review.state) == (0, ReviewState.DRAFT), "it waits"
    binh.presses("code")
    binh.says(code_on(lan))
    review = both.review(lan)
    assert review is not None
    assert (review.version, review.state) == (1, ReviewState.SUBMITTED)
    assert any("Đã nhận bản kiểm điểm" in m.text for m in lan.messages), "the receipt is the member's"
    done = both.assistance(lan)
    assert (done.version, done.confirmed_by, done.ended_how) == (1, Proof.CODE, Ended.CONFIRMED)
    assert done.written > 10
    assert "Nhập giúp: đồng chí Trần Văn Bình" in line_of(both)
    assert "mã một lần" in line_of(both)
    assert any("đã xác nhận bài nhập giúp" in m.text for m in both.secretary.messages)
    acts = {act.what for act in both.write(lambda tx: audit.of_cell(tx, both.cell()))}
    assert {"assistance.opened", "assistance.confirmed"} <= acts


def test_every_screen_says_for_whom(scene: Scene) -> None:
    scene.open_for(scene.lan)
    scene.fill(scene.lan)
    scene.secretary.presses("write")
    for way in ("overview", "change", "nav.back", "read", "nav.back", "overview", "why", "nav.back"):
        scene.secretary.presses(way)
        assert "Viết giúp đồng chí Nguyễn Thị Lan" in scene.secretary.screen.text, way
    scene.secretary.says("gì đó không hiểu được")
    assert "Viết giúp đồng chí Nguyễn Thị Lan" in scene.secretary.screen.text
    scene.secretary.presses("nav.ask")
    scene.secretary.presses("return")
    assert "Viết giúp đồng chí Nguyễn Thị Lan" in scene.secretary.screen.text


def test_other_rooms_stay_the_helpers_own(scene: Scene) -> None:
    scene.open_for(scene.lan, scene.binh)
    scene.fill(scene.lan)
    scene.binh.presses("Mở để viết giúp", card_with(scene.binh, "Mở để viết giúp"))
    scene.binh.presses("write")
    scene.binh.commands("/review")
    assert "Viết giúp" not in scene.binh.screen.text
    scene.binh.presses("begin")
    scene.binh.says("Của Bình.")
    mine, hers = scene.review(scene.binh), scene.review(scene.lan)
    assert mine is not None
    assert hers is not None
    assert mine.answers == {"conduct": "Của Bình."}
    assert hers.answers == ANSWERS_2B


def test_a_helper_reads_nothing_that_was_submitted_before(scene: Scene) -> None:
    scene.fill(scene.lan)
    scene.lan.commands("/review")
    scene.lan.presses("overview")
    scene.lan.presses("submit")
    scene.lan.presses("yes")
    scene.open_for(scene.lan, scene.binh)  # who would read what Lan wrote alone
    assert "đã tự viết một phần" in scene.secretary.screen.text
    assert not scene.binh.messages
    scene.binh.commands("/reviews")
    assert "người được phân công" in scene.binh.screen.text


def test_the_member_says_yes_on_their_own_phone_after_the_last_page(both: Scene) -> None:
    both.offered(both.lan)
    both.lan.presses("Xem và xác nhận", card_with(both.lan, "Xem và xác nhận"))
    assert "do đồng chí Lê Thị Thư nhập giúp" in both.lan.screen.text
    while "more" in {data.rpartition(":")[2] for _, data in both.lan.screen.choices}:
        assert "yes" not in {data.rpartition(":")[2] for _, data in both.lan.screen.choices}
        both.lan.presses("more")
    both.lan.presses("yes")
    review = both.review(both.lan)
    assert review is not None
    assert review.version == 1
    assert both.assistance(both.lan).confirmed_by is Proof.PHONE


def test_no_is_told_and_nothing_is_submitted(scene: Scene) -> None:
    scene.offered(scene.lan)
    scene.lan.presses("Xem và xác nhận", card_with(scene.lan, "Xem và xác nhận"))
    scene.lan.presses("no")
    assert any("báo chưa đúng ý" in m.text for m in scene.secretary.messages)
    review = scene.review(scene.lan)
    assert review is not None
    assert review.version == 0


@pytest.mark.parametrize("whose", ["member", "helper"])
def test_a_voice_is_kept_as_proof(scene: Scene, whose: str) -> None:
    scene.offered(scene.lan)
    if whose == "member":
        scene.lan.presses("Xem và xác nhận", card_with(scene.lan, "Xem và xác nhận"))
        scene.lan.says("nghe rõ rồi")
        assert "chờ ảnh hoặc tin thoại" in scene.lan.screen.text
        scene.lan.hears(voice())
    else:
        scene.secretary.presses("voice")
        assert ANSWERS_2B["conduct"] in scene.secretary.screen.text, "the text is on the screen"
        scene.secretary.hears(voice())
    done = scene.assistance(scene.lan)
    assert (done.confirmed_by, done.version) == (Proof.VOICE, 1)
    assert done.evidence_id is not None
    number = EvidenceId(done.evidence_id)
    assert scene.write(lambda tx: evidence.content(tx, id_of(scene.lan), number)) == VOICE
    assert "tin thoại được lưu" in line_of(scene)


def test_wrong_codes_are_counted_and_the_fifth_ends_it(scene: Scene) -> None:
    code = scene.offered(scene.lan)
    scene.secretary.presses("code")
    wrong = "000 000" if code != "000 000" else "111 111"
    scene.secretary.says("12345")
    assert "6 chữ số" in scene.secretary.screen.text
    for left in (4, 3, 2, 1):
        scene.secretary.says(wrong)
        assert f"Còn {left} lần" in scene.secretary.screen.text
    scene.secretary.says(wrong)
    assert "không còn dùng được" in scene.secretary.screen.text
    assert scene.assistance(scene.lan).version is None
    scene.secretary.presses("again")
    new = code_on(scene.lan)
    scene.secretary.presses("code")
    scene.secretary.says(new.replace(" ", ""))
    assert scene.assistance(scene.lan).version == 1


def test_a_code_is_good_for_its_own_assistance_only(scene: Scene) -> None:
    theirs = scene.offered(scene.lan)
    other = scene.member("Phạm Văn Cường")
    scene.offered(other)
    scene.secretary.presses("code")
    if theirs != code_on(other):
        scene.secretary.says(theirs)
        assert scene.assistance(other).version is None


def test_changed_after_it_was_offered_nothing_can_be_confirmed(scene: Scene) -> None:
    code = scene.offered(scene.lan)
    asked = card_with(scene.lan, "Xem và xác nhận")
    scene.secretary.presses("write")
    scene.secretary.presses("continue")
    play(scene.secretary, (("say", "Thêm một câu."),)) if "conduct" in scene.secretary.screen.text else None
    scene.lan.commands("/review")
    scene.lan.presses("overview")
    scene.lan.presses("change")
    scene.lan.presses("s0")
    scene.lan.presses("conduct")
    scene.lan.says("Tôi tự thêm.")
    scene.lan.presses("Xem và xác nhận", asked)
    assert "Bài đã thay đổi" in scene.lan.screen.text
    scene.secretary.commands("/assist")
    scene.secretary.presses(f"a{scene.assistance(scene.lan).id}")
    assert "code" not in {data.rpartition(":")[2] for _, data in scene.secretary.screen.choices}
    assert code
    review = scene.review(scene.lan)
    assert review is not None
    assert review.version == 0


def test_both_type_and_nothing_is_overwritten_unseen(scene: Scene) -> None:
    scene.open_for(scene.lan)
    scene.secretary.presses("write")
    scene.secretary.presses("begin")
    scene.secretary.says("Người giúp viết.")
    scene.lan.commands("/review")
    scene.lan.presses("continue")
    assert "Người giúp viết." in scene.lan.screen.text, "both see the same draft"
    scene.lan.says("Tôi viết thêm.")
    scene.secretary.presses("again")
    assert "Tôi viết thêm." in scene.secretary.screen.text
    review = scene.review(scene.lan)
    assert review is not None
    assert review.answers["conduct"] == "Người giúp viết.\nTôi viết thêm."


def test_the_member_submits_themselves_what_a_helper_typed(scene: Scene) -> None:
    scene.open_for(scene.lan)
    scene.fill(scene.lan)
    scene.lan.commands("/review")
    scene.lan.presses("overview")
    scene.lan.presses("submit")
    scene.lan.presses("yes")
    done = scene.assistance(scene.lan)
    assert (done.version, done.confirmed_by) == (1, Proof.PHONE)
    assert "máy của đồng chí ấy" in line_of(scene)
    scene.secretary.presses("write")
    assert "Đã xác nhận bằng máy của đồng chí ấy" in scene.secretary.screen.text


def test_whoever_typed_nothing_is_in_no_line(scene: Scene) -> None:
    scene.open_for(scene.lan)
    scene.fill(scene.lan)
    scene.write(lambda tx: tx.execute(tables.assistances.update().values(written=0)))
    scene.lan.commands("/review")
    scene.lan.presses("overview")
    scene.lan.presses("submit")
    scene.lan.presses("yes")
    assert line_of(scene) == ""


def test_a_second_helper_is_told_who_types_already(scene: Scene) -> None:
    scene.open_for(scene.lan, scene.binh)
    scene.open_for(scene.lan)
    assert "Trần Văn Bình đang viết giúp" in scene.secretary.screen.text
    assert scene.assistance(scene.lan).helper_id == scene.binh.member
    scene.secretary.presses("end")
    scene.open_for(scene.lan)
    assert scene.assistance(scene.lan).helper_id == scene.secretary.member


def test_a_right_that_ends_takes_its_screen_with_it(scene: Scene) -> None:
    scene.open_for(scene.lan, scene.binh)
    scene.fill(scene.lan)
    scene.binh.presses("Mở để viết giúp", card_with(scene.binh, "Mở để viết giúp"))
    scene.binh.presses("write")
    scene.binh.presses("overview")
    scene.secretary.presses("end")
    assert any("đã kết thúc" in m.text for m in scene.binh.messages)
    scene.binh.presses("read")
    shown = scene.binh.screen
    assert ANSWERS_2B["conduct"] not in shown.text
    assert "Việc viết giúp đồng chí Nguyễn Thị Lan đã kết thúc" in shown.text
    assert "Chào đồng chí <b>Trần Văn Bình" in shown.text
    review = scene.review(scene.lan)
    assert review is not None
    assert review.answers == ANSWERS_2B, "what was typed stays"


def test_it_ends_after_a_day(scene: Scene) -> None:
    scene.open_for(scene.lan)
    scene.fill(scene.lan)
    scene.secretary.presses("write")
    scene.secretary.presses("overview")
    scene.wait(days=1, minutes=1)
    scene.secretary.presses("read")
    assert "hết một ngày" in scene.secretary.screen.text
    assert scene.assistance(scene.lan).ended_how is Ended.EXPIRED
    scene.open_for(scene.lan)
    assert "Đã mở viết giúp" in scene.secretary.screen.text


def test_words_typed_after_the_end_are_put_nowhere(scene: Scene) -> None:
    scene.open_for(scene.lan)
    scene.secretary.presses("write")
    scene.secretary.presses("begin")
    scene.wait(days=2)
    scene.secretary.says("Viết muộn.")
    review = scene.review(scene.lan)
    assert review is not None
    assert review.answers == {}


def test_a_member_who_is_removed_meanwhile(scene: Scene) -> None:
    scene.open_for(scene.lan)
    scene.fill(scene.lan)
    scene.secretary.presses("write")
    scene.write(lambda tx: members.remove(tx, id_of(scene.lan), scene.now))
    (shown,) = scene.secretary.presses("overview")
    assert "không còn trong danh sách" in shown.text
    assert ANSWERS_2B["conduct"] not in shown.text
    assert scene.assistance(scene.lan).ended_how is Ended.REMOVED


def test_the_member_can_say_that_they_write_themselves(both: Scene) -> None:
    both.open_for(both.lan, both.binh)
    told = card_with(both.lan, "Tôi tự viết, không cần giúp")
    both.lan.presses("Tôi tự viết, không cần giúp", told)
    assert both.assistance(both.lan).ended_how is Ended.DECLINED
    assert any("báo là tự viết" in m.text for m in both.binh.messages)


def test_strangers_to_it_get_nowhere(scene: Scene) -> None:
    scene.offered(scene.lan)
    number = scene.assistance(scene.lan).id
    for line in (f"/typefor {number}", f"/ownwords {number}", f"/nohelp {number}", "/frompaper 1.2"):
        scene.binh.commands(line)
        assert ANSWERS_2B["conduct"] not in scene.binh.screen.text
    assert scene.assistance(scene.lan).ended_at is None
    other = scene.member("Người Khác", Role.SECRETARY, cell="Chi bộ Hai")
    other.commands(f"/typefor {number}")
    assert "Nguyễn Thị Lan" not in other.screen.text


def test_the_list_has_pages(scene: Scene) -> None:
    for number in range(20):
        scene.member(f"Đảng viên {number}")
    scene.secretary.commands("/vietgiup")
    scene.secretary.presses("new")
    first = scene.secretary.screen.choices
    scene.secretary.presses("more")
    scene.secretary.presses("more")
    assert "more" not in {data.rpartition(":")[2] for _, data in scene.secretary.screen.choices}
    scene.secretary.presses("prev")
    scene.secretary.presses("prev")
    assert [label for label, _ in scene.secretary.screen.choices] == [label for label, _ in first]


def test_nobody_opens_without_the_right(scene: Scene) -> None:
    scene.binh.commands("/assist")
    assert "new" not in {data.rpartition(":")[2] for _, data in scene.binh.screen.choices}
    assert "Hiện đồng chí chưa được giao" in scene.binh.screen.text


def test_offered_in_time_counts_though_confirmed_the_day_after_the_deadline(scene: Scene) -> None:
    scene.now = scene.now.replace(month=12, day=15, hour=14)
    code = scene.offered(scene.lan)
    scene.wait(hours=20)
    scene.secretary.presses("code")
    scene.secretary.says(code)
    assert scene.assistance(scene.lan).version == 1


def test_a_helper_cannot_hand_over_after_the_deadline(scene: Scene) -> None:
    scene.now = scene.now.replace(month=12, day=16)
    scene.open_for(scene.lan)
    scene.fill(scene.lan)
    scene.secretary.presses("write")
    scene.secretary.presses("overview")
    assert "submit" not in {data.rpartition(":")[2] for _, data in scene.secretary.screen.choices}


def test_an_earlier_helpers_words_are_confirmed_with_the_rest(scene: Scene) -> None:
    scene.open_for(scene.lan, scene.binh)
    scene.fill(scene.lan)
    scene.secretary.presses("end")
    code = scene.offered(scene.lan)
    scene.secretary.presses("code")
    scene.secretary.says(code)
    assert line_of(scene).count("Nhập giúp:") == 2


def test_the_source_is_what_the_member_said(scene: Scene) -> None:
    scene.open_for(scene.lan)
    assert scene.assistance(scene.lan).source is Source.SPOKEN
    rows = scene.write(lambda tx: tx.execute(select(tables.assistances)).all())
    assert len(rows) == 1
    assert scene.write(lambda tx: reviews.find(tx, scene.cycle.id, id_of(scene.lan))) is None


def test_a_name_is_found_on_whatever_page_it_stands(both: Scene) -> None:
    for number in range(20):
        both.member(f"Đảng viên {number}")
    last = both.member("Vũ Thị Xuân")
    both.secretary.commands("/assist")
    both.secretary.presses("new")
    assert "Vũ Thị Xuân" not in {label for label, _ in both.secretary.screen.choices}
    both.secretary.says("zzz")
    assert "Không thấy ai" in both.secretary.screen.text
    both.secretary.says("xuan")
    both.secretary.presses(f"p{id_of(last)}")
    assert "Ai nhập giúp đồng chí Vũ Thị Xuân" in both.secretary.screen.text
    both.secretary.presses("me")
    assert both.assistance(last).helper_id == both.secretary.member
    assert "Người nhập: " in both.secretary.screen.text
    assert "giao)" not in both.secretary.screen.text, "nobody appoints themselves"
