"""A submitted form handed out field by field as plain text: in the form's order, nothing lost, nothing added."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from handlers.papers.copying import PIECE, as_text, fields_of, pieces
from handlers.papers.sample import sample_of
from handlers.review import forms
from handlers.review.screens import units
from tests.papers.build import AT, NAMES, paper
from tests.papers.scene import Scene, file_in
from tests.stage import Seen


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("key", NAMES)
def test_every_printed_answer_is_in_the_fields_in_the_forms_order(key: str) -> None:
    laid_out = paper(key, sample_of(forms.form(key), 2026, AT))
    fields = fields_of(laid_out)
    printed = [
        line
        for part in laid_out.parts
        for section in part.sections
        for entry in section.entries
        for line in (*entry.lines, *(" ".join(remedy.fault) for remedy in entry.remedies))
    ]
    whole = "\n".join(field.text for field in fields)
    places = [whole.index(line) for line in printed]
    assert places == sorted(places)
    assert all(field.heading and field.text for field in fields)
    assert laid_out.annex is None or fields[-1].heading.startswith(laid_out.annex.heading)


def test_a_grade_is_the_words_of_its_ticked_box_and_points_are_of_how_many() -> None:
    laid_out = paper("2025/non_leader", sample_of(forms.form("2025/non_leader"), 2026, AT))
    texts = [field.text for field in fields_of(laid_out)]
    assert "Hoàn thành tốt nhiệm vụ" in texts
    assert any(text.startswith("1. Nhóm tiêu chí chung: 25/30") for text in texts)


@pytest.mark.parametrize("text", ["chữ " * 10_000, "x" * 40_000, "🙂" * 9000, "dòng\n" * 5000, "ngắn", "", "\n"])
def test_pieces_fit_and_lose_nothing(text: str) -> None:
    cut = pieces(text)
    assert all(0 < units(piece) <= PIECE for piece in cut if text.strip())
    assert "".join("".join(cut).split()) == "".join(text.split())


def test_without_a_submission_there_is_nothing_to_copy(scene: Scene) -> None:
    scene.cycle()
    scene.lan.commands("/copy")
    assert "Chưa có bản nào đã nộp để chép" in scene.lan.screen.text


def words_of(seen: list[Seen]) -> list[str]:
    return [html.unescape(message.text) for message in seen]


def test_field_by_field_forth_and_back(scene: Scene) -> None:
    scene.submits(scene.lan, scene.cycle(), conduct="Giữ gìn {{ đoàn kết }} <b>& kỷ luật</b>")
    scene.lan.commands("/review")
    scene.lan.presses("copy")
    assert "Bản năm 2026, nộp lần 1" in scene.lan.screen.text
    first = words_of(scene.lan.presses("first"))
    assert first[0] == "Giữ gìn {{ đoàn kết }} <b>& kỷ luật</b>"
    assert first[1].startswith("<b>Mục 1/")
    assert "Chữ để chép nằm ở tin ngay trên" in first[1]
    second = words_of(scene.lan.presses("next"))
    assert "<b>Mục 2/" in second[-1]
    assert second[0] != first[0]
    assert words_of(scene.lan.presses("prev"))[0] == first[0]
    assert words_of(scene.lan.presses("again"))[0] == first[0]
    scene.lan.presses("done")
    assert "kiểm tra lại" in scene.lan.messages[-1].text


def test_a_long_field_comes_in_several_messages_that_hold_all_of_it(scene: Scene) -> None:
    long = "Đã làm nhiều việc trong năm. " * 400
    scene.submits(scene.lan, scene.cycle(), conduct=long)
    scene.lan.commands("/copy")
    seen = words_of(scene.lan.presses("first"))
    assert len(seen) > 3
    assert f"gồm {len(seen) - 1} tin ngay trên" in seen[-1]
    assert " ".join(seen[:-1]).split() == long.split()


def test_to_the_end_and_everything_as_one_file(scene: Scene) -> None:
    cycle = scene.cycle()
    scene.submits(scene.lan, cycle)
    scene.lan.commands("/chep")
    seen = scene.lan.presses("first")
    turns = 1
    while any(data.endswith(":next") for _, data in scene.lan.screen.choices):
        seen = scene.lan.presses("next")
        turns += 1
    assert "Đã hết các mục" in seen[-1].text
    name, content = file_in(scene.lan.presses("file"))
    assert name == "kiem-diem-nguyen-thi-lan-2026.txt"
    told = content.decode("utf-8-sig").replace("\r\n", "\n")
    assert f"[{turns}/{turns}]" in told
    handed = replace(sample_of(forms.form("2025/non_leader"), 2026, AT), full_name="Nguyễn Thị Lan")
    laid_out = paper("2025/non_leader", handed)
    assert told == as_text(laid_out, fields_of(laid_out))
    assert [act.what for act in scene.trail()] == ["review_copied"]


def test_nobody_copies_what_another_submitted(scene: Scene) -> None:
    scene.submits(scene.lan, scene.cycle())
    scene.secretary.commands("/copy")
    assert "Chưa có bản nào đã nộp để chép" in scene.secretary.screen.text
