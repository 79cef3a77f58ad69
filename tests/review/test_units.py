"""The units that a leader leads: entered one after the other, corrected by their name, counted by Article 11."""

from __future__ import annotations

from typing import Any

import pytest

from storage import reviews
from storage.records import Cycle, FormKind, MemberId
from tests.review.scene import ANSWERS_2B, Scene
from tests.stage import Phone


def at_units(scene: Scene) -> tuple[Cycle, Phone]:
    cycle, an = scene.open_cycle(), scene.member("An", form=FormKind.LEADER)

    def work(tx: Any) -> None:
        review = reviews.begin(tx, cycle.id, MemberId(an.member or 0), "2025/leader", scene.now)
        for key in ("conduct", "duties", "annex"):
            reviews.write(tx, review, key, ANSWERS_2B[key], scene.now)
        reviews.set_place(tx, review, "units")

    scene.write(work)
    an.commands("/review")
    an.presses("continue")
    return cycle, an


def kept(scene: Scene, cycle: Cycle, phone: Phone) -> Any:
    return scene.review(cycle, phone).answers.get("units")


def test_a_unit_with_its_shares_and_grade(scene: Scene) -> None:
    cycle, an = at_units(scene)
    [asked] = an.says("Khoa Xây dựng Đảng")
    assert "hoàn thành bao nhiêu % nhiệm vụ" in asked.text
    an.says("100%")
    an.says("2,5")
    an.says("35")
    an.presses("good")
    unit = {"name": "Khoa Xây dựng Đảng", "done": 1000, "late": 25, "exceeded": 350, "grade": "good"}
    assert kept(scene, cycle, an) == [unit]
    assert (
        "1. Khoa Xây dựng Đảng: hoàn thành 100,0%, chậm 2,5%, vượt mức 35,0%; xếp loại: Hoàn thành tốt"
        in an.screen.text
    )
    an.presses("next")
    assert "Câu 6/17" in an.screen.text


def test_what_is_not_known_may_stay_open(scene: Scene) -> None:
    cycle, an = at_units(scene)
    an.says("Phòng Đào tạo")
    an.says("95")
    an.presses("Chưa rõ")
    an.says("chưa rõ")
    an.presses("unknown")
    assert kept(scene, cycle, an) == [
        {"name": "Phòng Đào tạo", "done": 950, "late": None, "exceeded": None, "grade": None}
    ]


@pytest.mark.parametrize(
    ("typed", "why"), [("101", "không quá 100%"), ("nhiều", "số từ 0 đến 100"), ("95,55", "một chữ số")]
)
def test_shares_out_of_range_are_refused(scene: Scene, typed: str, why: str) -> None:
    cycle, an = at_units(scene)
    an.says("Khoa A")
    [shown] = an.says(typed)
    assert why in shown.text
    assert kept(scene, cycle, an) == [{"name": "Khoa A"}]


def test_more_late_or_exceeded_than_done_is_refused(scene: Scene) -> None:
    _, an = at_units(scene)
    an.says("Khoa A")
    an.says("60")
    assert "lớn hơn phần đã hoàn thành (60,0%)" in an.says("61")[0].text
    an.says("0")
    assert "lớn hơn phần đã hoàn thành (60,0%)" in an.says("70")[0].text


def test_leaving_in_the_middle_comes_back_to_what_was_not_asked(scene: Scene) -> None:
    _, an = at_units(scene)
    an.says("Khoa A")
    an.says("100")
    an.presses("nav.leave")
    an.commands("/review")
    an.presses("continue")
    assert "chậm tiến độ" in an.screen.text
    an.presses("nav.back")
    an.presses("next")
    assert "chậm tiến độ" in an.screen.text, "the way on leads to what is still open"


def test_the_name_again_asks_its_figures_again_and_keeps_the_old_ones(scene: Scene) -> None:
    cycle, an = at_units(scene)
    for typed in ("Khoa A", "100", "0", "30"):
        an.says(typed)
    an.presses("excellent")
    an.says("khoa a")
    for typed in ("90", "0", "0"):
        an.says(typed)
    an.presses("completed")
    assert kept(scene, cycle, an) == [
        {"name": "Khoa A", "done": 900, "late": 0, "exceeded": 0, "grade": "completed"}
    ]
    old = scene.write(lambda tx: reviews.history(tx, scene.review(cycle, an)))
    assert [value[0]["done"] for key, value in old if key == "units"] == [1000]


def test_dropping_a_unit_can_be_taken_back(scene: Scene) -> None:
    cycle, an = at_units(scene)
    for typed in ("Khoa A", "100", "0", "30"):
        an.says(typed)
    an.presses("excellent")
    an.presses("drop")
    assert kept(scene, cycle, an) is None
    an.presses("undo")
    assert kept(scene, cycle, an)[0]["name"] == "Khoa A"


def test_a_leader_without_units_says_so(scene: Scene) -> None:
    cycle, an = at_units(scene)
    an.presses("none")
    assert kept(scene, cycle, an) is None
    assert "units" in scene.review(cycle, an).answers
    assert "Câu 6/17" in an.screen.text
