"""Layouts of all kinds are tried: good ones pass, everything else is refused with its reason and its line."""

from __future__ import annotations

import io
import time
import zipfile
from dataclasses import replace

import pytest
from docx import Document
from docx.shared import Mm
from PIL import Image

from bot.trial import LayoutTrial
from handlers.papers.checking import words_in
from handlers.papers.layout import template_of
from handlers.papers.printing import word_file
from handlers.papers.sample import sample_of
from handlers.papers.template_file import Fault, examine
from handlers.papers.template_language import LayoutEnvironment, TooMuchError
from handlers.papers.template_trial import LONG_NAME, Verdict, try_layout
from handlers.review import forms
from tests.papers.build import AT, paper, printed
from tests.papers.layouts import (
    OWN,
    RULES,
    changed,
    field_code,
    replaced,
    with_line,
    with_lines,
    with_parts,
    with_relation,
)


def fault(content: bytes) -> Fault:
    found = try_layout(content, RULES)
    assert found.sample is None
    assert found.fault is not None
    return found.fault


@pytest.mark.parametrize("rules", [rules.id for rules in forms.rule_sets()])
def test_the_products_own_layouts_pass_and_lack_nothing(rules: str) -> None:
    found = try_layout(template_of(rules), rules)
    assert (found.fault, found.missing) == (None, ())
    assert found.sample is not None
    name = sample_of(forms.rule_set(rules).forms[0], 2026, AT).full_name
    assert any(name in line for line in words_in(found.sample))


def test_changed_words_and_a_picture_pass_and_are_printed() -> None:
    logo = io.BytesIO()
    Image.new("RGB", (200, 100), "red").save(logo, "PNG")

    def change(document):  # type: ignore[no-untyped-def]
        document.add_paragraph("Trường Chính trị tỉnh: bản in của {{ name|upper }}")
        document.add_picture(logo, width=Mm(20))

    found = try_layout(changed(change), RULES)
    assert found.fault is None
    assert found.sample is not None
    assert any("bản in của TRẦN THỊ MINH HẰNG" in line for line in words_in(found.sample))


def test_an_unknown_field_is_named_with_the_words_of_its_line() -> None:
    assert fault(with_line("Số điện thoại: {{ phone }}")) == Fault("field", "phone", "Số điện thoại: {{ phone }}")
    found = fault(replaced("{{ entry.heading }}", "{{ entry.haeding }}"))
    assert (found.kind, found.what) == ("field", "entry.haeding")
    assert "entry.haeding" in found.words


def test_a_field_that_no_sample_reaches_is_found_too() -> None:
    found = fault(with_lines("{%p if name == 'nobody' %}", "{{ salary }}", "{%p endif %}"))
    assert (found.kind, found.what) == ("field", "salary")


def test_a_field_in_a_header_and_in_the_properties_is_found() -> None:
    def change(document):  # type: ignore[no-untyped-def]
        document.sections[0].header.add_paragraph("{{ secret }}")

    assert fault(changed(change)).what == "secret"
    titled = changed(lambda document: setattr(document.core_properties, "title", "{{ config }}"))
    assert fault(titled).what == "config"


def test_a_syntax_error_says_where() -> None:
    assert fault(with_line("Họ tên: {{ name | }}")) == Fault("syntax", "", "Họ tên: {{ name | }}")
    assert fault(with_line("{% endfro %}")) == Fault("tag", "endfro", "{% endfro %}")
    assert fault(with_line("{% for one in fields %}")).kind == "open"


@pytest.mark.parametrize(
    "line",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ name.__class__ }}",
        "{{ fields.append(1) }}",
        "{{ self }}",
        "{{ cycler }}",
        "{{ lipsum(5000) }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 2 ** 100000000 }}",
        "{{ name|replace('a', 'aaaaaaaaaa') }}",
        "{{ name|center(1000000000) }}",
        "{{ name|counted(-1000000000) }}",
        "{% set x = name %}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% macro x() %}{% endmacro %}",
        "{% for a in range(1000000000) %}x{% endfor %}",
        "{% for a in range(0, 1000000000) %}x{% endfor %}",
        "{% for a in name %}x{% endfor %}",
        "{% for a in fields recursive %}{{ loop(fields) }}{% endfor %}",
        "{% filter upper %}x{% endfilter %}",
        "{{ loop.index }}",
        "{{ fields[name] }}",
        "{{ name|attr('__class__') }}",
        "{% for a in fields %}{{ a._sa }}{% endfor %}",
        "{% if " + "(" * 300 + "name" + ")" * 300 + " %}x{% endif %}",
        "{% if name %}" * 60 + "x" + "{% endif %}" * 60,
    ],
)
def test_what_is_not_in_the_small_language_is_refused(line: str) -> None:
    began = time.monotonic()
    found = fault(with_line(line))
    assert found.kind in {"field", "command", "syntax", "tag"}
    assert time.monotonic() - began < 20


def test_what_a_layout_needs_is_allowed() -> None:
    lines = (
        "{{ name|upper }}",
        "{% for a in range(5) %}.{% endfor %}",
        "{% for a in fields if a.value %}{{ loop.index }}. {{ a.label }}{% if loop.last %}.{% endif %}{% endfor %}",
        "{{ fields|length }} {{ (fields|first).label }} {{ fields[0].value }}",
        "{% if annex is not none and annex %}{{ annex.title }}{% elif draft %}-{% else %}+{% endif %}",
        "{{ 'Nháp' if draft else 'Bản nộp' }}",
    )
    found = try_layout(with_lines(*lines), RULES)
    assert found.fault is None
    assert found.sample is not None
    assert "Bản nộp" in words_in(found.sample)


def test_loops_inside_loops_that_print_too_much_are_stopped_soon() -> None:
    names = "abcdef"
    opening = "".join(f"{{% for {x} in fields %}}{{% for {x}{x} in range(200) %}}" for x in names)
    began = time.monotonic()
    assert fault(with_line(f"{opening}{{{{ name }}}}{'{% endfor %}{% endfor %}' * 6}")).kind == "too_much"
    assert time.monotonic() - began < 20


def test_even_loops_that_print_nothing_are_counted() -> None:
    loops = "{% for a in range(200) %}" * 12 + "{% endfor %}" * 12
    began = time.monotonic()
    with pytest.raises(TooMuchError):
        LayoutEnvironment().from_string(loops).render()
    assert time.monotonic() - began < 20


def test_a_field_that_is_not_always_there_is_refused_with_its_line() -> None:
    found = fault(with_line("Phụ lục: {{ annex.title }}"))
    assert found.kind == "undefined"
    assert found.words == "Phụ lục: {{ annex.title }}"


def test_commands_that_tear_a_table_apart_are_refused() -> None:
    def change(document):  # type: ignore[no-untyped-def]
        document.add_table(rows=1, cols=2).rows[0].cells[1].paragraphs[0].add_run("{% if draft %}")
        document.add_paragraph("{% endif %}")

    assert fault(changed(change)).kind == "broken"


def test_missing_essentials_are_told_and_the_layout_can_be_used() -> None:
    bare = Document()
    bare.add_paragraph("{{ title }} {{ period }}: {{ name }}")
    made = io.BytesIO()
    bare.save(made)
    found = try_layout(made.getvalue(), RULES)
    assert found.fault is None
    assert found.sample is not None
    assert {"Entry.lines", "Score.points", "Box.mark", "Paper.typed_by"} <= set(found.missing)
    assert "Paper.title" not in found.missing


def test_a_printed_form_and_another_letter_are_no_layouts() -> None:
    key = f"{RULES}/non_leader"
    handed = sample_of(forms.form(key), 2026, AT)
    assert fault(printed(key, handed)).kind == "no_fields"
    letter = Document()
    letter.add_paragraph("Kính mời đồng chí {{ ten_dang_vien }} dự họp")
    made = io.BytesIO()
    letter.save(made)
    assert fault(made.getvalue()).what == "ten_dang_vien"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "not_word"),
        (b"not a Word file", "not_word"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old_word"),
        (b"%PDF-1.7 words", "not_word"),
        (OWN[: len(OWN) // 2], "not_word"),
        (bytes(30 * 1024 * 1024), "too_large"),
        (with_parts(**{"word/vbaProject.bin": b"x"}), "macro"),
        (
            with_parts(
                **{
                    "[Content_Types].xml": lambda xml: xml.replace(
                        b"vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
                        b"vnd.ms-word.document.macroEnabled.main+xml",
                    )
                }
            ),
            "macro",
        ),
        (with_parts(**{"word/document.xml": lambda xml: b"<w:broken"}), "damaged"),
        (with_parts(**{"word/document.xml": lambda xml: xml.replace(b"w:body", b"w:baddy")}), "damaged"),
        (with_parts(**{"word/embeddings/oleObject1.bin": b"x"}), "embedded"),
        (with_parts(**{"word/media/image9.emf": b"x" * 100}), "picture"),
        (with_parts(**{"word/media/image9.svg": b"<svg/>"}), "picture"),
        (with_relation("oleObject", "embeddings/x", external=False), "embedded"),
        (with_relation("aFChunk", "x.html", external=False), "embedded"),
        (with_relation("attachedTemplate", "https://example.org/x.dotm", external=True), "link"),
        (with_relation("image", "https://example.org/spy.png", external=True), "link"),
        (with_relation("hyperlink", "https://example.org/", external=True), "link"),
        (field_code("DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe"), "code"),
        (field_code('INCLUDEPICTURE "https://example.org/x.png"'), "code"),
        (field_code('INCLUDETEXT "/etc/passwd"'), "code"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_a_file_that_is_more_than_words_is_refused(content: bytes, kind: str) -> None:
    assert fault(content).kind == kind


def test_a_link_is_named() -> None:
    assert fault(with_relation("image", "https://example.org/spy.png", external=True)).what == (
        "https://example.org/spy.png"
    )


def test_a_page_number_and_a_date_may_be_there() -> None:
    assert examine(field_code("PAGE  \\* MERGEFORMAT")) is None
    assert examine(field_code('DATE \\@ "dd/MM/yyyy"')) is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_and_never_read(encoding: str) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    evil = (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY l0 "ha">{laughs}'
        '<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>'
    )
    assert fault(with_parts(**{"word/comments.xml": evil.encode(encoding)})).kind == "entities"


def test_a_zip_bomb_is_refused_without_being_unpacked() -> None:
    bomb = with_parts(**{"word/media/image9.png": bytes(50 * 1024 * 1024)})
    assert len(bomb) < 1024 * 1024
    began = time.monotonic()
    assert fault(bomb).kind == "bomb"
    assert time.monotonic() - began < 2
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(3000):
            archive.writestr(f"word/{number}.xml", "<x/>")
    assert fault(many.getvalue()).kind == "bomb"


def test_a_picture_of_too_many_points_is_refused() -> None:
    huge = io.BytesIO()
    Image.new("1", (6500, 6500)).save(huge, "PNG")
    assert fault(with_parts(**{"word/media/image9.png": huge.getvalue()})).kind == "picture"


def test_a_name_of_eighty_letters_is_printed_whole() -> None:
    assert len(LONG_NAME) >= 80
    key = f"{RULES}/leader"
    handed = sample_of(forms.form(key), 2026, AT)
    made = word_file(with_line("Tên: {{ name }}"), paper(key, replace(handed, full_name=LONG_NAME)))
    assert f"Tên: {LONG_NAME}" in words_in(made)


def test_what_a_member_typed_is_never_read_as_a_command() -> None:
    key = f"{RULES}/non_leader"
    handed = sample_of(forms.form(key), 2026, AT)
    odd = "{{ 7*7 }} {% set x = 1 %} &amp; <w:p/>"
    made = word_file(with_line("Tên: {{ name }}"), paper(key, replace(handed, full_name=odd)))
    assert f"Tên: {odd}" in words_in(made)


def test_in_a_process_of_its_own_the_verdict_is_the_same() -> None:
    trial = LayoutTrial()
    good, bad = trial(OWN, RULES), trial(with_line("{{ phone }}"), RULES)
    assert good.fault is None
    assert good.sample is not None
    assert bad == Verdict(Fault("field", "phone", "{{ phone }}"))


def test_a_trial_that_takes_too_long_is_ended() -> None:
    began = time.monotonic()
    assert LayoutTrial(seconds=0.2)(OWN, RULES) == Verdict(Fault("too_slow"))
    assert time.monotonic() - began < 10
