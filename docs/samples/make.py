"""Makes the samples beside this file: the form of every year, filled by nobody, as PDF and as pictures.

python -m docs.samples.make; needs LibreOffice Writer (soffice) and pdftoppm.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

from handlers.assisting.rules import paper_number
from handlers.papers.document import Handed, paper_of
from handlers.papers.layout import layout_of, template_of
from handlers.papers.printing import word_file
from handlers.papers.sample import sample_of
from handlers.review import forms
from handlers.review.facts import Part, in_parts
from handlers.review.rulebook import Form, RuleSet
from storage.records import CycleId, MemberId, ScoreTenths

HERE = Path(__file__).parent
DOTS = 75  # an inch: a page's words can be read, and a picture has about 30 kB
YEARS = {"2019": 2020, "2023": 2023, "2025": 2025}  # the year of the seeds for the oldest forms
# What no committee has set: criteria of their own for form 2B, to show how a table of points with them looks.
PARTS = {
    "general_score": (
        ("Chính trị, phẩm chất, kỷ luật", 10, 90),
        ("Năng lực, thái độ, đổi mới", 12, 100),
        ("Tự phê bình", 8, 60),
    ),
    "task_score": (
        ("Nhiệm vụ chuyên môn", 45, 390),
        ("Bồi dưỡng, cập nhật kiến thức", 15, 120),
        ("Ứng xử, phối hợp", 10, 85),
    ),
}


def samples() -> Iterator[tuple[str, RuleSet, Form, Handed]]:
    """Every form filled; form 2B also with criteria, and empty for the pen."""
    for rules in forms.rule_sets():
        for form in rules.forms:
            year = YEARS.get(rules.id, rules.first_year)
            at = datetime(year, 12, 12, 20, 15, tzinfo=UTC)
            filled = sample_of(form, year, at)
            name = form.key.replace("/", "-")
            yield name, rules, form, filled
            if form.key == "2025/non_leader":
                given = {**filled.answers, **{key: _in_parts(parts) for key, parts in PARTS.items()}}
                yield f"{name}-criteria", rules, form, replace(filled, answers=given, version=2)
                empty = replace(
                    filled, answers={}, version=None, number=paper_number(b"sample", CycleId(1), MemberId(2))
                )
                yield f"{name}-empty", rules, form, empty


def _in_parts(parts: tuple[tuple[str, int, int], ...]) -> object:
    return in_parts(Part(label, most * 10, ScoreTenths(points)) for label, most, points in parts)


def word_files(folder: Path) -> list[Path]:
    """Every sample as a Word file in that folder."""
    made = []
    for name, rules, form, handed in samples():
        file = folder / f"{name}.docx"
        file.write_bytes(word_file(template_of(rules.id), paper_of(rules, form, layout_of(rules.id), handed)))
        made.append(file)
    return made


def as_pdf(files: list[Path], folder: Path, seconds: int = 180) -> None:
    """All of them to PDF in one call, with a LibreOffice profile of its own."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    call = ["soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", str(folder), *map(str, files)]
    subprocess.run(call, check=True, capture_output=True, timeout=seconds)


def main() -> int:
    """Make all samples anew."""
    if shutil.which("soffice") is None or shutil.which("pdftoppm") is None:
        print("samples: needs soffice (libreoffice-writer) and pdftoppm (poppler-utils)")
        return 1
    for old in [*HERE.glob("*.pdf"), *HERE.glob("*.png")]:
        old.unlink()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        as_pdf(word_files(folder), folder)
        for pdf in sorted(folder.glob("*.pdf")):
            shutil.copy(pdf, HERE / pdf.name)
            subprocess.run(["pdftoppm", "-r", str(DOTS), "-png", str(pdf), str(folder / pdf.stem)], check=True)
        for page in sorted(folder.glob("*.png")):
            # Sixteen greys are enough for print, and a quarter of the size.
            Image.open(page).convert("L").quantize(16).save(HERE / page.name, optimize=True)
    print(f"samples: {len(list(HERE.glob('*.pdf')))} forms, {len(list(HERE.glob('*.png')))} pages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
