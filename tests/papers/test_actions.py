"""Printing from the chat: one's own, those one may read, the whole cell, and nobody else's."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from bot.app import make_rooms
from handlers.papers.checking import words_in
from storage import audit
from storage.records import Cycle, Role
from tests.review.scene import ANSWERS_2B, FORM_2B, Scene, begin, fill, play, submit
from tests.stage import Phone, Seen, Stage


class PaperScene(Scene):
    """The scene of the review with every room of the house."""

    def __init__(self, folder: Path) -> None:
        Stage.__init__(self, folder, make_rooms()[1:])


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[PaperScene]:
    made = PaperScene(tmp_path)
    yield made
    made.close()


def file_of(seen: list[Seen]) -> tuple[str, bytes, str]:
    """The one file among these messages: its name, its bytes, the words beside it."""
    found = [(s.post.file_name, s.post.file, s.text) for s in seen if s.post.file_name]
    assert len(found) == 1
    name, content, text = found[0]
    assert name is not None
    assert content is not None
    return name, content, text


def prints(scene: PaperScene) -> list[tuple[str, str, Any]]:
    acts = scene.write(lambda tx: audit.of_cell(tx, scene.cell()))
    return [(act.who, act.subject, act.details["version"]) for act in acts if act.what == "review_printed"]


def handed_in(scene: PaperScene, cycle: Cycle, phone: Phone, **other: Any) -> None:
    scene.filled(cycle, phone, **other)
    submit(phone)


def test_a_member_prints_the_draft_and_then_what_was_submitted(scene: PaperScene) -> None:
    scene.open_cycle()
    member = scene.member("Đỗ Thị Bưởi", born_on=None, position="Giảng viên")
    begin(member)
    play(member, FORM_2B[:4])
    member.commands("/review")
    assert "print" not in [data.rpartition(":")[2] for _, data in member.screen.choices]
    name, content, text = file_of(member.presses("print_draft"))
    said = words_in(content)
    assert name == "kiem-diem-do-thi-buoi-nam-2026-ban-nhap.docx"
    assert "BẢN NHÁP" in said
    assert ANSWERS_2B["conduct"] in said
    assert "BẢN NHÁP" in text
    assert member.screen.text.startswith("<b>Bản kiểm điểm năm 2026</b>")

    member.presses("continue")
    play(member, FORM_2B[4:])
    submit(member)
    name, content, text = file_of(member.presses("print"))
    said = words_in(content)
    assert name == "kiem-diem-do-thi-buoi-nam-2026.docx"
    assert "bản nộp lần 1" in text
    assert "chưa đối chiếu" in text
    assert "BẢN NHÁP" not in said
    assert "☒ Hoàn thành xuất sắc nhiệm vụ" in said
    assert "28,5" in said
    assert "91,5" in said
    assert any(line.endswith("ngày 22 tháng 11 năm 2026") for line in said)
    assert prints(scene) == [(f"member:{member.member}",) * 2 + (1,), (f"member:{member.member}",) * 2 + (None,)]


def test_after_a_change_both_can_be_had(scene: PaperScene) -> None:
    cycle = scene.open_cycle()
    member = scene.member("Đỗ Thị Bưởi")
    handed_in(scene, cycle, member)
    member.presses("overview")
    assert file_of(member.presses("print"))[0].endswith("2026.docx")
    member.presses("change")
    member.presses("s0")
    member.presses("conduct")
    member.says("Câu viết thêm.")
    member.commands("/review")
    assert "Câu viết thêm." not in words_in(file_of(member.presses("print"))[1])
    assert "Câu viết thêm." in words_in(file_of(member.presses("print_draft"))[1])


def test_typed_it_works_from_anywhere(scene: PaperScene) -> None:
    cycle = scene.open_cycle()
    member = scene.member("Đỗ Thị Bưởi")
    assert file_of(member.commands("/print"))[0].endswith("ban-nhap.docx")  # an empty form for the pen
    handed_in(scene, cycle, member)
    member.commands("/menu")
    assert file_of(member.commands("/in 2026"))[0] == "kiem-diem-do-thi-buoi-nam-2026.docx"
    assert "Chưa có bản kiểm điểm nào để in." in member.commands("/print 2019")[0].text


def test_nobody_prints_before_there_is_a_cycle(scene: PaperScene) -> None:
    member, chair = scene.member("Đỗ Thị Bưởi"), scene.member("Lê Văn Chín", Role.CHAIR)
    assert "Chưa có bản kiểm điểm nào để in." in member.commands("/print")[0].text
    assert "Chưa có bản kiểm điểm nào để in." in chair.commands("/print_cell")[0].text
    assert prints(scene) == []


def test_who_reads_a_form_prints_it(scene: PaperScene) -> None:
    cycle = scene.open_cycle()
    chair, member = scene.member("Lê Văn Chín", Role.CHAIR), scene.member("Đỗ Thị Bưởi", position="Giảng viên")
    handed_in(scene, cycle, member, conduct="Lời riêng của Bưởi.")
    chair.commands("/reviews")
    chair.presses(f"m{member.member}")
    name, content, text = file_of(chair.presses("print_cell"))
    assert name == "kiem-diem-do-thi-buoi-nam-2026.docx"
    assert "Lời riêng của Bưởi." in words_in(content)
    assert "Đỗ Thị Bưởi" in text
    assert prints(scene) == [(f"member:{chair.member}", f"member:{member.member}", 1)]
    assert "Lời riêng" not in text


def test_the_cell_in_one_zip_without_ones_own_and_without_drafts(scene: PaperScene) -> None:
    cycle = scene.open_cycle()
    secretary = scene.member("Lý Thị Bé", Role.SECRETARY)
    people = [scene.member(name) for name in ("Đỗ Thị Bưởi", "Đỗ Thị Bưởi", "Trần Văn Tám")]
    for phone in (secretary, *people[:2]):
        handed_in(scene, cycle, phone, conduct=f"Lời của {phone.member}.")
    begin(people[2])
    secretary.commands("/reviews")
    name, content, text = file_of(secretary.presses("print_cell"))
    assert name == "kiem-diem-chi-bo-mot-2026.zip"
    assert text.startswith("2 bản kiểm điểm năm 2026")
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        assert made.namelist() == [
            "001-kiem-diem-do-thi-buoi-nam-2026.docx",
            "002-kiem-diem-do-thi-buoi-nam-2026.docx",
        ]
        said = [" ".join(words_in(made.read(part))) for part in made.namelist()]
    assert [f"Lời của {phone.member}." in words for phone, words in zip(people[:2], said, strict=True)] == [
        True,
        True,
    ]
    assert not any(f"Lời của {secretary.member}." in words for words in said)
    assert {subject for _, subject, _ in prints(scene)} == {f"member:{phone.member}" for phone in people[:2]}


def test_empty_forms_for_those_who_have_not_handed_in(scene: PaperScene) -> None:
    cycle = scene.open_cycle()
    secretary, done = scene.member("Lý Thị Bé", Role.SECRETARY), scene.member("Đỗ Thị Bưởi")
    scene.member("Trần Văn Tám")
    begin(secretary)
    secretary.says("Câu nháp của riêng tôi.")
    handed_in(scene, cycle, done)
    secretary.commands("/reviews")
    name, content, _ = file_of(secretary.presses("print_blanks"))
    assert name == "mau-trong-chi-bo-mot-2026.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        said = {part: words_in(made.read(part)) for part in made.namelist()}
    assert list(said) == [
        "001-kiem-diem-ly-thi-be-nam-2026-ban-nhap.docx",
        "002-kiem-diem-tran-van-tam-nam-2026-ban-nhap.docx",
    ]
    for words in said.values():
        assert "BẢN NHÁP" in words
        assert not any("Câu nháp" in line for line in words)


def test_the_heads_form_is_printed_by_the_deputy_and_by_nobody_else(scene: PaperScene) -> None:
    cycle = scene.open_cycle()
    chair = scene.member("Lê Văn Chín", Role.CHAIR)
    deputy, secretary = scene.member("Mai Thị Hai", Role.DEPUTY), scene.member("Lý Thị Bé", Role.SECRETARY)
    handed_in(scene, cycle, chair)
    for phone, may in ((deputy, True), (secretary, False), (chair, False)):
        phone.commands("/reviews")
        seen = phone.commands("/print_cell")
        assert bool([s for s in seen if s.post.file_name]) is may
    assert prints(scene) == [(f"member:{deputy.member}", f"member:{chair.member}", 1)]


def test_a_member_without_office_prints_nobody_elses(scene: PaperScene) -> None:
    cycle = scene.open_cycle()
    one, other = scene.member("Đỗ Thị Bưởi"), scene.member("Trần Văn Tám")
    handed_in(scene, cycle, one)
    for command in ("/print_cell", "/print_blanks"):
        assert not [s for s in other.commands(command) if s.post.file_name]
    assert prints(scene) == []


def test_another_cells_chair_prints_nothing_of_ours(scene: PaperScene) -> None:
    cycle = scene.open_cycle()
    handed_in(scene, cycle, scene.member("Đỗ Thị Bưởi"))
    scene.open_cycle(cell="Chi bộ Hai")
    stranger = scene.member("Lê Văn Chín", Role.CHAIR, cell="Chi bộ Hai")
    assert not [s for s in stranger.commands("/print_cell") if s.post.file_name]


def test_a_whole_year_by_talking_ends_on_paper(scene: PaperScene) -> None:
    scene.open_cycle()
    member = scene.member("Đỗ Thị Bưởi")
    fill(member)
    submit(member)
    said = words_in(file_of(member.presses("print"))[1])
    for key in ("conduct", "duties", "commitment"):
        assert ANSWERS_2B[key] in said
    for key in ("shortcomings", "causes", "measures"):
        assert f"- {ANSWERS_2B[key][0]}" in said
    assert said.count("Không có.") == 3
    assert Document(io.BytesIO(file_of(member.presses("print"))[1])).tables
