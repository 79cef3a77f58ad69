"""The form as others will read it, with its official headings, cut into pages that fit a message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from handlers.dialogue.flow import Option
from handlers.dialogue.phrases import Phrase, Plain, Points, Strong, paragraphs, t
from handlers.review.facts import Answers, parts_of, total_points
from handlers.review.overview import inside_section
from handlers.review.rulebook import Form, Kind, Question
from handlers.review.scoring import part_lines
from handlers.review.screens import answer_phrase, clip, left_empty, units
from handlers.review.units import unit_lines
from handlers.review.views import cursor_of

# UTF-16 units: a message holds 4,096, and translated words and the ways out need room beside the typed ones.
_PAGE = 2800
_CHUNK = 1400


def page_of(pages: tuple[Phrase, ...], cursor: Mapping[str, Any]) -> int:
    """A page number that exists."""
    return min(max(0, cursor_of(cursor, "page")), len(pages) - 1)


def page_options(pages: int, page: int) -> tuple[Option, ...]:
    """Turning the pages."""
    turns = []
    if page > 0:
        turns.append(Option("prev", t("review.option.prev"), ("trang truoc", "truoc", "prev"), wide=False))
    if page + 1 < pages:
        turns.append(Option("more", t("review.option.more"), ("trang sau", "sau", "tiep", "next"), wide=False))
    return tuple(turns)


def reading(form: Form, answers: Answers) -> tuple[Phrase, ...]:
    """Every page of the form with these answers."""
    pages: list[list[Phrase]] = [[]]
    room = _PAGE
    for length, phrase in _blocks(form, answers):
        if length > room and pages[-1]:
            pages.append([])
            room = _PAGE
        pages[-1].append(phrase)
        room -= length + 2
    return tuple(paragraphs(*page) for page in pages)


def _blocks(form: Form, answers: Answers) -> Iterator[tuple[int, Phrase]]:
    for place, section in enumerate(form.sections):
        heading = f"{section.number}. {section.heading}"
        yield units(heading), Strong(Plain(heading))
        for question in inside_section(form, place):
            if question.heading != section.heading:
                yield units(question.heading) + 8, Plain(f"{question.number}. {question.heading}")
            yield from answer_blocks(question, answers)
        if section.number == _last_score_section(form):
            yield from _total(form, answers)


def answer_blocks(question: Question, answers: Answers) -> Iterator[tuple[int, Phrase]]:
    """One answer as it is read, in pieces, each with its length in UTF-16 units."""
    given = answers.get(question.key)
    if question.key not in answers:
        yield 20, t("review.open")
    elif given in (None, "", []):
        yield 20, left_empty(question)
    else:
        yield from _given_blocks(question, given)


def _given_blocks(question: Question, given: Any) -> Iterator[tuple[int, Phrase]]:
    """An answer that says something."""
    match question.kind:
        case Kind.TEXT:
            yield from ((units(part), Plain(part)) for part in _parts(given))
        case Kind.LIST:
            for place, item in enumerate(given, 1):
                yield from ((units(part), Plain(part)) for part in _parts(f"{place}. {item}"))
        case Kind.REMEDIATION:
            for place, fault in enumerate(given, 1):
                yield from _fault_blocks(place, fault)
        case Kind.UNITS:
            yield from ((320, line) for line in unit_lines(given, lambda name: clip(name, 200)))
        case Kind.SCORE:
            yield 60, answer_phrase(question, given)
            for criterion, line in zip(parts_of(given), part_lines(given), strict=True):
                yield units(criterion.label) + 24, line
        case _:
            yield 60, answer_phrase(question, given)


def _fault_blocks(place: int, fault: Mapping[str, Any]) -> Iterator[tuple[int, Phrase]]:
    for part in _parts(f"{place}. {fault['text']}"):
        yield units(part), Plain(part)
    yield 30, t(f"review.remedy.{fault['state']}" if fault["state"] else "review.remedy.open")
    for part in _parts(fault["note"]) if fault["note"] else ():
        yield units(part), Plain(part)


def _last_score_section(form: Form) -> str | None:
    return next((question.section for question in reversed(form.of_kind(Kind.SCORE))), None)


def _total(form: Form, answers: Answers) -> Iterator[tuple[int, Phrase]]:
    total = total_points(form, answers)
    if total is not None:
        yield 30, t("review.total", total=Points(total), max=form.maximum)


def _parts(text: str) -> Iterator[str]:
    """A long text in pieces that fit a page, cut between lines or words where that is possible."""
    while units(text) > _CHUNK:
        cut = len(text)
        while units(text[:cut]) > _CHUNK:
            cut -= max(1, (units(text[:cut]) - _CHUNK) // 2)
        kind = max(text.rfind("\n", cut // 2, cut), text.rfind(" ", cut // 2, cut))
        cut = kind if kind > 0 else cut
        yield text[:cut].rstrip()
        text = text[cut:].lstrip()
    if text:
        yield text
