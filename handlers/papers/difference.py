"""Two versions of a form in one Word file: what came in is green and underlined, what went is red and struck."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from handlers.dialogue.phrases import Phrase, t
from handlers.dialogue.room import Attachment, Recipe
from handlers.papers.cleaning import one_line
from handlers.review.changes import Change, Ink, Run
from handlers.review.difference import summary_of

DIFFERENCE = "review-difference"
_COLOURS = {Ink.ADDED: "1B7F37", Ink.REMOVED: "C01F1F"}
_FONT, _SIZE = "Times New Roman", 13
# Centimetres: left, right, top, bottom, as Party documents have them.
_MARGINS = (3.0, 1.5, 2.0, 2.0)


def difference_to_send(
    name: str, title: Phrase, facts: Sequence[Phrase], changes: Iterable[Change], say: Callable[[Phrase], str]
) -> Attachment:
    """The file as an attachment that is written when it is sent; ``say`` puts phrases into the reader's words."""
    data = {
        "title": say(title),
        "facts": [say(fact) for fact in facts],
        "legend": [
            [Ink.ADDED, say(t("review.difference.legend.added"))],
            [Ink.REMOVED, say(t("review.difference.legend.removed"))],
        ],
        "changes": [
            {"head": say(summary_of(change)), "pieces": [_plain(piece.runs) for piece in change.pieces]}
            for change in changes
        ],
        "none": say(t("review.difference.none")),
    }
    return Attachment(name, recipe=DIFFERENCE, data=data)


def _plain(runs: Iterable[Run]) -> list[list[str]]:
    return [[run.ink, run.words] for run in runs]


def make_difference(data: Mapping[str, Any]) -> bytes:
    """The Word file that ``difference_to_send`` describes."""
    # python-docx is large, and few days see such a file.
    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paper = Document()
    _lay_out(paper)
    head = paper.add_paragraph()
    head.alignment = WD_ALIGN_PARAGRAPH.CENTER
    head.add_run(one_line(data["title"])).bold = True
    for fact in data["facts"]:
        paper.add_paragraph(one_line(fact))
    _write(paper, data["legend"])
    for change in data["changes"]:
        told = paper.add_paragraph()
        told.paragraph_format.keep_with_next = True
        told.add_run(one_line(change["head"])).bold = True
        for runs in change["pieces"]:
            _write(paper, runs)
    if not data["changes"]:
        paper.add_paragraph(one_line(data["none"]))
    written = io.BytesIO()
    paper.save(written)
    return written.getvalue()


def _lay_out(paper: Any) -> None:
    """A4, the font and the margins of Party documents."""
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    normal = paper.styles["Normal"]
    normal.font.name, normal.font.size = _FONT, Pt(_SIZE)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    page = paper.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin, page.right_margin, page.top_margin, page.bottom_margin = map(Cm, _MARGINS)


def _write(paper: Any, runs: Iterable[tuple[str, str]]) -> None:
    """One paragraph of runs: (ink, words)."""
    from docx.shared import RGBColor

    paragraph = paper.add_paragraph()
    for place, (ink, words) in enumerate(runs):
        run = paragraph.add_run(f" {one_line(words)}" if place else one_line(words))
        if ink in _COLOURS:
            run.font.color.rgb = RGBColor.from_string(_COLOURS[Ink(ink)])
            run.font.underline = ink == Ink.ADDED
            run.font.strike = ink == Ink.REMOVED


RECIPES: Mapping[str, Recipe] = {DIFFERENCE: make_difference}
