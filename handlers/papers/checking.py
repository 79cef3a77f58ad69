"""Whether a year's data are complete: every text of every question, condition and sign, a layout that prints all.

What the data themselves say of being unconfirmed is listed, not counted as a fault.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.resources.abc import Traversable
from zipfile import BadZipFile

from handlers.papers.document import Handed, paper_of
from handlers.papers.layout import Layout, read_layout, read_template
from handlers.papers.paper import Paper
from handlers.papers.printing import word_file
from handlers.papers.sample import sample_of
from handlers.review.forms import FormsError, read_rule_set
from handlers.review.rulebook import Form, Kind, Measure, RuleSet
from handlers.texts import LANGUAGES, sentences

_AT = datetime(2026, 12, 12, 20, 15)  # noqa: DTZ001  # local time of nobody


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report: what it is about, what was found, whether it is a fault."""

    about: str
    what: str
    fault: bool


def check_folder(folder: Traversable) -> Iterator[Finding]:
    """Look at one year's folder; the first mistake in its data ends it."""
    try:
        rules, layout = read_rule_set(folder), read_layout(folder)
        template = read_template(layout.template, folder)
    except (FormsError, OSError) as mistake:
        yield Finding(folder.name, str(mistake), fault=True)
        return
    yield from (Finding(rules.id, f"no text {id} ({lang})", fault=True) for lang, id in _lacking(_rule_ids(rules)))
    for form in rules.forms:
        yield from (Finding(form.key, f"no text {id} ({lang})", fault=True) for lang, id in _lacking(_ids(form)))
        handed = sample_of(form, rules.first_year, _AT)
        yield from (
            Finding(form.key, what, fault=True) for what in _print_faults(rules, form, layout, template, handed)
        )
    yield from (
        Finding(about, f"not confirmed: {what}", fault=False) for about, what in _unconfirmed(rules, layout)
    )


def words_in(made: bytes) -> tuple[str, ...]:
    """Every line of a Word file in order, tables and margins too: what its reader sees."""
    from docx import Document
    from docx.oxml.ns import qn

    document = Document(io.BytesIO(made))
    section = document.sections[0]
    parts = [section.first_page_header, section.header, document.element.body, section.first_page_footer]
    found = []
    for part in parts:
        element = part if hasattr(part, "iter") else part._element  # python-docx has no other way
        for line in element.iter(qn("w:p")):
            found += ["".join(_sign(piece) for piece in line.iter(qn("w:t"), qn("w:tab"), qn("w:br")))]
    return tuple(found)


def shown_lines(paper: Paper) -> Iterator[str]:
    """Every line that this paper has to show, whatever the layout looks like."""
    yield from (paper.title, paper.period, paper.code, paper.name, *paper.notes)
    for field in paper.fields:
        yield from (field.label, field.value)
    for part in paper.parts:
        yield part.heading
        for section in part.sections:
            yield section.heading
            for entry in section.entries:
                yield from (entry.heading, *entry.lines, *(box.name for box in entry.boxes))
                for remedy in entry.remedies:
                    yield from (*remedy.fault, remedy.state, *remedy.note)
                for score in entry.scores:
                    yield from (score.label, score.maximum, score.points, *score.criteria)
    yield from (paper.signed.title, paper.signed.hint)
    for assessment in paper.assessments:
        yield from (
            assessment.heading,
            *(ask.words for ask in assessment.asks),
            assessment.signed.title,
            assessment.signed.hint,
        )
    for task in paper.annex.tasks if paper.annex else ():
        yield from (*task.product, task.progress, task.quality)


def _sign(piece: object) -> str:
    tag = str(getattr(piece, "tag", ""))
    return str(getattr(piece, "text", "") or "") if tag.endswith("}t") else " "


def _print_faults(rules: RuleSet, form: Form, layout: Layout, template: bytes, handed: Handed) -> Iterator[str]:
    from jinja2 import TemplateError

    paper = paper_of(rules, form, layout, handed)
    try:
        seen = " ".join(words_in(word_file(template, paper)))
    except (TemplateError, BadZipFile, KeyError, ValueError) as wrong:
        yield f"the layout {layout.template} cannot be printed: {wrong}"
        return
    yield from (
        f"the layout {layout.template} does not print: {line}" for line in shown_lines(paper) if line not in seen
    )


def _ids(form: Form) -> Iterator[str]:
    for question in form.questions:
        yield f"review.short.{question.key}"
        yield "review.help.level" if question.kind is Kind.LEVEL else f"review.help.{question.key}"


def _rule_ids(rules: RuleSet) -> Iterator[str]:
    yield from (f"review.grade.{grade}" for grade in rules.grade_names)
    yield from (f"review.level.{level}" for level in rules.level_names or ())
    yield from (f"review.judged.{c.question}" for c in rules.conditions if c.measure is Measure.JUDGED)
    yield from (f"review.trigger.{trigger.key}" for trigger in rules.triggers)
    yield from (f"review.told.{told.key}" for told in rules.told)


def _lacking(ids: Iterator[str]) -> Iterator[tuple[str, str]]:
    wanted = tuple(ids)
    for language in LANGUAGES:
        known = sentences(language)
        yield from ((language, id) for id in wanted if id not in known)


def _unconfirmed(rules: RuleSet, layout: Layout) -> Iterator[tuple[str, str]]:
    for source in rules.sources:
        if not source.verified or source.note:
            yield rules.id, f"{source.name}. {source.note}".strip()
    yield from ((rules.id, rules.note) for _ in range(bool(rules.note)))
    yield from ((rules.id, f"{due.heading} ({due.article})") for due in rules.dates if not due.verified)
    for form in rules.forms:
        if not form.verified or form.note:
            yield form.key, form.note or form.source
    if not layout.verified or layout.note:
        yield rules.id, layout.note
    if not layout.page.verified:
        yield rules.id, layout.page.source
