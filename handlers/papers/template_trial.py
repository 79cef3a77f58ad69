"""Trying a layout: everything that speaks against using it, found by reading it and by printing samples with it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from handlers.papers.document import Handed, paper_of
from handlers.papers.layout import layout_of, template_of
from handlers.papers.paper import Paper
from handlers.papers.printing import word_file
from handlers.papers.sample import sample_of
from handlers.papers.template_file import Fault, examine
from handlers.review import forms
from handlers.review.rulebook import Form, RuleSet

if TYPE_CHECKING:
    from jinja2 import Template

    from handlers.papers.template_language import Misuse

# Eighty letters and more.
LONG_NAME = "Nguyễn Phước Tôn Nữ Hoàng Thị Minh Nguyệt Thanh Trúc Quỳnh Hương Diễm My Ánh Tuyết"
_LARGEST_PRINT = 20 * 1024 * 1024
_WORDS = 90
# What every printed form needs; the sentence papers.template.field.<name> says what it is.
ESSENTIAL = (
    "Paper.title",
    "Paper.period",
    "Paper.cell",
    "Field.label",
    "Field.value",
    "Section.heading",
    "Entry.heading",
    "Entry.lines",
    "Entry.room",
    "Box.mark",
    "Box.name",
    "Remedy.fault",
    "Remedy.state",
    "Score.label",
    "Score.points",
    "Signed.title",
    "Signed.name",
    "Task.product",
    "Paper.typed_by",
    "Paper.stamp",
    "Paper.qr",
    "Paper.draft",
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a layout is refused (None: it can be used), the essential fields that it leaves out, a sample print."""

    fault: Fault | None = None
    missing: tuple[str, ...] = ()
    sample: bytes | None = None


def try_layout(content: bytes, rules: str) -> Verdict:
    """Try a layout with every form of a rule set. Raises nothing for a bad one: the verdict says why."""
    if fault := examine(content):
        return Verdict(fault)
    sources = _sources(content)
    if isinstance(sources, Fault):
        return Verdict(sources)
    used = _read(sources)
    if isinstance(used, Fault):
        return Verdict(used)
    if not used:
        return Verdict(Fault("no_fields"))
    ruleset = forms.rule_set(rules)
    samples = [paper for form in ruleset.forms for paper in _papers(ruleset, form)]
    if fault := _printed(sources, samples) or _laid_out(content, samples[-1]):
        return Verdict(fault)
    wanted = _used(template_of(rules))
    missing = tuple(name for name in ESSENTIAL if name in wanted and name not in used)
    return Verdict(None, missing, word_file(content, samples[0]))


def _sources(content: bytes) -> tuple[str, ...] | Fault:
    """Everything in the file that is read as a layout, a paragraph a line."""
    from docxtpl import DocxTemplate  # type: ignore[import-untyped]

    try:
        layout = DocxTemplate(io.BytesIO(content))
        layout.init_docx()
        found = [layout.get_xml()]
        for kind in (layout.HEADER_URI, layout.FOOTER_URI):
            found += [layout.get_part_xml(part) for _, part in layout.get_headers_footers(kind)]
        notes = [p for p in layout.docx.part.package.iter_parts() if p.content_type.endswith("footnotes+xml")]
        found += [note.blob.decode("utf-8") for note in notes]
        patched = [layout.patch_xml(source) for source in found]
        about = layout.docx.core_properties
        patched += [about.author, about.comments, about.identifier, about.language, about.subject, about.title]
    except Exception:  # whatever a broken file makes python-docx raise
        return Fault("damaged")
    return tuple(re.sub(r"<w:p([ >])", r"\n<w:p\1", source) for source in patched if source)


def _read(sources: tuple[str, ...]) -> set[str] | Fault:
    """The fields that a layout uses, or what it may not."""
    from jinja2 import TemplateError

    from handlers.papers.template_language import LayoutEnvironment, misuse_of, read

    used: set[str] = set()
    for source in sources:
        try:
            reading = read(LayoutEnvironment().tree(source))
        except RecursionError:
            return Fault("command", "…")
        except TemplateError as error:
            misuse = misuse_of(error)
            return _told(misuse, source) if misuse else Fault("syntax")
        if reading.misuses:
            return _told(reading.misuses[0], source)
        used |= reading.used
    return used


def _used(content: bytes) -> set[str]:
    sources = _sources(content)
    used = _read(sources) if not isinstance(sources, Fault) else sources
    return set() if isinstance(used, Fault) else used


def _told(misuse: Misuse, source: str) -> Fault:
    return Fault(misuse.kind, misuse.what, _line(source, misuse.line))


def _line(source: str, number: int) -> str:
    """The words of a line as they stand in Word."""
    lines = source.splitlines()
    words = " ".join(re.sub(r"<[^>]*>", "", lines[number - 1]).split()) if 0 < number <= len(lines) else ""
    return words if len(words) <= _WORDS else words[: _WORDS - 1] + "…"


def _printed(sources: tuple[str, ...], samples: list[Paper]) -> Fault | None:
    """What goes wrong with the first sample that goes wrong, and where."""
    from handlers.papers.printing import context_of, environment

    reader = environment()
    read = [(source, reader.from_string(source)) for source in sources]
    for paper in samples:
        reader.renew()
        known = {**context_of(paper), "qr": ""}
        for source, layout in read:
            if fault := _filled(source, layout, known, paper.code):
                return fault
    return None


def _filled(source: str, layout: Template, known: Mapping[str, Any], code: str) -> Fault | None:
    from jinja2 import TemplateError
    from lxml import etree

    from handlers.papers.template_language import TooMuchError

    try:
        made = layout.render(known)
        if source.lstrip().startswith("<"):
            etree.fromstring(made.encode(), etree.XMLParser(resolve_entities=False, huge_tree=False))
    except TooMuchError:
        return Fault("too_much")
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        return Fault("undefined", code, _line(source, _where(error)))
    except etree.XMLSyntaxError:
        return Fault("broken", code)
    return None


def _where(error: Exception) -> int:
    """The line of a layout where it went wrong."""
    place, line = error.__traceback__, 0
    while place is not None:
        if place.tb_frame.f_code.co_filename == "<template>":
            line = place.tb_lineno
        place = place.tb_next
    return line


def _laid_out(content: bytes, paper: Paper) -> Fault | None:
    """Whether the print itself opens again, as a Word file."""
    from docx import Document

    try:
        made = word_file(content, paper)
        if len(made) > _LARGEST_PRINT:
            return Fault("too_much")
        Document(io.BytesIO(made))
    except Exception:  # whatever python-docx raises for a print that is none
        return Fault("broken", paper.code)
    return None


def _papers(rules: RuleSet, form: Form) -> Iterator[Paper]:
    """Three samples of a form: filled, empty for the pen, and with more than anybody writes."""
    layout = layout_of(rules.id)
    digits = re.search(r"\d{4}", rules.id)
    year = int(digits[0]) if digits else 2026
    filled = sample_of(form, year, datetime(year, 12, 15, 2, 0, tzinfo=UTC))
    empty = replace(filled, answers={}, version=None, number="12-345-K7QFM2")
    for handed in (filled, empty, replace(filled, full_name=LONG_NAME, answers=_long(filled))):
        yield paper_of(rules, form, layout, handed)


def _long(filled: Handed) -> Mapping[str, Any]:
    """Answers with what a layout must not stumble over: many items, braces and brackets, very long words."""
    odd = "{{ 7*7 }} {% for %} <w:p> & ]]> " + "x" * 200

    def longer(given: Any) -> Any:
        if isinstance(given, str) and len(given) > 20:
            return f"{given}\n{odd}"
        if isinstance(given, list) and given and isinstance(given[0], str):
            return [*given, odd] * 20
        return given

    return {key: longer(given) for key, given in filled.answers.items()}
