"""Writing a self-assessment by conversation: every kind of question, every way back, nothing typed is lost."""

from __future__ import annotations

import unicodedata
from datetime import date
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.dialogue.said import Edited, File, Forged, Forwarded, Pressed, Said, Sent, Thing
from storage import reviews
from storage.records import FormKind, Grade, ReviewState
from tests.review.scene import FORM_2B, Scene, begin, fill, play, submit

FORM_2C = (*FORM_2B[:4], *FORM_2B[5:])
CELLS = count(1)


def history(scene: Scene, cycle: object, phone: object) -> list[tuple[str, object]]:
    review = scene.review(cycle, phone)  # type: ignore[arg-type]
    return list(scene.write(lambda tx: reviews.history(tx, review)))


def test_a_whole_form_2b_from_the_first_word_to_the_receipt(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("Nguyễn Văn An")
    overview = fill(an)
    assert "xong 14/14 câu" in overview.text
    assert "Mức gợi ý: <b>Hoàn thành xuất sắc nhiệm vụ</b>" in overview.text
    receipt, start = submit(an)
    assert "Đã nhận bản kiểm điểm năm 2026" in receipt.text
    assert receipt.ref != start.ref
    kept = scene.review(cycle, an)
    assert (kept.state, kept.version, kept.self_grade) == (ReviewState.SUBMITTED, 1, Grade.EXCELLENT)
    [version] = scene.write(lambda tx: reviews.versions(tx, kept))
    assert version.suggested is Grade.EXCELLENT
    assert version.answers == kept.answers
    assert kept.answers["tasks"] == {"given": 20, "done": 20, "late": 0, "exceeded": 7}
    assert (kept.answers["general_score"], kept.answers["task_score"]) == (285, 630)
    assert kept.answers["remediation"] is None


def test_one_question_at_a_time_with_its_number_and_official_heading(scene: Scene) -> None:
    scene.open_cycle()
    an = scene.member("An")
    first = begin(an)
    assert "Câu 1/14" in first.text
    assert "những điều đảng viên không được làm" in first.text
    an.says("Một")
    an.presses("next")
    assert "Câu 2/14" in an.screen.text


def test_long_text_comes_in_several_messages(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    begin(an)
    for words in ("Đoạn một.", "Đoạn hai.", "Đoạn ba."):
        [shown] = an.says(words)
        assert "Đã lưu" in shown.text
        assert words in shown.text
    assert scene.review(cycle, an).answers["conduct"] == "Đoạn một.\nĐoạn hai.\nĐoạn ba."


def test_writing_again_keeps_the_old_words_and_gives_them_back(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    begin(an)
    an.says("Bản cũ.")
    an.presses("again")
    assert "conduct" not in scene.review(cycle, an).answers
    an.presses("undo")
    assert scene.review(cycle, an).answers["conduct"] == "Bản cũ."
    an.presses("again")
    an.says("Bản mới.")
    assert scene.review(cycle, an).answers["conduct"] == "Bản mới."
    assert history(scene, cycle, an) == [("conduct", "Bản cũ."), ("conduct", "Bản cũ.")]
    assert "undo" not in [data for _, data in an.screen.buttons]


def test_list_items_are_dropped_and_brought_back(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    scene.at(cycle, an, "shortcomings")
    an.says("Ý một")
    an.says("Ý hai")
    an.presses("drop")
    assert scene.review(cycle, an).answers["shortcomings"] == ["Ý một"]
    an.presses("undo")
    assert scene.review(cycle, an).answers["shortcomings"] == ["Ý một", "Ý hai"]
    an.presses("drop")
    an.presses("drop")
    assert "shortcomings" not in scene.review(cycle, an).answers
    assert len(an.screen.buttons) == 4, "undo and the three ways out; nothing is written, so nothing leads on"


def test_back_and_on_again_keeps_the_answer(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    begin(an)
    play(an, FORM_2B[:2])
    an.says("quay lai")
    assert "Câu 1/14" in an.screen.text
    assert "Giữ gìn đoàn kết" in an.screen.text
    an.says("tiep")
    assert "Câu 2/14" in an.screen.text
    assert scene.review(cycle, an).answers == {"conduct": FORM_2B[0][1]}


def test_points_refused_with_a_reason_and_nothing_is_kept(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    scene.at(cycle, an, "general_score")
    for typed, why in (
        ("31/30", "tối đa 30 điểm"),
        ("31", "tối đa 30 điểm"),
        ("-1", "không nhỏ hơn 0"),
        ("hai chục", "ví dụ 8,5"),
        ("29,55", "một chữ số"),
        ("29,5/70", "không phải 70"),
    ):
        [shown] = an.says(typed)
        assert why in shown.text, typed
        assert "Câu 12/14" in shown.text
    assert "general_score" not in scene.review(cycle, an).answers
    [shown] = an.says("29,5")
    assert "29,5/30" in shown.text
    [shown] = an.says("60.5")
    assert "90/100" in shown.text
    assert scene.review(cycle, an).answers["task_score"] == 605


@pytest.mark.parametrize(
    "said",
    ["2", "2.", "hoan thanh tot nhiem vu", "Hoàn thành tốt nhiệm vụ", "HOÀN THÀNH TỐT NHIỆM VỤ", "tốt", "htt"],
)
def test_a_grade_by_number_by_words_with_and_without_marks(scene: Scene, said: str) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    scene.at(cycle, an, "self_grade")
    an.says(unicodedata.normalize("NFD", said))
    assert scene.review(cycle, an).answers["self_grade"] == "good"


def test_a_grade_above_the_suggestion_is_explained_and_taken(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    scene.at(cycle, an, "task_score")
    an.says("55,5")
    assert "Mức gợi ý: <b>Hoàn thành tốt nhiệm vụ</b>" in an.screen.text
    [shown] = an.presses("excellent")
    assert "cần từ 90 điểm; đồng chí đang có 84" in shown.text
    assert "Đồng chí vẫn giữ được mức này" in shown.text
    an.presses("submit")
    assert "cần từ 90 điểm" in an.screen.text
    an.presses("yes")
    kept = scene.review(cycle, an)
    [version] = scene.write(lambda tx: reviews.versions(tx, kept))
    assert (version.self_grade, version.suggested) == (Grade.EXCELLENT, Grade.GOOD)


def test_the_cap_is_told_with_the_rule_and_its_rounding(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    for number in range(11):
        scene.member(f"Đảng viên {number}", joined=False)
    scene.member("Mới vào", admitted_on=scene.now.date(), joined=False)
    scene.at(cycle, an, "self_grade")
    assert "12 đảng viên phải kiểm điểm" in an.screen.text
    assert "nhiều nhất là 2 (20% số “hoàn thành tốt”, làm tròn xuống; Điều 11, 1.5" in an.screen.text


def test_figures_that_contradict_each_other_are_asked_again(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    scene.at(cycle, an, "tasks")
    an.says("20")
    [shown] = an.says("21")
    assert "(21) lớn hơn số được giao (20)" in shown.text
    play(an, (("say", "18"), ("say", "3")))
    [shown] = an.says("19")
    assert "(19) lớn hơn số đã hoàn thành (18)" in shown.text
    an.says("5")
    assert scene.review(cycle, an).answers["tasks"] == {"given": 20, "done": 18, "late": 3, "exceeded": 5}
    play(an, (("press", "nav.back"),))
    assert "vượt mức" in an.screen.text


def test_a_new_figure_asks_those_that_hung_on_it_again(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    scene.filled(cycle, an)
    play(an, (("press", "change"), ("press", "s0"), ("press", "tasks"), ("say", "10")))
    assert scene.review(cycle, an).answers["tasks"] == {"given": 10}
    assert ("tasks", {"given": 20, "done": 20, "late": 0, "exceeded": 7}) in history(scene, cycle, an)
    an.commands("/review")
    [overview] = an.presses("overview")
    assert "○ I.2 Số liệu nhiệm vụ" in overview.text
    assert "Còn 1 câu" in overview.text
    an.presses("fill")
    assert "được giao 10" in an.screen.text
    play(an, (("say", "10"), ("say", "10"), ("say", "0"), ("say", "3")))
    assert "xong 14/14" in an.screen.text


def test_no_task_at_all_ends_the_figures(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    scene.at(cycle, an, "tasks")
    an.says("0")
    assert "Câu 5/14" in an.screen.text
    assert scene.review(cycle, an).answers["tasks"] == {"given": 0, "done": 0, "late": 0, "exceeded": 0}


def test_earlier_faults_each_with_its_state_and_a_note(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    scene.at(cycle, an, "remediation")
    an.says("Chậm nộp báo cáo")
    assert "khắc phục đến đâu" in an.screen.text
    an.says("đã khắc phục")
    an.says("Ít dự giờ")
    play(an, (("press", "ongoing"), ("say", "Được một nửa")))
    an.says("Chưa học ngoại ngữ")
    play(an, (("press", "not_yet"), ("press", "list")))
    assert scene.review(cycle, an).answers["remediation"] == [
        {"text": "Chậm nộp báo cáo", "state": "done", "note": ""},
        {"text": "Ít dự giờ", "state": "ongoing", "note": "Được một nửa"},
        {"text": "Chưa học ngoại ngữ", "state": "not_yet", "note": ""},
    ]
    play(an, (("press", "next"), *FORM_2B[16:]))
    assert "Mức gợi ý: <b>Hoàn thành tốt nhiệm vụ</b>" in an.screen.text


def test_a_note_stays_with_its_fault_when_somebody_leaves_and_comes_back_to_it(scene: Scene) -> None:
    cycle, an = scene.open_cycle(), scene.member("An")
    scene.at(cycle, an, "remediation")
    play(an, (("say", "Chậm nộp báo cáo"), ("press", "done"), ("say", "Ít dự giờ"), ("press", "ongoing")))
    an.commands("/menu")
    an.commands("/review")
    assert "Ít dự giờ" in an.presses("continue")[-1].text
    an.says("Được một nửa")
    assert scene.review(cycle, an).answers["remediation"] == [
        {"text": "Chậm nộp báo cáo", "state": "done", "note": ""},
        {"text": "Ít dự giờ", "state": "ongoing", "note": "Được một nửa"},
    ]


def test_a_fault_left_without_its_state_is_asked_about_again(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    scene.at(cycle, an, "remediation")
    play(an, (("say", "Chậm nộp báo cáo"), ("press", "nav.back"), ("press", "next")))
    assert "khắc phục đến đâu" in an.screen.text


def test_leaving_for_days_and_a_restart_lead_back_to_the_place(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    cycle = scene.open_cycle()
    an = scene.member("An")
    begin(an)
    play(an, (*FORM_2B[:4], ("press", "nav.leave")))
    scene.close()
    again = Scene(tmp_path)
    again.now = scene.now
    again.wait(days=9)
    phone = again.stranger(an.address.chat)
    phone.member = an.member
    phone.commands("/kiemdiem")
    assert "xong 2/14 câu" in phone.screen.text
    phone.says("viet tiep")
    assert "Câu 3/14" in phone.screen.text
    play(phone, FORM_2B[4:])
    submit(phone)
    assert again.review(cycle, phone).version == 1
    again.close()


def test_the_next_words_after_a_restart_go_to_the_open_question(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    cycle = scene.open_cycle()
    an = scene.member("An")
    begin(an)
    an.says("Trước.")
    scene.close()
    again = Scene(tmp_path)
    phone = again.stranger(an.address.chat)
    phone.member = an.member
    phone.says("Sau.")
    assert again.review(cycle, phone).answers["conduct"] == "Trước.\nSau."
    again.close()


def test_a_part_is_changed_and_leads_back_to_the_overview(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    scene.filled(cycle, an)
    play(an, (("press", "change"), ("say", "A.VI"), ("say", "Đọc thêm sách.")))
    an.presses("next")
    assert "Bản tổng quát" in an.screen.text
    assert scene.review(cycle, an).answers["measures"] == ["Mỗi quý đi thực tế một lần.", "Đọc thêm sách."]
    play(an, (("press", "change"), ("press", "s0"), ("say", "I.2")))
    assert "Nhiệm vụ và kết quả" in an.screen.text


def test_the_preview_is_what_the_chair_will_read(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    scene.filled(cycle, an)
    [preview] = an.presses("read")
    for words in (
        "Giữ gìn đoàn kết",
        "1. Ít đi thực tế.",
        "28,5/30 điểm",
        "Tổng điểm: 91,5/100",
        "A.VI. Phương hướng",
    ):
        assert words in preview.text


@pytest.mark.parametrize(("task_score", "mark"), [(615, "✓"), (614, "✗")])
def test_why_tells_every_condition_and_what_only_people_judge(scene: Scene, task_score: int, mark: str) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    scene.filled(cycle, an, task_score=task_score)
    [why] = an.presses("why")
    assert f"{mark} từ 90 điểm" in why.text
    assert "✓ từ 30% nhiệm vụ vượt mức (hiện 35,0%)" in why.text
    assert "Điều 11" in why.text
    assert "cấp có thẩm quyền quyết định" in why.text


NOT_WORDS: tuple[Said, ...] = (
    *(Sent(thing) for thing in Thing),
    Edited("Chữ đã sửa"),
    Forwarded("Của người khác"),
    File("f", "anh.pdf", 10),
    Forged(),
    Pressed(1, "next"),
    Pressed(9999, "again"),
)


@pytest.mark.parametrize("said", NOT_WORDS, ids=repr)
def test_what_is_no_text_changes_nothing_and_is_answered(scene: Scene, said: Said) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    begin(an)
    an.says("Đã viết.")
    [shown] = an.hears(said)
    assert "Câu 1/14" in shown.text
    assert scene.review(cycle, an).answers == {"conduct": "Đã viết."}


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("cau tiep theo", "Lúc này không chọn được"),
        ("Lấy lại", "Lúc này"),
        ("1", "bằng chữ"),
        ("số 2.", "bằng chữ"),
    ],
)
def test_what_was_meant_to_choose_is_no_answer(scene: Scene, said: str, answered: str) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    begin(an)
    [shown] = an.says(said)
    assert answered in shown.text
    assert scene.review(cycle, an).answers == {}
    an.says("Giao 12 việc, xong cả 12.")
    assert scene.review(cycle, an).answers == {"conduct": "Giao 12 việc, xong cả 12."}


def test_signs_and_emoji_are_shown_as_typed(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("Lê <b>Thị</b> & Con")
    begin(an)
    [shown] = an.says("<b>đậm</b> & <script>")
    assert "&lt;b&gt;đậm&lt;/b&gt; &amp; &lt;script&gt;" in shown.text
    an.says("🙂" * 4096)
    assert scene.review(cycle, an).answers["conduct"] == "<b>đậm</b> & <script>\n" + "🙂" * 4096
    play(an, (*FORM_2B[1:], ("press", "read")))
    texts = an.screen.text
    while any(data.endswith(":more") for _, data in an.screen.buttons):
        an.presses("more")
        texts += an.screen.text
    assert texts.count("🙂") == 4096
    [receipt, _] = (an.presses("overview"), submit(an))[1]
    assert "Đã nhận" in receipt.text


def test_words_beyond_the_limit_are_kept_aside(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    begin(an)
    for letter in "abc":
        an.says(letter * 3900)
    [shown] = an.says("d" * 3900)
    assert "12.000 ký tự" in shown.text
    assert scene.review(cycle, an).answers["conduct"].count("d") == 0
    assert history(scene, cycle, an) == [("conduct", "d" * 3900)]


def test_items_beyond_the_limit_are_kept_aside(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    scene.at(cycle, an, "shortcomings")
    begun = scene.review(cycle, an)
    full = [f"Hạn chế {number}" for number in range(49)]
    scene.write(lambda tx: reviews.write(tx, begun, "shortcomings", full, scene.now))
    for number in (49, 50):
        an.says(f"Hạn chế {number}")
    assert len(scene.review(cycle, an).answers["shortcomings"]) == 50
    assert history(scene, cycle, an) == [("shortcomings", "Hạn chế 50")]


def test_two_taps_at_once_submit_once(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    scene.filled(cycle, an)
    [confirm] = an.presses("submit")
    an.presses("yes", confirm)
    again = an.presses("yes", confirm)
    assert scene.review(cycle, an).version == 1
    assert all("Đã nhận" not in seen.text for seen in again)


def test_two_taps_on_begin_open_one_review(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    an.commands("/review")
    start = an.screen
    an.presses("begin", start)
    an.presses("begin", start)
    assert scene.review(cycle, an).answers == {}


def test_2c_for_people_outside_the_system(scene: Scene) -> None:
    cycle = scene.open_cycle()
    ba = scene.member("Ba", form=FormKind.OUTSIDE_SYSTEM)
    ba.commands("/review")
    assert "02C-HD" in ba.screen.text
    assert "Đảng viên không làm việc trong hệ thống chính trị" in ba.screen.text
    ba.presses("begin")
    play(ba, FORM_2C)
    submit(ba)
    assert scene.review(cycle, ba).form == "2025/outside_system"


def test_2a_says_that_its_form_was_not_seen(scene: Scene) -> None:
    scene.open_cycle()
    chi = scene.member("Chi", form=FormKind.LEADER)
    chi.commands("/review")
    assert "chưa có bản in chính thức" in chi.screen.text
    an = scene.member("An")
    an.commands("/review")
    assert "chưa có bản in chính thức" not in an.screen.text


FORM_2019 = (
    ("say", "Giữ gìn đoàn kết."),
    ("press", "next"),
    ("press", "good"),
    ("say", "Giảng dạy 8 lớp."),
    ("press", "next"),
    ("press", "excellent"),
    ("say", "Đã làm theo cam kết."),
    ("press", "next"),
    ("say", "Ít đi thực tế."),
    ("press", "next"),
    ("say", "Chủ quan."),
    ("press", "next"),
    ("press", "none"),
    ("press", "none"),
    ("press", "none"),
    ("press", "none"),
    ("say", "Đi thực tế nhiều hơn."),
    ("press", "next"),
    ("press", "excellent"),
    ("press", "excellent"),
)


def test_the_year_2020_of_the_seeds_has_levels_and_no_points(scene: Scene) -> None:
    cycle = scene.open_cycle(2020, "2019", date(2026, 12, 31))
    an = scene.member("An")
    overview = fill(an, FORM_2019)
    assert "/100" not in overview.text
    assert "Mức gợi ý: <b>Hoàn thành xuất sắc nhiệm vụ</b>" in overview.text
    submit(an)
    kept = scene.review(cycle, an)
    assert kept.form == "2019/non_leader"
    assert kept.self_grade is Grade.EXCELLENT
    assert kept.answers["duties_level"] == "excellent"


def test_english_from_end_to_end(scene: Scene) -> None:
    scene.open_cycle()
    an = scene.member("An", language="en")
    overview = fill(an)
    assert "14 of 14 questions done" in overview.text
    [why] = an.presses("why")
    assert "at least 30% of the tasks beyond what was asked (now 35.0%)" in why.text
    an.presses("nav.back")
    receipt, _ = submit(an)
    assert "received" in receipt.text


WORDS = st.sampled_from(["Một ý", "Hai ý dài hơn", "12", "29,5", "-3", "không có", "tiep", "1", "Ba"])
PRESSES = st.sampled_from(["next", "again", "drop", "undo", "none", "nav.back", "good", "done", "not_yet", "list"])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(st.booleans(), WORDS, PRESSES), max_size=25))
def test_whatever_is_said_and_pressed_no_sentence_is_lost(scene: Scene, moves: list[tuple[bool, str, str]]) -> None:
    cell = f"Chi bộ {next(CELLS)}"  # one database for all examples, one cell for each
    an, cycle = scene.member("An", cell=cell), scene.open_cycle(cell=cell)
    begin(an)
    said = []
    for number, (speaks, words, option) in enumerate(moves):
        if speaks and words in {"Một ý", "Hai ý dài hơn", "Ba"}:
            [shown] = an.says(f"{words} {number}")
            if "Đã lưu" in shown.text:
                said.append(f"{words} {number}")
        elif speaks:
            an.says(words)
        elif any(data.endswith(f":{option}") for _, data in an.screen.buttons):
            an.presses(option)
    kept = scene.review(cycle, an)
    everything = repr(kept.answers) + repr(history(scene, cycle, an))
    assert all(words in everything for words in said)
