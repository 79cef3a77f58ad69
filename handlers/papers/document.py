"""From a form and its answers to the printed page: what stands where, in which words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from handlers.dialogue.fold import fold
from handlers.papers.cleaning import is_marked, one_line, paragraphs
from handlers.papers.layout import AnnexOf, AssessmentOf, FieldOf, Layout
from handlers.papers.paper import (
    Annex,
    Ask,
    Assessment,
    Box,
    Entry,
    Field,
    Paper,
    Part,
    Remedy,
    Score,
    Section,
    Signed,
    Task,
)
from handlers.review.facts import Answers, Unit, parts_of, points_of, total_points, units_of
from handlers.review.rulebook import Form, Kind, Question, RuleSet
from storage.records import CycleKind

TICKED, EMPTY = "☒", "☐"
_LINES = {Kind.TEXT: 6, Kind.LIST: 4}  # empty lines for the pen, where nothing was answered
_ROOM = 3
_COLUMN = re.compile(r"[;|]")


@dataclass(frozen=True, slots=True)
class Handed:
    """What is printed: whose answers, as of when, and what stands beside the form's own questions.

    ``version`` None means the draft; ``at`` is when it was submitted, or printed, in local time. ``period`` is the
    quarter, or which one it was, of a cycle that is not the yearly one; ``typed_by`` says who typed for the member,
    by ``number`` a filled paper is known again.
    """

    full_name: str
    cell: str
    year: int
    answers: Answers
    at: datetime
    version: int | None = None
    born_on: date | None = None
    position: str = ""
    kind: CycleKind = CycleKind.YEARLY
    period: int = 0
    typed_by: Sequence[str] = ()
    number: str = ""


def paper_of(rules: RuleSet, form: Form, layout: Layout, handed: Handed) -> Paper:
    """Lay out one member's form."""
    words = layout.words
    day = handed.at.date()
    stamp = words.draft if handed.version is None else words.submitted
    return Paper(
        template=layout.template,
        form=form.key,
        code=form.code,
        title=form.title,
        subtitle=form.subtitle,
        period=words.periods[handed.kind].format(year=handed.year, period=handed.period),
        cell=one_line(handed.cell),
        name=one_line(handed.full_name),
        dated=words.no_date.format(year=day.year)
        if handed.version is None
        else words.date.format(day=day.day, month=day.month, year=day.year),
        fields=tuple(Field(field.label, _known(field, layout, handed)) for field in layout.fields),
        parts=tuple(_parts(rules, form, layout, handed)),
        signed=Signed(layout.signature.title, layout.signature.hint, one_line(handed.full_name)),
        assessments=tuple(map(_assessment, layout.assessments)),
        annex=_annex(form, layout, handed),
        notes=tuple(_notes(rules, form, layout)),
        stamp=stamp.format(version=handed.version, at=f"{handed.at:%H:%M %d/%m/%Y}"),
        typed_by=tuple(map(one_line, handed.typed_by)),
        number=handed.number,
        draft=handed.version is None,
    )


def _assessment(of: AssessmentOf) -> Assessment:
    asks = tuple(Ask(ask.words, ("",) * ask.lines) for ask in of.asks)
    return Assessment(of.heading, asks, Signed(of.title, of.hint))


def number_of(question: Question) -> str:
    """The number as the form prints it, under its section: "2" of "I.2", nothing where it is the section's own."""
    head, _, last = question.number.rpartition(".")
    return last if head and question.number != question.section else ""


def figure(tenths: int) -> str:
    """Tenths of a point as Vietnamese figures: 28,5."""
    whole, rest = divmod(tenths, 10)
    return f"{whole},{rest}" if rest else str(whole)


def posts_of(position: str, field: FieldOf, layout: Layout) -> str:
    """The posts of a roster line that belong on this line of the head; none is lost, none stands twice."""
    rivals = [other for other in layout.fields if other.of == "position" and other.words]
    posts = [post.strip() for post in position.replace(";", ",").split(",") if post.strip()]

    def belongs(post: str) -> bool:
        home = next((rival for rival in rivals if _names(post, rival.words)), None)
        return home == field if field.words else home is None

    return ", ".join(filter(belongs, posts))


def _names(post: str, words: tuple[str, ...]) -> bool:
    folded = f" {fold(post)} "
    return any(f" {word} " in folded for word in words)


def _known(field: FieldOf, layout: Layout, handed: Handed) -> str:
    known = {
        "full_name": handed.full_name,
        "born_on": f"{handed.born_on:%d/%m/%Y}" if handed.born_on else "",
        "position": posts_of(handed.position, field, layout),
        "cell": handed.cell,
    }
    return one_line(known.get(field.of, "")) or layout.words.dots


def _notes(rules: RuleSet, form: Form, layout: Layout) -> Iterator[str]:
    """What the secretary should know before this paper is used officially; no part of the form."""
    yield from filter(None, dict.fromkeys((form.note, rules.note, "" if layout.verified else layout.note)))


def _parts(rules: RuleSet, form: Form, layout: Layout, handed: Handed) -> Iterator[Part]:
    sections = list(_sections(rules, form, layout, handed))
    if not form.parts:
        yield Part("", "", tuple(section for _, section in sections))
        return
    for part in form.parts:
        inside = tuple(section for letter, section in sections if letter == part.number)
        yield Part(part.number, part.heading, inside)


def _sections(rules: RuleSet, form: Form, layout: Layout, handed: Handed) -> Iterator[tuple[str, Section]]:
    for section in form.sections:
        asked = [
            question
            for question in form.questions
            if question.section == section.number and question.printed and not _in_annex(question, layout)
        ]
        entries = [_entry(question, rules, layout, handed) for question in asked if question.kind is not Kind.SCORE]
        if any(question.kind is Kind.SCORE for question in asked):
            entries.append(Entry("scores", scores=tuple(_scores(form, layout, handed))))
        letter, _, number = section.number.rpartition(".")
        # A heading that only repeats the section's says nothing.
        plain = tuple(replace(e, number="", heading="") if e.heading == section.heading else e for e in entries)
        yield letter, Section(number, section.heading, plain)


def _in_annex(question: Question, layout: Layout) -> bool:
    return layout.annex is not None and question.key == layout.annex.question


def _entry(question: Question, rules: RuleSet, layout: Layout, handed: Handed) -> Entry:
    entry = Entry(question.key, number_of(question), question.heading)
    given = handed.answers.get(question.key)
    if question.kind is Kind.LEVEL:
        levels = rules.level_names or {}
        boxes = tuple(Box(TICKED if given == level else EMPTY, name) for level, name in levels.items())
        return replace(entry, number="", boxes=boxes, across=True)
    if question.kind is Kind.GRADE:
        boxes = tuple(Box(TICKED if given == grade else EMPTY, name) for grade, name in rules.grade_names.items())
        return replace(entry, boxes=boxes)
    if question.key not in handed.answers:
        return replace(entry, room=("",) * _LINES.get(question.kind, _ROOM))
    if given in (None, "", []):
        return replace(entry, lines=(layout.words.none,))
    return _answered(entry, question, rules, layout, given)


def _answered(entry: Entry, question: Question, rules: RuleSet, layout: Layout, given: Any) -> Entry:
    match question.kind:
        case Kind.LIST:
            return replace(entry, lines=tuple(line for item in given for line in _item(item)))
        case Kind.REMEDIATION:
            return replace(entry, remedies=tuple(_remedies(layout, given)))
        case Kind.TASKS:
            return replace(entry, lines=(layout.words.tasks.format(**{**_NO_TASKS, **given}),))
        case Kind.UNITS:
            return replace(
                entry, lines=tuple(line for unit in units_of(given) for line in _unit(unit, rules, layout))
            )
    return replace(entry, lines=paragraphs(str(given)) or ("",))


_NO_TASKS = {"given": "…", "done": "…", "late": "…", "exceeded": "…"}


def _item(item: str) -> tuple[str, ...]:
    """One item of a list: a dash before its first line, unless the member put a mark of their own."""
    first, *rest = paragraphs(item) or ("",)
    return (first if is_marked(first) else f"- {first}", *rest)


def _unit(unit: Unit, rules: RuleSet, layout: Layout) -> tuple[str, ...]:
    """One unit that a leader leads, in a line or more: its name as typed, then its figures."""
    shares = {part: "…" if share is None else figure(share) for part, share in _shares(unit)}
    grade = rules.grade_names[unit.grade] if unit.grade else "…"
    *before, last = _item(unit.name)
    return (*before, layout.words.unit.format(name=last, grade=grade, **shares))


def _shares(unit: Unit) -> tuple[tuple[str, int | None], ...]:
    return ("done", unit.done), ("late", unit.late), ("exceeded", unit.exceeded)


def _remedies(layout: Layout, faults: list[dict[str, Any]]) -> Iterator[Remedy]:
    for number, fault in enumerate(faults, 1):
        state = layout.remedies.get(str(fault.get("state")), "")
        # A cell of a table without a paragraph is no table any more.
        yield Remedy(
            number, paragraphs(fault["text"]) or ("",), state, paragraphs(fault.get("note") or "") or ("",)
        )


def _scores(form: Form, layout: Layout, handed: Handed) -> Iterator[Score]:
    for question in form.of_kind(Kind.SCORE):
        group = next((group for group in form.scores if group.key == question.group), None)
        given = handed.answers.get(question.key)
        parts = parts_of(given)
        yield Score(
            number_of(question),
            question.heading,
            str(question.maximum),
            _points(points_of(given)),
            strong=True,
            criteria=() if parts or group is None else group.criteria,
        )
        for part in parts:
            yield Score("", one_line(part.label), figure(part.maximum), _points(part.points))
    yield Score("", layout.words.total, str(form.maximum), _points(total_points(form, handed.answers)), strong=True)


def _points(tenths: int | None) -> str:
    return figure(tenths) if tenths is not None else ""


def _annex(form: Form, layout: Layout, handed: Handed) -> Annex | None:
    """The annex, where the form has one and there is something to stand in it."""
    of = layout.annex
    if of is None or not any(question.key == of.question for question in form.questions):
        return None
    tasks = tuple(
        Task(number, *_in_columns(item, of)) for number, item in enumerate(handed.answers.get(of.question) or (), 1)
    )
    return Annex(of.heading, of.title.format(year=handed.year), tasks) if tasks else None


def _in_columns(item: str, of: AnnexOf) -> tuple[tuple[str, ...], str, str]:
    """What came of a task, when, how good: three columns where the words are "product; progress; quality"."""
    lines = paragraphs(item) or ("",)
    pieces = [piece.strip() for piece in _COLUMN.split(" ".join(lines))]
    if len(pieces) == 3 and all(pieces) and any(word in fold(pieces[1]) for word in of.progress):
        return (pieces[0],), pieces[1], pieces[2]
    return lines, "", ""
