"""Points by criteria: one after another, limits, sums, correcting, and criteria that change meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from handlers.review import forms
from handlers.review.facts import (
    Part,
    facts_of,
    in_parts,
    missing,
    parts_of,
    points_of,
    running_points,
    total_points,
)
from handlers.review.scoring import settled
from storage import criteria, reviews
from storage.records import MemberId, ScoreTenths
from tests.review.scene import ANSWERS_2B, Scene, submit
from tests.stage import Phone

FORM = forms.form("2025/non_leader")
GENERAL = FORM.question("general_score")
THREE = (("Chính trị, đạo đức", 100), ("Năng lực, thái độ", 125), ("Tự phê bình", 75))


def set_criteria(scene: Scene, lines: tuple[tuple[str, int], ...], question: str = "general_score") -> None:
    cell, by = scene.cell(), MemberId(1)
    scene.write(lambda tx: criteria.put(tx, cell, 2026, "2025/non_leader", question, lines, by, scene.now))


def given(scene: Scene, cycle: Any, phone: Phone, key: str = "general_score") -> Any:
    return scene.review(cycle, phone).answers.get(key)


def points(answer: Any) -> list[int | None]:
    return [part.points for part in parts_of(answer)]


def parts(*points_given: int | None) -> dict[str, Any]:
    together = zip(THREE, points_given, strict=True)
    return in_parts(Part(label, most, None if p is None else ScoreTenths(p)) for (label, most), p in together)


def test_the_sum_is_read_in_one_place() -> None:
    assert points_of(285) == points_of(parts(100, 120, 65)) == 285
    assert points_of(parts(100, None, 65)) is None
    assert points_of(parts(0, 0, 0)) == 0
    assert points_of(None) is None
    answers = {**ANSWERS_2B, "general_score": parts(100, 120, 65)}
    assert total_points(FORM, answers) == 915
    assert facts_of(FORM, answers).points == 915
    partly = {**ANSWERS_2B, "general_score": parts(100, None, 65)}
    assert total_points(FORM, partly) is None
    assert running_points(FORM, partly) == (795, 100)
    assert [question.key for question in missing(FORM, partly)] == ["general_score"]


def test_one_criterion_after_another_with_running_sums(scene: Scene) -> None:
    cycle, an = scene.open_cycle(), scene.member("An")
    set_criteria(scene, THREE)
    shown = scene.at(cycle, an, "general_score")
    assert "Tiêu chí 1/3: Chính trị, đạo đức" in shown.text
    assert "○ 2. Năng lực, thái độ (tối đa 12,5)" in shown.text
    [shown] = an.says("9,5")
    assert "Đã lưu 9,5/10 điểm. Cộng nhóm: 9,5/30; cả bản: 9,5/100." in shown.text
    assert "Tiêu chí 2/3: Năng lực, thái độ" in shown.text
    assert "✓ 1. Chính trị, đạo đức: 9,5/10" in shown.text
    [shown] = an.says("12/12,5")
    assert "Cộng nhóm: 21,5/30; cả bản: 21,5/100." in shown.text
    [shown] = an.says("bảy rưỡi")
    assert "Câu 13/14" in shown.text, "the next question"
    assert points(given(scene, cycle, an)) == [95, 120, 75]
    an.says("63")
    assert total_points(FORM, scene.review(cycle, an).answers) == 920


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("10,5", "Tiêu chí này tối đa 10 điểm. Đồng chí gõ số từ 0 đến 10"),
        ("-1", "không nhỏ hơn 0"),
        ("9,55", "một chữ số"),
        ("9/30", "chấm trên 10 điểm, không phải 30"),
        ("chín với mười", "chưa đọc được số điểm"),
        ("9 hoặc 10", "từ 0 đến 10"),
    ],
)
def test_limits_are_those_of_the_criterion(scene: Scene, typed: str, why: str) -> None:
    cycle, an = scene.open_cycle(), scene.member("An")
    set_criteria(scene, THREE)
    scene.at(cycle, an, "general_score")
    [shown] = an.says(typed)
    assert why in shown.text
    assert "Tiêu chí 1/3" in shown.text
    assert given(scene, cycle, an) is None


@pytest.mark.parametrize(("key", "typed", "most"), [("general_score", "31", 30), ("task_score", "71", 70)])
def test_s22_more_than_the_group_has_is_refused_with_its_limits(
    scene: Scene, key: str, typed: str, most: int
) -> None:
    cycle, an = scene.open_cycle(), scene.member("An")
    scene.at(cycle, an, key)
    [shown] = an.says(typed)
    assert f"Nhóm này tối đa {most} điểm. Đồng chí gõ số từ 0 đến {most}" in shown.text
    assert given(scene, cycle, an, key) is None
    an.says(str(most))
    assert given(scene, cycle, an, key) == most * 10


def test_later_back_and_correcting(scene: Scene) -> None:
    cycle, an = scene.open_cycle(), scene.member("An")
    set_criteria(scene, THREE)
    scene.at(cycle, an, "general_score")
    an.presses("Tiêu chí sau")
    [shown] = an.says("11")
    assert points(given(scene, cycle, an)) == [None, 110, None]
    assert "Tiêu chí 3/3" in shown.text
    an.presses("Tiêu chí trước")
    an.says("12")
    assert points(given(scene, cycle, an)) == [None, 120, None]
    an.says("7")
    assert "Tiêu chí 1/3" in an.screen.text, "what was left is asked last"
    an.says("9")
    assert "Câu 13/14" in an.screen.text
    an.presses("nav.back")
    assert "Muốn sửa, đồng chí chọn tiêu chí." in an.screen.text
    an.says("8")
    assert "chọn tiêu chí cần sửa trước" in an.screen.text
    an.presses("Sửa 1")
    an.says("8,5")
    assert points(given(scene, cycle, an)) == [85, 120, 70]
    assert "Muốn sửa, đồng chí chọn tiêu chí." in an.screen.text
    kept = scene.write(lambda tx: reviews.history(tx, scene.review(cycle, an)))
    assert [points(value) for key, value in kept if key == "general_score"] == [[None, 110, None], [90, 120, 70]]
    an.presses("next")
    assert "Câu 13/14" in an.screen.text


def test_criteria_that_do_not_add_up_are_not_used(scene: Scene) -> None:
    cycle, an = scene.open_cycle(), scene.member("An")
    set_criteria(scene, THREE[:2])
    shown = scene.at(cycle, an, "general_score")
    assert "Tiêu chí 1/" not in shown.text
    an.says("28,5")
    assert given(scene, cycle, an) == 285


def test_changed_criteria_keep_what_fits_and_ask_for_the_rest(scene: Scene) -> None:
    cycle, an = scene.open_cycle(), scene.member("An")
    set_criteria(scene, THREE)
    scene.at(cycle, an, "general_score")
    an.says("9,5")
    an.says("12")
    set_criteria(scene, (("Chính trị, đạo đức", 100), ("Năng lực, thái độ", 115), ("Nêu gương", 85)))
    an.commands("/review")
    an.presses("continue")
    assert "Chi bộ vừa đổi tiêu chí chấm điểm" in an.screen.text
    assert "✓ 1. Chính trị, đạo đức: 9,5/10" in an.screen.text
    assert "Tiêu chí 2/3: Năng lực, thái độ" in an.screen.text, "12 is more than the new maximum"
    an.says("11")
    an.says("8")
    assert points(given(scene, cycle, an)) == [95, 110, 80]
    old = scene.write(lambda tx: reviews.history(tx, scene.review(cycle, an)))
    assert [95, 120, None] in [points(value.get("before")) for key, value in old if key == "general_score"]


def test_a_figure_for_a_criterion_that_has_gone_is_not_taken_for_the_new_one(scene: Scene) -> None:
    cycle, an = scene.open_cycle(), scene.member("An")
    set_criteria(scene, THREE)
    scene.at(cycle, an, "general_score")
    set_criteria(scene, (("Nêu gương", 75), *THREE[:2]))
    [shown] = an.says("7")
    assert "điểm vừa gõ chưa ghi" in shown.text
    assert "Tiêu chí 1/3: Nêu gương" in shown.text
    review = scene.review(cycle, an)
    assert "general_score" not in review.answers
    assert ("general_score", "7") in scene.write(lambda tx: reviews.history(tx, review))
    an.says("6")
    assert points(given(scene, cycle, an)) == [60, None, None]


def test_a_total_given_before_there_were_criteria_is_kept_and_the_parts_are_asked(scene: Scene) -> None:
    cycle, an = scene.open_cycle(), scene.member("An")
    scene.filled(cycle, an)
    set_criteria(scene, THREE)
    an.commands("/review")
    an.presses("overview")
    assert "Còn 1 câu chưa trả lời" in an.screen.text
    an.presses("fill")
    for typed in ("9", "12", "7"):
        an.says(typed)
    kept = scene.write(lambda tx: reviews.history(tx, scene.review(cycle, an)))
    assert {"general_score": 285} in [{key: value.get("before")} for key, value in kept if isinstance(value, dict)]
    submit(an)
    assert scene.review(cycle, an).version == 1


def test_what_was_handed_in_is_not_touched_by_new_criteria(scene: Scene) -> None:
    cycle, an = scene.open_cycle(), scene.member("An")
    scene.filled(cycle, an)
    submit(an)
    set_criteria(scene, THREE)
    an.commands("/review")
    assert "Đã nộp lần 1" in an.screen.text
    assert given(scene, cycle, an) == 285
    an.presses("overview")
    assert "28,5/30 điểm" in an.screen.text


def test_a_submission_holds_the_parts_with_their_labels(scene: Scene) -> None:
    cycle, an = scene.open_cycle(), scene.member("An")
    set_criteria(scene, THREE)
    scene.filled(cycle, an, general_score=parts(100, 120, 65))
    submit(an)
    set_criteria(scene, ())
    review = scene.review(cycle, an)
    [version] = scene.write(lambda tx: reviews.versions(tx, review))
    assert version.answers["general_score"] == parts(100, 120, 65)
    an.presses("Các lần đã nộp")
    an.presses("Lần 1")
    while "Tự phê bình: 6,5/7,5" not in an.screen.text:
        an.presses("more")
    assert "28,5/30 điểm" in an.screen.text


def test_parts_that_were_begun_go_on_when_the_criteria_are_taken_out(scene: Scene) -> None:
    cycle, an = scene.open_cycle(), scene.member("An")
    set_criteria(scene, THREE)
    scene.at(cycle, an, "general_score")
    an.says("9,5")
    set_criteria(scene, ())
    an.says("12")
    an.says("7")
    assert points(given(scene, cycle, an)) == [95, 120, 70]


def test_the_order_of_labels_and_small_letters_do_not_matter() -> None:
    now = (Part("tự  phê bình", 75), Part("Chính trị, đạo đức", 100), Part("Năng lực, thái độ", 125))
    came = settled(GENERAL, parts(100, None, 65), now)
    assert points(came) == [65, 100, None]
    assert "before" not in came
    assert settled(GENERAL, None, now) is None
    assert settled(GENERAL, parts(1, 2, 3), ()) == parts(1, 2, 3)
