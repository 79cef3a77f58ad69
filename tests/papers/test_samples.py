"""The samples as PDF: made anew in one call, compared with those in docs/samples for text and number of pages."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from docs.samples.make import HERE, as_pdf, samples, word_files
from handlers.papers.checking import shown_lines
from handlers.papers.document import paper_of
from handlers.papers.layout import layout_of, template_of
from handlers.papers.paper import Paper
from handlers.papers.printing import word_file
from tests.papers.build import handed_of, paper

PAPERS: dict[str, Paper] = {
    name: paper_of(rules, form, layout_of(rules.id), handed) for name, rules, form, handed in samples()
}
NAMES = list(PAPERS)
pytestmark = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext (poppler-utils)")
_FOOT = re.compile(r"^\s*(?:.* \| Bản (?:nộp|nháp).*|\d+)\s*$")


def has_writer() -> bool:
    """Whether LibreOffice is there with what reads Word files; its other parts come without."""
    program = shutil.which("soffice")
    return program is not None and (Path(program).resolve().parent / "libswlo.so").exists()


def pages_of(pdf: Path) -> list[str]:
    """The text of each page, spaces as on paper."""
    text = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True, timeout=60)
    return text.stdout.decode().split("\f")[:-1]


def squeezed(text: str) -> str:
    """Without any space: lines are broken elsewhere on paper."""
    return re.sub(r"\s+", "", text)


def converted(folder: Path, files: list[Path]) -> dict[str, list[str]]:
    """Their pages by name; all in one call, because LibreOffice takes seconds to start."""
    as_pdf(files, folder)
    return {file.stem: pages_of(file.with_suffix(".pdf")) for file in files}


def _hard_cases(folder: Path) -> Iterator[Path]:
    long = "Thực hiện nghiêm túc nhiệm vụ được giao trong năm học. " * 750
    cases = {
        "long": handed_of("2025/non_leader", conduct=long + "HẾT MỤC MỘT."),
        "items": handed_of("2025/leader", measures=[f"Ý thứ {n}, làm trong quý." for n in range(200)]),
        "rows": handed_of(
            "2019/leader",
            remediation=[
                {
                    "text": "Một khuyết điểm. " * 500 + "HẾT KHUYẾT ĐIỂM.",
                    "state": "ongoing",
                    "note": "Ghi chú. " * 300,
                },
                *({"text": f"Khuyết điểm {n}", "state": "done", "note": "đã xong " * 20} for n in range(40)),
            ],
        ),
        "word": handed_of("2025/non_leader", conduct="x" * 4000 + " 😀 א 中文", annex=["y" * 900] * 30),
    }
    for name, handed in cases.items():
        file = folder / f"hard-{name}.docx"
        full_name = "Nguyễn Phúc " * 6 + "Ân Tứ"
        key = "2019/leader" if name == "rows" else "2025/leader" if name == "items" else "2025/non_leader"
        made = paper(key, replace(handed, full_name=full_name))
        file.write_bytes(word_file(template_of(key.partition("/")[0]), made))
        yield file


needs_writer = pytest.mark.skipif(not has_writer(), reason="needs LibreOffice Writer (libreoffice-writer)")


@needs_writer
@pytest.mark.office
def test_the_samples_in_docs_are_what_is_printed_today(tmp_path: Path) -> None:
    made = converted(tmp_path, word_files(tmp_path))
    assert sorted(made) == sorted(file.stem for file in HERE.glob("*.pdf"))
    for name, pages in made.items():
        kept = pages_of(HERE / f"{name}.pdf")
        assert (name, len(kept)) == (name, len(pages))
        assert squeezed("".join(kept)) == squeezed("".join(pages)), f"make samples: {name} is not of today"
        assert len(list(HERE.glob(f"{name}-[0-9].png"))) == len(pages)


@pytest.mark.parametrize("name", NAMES)
def test_every_word_is_on_paper(name: str) -> None:
    seen = squeezed("".join(pages_of(HERE / f"{name}.pdf")))
    lacking = [line for line in _one_by_one(PAPERS[name]) if squeezed(line) not in seen]
    assert lacking == []


def _one_by_one(of: Paper) -> Iterator[str]:
    """The lines that stand alone; columns run into each other in a PDF, so they go by words."""
    beside = {text for entry in _entries(of) for remedy in entry for text in remedy}
    beside |= {text for task in (of.annex.tasks if of.annex else ()) for text in (*task.product, task.progress)}
    for line in shown_lines(of):
        yield from line.split() if line in beside or line == of.title else _halves(line)


def _entries(of: Paper) -> Iterator[list[tuple[str, ...]]]:
    for part in of.parts:
        for section in part.sections:
            for entry in section.entries:
                yield [(*r.fault, r.state, *r.note) for r in entry.remedies]
                yield [(score.label, *score.criteria) for score in entry.scores]


def _halves(line: str) -> list[str]:
    """A long line may go on overleaf, with the foot of the page in between."""
    words = line.split()
    return words if len(words) > 8 else [line]


@pytest.mark.parametrize("name", NAMES)
def test_the_signature_is_on_one_page_with_what_is_signed(name: str) -> None:
    pages = pages_of(HERE / f"{name}.pdf")
    place = next(number for number, page in enumerate(pages) if "NGƯỜI TỰ KIỂM ĐIỂM" in page)
    below = pages[place].partition("NGƯỜI TỰ KIỂM ĐIỂM")[2]
    assert "(Ký, ghi rõ họ tên)" in below
    assert PAPERS[name].name in _body(below)
    assert "Không hoàn thành nhiệm vụ" in pages[place].partition("NGƯỜI TỰ KIỂM ĐIỂM")[0]
    for assessment in PAPERS[name].assessments:
        page = next(page for page in pages if assessment.signed.title in page)
        assert all(ask.words in " ".join(page.split()) for ask in assessment.asks)


@pytest.mark.parametrize("name", NAMES)
def test_no_heading_is_left_alone_and_no_table_of_points_is_cut(name: str) -> None:
    headings = {
        squeezed(f"{number}{heading}")
        for part in PAPERS[name].parts
        for section in part.sections
        for number, heading in [
            (f"{section.number}. ", section.heading),
            *((f"{entry.number}. ", entry.heading) for entry in section.entries),
        ]
        if heading
    }
    pages = pages_of(HERE / f"{name}.pdf")
    for page in pages:
        body = squeezed(_body(page))
        assert not any(body.endswith(heading) for heading in headings)
    with_points = [page for page in pages if "Tổng điểm" in page]
    assert all("Nhóm tiêu chí chung" in " ".join(page.split()) for page in with_points)
    assert len(with_points) == (1 if name.startswith("2025") else 0)


def _body(page: str) -> str:
    """A page without its number, its foot and the notes to the secretary."""
    lines = [line for line in page.partition("Ghi chú cho thư ký")[0].splitlines() if not _FOOT.match(line)]
    return "\n".join(line for line in lines if line.strip())


@needs_writer
@pytest.mark.office
def test_hard_cases_come_out_whole(tmp_path: Path) -> None:
    made = converted(tmp_path, list(_hard_cases(tmp_path)))
    long = squeezed("".join(made["hard-long"]))
    assert "HẾTMỤCMỘT." in long
    assert len(made["hard-long"]) > 12
    items = squeezed("".join(made["hard-items"]))
    assert all(f"-Ýthứ{n},làmtrongquý." in items for n in range(200))
    rows = made["hard-rows"]
    assert "HẾTKHUYẾTĐIỂM." in squeezed("".join(rows))
    assert sum("Hạn chế, khuyết điểm" in " ".join(page.split()) and "Kết quả" in page for page in rows) > 5
    for n in range(40):
        row = next(page for page in rows if re.search(rf"Khuyết điểm {n}\b", page))
        assert "Đã được" in row
    word = squeezed("".join(made["hard-word"]))
    assert word.count("x") >= 4000
    assert word.count("y") >= 900 * 30
    assert "中文" in word
