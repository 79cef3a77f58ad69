"""Time and rights around a review: deadlines, extensions, closed cycles, removed members, the chair's reading."""

from __future__ import annotations

from datetime import date

import pytest

from handlers.dialogue.buttons import read_data
from storage import audit, cycles, reminders, reviews
from storage.records import FormKind, MemberId, ReviewState, Role, Status
from tests.review.scene import DEADLINE, Scene, begin, play, submit


def test_changing_after_submitting_makes_a_new_version_and_keeps_the_old(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    scene.filled(cycle, an)
    submit(an)
    play(
        an,
        (("press", "overview"), ("press", "change"), ("press", "s5"), ("say", "Đọc thêm sách."), ("press", "next")),
    )
    changed = scene.review(cycle, an)
    assert (changed.state, changed.version) == (ReviewState.DRAFT, 1)
    still_in = scene.write(lambda tx: reminders.submitted(tx, [cycle.id]))
    assert still_in == {an.member: {cycle.id}}, "what was handed in counts, and nobody is reminded of it"
    an.presses("nav.back")
    assert "phần sửa chưa nộp" in an.screen.text
    assert "lần 1 vẫn có hiệu lực" in an.screen.text
    play(an, (("press", "overview"),))
    receipt, _ = submit(an)
    assert "(lần 2)" in receipt.text
    first, second = scene.write(lambda tx: reviews.versions(tx, changed))
    assert first.answers["measures"] == ["Mỗi quý đi thực tế một lần."]
    assert second.answers["measures"] == ["Mỗi quý đi thực tế một lần.", "Đọc thêm sách."]


def test_earlier_versions_can_be_read_again(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    scene.filled(cycle, an)
    submit(an)
    play(
        an,
        (("press", "overview"), ("press", "change"), ("press", "s5"), ("say", "Đọc thêm sách."), ("press", "next")),
    )
    submit(an)
    play(an, (("press", "versions"), ("press", "v1")))
    assert "Bản đã nộp lần 1" in an.screen.text
    assert "Đọc thêm sách" not in an.screen.text


def test_nothing_new_is_not_submitted_twice(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    scene.filled(cycle, an)
    submit(an)
    [overview] = an.presses("overview")
    assert "chưa sửa gì thêm" in overview.text
    assert "Nộp" not in [label for label, _ in overview.buttons]


def test_the_deadline_day_itself_still_counts(scene: Scene) -> None:
    cycle = scene.open_cycle(deadline=date(2026, 11, 22))
    an = scene.member("An")
    scene.filled(cycle, an)
    scene.wait(hours=14, minutes=59)  # 23:59 in Hà Nội
    submit(an)
    assert scene.review(cycle, an).version == 1


def test_the_deadline_passing_in_mid_form_keeps_the_draft_and_refuses_the_rest(scene: Scene) -> None:
    cycle = scene.open_cycle(deadline=date(2026, 11, 22))
    an = scene.member("An")
    scene.at(cycle, an, "duties")
    scene.wait(hours=15)  # 00:00 in Hà Nội
    [told] = an.says("Viết tiếp sau hạn.")
    assert "Hạn nộp (22/11/2026) đã qua" in told.text
    assert scene.review(cycle, an).answers["duties"] == "Viết tiếp sau hạn."
    scene.filled(cycle, an)
    overview = an.screen
    assert "xin bí thư gia hạn" in overview.text
    assert "Nộp" not in [label for label, _ in overview.buttons]


def test_the_deadline_passing_between_the_question_and_the_yes(scene: Scene) -> None:
    cycle = scene.open_cycle(deadline=date(2026, 11, 22))
    an = scene.member("An")
    scene.filled(cycle, an)
    an.presses("submit")
    scene.wait(hours=15)
    [told] = an.presses("yes")
    assert "nay đã qua" in told.text
    kept = scene.review(cycle, an)
    assert (kept.version, len(kept.answers)) == (0, 14)


def test_an_extension_is_for_one_person_only(scene: Scene) -> None:
    cycle = scene.open_cycle(deadline=date(2026, 11, 22))
    an, binh = scene.member("An"), scene.member("Bình")
    scene.write(
        lambda tx: cycles.extend(tx, cycle.id, MemberId(an.member or 0), date(2026, 11, 30), "ốm", scene.now)
    )
    scene.wait(days=3)
    scene.filled(cycle, an)
    submit(an)
    assert scene.review(cycle, an).version == 1
    scene.filled(cycle, binh)
    assert "Hạn nộp là ngày 22/11/2026, nay đã qua" in binh.screen.text


def test_what_was_submitted_stands_after_the_deadline(scene: Scene) -> None:
    cycle = scene.open_cycle(deadline=date(2026, 11, 22))
    an = scene.member("An")
    scene.filled(cycle, an)
    submit(an)
    scene.wait(days=2)
    an.commands("/review")
    assert "Bản đã nộp vẫn có hiệu lực" in an.screen.text
    play(an, (("press", "overview"), ("press", "change"), ("press", "s5"), ("say", "Muộn."), ("press", "next")))
    assert "Nộp" not in [label for label, _ in an.screen.buttons]
    [latest] = scene.write(lambda tx: reviews.submissions(tx, cycle.id))
    assert latest.latest.answers["measures"] == ["Mỗi quý đi thực tế một lần."]


def test_a_closed_cycle_takes_nothing_but_loses_nothing(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    begin(an)
    an.says("Trước khi đóng.")
    screen = an.screen
    scene.write(lambda tx: cycles.close(tx, cycle.id, "xong", scene.now))
    [told] = an.presses("again", screen)
    assert "đã đóng" in told.text
    begun = scene.review(cycle, an)
    assert begun.answers == {"conduct": "Trước khi đóng."}
    an.commands("/review 2026")
    assert "đã đóng" in an.screen.text
    [read] = an.presses("read")
    assert "Bản đang viết, chưa nộp" in read.text
    assert "Trước khi đóng." in read.text


def test_words_that_come_after_the_closing_are_kept_aside(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    begin(an)
    scene.write(lambda tx: cycles.close(tx, cycle.id, "xong", scene.now))
    [told] = an.says("Đến sau.")
    assert "vẫn được giữ riêng" in told.text
    kept = scene.review(cycle, an)
    assert kept.answers == {}
    assert scene.write(lambda tx: reviews.history(tx, kept)) == (("conduct", "Đến sau."),)


def test_a_member_removed_in_mid_form_writes_no_more_and_the_draft_stays(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    begin(an)
    an.says("Đã viết.")
    screen = an.screen
    scene.change(an, removed_at=scene.now)
    assert scene.review(cycle, an).answers == {"conduct": "Đã viết."}
    for told in (an.presses("next", screen), an.says("Viết tiếp."), an.commands("/review")):
        assert told
        assert "Câu" not in told[-1].text
    assert scene.review(cycle, an).answers == {"conduct": "Đã viết."}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"status": Status.EXEMPT}, "được miễn"),
        ({"status": Status.SUSPENDED}, "đình chỉ"),
        ({"admitted_on": date(2026, 6, 16)}, "chưa đủ sáu tháng"),
    ],
)
def test_who_does_not_review_is_told_why(scene: Scene, change: dict[str, object], told: str) -> None:
    scene.open_cycle()
    an = scene.member("An")
    scene.change(an, **change)
    [start] = an.commands("/review")
    assert told in start.text
    assert not [data for _, data in start.buttons if data.endswith(":begin")]


def test_probationary_members_review(scene: Scene) -> None:
    scene.open_cycle()
    an = scene.member("An", status=Status.PROBATIONARY, admitted_on=date(2026, 6, 15))
    assert "Câu 1/14" in begin(an).text


def test_the_form_that_was_begun_stays_when_the_roster_changes(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    scene.filled(cycle, an)
    scene.change(an, form=FormKind.LEADER)
    an.commands("/review")
    assert "02B-HD" in an.screen.text
    play(an, (("press", "overview"),))
    submit(an)
    assert scene.review(cycle, an).form == "2025/non_leader"


def test_several_cycles_are_offered_by_year(scene: Scene) -> None:
    scene.open_cycle()
    other = scene.open_cycle(2020, "2019", DEADLINE)
    an = scene.member("An")
    an.commands("/review")
    assert [label for label, _ in an.screen.buttons][:2] == ["Năm 2026", "Năm 2020"]
    an.says("2020")
    assert "Bản kiểm điểm năm 2020" in an.screen.text
    an.presses("begin")
    assert scene.review(other, an).form == "2019/non_leader"
    an.commands("/review 2026")
    assert "Bản kiểm điểm năm 2026" in an.screen.text


@pytest.mark.parametrize("line", ["/review", "/review 2031", "/review abc", "/review ２０２６"])
def test_without_a_cycle_there_is_a_sentence(scene: Scene, line: str) -> None:
    an = scene.member("An")
    [told] = an.commands(line)
    assert "chưa mở kỳ kiểm điểm nào" in told.text


def test_a_cycle_whose_rules_are_not_there_says_so(scene: Scene) -> None:
    scene.open_cycle(2023, "2017")
    an = scene.member("An")
    [told] = an.commands("/review")
    assert "Bot chưa có mẫu của năm 2023" in told.text


def test_a_planned_cycle_is_not_open_yet(scene: Scene) -> None:
    cell, now = scene.cell(), scene.now
    scene.write(
        lambda tx: cycles.create(tx, cell, 2026, "2025", date(2026, 12, 1), DEADLINE, None, now.date(), now)
    )
    an = scene.member("An")
    [told] = an.commands("/review")
    assert "chưa mở kỳ kiểm điểm nào" in told.text


def test_a_member_who_moved_can_read_the_old_cells_review_only(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    begin(an)
    an.says("Đã viết.")
    scene.change(an, cell_id=scene.cell("Chi bộ Hai"))
    [told] = an.says("Viết tiếp.")
    assert "chi bộ cũ" in told.text
    kept = scene.review(cycle, an)
    assert kept.answers == {"conduct": "Đã viết."}


def test_a_button_of_another_person_does_nothing(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an, binh = scene.member("An"), scene.member("Bình")
    begin(an)
    an.says("Của An.")
    begin(binh)
    binh.says("Của Bình.")
    again = next(data for _, data in an.screen.buttons if data.endswith(":again"))
    binh.commands("/menu")
    binh.hears(read_data(again))
    assert scene.review(cycle, binh).answers == {"conduct": "Của Bình."}
    assert scene.review(cycle, an).answers == {"conduct": "Của An."}


def test_the_chair_reads_what_the_own_cell_submitted_and_nothing_else(scene: Scene) -> None:
    cycle = scene.open_cycle()
    other = scene.open_cycle(cell="Chi bộ Hai")
    chair = scene.member("Bí thư Chi", Role.CHAIR)
    an, draft = scene.member("Nguyễn Văn An"), scene.member("Chưa Nộp")
    stranger = scene.member("Người Khác", cell="Chi bộ Hai")
    for who, where in ((an, cycle), (stranger, other), (chair, cycle)):
        scene.filled(where, who)
        submit(who)
    begin(draft)
    draft.says("Nháp riêng.")
    [people] = chair.commands("/reviews")
    labels = [label for label, _ in people.buttons]
    assert labels[0] == "Nguyễn Văn An – Hoàn thành xuất sắc nhiệm vụ"
    assert not [label for label in labels if "Chưa Nộp" in label or "Người Khác" in label or "Bí thư Chi" in label]
    chair.says("nguyen van an")
    assert "Ít đi thực tế." in chair.screen.text
    acts = scene.write(lambda tx: audit.of_cell(tx, scene.cell()))
    assert [(act.who, act.what, act.subject) for act in acts] == [
        (f"member:{chair.member}", "review_read", f"member:{an.member}")
    ]


def test_the_chair_reads_the_submitted_version_not_the_changed_draft(scene: Scene) -> None:
    cycle = scene.open_cycle()
    secretary, an = scene.member("Thư ký", Role.SECRETARY), scene.member("An")
    scene.filled(cycle, an)
    submit(an)
    play(an, (("press", "overview"), ("press", "change"), ("press", "s5"), ("say", "Chưa nộp ý này.")))
    secretary.commands("/xembai 2026")
    secretary.presses(f"m{an.member}")
    assert "Mỗi quý đi thực tế" in secretary.screen.text
    assert "Chưa nộp ý này" not in secretary.screen.text


def test_a_chair_who_moved_reads_the_old_cell_no_more(scene: Scene) -> None:
    cycle = scene.open_cycle()
    chair, an = scene.member("Bí thư", Role.CHAIR), scene.member("An")
    scene.filled(cycle, an)
    submit(an)
    [people] = chair.commands("/reviews")
    assert "An – Hoàn thành" in people.buttons[0][0]
    scene.change(chair, cell_id=scene.cell("Chi bộ Hai"))
    told = chair.presses(f"m{an.member}")
    assert "Ít đi thực tế" not in told[-1].text
    assert not [label for label, _ in told[-1].buttons if "An –" in label]


def test_a_member_may_not_read_the_cells(scene: Scene) -> None:
    scene.open_cycle()
    an = scene.member("An")
    [told] = an.commands("/reviews")
    assert "Bản kiểm điểm năm" not in told.text
    an.commands("/review")
    assert not [data for _, data in an.screen.buttons if data.endswith(":cell")]


def test_many_people_are_shown_page_by_page(scene: Scene) -> None:
    cycle = scene.open_cycle()
    chair = scene.member("Bí thư", Role.CHAIR)
    for number in range(7):
        who = scene.member(f"Đảng viên {number}")
        scene.filled(cycle, who)
        submit(who)
    chair.commands("/reviews")
    assert "7 đồng chí đã nộp" in chair.screen.text
    assert len([label for label, _ in chair.screen.buttons if label.startswith("Đảng viên")]) == 6
    chair.presses("more")
    assert next(label for label, _ in chair.screen.buttons).startswith("Đảng viên 6")
    chair.presses("prev")
    assert next(label for label, _ in chair.screen.buttons).startswith("Đảng viên 0")


def test_in_a_group_nothing_personal_is_answered(scene: Scene) -> None:
    from handlers.dialogue.said import Command, Incoming
    from storage.records import Address

    cycle = scene.open_cycle()
    an = scene.member("An")
    scene.filled(cycle, an)
    group = scene.stranger("-100")
    scene.hear(Incoming(Address("telegram", "-100"), an.address.chat, Command("review"), private=False))
    [told] = scene.delivered(group)
    assert "kiểm điểm năm" not in told.text
    assert scene.review(cycle, an).version == 0
