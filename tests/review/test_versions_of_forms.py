"""A running cycle keeps the rules that it opened with; a form that is gone loses nobody's words."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from handlers.desk import Desk
from handlers.organisation.permissions import Verb, commands_for, may
from handlers.review import forms
from handlers.review.actions import ReviewRoom
from handlers.review.lost import LostRoom
from handlers.review.rulebook import Kind
from handlers.review.salvage import form_for_reading, stand_in
from storage import reviews
from storage.records import Role
from tests.review.scene import ANSWERS_2B, Scene, begin, fill, submit


class Shelf:
    """The data folders of the product, copied to where a test can add and take away."""

    def __init__(self, folder: Path) -> None:
        with resources.as_file(resources.files(forms)) as shipped:
            for name in ("2019", "2023", "2025"):
                shutil.copytree(shipped / name, folder / name)
        self.folder = folder

    def listed(self) -> tuple[Path, ...]:
        """What the loader is given."""
        return tuple(sorted(entry for entry in self.folder.iterdir() if entry.is_dir()))

    def revise(self) -> None:
        """A second revision of 2025: another heading, one question less."""
        newer = self.folder / "2025b"
        shutil.copytree(self.folder / "2025", newer)
        rules = newer / "rules.toml"
        text = rules.read_text(encoding="utf-8").replace('id = "2025"', 'id = "2025b"\nrevision = 2')
        rules.write_text(text, encoding="utf-8")
        form = newer / "non_leader.toml"
        text = form.read_text(encoding="utf-8").replace("Mẫu 02B-HD KĐ.ĐG 2025", "Mẫu 02B sửa đổi")
        form.write_text(text, encoding="utf-8")
        self.read_again()

    def remove(self, name: str) -> None:
        """The next version of the product comes without that folder."""
        shutil.rmtree(self.folder / name)
        self.read_again()

    def read_again(self) -> None:
        """What a restart does."""
        forms._shipped.cache_clear()


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    made = Shelf(tmp_path / "forms")
    monkeypatch.setattr(forms, "folders", made.listed)
    made.read_again()
    yield made
    monkeypatch.undo()
    made.read_again()


def restart(scene: Scene) -> None:
    """The same database under a program that has read its data folders anew."""
    rooms = (scene.desk.rooms[0], ReviewRoom(), LostRoom())
    scene.desk = Desk(rooms, scene.house, lambda roles, verb: may(roles, Verb(verb)), commands_for)


def test_a_cycle_goes_on_with_the_revision_that_it_opened_with(scene: Scene, shelf: Shelf) -> None:
    cycle, an = scene.open_cycle(rules=forms.rule_set_for(2026).id), scene.member("An")
    begin(an)
    an.says("Giữ gìn đoàn kết.")
    shelf.revise()
    restart(scene)
    assert forms.rule_set_for(2026).id == "2025b", "a new cycle would open with the newer one"
    an.presses("next")
    assert "Câu 2/14" in an.screen.text
    an.commands("/review")
    assert "Mẫu 02B-HD KĐ.ĐG 2025" in an.screen.text
    assert scene.review(cycle, an).form == "2025/non_leader"
    newer = scene.open_cycle(2027, rules=forms.rule_set_for(2027).id)
    an.commands("/review 2027")
    assert "Mẫu 02B sửa đổi" in an.screen.text
    an.presses("begin")
    assert scene.review(newer, an).form == "2025b/non_leader"


def test_a_form_that_goes_while_somebody_is_in_it(scene: Scene, shelf: Shelf) -> None:
    cycle, an = scene.open_cycle(), scene.member("An")
    begin(an)
    an.says("Giữ gìn đoàn kết.")
    an.presses("next")
    shelf.remove("2025")
    restart(scene)
    [shown] = an.says("Giảng dạy 12 lớp.")
    assert "mẫu phiếu này không còn trong chương trình" in shown.text
    assert "vẫn được giữ riêng" in shown.text
    assert "Về phẩm chất chính trị" in shown.text, "the heading of the nearest form"
    assert "Giữ gìn đoàn kết." in shown.text
    review = scene.review(cycle, an)
    assert review.answers == {"conduct": "Giữ gìn đoàn kết."}
    assert ("duties", "Giảng dạy 12 lớp.") in scene.write(lambda tx: reviews.history(tx, review))
    an.commands("/menu")
    an.commands("/review")
    assert "không còn trong chương trình" in an.screen.text


def test_an_old_button_of_a_form_that_is_gone_says_so(scene: Scene, shelf: Shelf) -> None:
    scene.open_cycle()
    an = scene.member("An")
    begin(an)
    shelf.remove("2025")
    restart(scene)
    an.presses("nav.back")
    assert "không còn trong chương trình" in an.screen.text


def test_it_comes_back_with_its_form(scene: Scene, shelf: Shelf) -> None:
    cycle, an = scene.open_cycle(), scene.member("An")
    begin(an)
    an.says("Giữ gìn đoàn kết.")
    away = shelf.folder.parent / "away"
    shutil.copytree(shelf.folder / "2025", away)
    shelf.remove("2025")
    restart(scene)
    an.commands("/review")
    shutil.copytree(away, shelf.folder / "2025")
    shelf.read_again()
    restart(scene)
    an.commands("/review")
    an.presses("continue")
    assert "Câu 1/14" in an.screen.text
    assert scene.review(cycle, an).answers == {"conduct": "Giữ gìn đoàn kết."}


def test_who_reads_the_cell_still_reads_it(scene: Scene, shelf: Shelf) -> None:
    scene.open_cycle()
    an, chair = scene.member("An"), scene.member("Bình", Role.CHAIR)
    fill(an)
    submit(an)
    shelf.remove("2025")
    restart(scene)
    chair.commands("/reviews")
    chair.presses(f"m{an.member}")
    assert "Giảng dạy 12 lớp." in chair.screen.text


def test_without_a_review_a_missing_form_is_only_said(scene: Scene, shelf: Shelf) -> None:
    scene.open_cycle()
    an = scene.member("An")
    shelf.remove("2025")
    restart(scene)
    [told] = an.commands("/review")
    assert "Bot chưa có mẫu của năm 2026" in told.text


def test_a_stand_in_asks_for_every_answer_and_nothing_else() -> None:
    answers: dict[str, Any] = {
        **ANSWERS_2B,
        "unit_tasks": {"given": 1, "done": 1, "late": 0, "exceeded": 0},
        "strange": "Một mục lạ.",
        "strange_list": ["a", "b"],
        "faults": [{"text": "x", "state": "done", "note": ""}],
        "general_score": {"parts": [{"label": "A", "maximum": 300, "points": 285}]},
    }
    form = stand_in("2031/non_leader", answers)
    assert {question.key for question in form.questions} == set(answers)
    assert [question.key for question in form.questions][:3] == ["conduct", "duties", "annex"]
    assert not form.verified
    assert form.question("strange").kind is Kind.TEXT
    assert form.question("strange_list").kind is Kind.LIST
    assert form.question("faults").kind is Kind.REMEDIATION
    assert form.question("unit_tasks").kind is Kind.TASKS
    assert len({section.number for section in form.sections}) == len(form.sections)
    assert form_for_reading("2025/non_leader", {}) is forms.form("2025/non_leader")
    assert form_for_reading("2025/nobody", {}).questions == ()
