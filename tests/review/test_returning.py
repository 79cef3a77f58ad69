"""Giving a form back for named parts, opening it again after the deadline, and what may happen in between."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from storage import accounts, audit, cycles, members, returns, reviews
from storage.records import Cycle, MemberId, Return, ReturnKind, ReturnOutcome, ReviewState, Role
from tests.review.scene import ANSWERS_2B, DEADLINE, Scene, play, submit
from tests.stage import ZONE, Phone

AFTER = datetime(2026, 12, 17, 9, 0, tzinfo=ZONE)
REASON = "Xin ghi rõ số lớp và minh chứng."
# Places of the parts of form 2B: I.2 duties, II.1 shortcomings.
DUTIES, FAULTS = "p1", "p5"


def given(scene: Scene, cycle: Cycle, who: Phone) -> Return | None:
    review = scene.review(cycle, who)
    return scene.write(lambda tx: returns.open_of(tx, review.id))


def handed_in(scene: Scene, cycle: Cycle, **other: Any) -> Phone:
    an = scene.member("Nguyễn Văn An")
    scene.filled(cycle, an, **other)
    submit(an)
    return an


def reads(who: Phone, whose: Phone) -> None:
    who.commands("/reviews")
    who.presses(f"m{whose.member}")


def gives_back(who: Phone, whose: Phone, *picked: str, until: str = "deadline", reason: str = REASON) -> None:
    """From reading the form to the last question before it is done."""
    reads(who, whose)
    who.presses("return")
    for part in picked or (DUTIES,):
        who.presses(part)
    who.presses("done")
    who.says(reason)
    who.presses(until)


@pytest.fixture
def cycle(scene: Scene) -> Cycle:
    return scene.open_cycle()


@pytest.fixture
def binh(scene: Scene) -> Phone:
    return scene.member("Trần Thị Bình", Role.SECRETARY)


def test_the_secretary_names_parts_and_a_reason_sees_them_and_confirms(
    scene: Scene, cycle: Cycle, binh: Phone
) -> None:
    an = handed_in(scene, cycle)
    gives_back(binh, an, DUTIES, FAULTS)
    shown = binh.screen.text
    assert "I.2" in shown
    assert "II.1" in shown
    assert REASON in shown
    assert "15/12/2026" in shown
    assert given(scene, cycle, an) is None, "nothing before the last word"
    [done] = binh.presses("yes")
    assert "Đã trả lại bản của đồng chí Nguyễn Văn An" in done.text
    assert "Đang trả lại (đồng chí Trần Thị Bình" in done.text
    told = an.messages[-1]
    assert "Kính chào đồng chí <b>Nguyễn Văn An</b>" in told.text
    assert REASON in told.text
    assert "I.2" in told.text
    assert "II.1" in told.text
    assert "15/12/2026" in told.text
    kept = given(scene, cycle, an)
    assert kept is not None
    assert (kept.questions, kept.kind, kept.version) == (("duties", "shortcomings"), ReturnKind.RETURNED, 1)
    cell = scene.cell()
    act = scene.write(lambda tx: audit.of_cell(tx, cell))[0]
    assert (act.what, act.who, act.subject) == ("review_returned", f"member:{binh.member}", f"member:{an.member}")
    assert REASON not in str(act.details), "the trail keeps no words"


def test_the_member_is_led_through_exactly_those_parts_and_the_secretary_hears_of_the_new_version(
    scene: Scene, cycle: Cycle, binh: Phone
) -> None:
    an = handed_in(scene, cycle)
    gives_back(binh, an, DUTIES, FAULTS)
    binh.presses("yes")
    [*_, start] = an.presses("Sửa phần được nêu", an.messages[-1])
    assert "Trần Thị Bình đề nghị đồng chí xem lại" in start.text
    assert REASON in start.text
    [first] = an.presses("walk")
    assert "Nhiệm vụ và kết quả" in first.text
    an.says("Có 3 lớp buổi tối.")
    [second] = an.presses("next")
    assert "Hạn chế, khuyết điểm" in second.text
    an.says("Chưa đọc đủ tài liệu.")
    [overview] = an.presses("next")
    assert "Bản tổng quát" in overview.text
    submit(an)
    assert "đã nộp lại bản kiểm điểm năm 2026 (lần 2)" in binh.messages[-1].text
    assert given(scene, cycle, an) is None
    review = scene.review(cycle, an)
    [ended] = scene.write(lambda tx: returns.of_review(tx, review.id))
    assert ended.outcome is ReturnOutcome.SUBMITTED
    first_version, second_version = scene.write(lambda tx: reviews.versions(tx, review))
    assert first_version.answers == ANSWERS_2B, "what was submitted is never overwritten"
    assert second_version.answers["duties"] == "Giảng dạy 12 lớp.\nCó 3 lớp buổi tối."
    [*_, reading] = binh.presses("Đọc bản vừa nộp", binh.messages[-1])
    assert "nộp lần 2" in reading.text
    assert "Đang trả lại" not in reading.text


def test_before_the_deadline_every_part_can_still_be_changed(scene: Scene, cycle: Cycle, binh: Phone) -> None:
    an = handed_in(scene, cycle)
    gives_back(binh, an)
    binh.presses("yes")
    an.commands("/review")
    play(
        an,
        (("press", "overview"), ("press", "change"), ("press", "s5"), ("say", "Đọc thêm sách."), ("press", "next")),
    )
    submit(an)
    assert scene.review(cycle, an).answers["measures"][-1] == "Đọc thêm sách."


def test_after_the_deadline_only_the_parts_opened_again_are_taken(scene: Scene, cycle: Cycle, binh: Phone) -> None:
    an = handed_in(scene, cycle)
    play(
        an,
        (("press", "overview"), ("press", "change"), ("press", "s5"), ("say", "Ý chưa nộp."), ("press", "next")),
    )
    scene.now = AFTER
    gives_back(binh, an, DUTIES, until="d2026-12-20")
    assert "Mở lại bản" in binh.screen.text
    assert "20/12/2026" in binh.screen.text
    binh.presses("yes")
    assert "đã mở lại bản kiểm điểm" in an.messages[-1].text
    an.commands("/review")
    assert "Đến hết Chủ Nhật, 20/12/2026, đồng chí sửa được đúng các phần này" in an.screen.text
    an.presses("overview")
    an.presses("change")
    [refused] = an.presses("s5")
    assert "không nằm trong các phần được mở lại" in refused.text
    assert "Hỏi người" in refused.text
    an.presses("nav.back")
    play(an, (("press", "nav.back"), ("press", "walk"), ("say", "Có 3 lớp buổi tối."), ("press", "next")))
    submit(an)
    review = scene.review(cycle, an)
    assert (review.version, review.state) == (2, ReviewState.SUBMITTED)
    newest = scene.write(lambda tx: reviews.versions(tx, review))[-1]
    assert newest.answers == {**ANSWERS_2B, "duties": "Giảng dạy 12 lớp.\nCó 3 lớp buổi tối."}
    assert review.answers == newest.answers
    history = scene.write(lambda tx: reviews.history(tx, review))
    assert ("measures", [*ANSWERS_2B["measures"], "Ý chưa nộp."]) in history, "no typed word is lost"
    an.commands("/review")
    assert "Hạn nộp là ngày 15/12/2026, nay đã qua" in an.screen.text


def test_after_the_deadline_nothing_comes_in_without_being_opened_again_nor_after_its_day(
    scene: Scene, cycle: Cycle, binh: Phone
) -> None:
    an = handed_in(scene, cycle)
    scene.now = AFTER
    gives_back(binh, an, until="d2026-12-19")
    binh.presses("yes")
    an.commands("/review")
    play(an, (("press", "walk"), ("say", "Thêm câu."), ("press", "next"), ("press", "submit")))
    scene.now = datetime(2026, 12, 20, 8, tzinfo=ZONE)
    [late] = an.presses("yes")
    assert "nay đã qua" in late.text
    assert scene.review(cycle, an).version == 1
    assert given(scene, cycle, an) is not None


def test_a_member_in_the_middle_of_a_locked_part_loses_no_word(scene: Scene, cycle: Cycle, binh: Phone) -> None:
    an = handed_in(scene, cycle)
    play(an, (("press", "overview"), ("press", "change"), ("press", "s5")))
    scene.now = AFTER
    gives_back(binh, an, until="d2026-12-19")
    binh.presses("yes")
    [*_, refused] = an.says("Câu đang gõ dở.")
    assert "không nằm trong các phần được mở lại" in refused.text
    assert "vẫn được giữ riêng" in refused.text
    review = scene.review(cycle, an)
    assert ("measures", "Câu đang gõ dở.") in scene.write(lambda tx: reviews.history(tx, review))
    assert review.answers["measures"] == ANSWERS_2B["measures"]


def test_a_return_can_be_taken_back(scene: Scene, cycle: Cycle, binh: Phone) -> None:
    an = handed_in(scene, cycle)
    gives_back(binh, an)
    binh.presses("yes")
    binh.presses("withdraw")
    [done] = binh.presses("yes")
    assert "Đã rút lại" in done.text
    assert "không cần sửa nữa" in an.messages[-1].text
    review = scene.review(cycle, an)
    [ended] = scene.write(lambda tx: returns.of_review(tx, review.id))
    assert ended.outcome is ReturnOutcome.WITHDRAWN
    an.commands("/review")
    assert "walk" not in {data.split(":")[-1] for _, data in an.screen.choices}
    gives_back(binh, an)
    binh.presses("yes")
    assert given(scene, cycle, an) is not None, "and given back anew"


def test_two_at_once_the_second_hears_of_the_first(scene: Scene, cycle: Cycle, binh: Phone) -> None:
    chi = scene.member("Lê Văn Chi", Role.CHAIR)
    an = handed_in(scene, cycle)
    gives_back(binh, an)
    gives_back(chi, an, FAULTS, reason="Xin viết thêm hạn chế.")
    binh.presses("yes")
    [second] = chi.presses("yes")
    assert "đã được đồng chí Trần Thị Bình trả lại" in second.text
    kept = given(scene, cycle, an)
    assert kept is not None
    assert kept.questions == ("duties",)
    told = [message for message in an.messages if "Kính chào" in message.text]
    assert len(told) == 1, "nobody is asked twice"


def test_a_version_replaced_meanwhile_is_not_given_back_unread(scene: Scene, cycle: Cycle, binh: Phone) -> None:
    an = handed_in(scene, cycle)
    gives_back(binh, an)
    play(an, (("press", "overview"), ("press", "change"), ("press", "s5"), ("say", "Thêm."), ("press", "next")))
    submit(an)
    [refused] = binh.presses("yes")
    assert "vừa nộp bản lần 2" in refused.text
    assert "nộp lần 2" in refused.text, "and the new version is in view"
    assert given(scene, cycle, an) is None


def test_taking_back_what_has_come_in_meanwhile_changes_nothing(scene: Scene, cycle: Cycle, binh: Phone) -> None:
    an = handed_in(scene, cycle)
    gives_back(binh, an)
    binh.presses("yes")
    binh.presses("withdraw")
    asked = binh.screen
    an.commands("/review")
    play(an, (("press", "walk"), ("say", "Thêm."), ("press", "next")))
    submit(an)
    [*_, refused] = binh.presses("yes", asked)
    assert "đã thay đổi" in refused.text
    review = scene.review(cycle, an)
    [ended] = scene.write(lambda tx: returns.of_review(tx, review.id))
    assert ended.outcome is ReturnOutcome.SUBMITTED


def test_nobody_gives_back_their_own_and_the_heads_is_the_deputys(scene: Scene, cycle: Cycle, binh: Phone) -> None:
    chi = scene.member("Lê Văn Chi", Role.CHAIR)
    dao = scene.member("Phạm Đào", Role.DEPUTY)
    an = handed_in(scene, cycle)
    for head in (chi, binh, dao):
        scene.filled(cycle, head)
        submit(head)
    reads(dao, chi)
    assert any(data.endswith(":return") for _, data in dao.screen.choices)
    for reader, whose in ((binh, chi), (binh, binh), (chi, chi)):
        reader.commands("/reviews")
        assert not any(data.endswith(f":m{whose.member}") for _, data in reader.screen.choices)
    # A role taken away while the question is in view ends the right.
    gives_back(binh, an)
    scene.write(lambda tx: members.revoke(tx, MemberId(binh.member or 0), Role.SECRETARY))
    binh.presses("yes")
    assert given(scene, cycle, an) is None


def test_a_removed_member_and_a_closed_cycle_are_refused_in_words(scene: Scene, cycle: Cycle, binh: Phone) -> None:
    an = handed_in(scene, cycle)
    gives_back(binh, an)
    scene.write(lambda tx: members.remove(tx, MemberId(an.member or 0), scene.now))
    [refused] = binh.presses("yes")
    assert "không còn trong danh sách" in refused.text or "không do đồng chí xử lý" in refused.text
    assert given(scene, cycle, an) is None
    dung = scene.member("Dũng")
    scene.filled(cycle, dung)
    submit(dung)
    gives_back(binh, dung)
    scene.write(lambda tx: cycles.close(tx, cycle.id, "xong", scene.now))
    [closed] = binh.presses("yes")
    assert "đã kết thúc" in closed.text
    assert given(scene, cycle, dung) is None


def test_an_open_return_in_a_closed_cycle_opens_nothing(scene: Scene, cycle: Cycle, binh: Phone) -> None:
    an = handed_in(scene, cycle)
    gives_back(binh, an)
    binh.presses("yes")
    an.presses("Sửa phần được nêu", an.messages[-1])
    an.presses("walk")
    scene.write(lambda tx: cycles.close(tx, cycle.id, "xong", scene.now))
    [refused] = an.says("Câu gõ sau khi đóng.")
    assert "đã đóng" in refused.text
    assert "vẫn được giữ riêng" in refused.text
    assert an.screen.text.count("Sửa phần được nêu") == 0


def test_a_deadline_moved_while_somebody_submits_decides_by_where_it_is_then(scene: Scene, cycle: Cycle) -> None:
    an, dung = scene.member("An"), scene.member("Dũng")
    scene.now = datetime(2026, 12, 10, 9, tzinfo=ZONE)
    for one in (an, dung):
        scene.filled(cycle, one)
        one.presses("submit")
    [confirm] = dung.messages[-1:]
    assert "Nộp bản kiểm điểm" in confirm.text
    scene.write(lambda tx: cycles.move_deadline(tx, cycle, date(2026, 12, 9), scene.now))
    [late] = an.presses("yes")
    assert "Hạn nộp là ngày 09/12/2026, nay đã qua" in late.text
    assert scene.review(cycle, an).version == 0
    assert scene.review(cycle, an).answers == ANSWERS_2B, "nothing written is lost"
    moved = scene.write(lambda tx: cycles.get(tx, cycle.id))
    assert moved is not None
    scene.write(lambda tx: cycles.move_deadline(tx, moved, DEADLINE, scene.now))
    receipt, _ = dung.presses("yes")
    assert "15/12/2026" in receipt.text


def test_a_later_deadline_frees_what_a_reopening_had_left_shut(scene: Scene, cycle: Cycle, binh: Phone) -> None:
    an = handed_in(scene, cycle)
    scene.now = AFTER
    gives_back(binh, an, until="d2026-12-19")
    binh.presses("yes")
    scene.write(lambda tx: cycles.move_deadline(tx, cycle, date(2026, 12, 25), scene.now))
    an.commands("/review")
    play(an, (("press", "overview"), ("press", "change"), ("press", "s5"), ("say", "Thêm."), ("press", "next")))
    submit(an)
    assert scene.review(cycle, an).answers["measures"][-1] == "Thêm."


def test_somebody_without_an_account_is_to_be_told_in_person(scene: Scene, cycle: Cycle, binh: Phone) -> None:
    an = handed_in(scene, cycle)
    scene.write(lambda tx: accounts.unlink(tx, an.address))
    gives_back(binh, an)
    assert "xin đồng chí báo trực tiếp" in binh.screen.text
    [done] = binh.presses("yes")
    assert "xin đồng chí báo trực tiếp" in done.text
    assert given(scene, cycle, an) is not None


def test_what_is_typed_for_the_day_and_the_parts_is_looked_at(scene: Scene, cycle: Cycle, binh: Phone) -> None:
    an = handed_in(scene, cycle)
    scene.now = AFTER
    reads(binh, an)
    binh.presses("return")
    assert "done" not in {data.split(":")[-1] for _, data in binh.screen.choices}
    binh.presses("all")
    binh.presses("all")
    binh.presses("all")
    binh.presses("done")
    assert "quá dài" in binh.says("x" * 501)[0].text or "500" in binh.screen.text
    binh.says(REASON)
    assert "đã qua" in binh.says("10/12/2026")[0].text
    assert "Không có ngày 31/2" in binh.says("31/2")[0].text
    [confirm] = binh.says("31/12")
    assert "31/12/2026" in confirm.text
    binh.presses("Chọn lại")
    binh.presses("done")
    binh.says("Lý do khác.")
    binh.says("19/12")
    binh.presses("yes")
    kept = given(scene, cycle, an)
    assert kept is not None
    assert set(kept.questions) == set(ANSWERS_2B)
    assert (kept.reason, kept.until_on) == ("Lý do khác.", date(2026, 12, 19))
