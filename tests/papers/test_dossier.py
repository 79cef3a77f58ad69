"""Three years in one file: every form as it was, each with its own pages; who may have whose."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Pt

from bot.pdf import Soffice, find
from handlers.papers.binding import bind
from handlers.papers.checking import words_in
from storage.records import Role
from tests.papers.layouts import changed
from tests.papers.scene import FORM_OF, Scene, file_in, word

OFFICE = find(None)
YEARS = {2024: "2019", 2025: "2023", 2026: "2025"}


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path, lambda word: None)
    yield made
    made.close()


def three_years(scene: Scene, *, without: int = 0) -> None:
    for year, rules in YEARS.items():
        cycle = scene.cycle(year, rules)
        if year != without:
            scene.submits(scene.lan, cycle, FORM_OF[rules], conduct=f"Việc của năm {year}")


def test_three_years_on_three_different_forms(scene: Scene) -> None:
    three_years(scene)
    scene.cycle(2023, "2019")
    seen = scene.lan.commands("/dossier")
    name, content = file_in(seen)
    assert name == "ho-so-kiem-diem-nguyen-thi-lan-2024-2026.docx"
    assert any("2024, 2025, 2026" in message.text for message in seen)
    lines = words_in(content)
    places = [next(n for n, line in enumerate(lines) if f"Việc của năm {year}" in line) for year in YEARS]
    assert places == sorted(places)
    titles = [line for line in lines if line.startswith("BẢN KIỂM ĐIỂM")]
    assert len(titles) == 3
    assert len(word(content).sections) == 3
    assert [act.what for act in scene.trail()] == ["dossier_printed"]


def test_a_year_that_is_missing_is_named(scene: Scene) -> None:
    three_years(scene, without=2025)
    seen = scene.lan.commands("/hoso")
    _, content = file_in(seen)
    assert len(word(content).sections) == 2
    assert any("Không có bản đã nộp: 2025" in message.text for message in seen)


def test_nothing_submitted_is_said(scene: Scene) -> None:
    scene.cycle()
    scene.lan.commands("/dossier")
    assert "chưa có bản nào đã nộp" in scene.lan.screen.text


def test_where_no_pdf_can_be_made_the_word_file_comes_with_a_sentence(scene: Scene) -> None:
    three_years(scene)
    scene.lan.commands("/review 2026")
    scene.lan.presses("versions")
    seen = scene.lan.presses("dossier_pdf")
    name, content = file_in(seen)
    assert name.endswith(".docx")
    assert len(word(content).sections) == 3
    assert any("chưa làm được PDF nên đây là tệp Word" in message.text for message in seen)


def test_whoever_reads_the_form_may_have_the_dossier_and_nobody_else(scene: Scene) -> None:
    three_years(scene)
    scene.secretary.commands("/reviews 2026")
    scene.secretary.presses("Nguyễn Thị Lan: Hoàn thành tốt nhiệm vụ")
    _, content = file_in(scene.secretary.presses("dossier_cell"))
    assert len(word(content).sections) == 3
    assert scene.trail()[-1].subject == f"member:{scene.lan.member}"
    other = scene.member("Người Lạ", Role.MEMBER)
    assert all(message.post.file is None for message in other.commands("/dossier_cell"))
    assert all(message.post.file is None for message in other.commands("/dossier"))


def test_a_secretary_elsewhere_gets_nothing(scene: Scene) -> None:
    three_years(scene)
    far = scene.member("Thư ký Hai", Role.MEMBER, Role.SECRETARY, cell="Chi bộ Hai")
    far.commands("/reviews 2026")
    assert all(message.post.file is None for message in far.commands("/dossier_cell"))


def filled(text: str, size: int) -> bytes:
    """A layout whose letters are that large, with a list of its own and a header."""

    def change(document):  # type: ignore[no-untyped-def]
        document.styles["Noi dung"].font.size = Pt(size)
        document.add_paragraph(text, style="List Number")
        document.sections[0].header.add_paragraph(text)

    return changed(change)


def test_bound_files_keep_their_headers_styles_and_lists() -> None:
    bound = Document(io.BytesIO(bind([filled("một", 14), filled("hai", 11), filled("ba", 14)])))
    assert [section.header.paragraphs[-1].text for section in bound.sections] == ["một", "hai", "ba"]
    assert [round(section.page_width.mm) if section.page_width else 0 for section in bound.sections] == [
        210,
        210,
        210,
    ]
    assert {style.font.size for style in bound.styles if style.name in {"Noi dung", "Noi dung 2"}} == {
        Pt(14),
        Pt(11),
    }
    listed = [p for p in bound.paragraphs if p.text in {"một", "hai", "ba"}]
    assert len({p.style.style_id if p.style else "" for p in listed}) >= 1
    starts = [s._sectPr.find(qn("w:pgNumType")) for s in bound.sections[1:]]
    assert all(start is not None and start.get(qn("w:start")) == "1" for start in starts)


def test_one_file_is_bound_as_it_is_and_none_is_refused() -> None:
    assert bind([b"x"]) == b"x"
    with pytest.raises(ValueError, match="nothing"):
        bind([])


@pytest.mark.skipif(OFFICE is None or shutil.which("pdfinfo") is None, reason="LibreOffice or pdfinfo is not there")
def test_as_pdf_every_year_begins_on_a_page_of_its_own(tmp_path: Path) -> None:
    scene = Scene(tmp_path, Soffice(OFFICE or "").to_pdf)
    three_years(scene)
    name, content = file_in(scene.lan.commands("/dossier_pdf"))
    assert name.endswith(".pdf")
    (tmp_path / "made.pdf").write_bytes(content)
    told = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "made.pdf"), "-"], capture_output=True, check=True
    )
    pages = told.stdout.decode().split("\f")
    firsts = [n for n, page in enumerate(pages) if "ĐẢNG CỘNG SẢN VIỆT NAM" in page]
    assert len(firsts) == 3
    assert all("BẢN KIỂM ĐIỂM" in pages[n] for n in firsts)
    scene.close()
