"""The Word file, read back: what it says equals what was answered, in every field of every form."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Pt
from jinja2 import TemplateError

from handlers.papers.checking import shown_lines
from handlers.papers.cleaning import one_line, paragraphs
from handlers.papers.document import figure, number_of
from handlers.papers.layout import default_page, layout_of, template_of
from handlers.papers.printing import word_file
from handlers.review.facts import Part, in_parts, points_of, total_points
from handlers.review.rulebook import Form, Kind, Question, RuleSet
from storage.records import CycleKind, ScoreTenths
from tests.papers.build import FORMS, NAMES, handed_of, lines, paper, printed

FORM_2B = "2025/non_leader"


@pytest.mark.parametrize(("rules", "form"), FORMS, ids=NAMES)
def test_every_answer_stands_in_its_place(rules: RuleSet, form: Form) -> None:
    handed = handed_of(form.key)
    made = printed(form.key, handed)
    said = list(lines(form.key, handed))
    assert Document(io.BytesIO(made)).sections
    place = 0
    for section in form.sections:
        number = section.number.rpartition(".")[2]
        place = said.index(f"{number}. {section.heading}", place)
        asked = [q for q in form.questions if q.section == section.number and q.printed and q.key != "annex"]
        for question in asked:
            if question.kind in {Kind.TEXT, Kind.LIST}:
                place = _words_follow(said, place, question, section.heading, handed.answers[question.key])
    for question in form.of_kind(Kind.REMEDIATION):
        for fault in handed.answers[question.key]:
            state = layout_of(rules.id).remedies[fault["state"]]
            at = said.index(fault["text"])
            assert said[at : at + 3] == [fault["text"], state, fault["note"]]
    for question in form.of_kind(Kind.SCORE):
        at = said.index(question.heading)
        points = points_of(handed.answers[question.key])
        assert figure(points or 0) in said[at : at + 6]
        assert said[at - 1] == number_of(question)
    if form.scores:
        at = said.index("Tổng điểm")
        assert said[at + 1 : at + 3] == ["100", figure(total_points(form, handed.answers) or 0)]
    ticked = [line for line in said if line.startswith("☒ ")]
    assert ticked == ["☒ Hoàn thành tốt nhiệm vụ"] * len(form.of_kind(Kind.GRADE))
    assert sum(line.count("☐") for line in said) == 3 * len(form.of_kind(Kind.GRADE)) + 3 * len(
        form.of_kind(Kind.LEVEL)
    )
    for question in form.of_kind(Kind.LEVEL):
        assert question.heading in said


def _words_follow(said: list[str], place: int, question: Question, heading: str, given: Any) -> int:
    """The question's heading, then its answer line by line; returns where that ends."""
    if question.heading != heading:
        place = said.index(f"{number_of(question)}. {question.heading}", place)
    if not given:
        assert said[place + 1] == "Không có."
        return place + 1
    wanted = [f"- {item}" for item in given] if isinstance(given, list) else list(paragraphs(given))
    assert said[place + 1 : place + 1 + len(wanted)] == wanted
    return place + len(wanted)


@pytest.mark.parametrize(("rules", "form"), FORMS, ids=NAMES)
def test_head_and_foot(rules: RuleSet, form: Form) -> None:
    handed = handed_of(form.key)
    said = lines(form.key, handed)
    assert "ĐẢNG CỘNG SẢN VIỆT NAM" in said
    assert form.code in said
    assert form.title in said
    assert "Năm 2026" in said
    assert handed.cell.upper() in said
    assert f"Họ và tên: {handed.full_name}" in said
    assert f"Ngày sinh: {handed.born_on:%d/%m/%Y}" in said
    assert f"Chi bộ: {handed.cell}" in said
    assert any(line.startswith("Đơn vị công tác: …") for line in said)
    assert any(line.endswith(", ngày 12 tháng 12 năm 2026") for line in said)
    signed = said.index("NGƯỜI TỰ KIỂM ĐIỂM")
    assert said[signed + 1] == "(Ký, ghi rõ họ tên)"
    assert handed.full_name in said[signed + 2 : signed + 8]
    assert f"{handed.full_name} | Bản nộp lần 1, lúc 20:15 12/12/2026" in said
    assert "BẢN NHÁP" not in said
    note = next(line for line in said if line.startswith("Ghi chú cho thư ký"))
    for told in (form.note, rules.note):
        assert told in note


def test_the_posts_of_2019_stand_on_three_lines_and_none_is_lost() -> None:
    said = lines(
        "2019/leader", replace(handed_of("2019/leader"), position="Bí thư Chi bộ, Hiệu trưởng; Chủ tịch Công đoàn")
    )
    assert "Chức vụ Đảng: Bí thư Chi bộ" in said
    assert "Chức vụ chính quyền: Hiệu trưởng" in said
    assert "Chức vụ đoàn thể: Chủ tịch Công đoàn" in said
    said = lines("2019/leader", replace(handed_of("2019/leader"), position="Giảng viên"))
    assert "Chức vụ chính quyền: Giảng viên" in said
    assert any(line.startswith("Chức vụ Đảng: …") for line in said)


def test_the_lower_part_of_2019_is_left_for_the_pen() -> None:
    said = lines("2019/non_leader", handed_of("2019/non_leader"))
    order = ["NGƯỜI TỰ KIỂM ĐIỂM", "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ", "T/M CHI ỦY (CHI BỘ)", "T/M ĐẢNG ỦY (CHI ỦY)"]
    assert sorted(map(said.index, order)) == list(map(said.index, order))
    assert "- Chi bộ đề xuất xếp loại mức chất lượng:" in said


def test_the_annex_in_columns() -> None:
    items = ["Giáo án; đúng hạn; tốt", "Soạn bài; dạy lớp; coi thi", "Một việc\nhai dòng"]
    said = lines(FORM_2B, handed_of(FORM_2B, annex=items))
    at = said.index("PHỤ LỤC")
    rest = list(said[at:])
    assert rest[rest.index("1") :][:4] == ["1", "Giáo án", "đúng hạn", "tốt"]
    # What only looks like three columns stays as it was written.
    assert rest[rest.index("2") :][:4] == ["2", "Soạn bài; dạy lớp; coi thi", "", ""]
    assert rest[rest.index("3") :][:3] == ["3", "Một việc", "hai dòng"]
    assert "PHỤ LỤC" not in lines(FORM_2B, handed_of(FORM_2B, annex=None))


def test_criteria_of_the_committee_with_their_points() -> None:
    parts = [Part("Kỷ luật", 100, ScoreTenths(95)), Part("Năng lực", 200, ScoreTenths(180))]
    said = lines(FORM_2B, handed_of(FORM_2B, general_score=in_parts(parts), task_score=630))
    at = said.index("Nhóm tiêu chí chung")
    assert said[at : at + 11] == (
        "Nhóm tiêu chí chung",
        "30",
        "27,5",
        "",
        "Kỷ luật",
        "10",
        "9,5",
        "",
        "Năng lực",
        "20",
        "18",
    )
    assert "90,5" in said


def test_a_draft_says_so_and_has_room_for_the_pen() -> None:
    handed = replace(handed_of(FORM_2B), answers={"conduct": "Đã viết."}, version=None, number="7-12-ABCDEF")
    made = printed(FORM_2B, handed)
    said = lines(FORM_2B, handed)
    assert said.count("BẢN NHÁP") == 2  # the first page's head and that of the others
    assert "Đã viết." in said
    assert "7-12-ABCDEF" in said
    assert any("ngày …… tháng …… năm 2026" in line for line in said)
    assert f"{handed.full_name} | Bản nháp, chưa nộp; in lúc 20:15 12/12/2026" in said
    assert sum(line == " " for line in said) >= 20  # a tab with dots before it
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        assert [name for name in parts.namelist() if name.endswith(".png")]


def test_who_typed_is_said() -> None:
    said = lines(FORM_2B, replace(handed_of(FORM_2B), typed_by=("Người nhập hộ: Lý Thị Bé, xác nhận bằng mã.",)))
    assert "Người nhập hộ: Lý Thị Bé, xác nhận bằng mã." in said


@pytest.mark.parametrize(
    ("kind", "period", "line"),
    [(CycleKind.QUARTERLY, 3, "Quý 3 năm 2026"), (CycleKind.WHEN_NEEDED, 2, "Năm 2026, đợt 2")],
)
def test_other_rhythms(kind: CycleKind, period: int, line: str) -> None:
    assert line in lines(FORM_2B, replace(handed_of(FORM_2B), kind=kind, period=period))


LITERAL = (
    "{{ paper }} {% for x in y %} {# z #} {_{ a }_} {_% b %_}",
    "<w:p><w:r/></w:p> </w:t> <script>alert(1)</script>",
    "&amp; &lt; &#95; \"quotes\" 'single' <>",
    "{{ ''.__class__.__mro__ }} {{r rich }} {%p if x %} {%tr endfor %} {%- a -%}",
    "$x_{1}$ _gạch_ *sao* \\n \\x0b",
)


@pytest.mark.parametrize("typed", LITERAL)
def test_what_looks_like_an_instruction_is_printed_as_it_stands(typed: str) -> None:
    handed = handed_of(
        FORM_2B,
        conduct=typed,
        measures=[typed, typed],
        annex=[typed],
        remediation=[{"text": typed, "state": "ongoing", "note": typed}],
    )
    handed = replace(handed, full_name=typed, cell=typed, position=typed, typed_by=(typed,))
    said = lines(FORM_2B, handed)
    assert said.count(typed) >= 5  # text, annex, fault, note, name
    assert f"- {typed}" in said
    assert f"Họ và tên: {typed}" in said


BAD = "Dòng\x0bhai\x0cba\x07bốn\tnăm\u202e sáu 😀 \ud83d bảy\x00 tám\ufffe \u200fchín"
BAD_LINES = ("Dòng", "hai", "ba | bốn | năm sáu 😀 bảy tám chín")


def test_pasted_signs_in_every_field() -> None:
    handed = handed_of(
        FORM_2B,
        conduct=BAD,
        shortcomings=[BAD],
        annex=[BAD],
        remediation=[{"text": BAD, "state": "done", "note": BAD}],
    )
    said = lines(FORM_2B, replace(handed, full_name=BAD, position=BAD, cell=BAD))
    at = said.index("Dòng")
    assert said[at : at + 3] == BAD_LINES
    assert f"Họ và tên: {one_line(BAD)}" in said
    assert said.count("ba | bốn | năm sáu 😀 bảy tám chín") == 5


def test_a_name_of_eighty_letters() -> None:
    name = " ".join(["Nguyễn Phúc Hồng Công Tằng Tôn Nữ"] * 3)[:80].strip()
    said = lines(FORM_2B, replace(handed_of(FORM_2B), full_name=name))
    assert f"Họ và tên: {name}" in said


def test_two_hundred_items_and_forty_thousand_letters() -> None:
    items = [f"Ý thứ {n}: thực hiện nghiêm" for n in range(200)]
    long = "Chấp hành nghiêm chủ trương, đường lối.\n" * 1000
    said = lines(FORM_2B, handed_of(FORM_2B, measures=items, conduct=long, duties=long.replace("\n", " ")))
    at = said.index("- Ý thứ 0: thực hiện nghiêm")
    assert said[at : at + 200] == tuple(f"- {item}" for item in items)
    assert said.count("Chấp hành nghiêm chủ trương, đường lối.") == 1000
    assert one_line(long) in said


def test_rows_stay_whole_unless_they_are_longer_than_a_page() -> None:
    faults = [
        {"text": "Ngắn", "state": "done", "note": ""},
        {"text": "Rất dài. " * 400, "state": "not_yet", "note": "x"},
    ]
    made = Document(io.BytesIO(printed(FORM_2B, handed_of(FORM_2B, remediation=faults))))
    table = next(
        table
        for table in made.tables
        if table.rows[0].cells[0].text == "TT" and "khuyết điểm" in table.rows[0].cells[1].text
    )
    whole = [row._tr.find(f".//{qn('w:cantSplit')}") is not None for row in table.rows]
    assert whole == [True, True, False]
    assert table.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None


def test_the_page_is_what_the_data_say() -> None:
    page = default_page()
    section = Document(io.BytesIO(template_of("2025"))).sections[0]
    assert [round(side.mm) for side in (section.page_width, section.page_height) if side] == [210, 297]
    margins = section.top_margin, section.bottom_margin, section.left_margin, section.right_margin
    assert [round(margin.mm) for margin in margins if margin is not None] == [
        page.top,
        page.bottom,
        page.left,
        page.right,
    ]
    normal = Document(io.BytesIO(template_of("2025"))).styles["Normal"].font
    assert (normal.name, normal.size) == ("Times New Roman", Pt(14))


def test_equal_papers_give_equal_lines_and_unknown_fields_are_refused() -> None:
    handed = handed_of(FORM_2B)
    assert lines(FORM_2B, handed) == lines(FORM_2B, handed)
    broken = Document(io.BytesIO(template_of("2025")))
    broken.add_paragraph("{{ no_such_field }}")
    file = io.BytesIO()
    broken.save(file)
    with pytest.raises(TemplateError, match="no_such_field"):
        word_file(file.getvalue(), paper(FORM_2B, handed))


def test_a_layout_cannot_reach_into_the_program() -> None:
    for attack in ("{{ signed.__class__.__mro__ }}", "{{ ''.__class__ }}", "{{ fields.__len__.__globals__ }}"):
        broken = Document(io.BytesIO(template_of("2025")))
        broken.add_paragraph(attack)
        file = io.BytesIO()
        broken.save(file)
        with pytest.raises(TemplateError):
            word_file(file.getvalue(), paper(FORM_2B, handed_of(FORM_2B)))


def test_the_layout_in_the_house_is_what_its_script_makes() -> None:
    from docs.samples.make_templates import TARGET, template

    assert TARGET.read_bytes() == template()


@pytest.mark.parametrize(("rules", "form"), FORMS, ids=NAMES)
def test_everything_that_is_to_be_shown_is_shown(rules: RuleSet, form: Form) -> None:
    handed = handed_of(form.key)
    seen = "\n".join(lines(form.key, handed))
    assert [line for line in shown_lines(paper(form.key, handed)) if line not in seen] == []


def test_the_sample_answers_every_question() -> None:
    for _, form in FORMS:
        assert set(handed_of(form.key).answers) == {question.key for question in form.questions}
    assert handed_of("2025/outside_system").full_name != handed_of(FORM_2B).full_name
    assert handed_of(FORM_2B).born_on == date(1985, 8, 20)
