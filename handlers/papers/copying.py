"""A form as plain text, field by field in the form's own order, to be copied into another app. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from handlers.papers.document import TICKED
from handlers.papers.paper import Annex, Entry, Paper, Section
from handlers.review.screens import units

# UTF-16 units of one message; a messenger that takes less cuts it once more.
PIECE = 3500


@dataclass(frozen=True, slots=True)
class CopyField:
    """One field: its official heading, and what is to be copied, without any markup."""

    heading: str
    text: str


def fields_of(paper: Paper) -> tuple[CopyField, ...]:
    """Every field that holds something, in the form's order; the words are those of the printed form."""
    found = [
        CopyField(_heading(section, entry), _text(entry))
        for part in paper.parts
        for section in part.sections
        for entry in section.entries
    ]
    if paper.annex is not None:
        found.append(CopyField(f"{paper.annex.heading}: {paper.annex.title}", _annex(paper.annex)))
    return tuple(one for one in found if one.text)


def as_text(paper: Paper, fields: tuple[CopyField, ...]) -> str:
    """All fields as one plain text, for a file."""
    blocks = [f"{paper.title}\n{paper.period}\n{paper.name}"]
    blocks += [f"[{place}/{len(fields)}] {one.heading}\n\n{one.text}" for place, one in enumerate(fields, 1)]
    return "\n\n\n".join(blocks) + "\n"


def pieces(text: str) -> tuple[str, ...]:
    """A text in pieces that fit a message, cut between paragraphs, else between words; nothing is lost."""
    return tuple(_pieces(text))


def _pieces(text: str) -> Iterator[str]:
    while units(text) > PIECE:
        most = PIECE
        while units(text[:most]) > PIECE:
            most -= 1
        cut = max(text.rfind("\n", most // 2, most), text.rfind(" ", most // 2, most))
        cut = cut if cut > 0 else most
        yield text[:cut].strip()
        text = text[cut:].lstrip()
    if text:
        yield text


def _heading(section: Section, entry: Entry) -> str:
    parts = [f"{section.number}. {section.heading}" if section.number else section.heading]
    if entry.heading:
        parts.append(f"{entry.number}. {entry.heading}" if entry.number else entry.heading)
    return "\n".join(parts)


def _text(entry: Entry) -> str:
    return "\n".join(_lines(entry)).strip()


def _lines(entry: Entry) -> Iterator[str]:
    yield from entry.lines
    yield from (box.name for box in entry.boxes if box.mark == TICKED)
    for remedy in entry.remedies:
        yield f"{remedy.number}. {' '.join(remedy.fault)}"
        yield from filter(None, (remedy.state, *remedy.note))
    for score in entry.scores:
        number = f"{score.number}. " if score.number else ""
        yield f"{number}{score.label}: {score.points or '…'}/{score.maximum}"


def _annex(annex: Annex) -> str:
    return "\n".join(
        f"{task.number}. " + "; ".join(filter(None, (" ".join(task.product), task.progress, task.quality)))
        for task in annex.tasks
        if any(task.product)
    )
