"""``check-forms``: complete years pass, a new folder is looked at before it is used, every gap is named."""

from __future__ import annotations

import io
import shutil
from importlib import resources
from pathlib import Path

import pytest
from docx import Document
from typer.testing import CliRunner

from bot.cli import app
from handlers.papers.checking import check_folder
from handlers.papers.layout import template_of
from handlers.review import forms


@pytest.fixture
def year(tmp_path: Path) -> Path:
    """The forms of 2025 in a folder of their own."""
    with resources.as_file(resources.files(forms.__name__) / "2025") as folder:
        return Path(shutil.copytree(folder, tmp_path / "2025"))


def faults(folder: Path) -> list[str]:
    return [f"{finding.about}: {finding.what}" for finding in check_folder(folder) if finding.fault]


def test_every_year_that_the_product_has_is_complete() -> None:
    ended = CliRunner().invoke(app, ["check-forms"])
    assert ended.exit_code == 0
    assert ended.output.splitlines()[-1].startswith("0 faults, ")
    for told in ("2025/leader: not confirmed: Chưa thấy bản in Mẫu 2A", "36-HD/VPTW", "2019", "2023"):
        assert told in ended.output


def test_a_copy_of_a_year_is_complete_too(year: Path) -> None:
    assert faults(year) == []
    assert CliRunner().invoke(app, ["check-forms", str(year)]).exit_code == 0


def test_a_missing_text_is_named_in_both_languages(year: Path) -> None:
    form = year / "non_leader.toml"
    form.write_text(form.read_text().replace('key = "conduct"', 'key = "manners"'))
    assert faults(year) == [
        f"2025/non_leader: no text review.{kind}.manners ({lang})"
        for lang in ("vi", "en")
        for kind in ("short", "help")
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("rules.toml", "at_least = 70", 'at_least = "x"', "at_least"),
        ("non_leader.toml", "maximum = 30", "maximum = 31", "add up to"),
        ("paper.toml", "verified = false", 'verified = false\ntemplate = "other"', "there is no other.docx"),
        ("paper.toml", "verified = false", "verified = false\nmisspelt = 1", "misspelt"),
        ("paper.toml", "note = ", 'fields = [{ label = "Lương", of = "salary" }]\nnote = ', "salary"),
    ],
)
def test_a_mistake_in_the_data_is_told_with_its_place(year: Path, file: str, old: str, new: str, told: str) -> None:
    data = year / file
    assert old in data.read_text()
    data.write_text(data.read_text().replace(old, new, 1))
    found = faults(year)
    assert len(found) == 1
    assert told in found[0]
    ended = CliRunner().invoke(app, ["check-forms", str(year)])
    assert ended.exit_code == 1
    assert told in ended.output


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    ended = CliRunner().invoke(app, ["check-forms", str(tmp_path / "nowhere")])
    assert ended.exit_code == 1
    assert "rules.toml" in ended.output


def test_a_layout_beside_the_forms_is_tried(year: Path) -> None:
    layout = Document(io.BytesIO(template_of("2025")))
    layout.save(str(year / "own.docx"))
    paper = year / "paper.toml"
    paper.write_text('template = "own"\n' + paper.read_text())
    assert faults(year) == []
    layout.add_paragraph("{{ unknown }}")
    layout.save(str(year / "own.docx"))
    assert any("unknown" in fault for fault in faults(year))
    empty = Document()
    empty.add_paragraph("{{ title }}")
    empty.save(str(year / "own.docx"))
    assert any("does not print: Ưu điểm, kết quả đạt được" in fault for fault in faults(year))
    (year / "own.docx").write_bytes(b"not a Word file")
    assert any("cannot be printed" in fault for fault in faults(year))
