"""``/criteria`` in chat: set, change, import, take out; who may, and that every change is written down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from handlers.criteria.actions import CriteriaRoom
from handlers.dialogue.said import File
from handlers.review.actions import ReviewRoom
from storage import criteria, cycles, tables
from storage.records import FormKind, Role
from tests.criteria.test_reading import book
from tests.review.scene import Scene
from tests.stage import Phone, Stage

LINES = "Chính trị, đạo đức – 10\nNăng lực, thái độ – 12,5\nTự phê bình – 7,5"
SET = (("Chính trị, đạo đức", 100), ("Năng lực, thái độ", 125), ("Tự phê bình", 75))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene.__new__(Scene)
    Stage.__init__(made, tmp_path, [ReviewRoom(), CriteriaRoom()])
    yield made
    made.close()


def kept(scene: Scene, question: str = "general_score", year: int = 2026, form: str = "2025/non_leader") -> Any:
    cell = scene.cell()
    return scene.write(lambda tx: criteria.of_question(tx, cell, year, form, question))


def opened(scene: Scene, year: int | None = None) -> Phone:
    """The secretary in front of the general group of form 2B."""
    hoa = scene.member("Hoa", Role.SECRETARY)
    hoa.commands(f"/criteria {year}" if year else "/criteria")
    hoa.presses("02B: Nhóm tiêu chí chung")
    return hoa


def test_lines_are_saved_and_used_once_they_add_up(scene: Scene) -> None:
    scene.open_cycle()
    hoa = opened(scene)
    hoa.says("Chính trị, đạo đức – 10")
    assert "còn thiếu 20" in hoa.screen.text
    assert "chưa dùng để chấm" in hoa.screen.text
    hoa.says("Năng lực, thái độ – 12,5\nTự phê bình – 7,5")
    assert "cộng đủ 30 điểm: đang dùng để chấm" in hoa.screen.text
    assert kept(scene) == SET
    an = scene.member("An")
    scene.at(scene_cycle(scene), an, "general_score")
    assert "Tiêu chí 1/3: Chính trị, đạo đức" in an.screen.text


def scene_cycle(scene: Scene) -> Any:
    cell = scene.cell()
    found = scene.write(lambda tx: cycles.current(tx, cell))
    assert found is not None
    return found


def test_each_form_and_group_has_its_own(scene: Scene) -> None:
    scene.open_cycle()
    hoa = opened(scene)
    hoa.says(LINES)
    hoa.presses("Xong")
    assert "<b>Mẫu 02B-HD KĐ.ĐG 2025</b>, Nhóm tiêu chí chung:\n3 tiêu chí" in hoa.screen.text
    assert hoa.screen.text.count("Chưa đặt tiêu chí") == 5
    assert kept(scene, form="2025/leader") == ()
    assert kept(scene, "task_score") == ()


def test_a_wrong_line_saves_nothing_of_the_message(scene: Scene) -> None:
    scene.open_cycle()
    hoa = opened(scene)
    [shown] = hoa.says("Chính trị – 10\nNăng lực")
    assert "Dòng 2 “Năng lực”: chưa thấy số điểm" in shown.text
    assert kept(scene) == ()


def test_taking_lines_out_and_all(scene: Scene) -> None:
    scene.open_cycle()
    hoa = opened(scene)
    hoa.says(LINES)
    hoa.presses("drop")
    hoa.presses("2. Năng lực, thái độ")
    assert kept(scene) == (SET[0], SET[2])
    hoa.presses("clear")
    hoa.presses("Giữ lại")
    assert len(kept(scene)) == 2
    hoa.presses("clear")
    hoa.presses("yes")
    assert kept(scene) == ()


def test_a_file_is_put_to_what_is_there(scene: Scene) -> None:
    scene.open_cycle()
    hoa = opened(scene)
    hoa.says("Tự phê bình – 5")
    hoa.presses("file")
    content = book(
        ("Nội dung", "Điểm tối đa"),
        ("Chính trị, đạo đức", 10),
        ("Năng lực, thái độ", 12.5),
        ("Tự phê bình", 7.5),
        ("Lạ", "x"),
    )
    [shown] = hoa.hears(File("f", "tieuchi.xlsx", len(content), content))
    assert kept(scene) == (SET[2], SET[0], SET[1])
    assert "Dòng 5 “Lạ”: chưa thấy số điểm" in shown.text
    hoa.presses("file")
    [shown] = hoa.hears(File("f", "x.pdf", 8, b"%PDF-1.7"))
    assert kept(scene) == (SET[2], SET[0], SET[1])


def test_last_years_can_be_taken_over(scene: Scene) -> None:
    scene.open_cycle()
    hoa = opened(scene, 2025)
    hoa.says(LINES)
    hoa.commands("/criteria")
    hoa.presses("02B: Nhóm tiêu chí chung")
    hoa.presses("Lấy như năm 2025")
    assert kept(scene) == SET


def test_every_change_is_written_down_with_what_it_replaced(scene: Scene) -> None:
    scene.open_cycle()
    hoa = opened(scene)
    hoa.says("A – 30")
    hoa.says("A – 20")
    hoa.says("A – 20")
    rows = scene.write(
        lambda tx: tx.execute(select(tables.audit).where(tables.audit.c.what == "criteria_set")).all()
    )
    assert [row.details for row in rows] == [
        {"year": 2026, "before": [], "after": [["A", 300]]},
        {"year": 2026, "before": [["A", 300]], "after": [["A", 200]]},
    ]
    assert rows[0].who == f"member:{hoa.member}"
    assert rows[0].subject == "2025/non_leader:general_score"


@pytest.mark.parametrize("role", [None, Role.DEPUTY, Role.OBSERVER])
def test_only_secretary_and_chair_may(scene: Scene, role: Role | None) -> None:
    scene.open_cycle()
    an = scene.member("An", *([role] if role else []), form=FormKind.LEADER)
    [told] = an.commands("/criteria")
    assert "Tiêu chí chấm điểm" not in told.text


def test_a_year_without_points_says_so(scene: Scene) -> None:
    scene.open_cycle(2020, rules="2019")
    hoa = scene.member("Hoa", Role.SECRETARY)
    [told] = hoa.commands("/criteria 2020")
    assert "Mẫu năm 2020 không chấm điểm" in told.text
    [told] = hoa.commands("/criteria 1999")
    assert "không chấm điểm" in told.text


def test_forty_long_criteria_fit_a_message(scene: Scene) -> None:
    scene.open_cycle()
    hoa = opened(scene)
    for start in (0, 20):
        hoa.says("\n".join(f"Tiêu chí số {start + n} {'ă' * 150} – 0,5" for n in range(20)))
    assert len(kept(scene)) == 40
    hoa.says("Nữa – 0,5")
    assert "tối đa 40 tiêu chí" in hoa.screen.text
    hoa.presses("drop")
    assert len(hoa.screen.buttons) > 40
