"""Makes the product's own Word layout, handlers/papers/templates/self_review.docx, from the page of paper.toml.

python -m docs.samples.make_templates; the same input gives the same bytes. Whoever wants another look opens the
file in Word instead: what stands in braces are the fields of handlers/papers/paper.py.
"""

import io
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from docx import Document
from docx.document import Document as Paper
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from handlers.papers.layout import Page, default_page

TARGET = Path(__file__).parents[2] / "handlers/papers/templates/self_review.docx"
A4 = (210, 297)
CENTRE, RIGHT, BOTH, LEFT = (
    WD_ALIGN_PARAGRAPH.CENTER,
    WD_ALIGN_PARAGRAPH.RIGHT,
    WD_ALIGN_PARAGRAPH.JUSTIFY,
    WD_ALIGN_PARAGRAPH.LEFT,
)
# name: (alignment, bold, italic, size beside the page's, before, after, first line in mm, keeps with the next)
STYLES = {
    "Dau trang": (CENTRE, False, False, -1, 0, 0, 0, False),
    "Ten van ban": (CENTRE, True, False, 0, 12, 0, 0, True),
    "Duoi ten": (CENTRE, False, True, 0, 0, 6, 0, True),
    "Dong dau": (LEFT, False, False, 0, 2, 2, 0, False),
    "Phan": (CENTRE, True, False, 0, 12, 6, 0, True),
    "Muc": (BOTH, True, False, 0, 8, 3, 10, True),
    "Cau hoi": (BOTH, False, True, 0, 4, 3, 10, True),
    "Noi dung": (BOTH, False, False, 0, 3, 3, 10, False),
    "Dong cham": (LEFT, False, False, 0, 5, 0, 0, False),
    "Dong cham giu": (LEFT, False, False, 0, 5, 0, 0, True),
    "O chon": (LEFT, False, False, 0, 2, 2, 10, True),
    "O chon ngang": (LEFT, False, False, 0, 2, 4, 10, False),
    "Trong bang": (LEFT, False, False, -1, 2, 2, 0, False),
    "Giua bang": (CENTRE, False, False, -1, 2, 2, 0, False),
    "Tieu chi": (LEFT, False, True, -2, 0, 1, 0, False),
    "Ky": (CENTRE, False, False, 0, 0, 0, 0, False),
    "Ghi chu": (LEFT, False, True, -5, 0, 0, 0, False),
}


def template() -> bytes:
    """The layout as a Word file."""
    page = default_page()
    paper = Document()
    _page(paper, page)
    _styles(paper, page)
    _head(paper)
    _body(paper)
    _signature(paper, "signed", name="{{ signed.name }}")
    _line(paper, "Ghi chu", "{%p for helper in typed_by %}")
    _line(paper, "Ghi chu", "{{ helper }}")
    _line(paper, "Ghi chu", "{%p endfor %}")
    _assessments(paper)
    _annex(paper)
    _margins(paper)
    properties = paper.core_properties
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.title = "Bản kiểm điểm: mẫu in"
    properties.created = properties.modified = datetime(2026, 1, 1, tzinfo=UTC)
    made = io.BytesIO()
    paper.save(made)
    return _same_bytes(made.getvalue())


def _page(paper: Paper, page: Page) -> None:
    section = paper.sections[0]
    section.page_width, section.page_height = map(Mm, A4)
    section.top_margin, section.bottom_margin = Mm(page.top), Mm(page.bottom)
    section.left_margin, section.right_margin = Mm(page.left), Mm(page.right)
    section.header_distance = section.footer_distance = Mm(page.header)
    section.different_first_page_header_footer = True


def _styles(paper: Paper, page: Page) -> None:
    normal = paper.styles["Normal"]
    normal.font.name, normal.font.size = page.font, Pt(page.size)
    fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
    for kind in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(kind), page.font)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "vi-VN")
    normal.element.get_or_add_rPr().append(language)
    for name, (align, bold, italic, size, before, after, first, keeps) in STYLES.items():
        style = paper.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = normal
        style.font.bold, style.font.italic, style.font.size = bold, italic, Pt(page.size + size)
        shape = style.paragraph_format
        shape.alignment, shape.keep_with_next, shape.widow_control = align, keeps, True
        shape.space_before, shape.space_after, shape.first_line_indent = Pt(before), Pt(after), Mm(first)
        shape.line_spacing_rule = WD_LINE_SPACING.MULTIPLE
        shape.line_spacing = 1.1
    for name in ("Dong cham", "Dong cham giu"):
        width = Mm(A4[0] - page.left - page.right)
        paper.styles[name].paragraph_format.tab_stops.add_tab_stop(
            width, WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS
        )
    for place in range(1, 4):
        paper.styles["O chon ngang"].paragraph_format.tab_stops.add_tab_stop(Mm(10 + 38 * place))


def _head(paper: Paper) -> None:
    code = _line(paper, "Dau trang", "{{ code }}", bold=True)
    code.alignment, code.paragraph_format.space_after = RIGHT, Pt(6)
    left, right = _grid(paper, (72, 93)).rows[0].cells
    _into(left, "Dau trang", "ĐẢNG BỘ ………………………")
    _into(left, "Dau trang", "{{ cell|upper }}", bold=True)
    _into(left, "Dau trang", "*")
    _into(left, "Dau trang", "{%p if number %}")
    _into(left, "Dau trang", "{{ qr }}")
    _into(left, "Ghi chu", "{{ number }}").alignment = CENTRE
    _into(left, "Dau trang", "{%p endif %}")
    _into(right, "Dau trang", "ĐẢNG CỘNG SẢN VIỆT NAM", bold=True, underlined=True)
    _into(right, "Dau trang", "………………, {{ dated }}", italic=True).paragraph_format.space_before = Pt(8)
    _line(paper, "Ten van ban", "{{ title }}")
    _line(paper, "Duoi ten", "{{ period }}")
    _line(paper, "Duoi ten", "{%p if subtitle %}")
    _line(paper, "Duoi ten", "{{ subtitle }}")
    _line(paper, "Duoi ten", "{%p endif %}")
    _line(paper, "Dong dau", "{%p for field in fields %}")
    _line(paper, "Dong dau", "{{ field.label }}: {{ field.value }}")
    _line(paper, "Dong dau", "{%p endfor %}")


def _body(paper: Paper) -> None:
    _line(paper, "Phan", "{%p for part in parts %}")
    _line(paper, "Phan", "{%p if part.heading %}")
    _line(paper, "Phan", "{{ part.number }}. {{ part.heading }}")
    _line(paper, "Phan", "{%p endif %}")
    _line(paper, "Muc", "{%p for section in part.sections %}")
    _line(paper, "Muc", "{{ section.number }}. {{ section.heading }}")
    _line(paper, "Cau hoi", "{%p for entry in section.entries %}")
    _line(paper, "Cau hoi", "{%p if entry.heading %}")
    _line(paper, "Cau hoi", "{% if entry.number %}{{ entry.number }}. {% endif %}{{ entry.heading }}")
    _line(paper, "Cau hoi", "{%p endif %}")
    _line(paper, "Noi dung", "{%p for line in entry.lines %}")
    _line(paper, "Noi dung", "{{ line }}")
    _line(paper, "Noi dung", "{%p endfor %}")
    _line(paper, "Dong cham", "{%p for line in entry.room %}")
    _line(paper, "Dong cham", "{{ line }}\t")
    _line(paper, "Dong cham", "{%p endfor %}")
    _remedies(paper)
    _scores(paper)
    _boxes(paper)
    for _ in range(3):  # entries, sections, parts
        _line(paper, "Noi dung", "{%p endfor %}")


def _remedies(paper: Paper) -> None:
    _line(paper, "Noi dung", "{%p if entry.remedies %}")
    titles = ("TT", "Hạn chế, khuyết điểm", "Kết quả", "Mức độ, khó khăn, trách nhiệm")
    table = _table(paper, (12, 62, 32, 59), titles)
    _loop(table, "{%tr for remedy in entry.remedies %}")
    cells = _row(table)
    _into(cells[0], "Giua bang", "{{ remedy.number }}")
    _lines(cells[1], "remedy.fault")
    _into(cells[2], "Trong bang", "{{ remedy.state }}")
    _lines(cells[3], "remedy.note")
    _loop(table, "{%tr endfor %}")
    _after_table(paper)
    _line(paper, "Noi dung", "{%p endif %}")


def _scores(paper: Paper) -> None:
    _line(paper, "Noi dung", "{%p if entry.scores %}")
    table = _table(paper, (12, 85, 32, 36), ("TT", "Nhóm tiêu chí", "Điểm tối đa", "Điểm tự chấm"))
    _loop(table, "{%tr for score in entry.scores %}")
    _loop(table, "{%tr if score.strong %}")
    _score_row(table, bold=True)
    _loop(table, "{%tr else %}")
    _score_row(table, bold=False)
    _loop(table, "{%tr endif %}")
    _loop(table, "{%tr endfor %}")
    _after_table(paper)
    _line(paper, "Noi dung", "{%p endif %}")


def _score_row(table: Table, *, bold: bool) -> None:
    cells = _row(table)
    number = _into(cells[0], "Giua bang", "{{ score.number }}", bold=bold)
    label = _into(cells[1], "Trong bang", "{{ score.label }}", bold=bold)
    for kept in (number, label):  # the whole table on one page, as long as it fits there
        kept.paragraph_format.keep_with_next = True
    _into(cells[1], "Tieu chi", "{%p for criterion in score.criteria %}")
    _into(cells[1], "Tieu chi", "- {{ criterion }}")
    _into(cells[1], "Tieu chi", "{%p endfor %}")
    _into(cells[2], "Giua bang", "{{ score.maximum }}", bold=bold)
    _into(cells[3], "Giua bang", "{{ score.points }}", bold=bold)


def _boxes(paper: Paper) -> None:
    _line(paper, "O chon", "{%p if entry.boxes and not entry.across %}")
    _line(paper, "O chon", "{%p for box in entry.boxes %}")
    _ticked(_line(paper, "O chon", ""), "")
    _line(paper, "O chon", "{%p endfor %}")
    _line(paper, "O chon", "{%p endif %}")
    _line(paper, "O chon ngang", "{%p if entry.boxes and entry.across %}")
    across = _line(paper, "O chon ngang", "{% for box in entry.boxes %}")
    _ticked(across, "{% if not loop.last %}\t{% endif %}")
    across.add_run("{% endfor %}")
    _line(paper, "O chon ngang", "{%p endif %}")


def _ticked(line: Paragraph, after: str) -> None:
    mark = line.add_run("{{ box.mark }}")
    mark.font.name = "Segoe UI Symbol"  # Times New Roman has no boxes
    line.add_run(" {{ box.name }}" + after)


def _signature(paper: Paper, of: str, *, name: str) -> None:
    _, right = _grid(paper, (75, 90)).rows[0].cells
    _into(right, "Ky", f"{{{{ {of}.title }}}}", bold=True).paragraph_format.space_before = Pt(10)
    _into(right, "Ky", f"{{{{ {of}.hint }}}}", italic=True)
    for _ in range(4 if name else 3):
        _into(right, "Ky", "")
    _into(right, "Ky", name, bold=True)


def _assessments(paper: Paper) -> None:
    _line(paper, "Muc", "{%p for assessment in assessments %}")
    _line(paper, "Muc", "{%p if assessment.heading %}")
    _line(paper, "Muc", "{{ assessment.heading }}").paragraph_format.space_before = Pt(14)
    _line(paper, "Muc", "{%p endif %}")
    _line(paper, "Noi dung", "{%p for ask in assessment.asks %}")
    _line(paper, "Noi dung", "- {{ ask.words }}:").paragraph_format.keep_with_next = True
    _line(paper, "Dong cham giu", "{%p for line in ask.room %}")
    _line(paper, "Dong cham giu", "{{ line }}\t")
    _line(paper, "Dong cham giu", "{%p endfor %}")
    _line(paper, "Noi dung", "{%p endfor %}")
    _signature(paper, "assessment.signed", name="")
    _line(paper, "Muc", "{%p endfor %}")


def _annex(paper: Paper) -> None:
    _line(paper, "Ten van ban", "{%p if annex %}")
    _line(paper, "Ten van ban", "{{ annex.heading }}").paragraph_format.page_break_before = True
    _line(paper, "Ten van ban", "{{ annex.title }}").paragraph_format.space_before = Pt(0)
    _line(paper, "Duoi ten", "(Kèm theo {{ title|lower }} của đồng chí {{ name }})")
    titles = ("TT", "Nhiệm vụ, sản phẩm", "Tiến độ", "Chất lượng")
    table = _table(paper, (12, 83, 35, 35), titles)
    _loop(table, "{%tr for task in annex.tasks %}")
    cells = _row(table)
    _into(cells[0], "Giua bang", "{{ task.number }}")
    _lines(cells[1], "task.product")
    _into(cells[2], "Trong bang", "{{ task.progress }}")
    _into(cells[3], "Trong bang", "{{ task.quality }}")
    _loop(table, "{%tr endfor %}")
    _line(paper, "Ghi chu", "{%p endif %}")


def _margins(paper: Paper) -> None:
    """Head and foot: the page's number from the second page on, a draft said on every page, notes on the first."""
    section = paper.sections[0]
    first, other = section.first_page_header, section.header
    for head in (first, other):
        head.is_linked_to_previous = False
    number = other.paragraphs[0]
    number.style = paper.styles["Dau trang"]
    _page_number(number)
    for head in (first, other):
        head.add_paragraph("{%p if draft %}", "Dau trang")
        draft = head.add_paragraph("", "Dau trang")
        draft.add_run("BẢN NHÁP").bold = True
        draft.paragraph_format.space_after = Pt(6)
        head.add_paragraph("{%p endif %}", "Dau trang")
    notes = section.first_page_footer
    notes.is_linked_to_previous = section.footer.is_linked_to_previous = False
    notes.paragraphs[0].style = paper.styles["Ghi chu"]
    notes.paragraphs[0].add_run("{%p if notes %}")
    told = "{% for note in notes %} {{ note }}{% endfor %}"
    notes.add_paragraph(f"Ghi chú cho thư ký, không thuộc mẫu:{told}", "Ghi chu")
    notes.add_paragraph("{%p endif %}", "Ghi chu")
    notes.add_paragraph("{{ name }} | {{ stamp }}", "Ghi chu").alignment = RIGHT
    section.footer.paragraphs[0].style = paper.styles["Ghi chu"]
    section.footer.paragraphs[0].add_run("{{ name }} | {{ stamp }}")
    section.footer.paragraphs[0].alignment = RIGHT


def _line(paper: Paper, style: str, words: str, *, bold: bool | None = None) -> Paragraph:
    line = paper.add_paragraph(style=paper.styles[style])
    if words:
        line.add_run(words).bold = bold
    return line


def _into(
    cell: _Cell,
    style: str,
    words: str,
    *,
    bold: bool | None = None,
    italic: bool | None = None,
    underlined: bool = False,
) -> Paragraph:
    """A paragraph in a cell; a new cell has an empty one that is taken first."""
    lone = len(cell.paragraphs) == 1 and not cell.paragraphs[0].runs and cell.paragraphs[0].style.name == "Normal"
    line: Paragraph = cell.paragraphs[0] if lone else cell.add_paragraph()
    line.style = style
    run = line.add_run(words)
    run.bold, run.italic, run.underline = bold, italic, underlined or None
    return line


def _lines(cell: _Cell, name: str) -> None:
    _into(cell, "Trong bang", f"{{%p for line in {name} %}}")
    _into(cell, "Trong bang", "{{ line }}")
    _into(cell, "Trong bang", "{%p endfor %}")


def _grid(paper: Paper, widths: tuple[int, ...]) -> Table:
    """A table without lines, whose one row stays on one page."""
    table: Table = paper.add_table(rows=1, cols=len(widths))
    _fixed(table, widths)
    _whole(table.rows[0]._tr)
    return table


def _table(paper: Paper, widths: tuple[int, ...], titles: tuple[str, ...]) -> Table:
    """A table with lines and a head that comes again on every page."""
    table: Table = paper.add_table(rows=1, cols=len(widths))
    table.style = "Table Grid"
    _fixed(table, widths)
    for cell, title in zip(table.rows[0].cells, titles, strict=True):
        _into(cell, "Giua bang", title, bold=True).paragraph_format.keep_with_next = True
    _whole(table.rows[0]._tr).append(OxmlElement("w:tblHeader"))
    return table


def _fixed(table: Table, widths: tuple[int, ...]) -> None:
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for cell, width in zip(table.rows[0].cells, widths, strict=True):
        cell.width = Mm(width)


def _row(table: Table) -> tuple[_Cell, ...]:
    row: Any = table.add_row()  # type: ignore[no-untyped-call]
    for cell, column in zip(row.cells, table.columns, strict=True):
        cell.width = column.width
    _whole(row._tr)
    return tuple(row.cells)


def _loop(table: Table, words: str) -> None:
    """A row that is only an instruction: it does not come into the print."""
    row: Any = table.add_row()  # type: ignore[no-untyped-call]
    _into(row.cells[0], "Trong bang", words)


def _whole(row: Any) -> Any:
    properties: Any = row.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    return properties


def _after_table(paper: Paper) -> None:
    _line(paper, "Ghi chu", "")


def _page_number(line: Paragraph) -> None:
    for kind, words in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = line.add_run()
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = words
        run._r.append(mark)


def _same_bytes(made: bytes) -> bytes:
    """The same file with one date for all its parts: zip keeps when each was written."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            same = zipfile.ZipInfo(part.filename, (2026, 1, 1, 0, 0, 0))
            same.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(same, old.read(part.filename))
    return out.getvalue()


def main() -> int:
    """Write the file."""
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(template())
    print(f"wrote {TARGET} ({TARGET.stat().st_size // 1024} kB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
