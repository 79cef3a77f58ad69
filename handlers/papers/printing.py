"""The Word file itself: a layout with fields in it, filled by docxtpl, nothing in it that was typed is ever run.

What people write is escaped and printed as it stands, braces and brackets too. A layout is opened in a sandbox and
an unknown field is an error: a layout may come from a secretary.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import segno
from markupsafe import Markup, escape

from handlers.papers.cleaning import printable
from handlers.papers.paper import Paper

if TYPE_CHECKING:
    from handlers.papers.template_language import LayoutEnvironment

# Word file in, PDF out; None where no converter is at hand.
ToPdf = Callable[[bytes], bytes | None]


_QR_MM = 24


def no_pdf(_: bytes) -> bytes | None:
    """There is no converter."""
    return None


def word_file(template: bytes, paper: Paper, made_by: str = "") -> bytes:
    """Fill a layout with one paper; ``made_by`` is written into the file's properties (which layout it was).

    Raises jinja2.TemplateError for a field that does not exist, or for more than a form can need.
    """
    # docxtpl brings python-docx and lxml, and most days nothing is printed.
    from docxtpl import DocxTemplate  # type: ignore[import-untyped]

    document = DocxTemplate(io.BytesIO(template))
    document.render({**context_of(paper), "qr": _qr(document, paper.number)}, environment())
    _let_long_rows_break(document)
    document.docx.core_properties.version = made_by
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def context_of(paper: Paper) -> Mapping[str, Any]:
    """The fields that a layout may use, by name."""
    return {field.name: getattr(paper, field.name) for field in fields(paper)}


def _qr(document: Any, number: str) -> Any:
    """The picture that leads a photograph of the paper back to its member; nothing where there is no number."""
    if not number:
        return ""
    from docx.shared import Mm
    from docxtpl import InlineImage

    picture = io.BytesIO()
    segno.make(number, error="q", micro=False).save(picture, kind="png", scale=7, border=4)
    picture.seek(0)
    return InlineImage(document, picture, width=Mm(_QR_MM))


def environment() -> LayoutEnvironment:
    """How a layout's fields are read: a small language, escaped, what it makes is counted; one for each file."""
    from handlers.papers.template_language import LayoutEnvironment

    def ink(value: Any) -> Any:
        shown = _ink(value)
        reader.spend(len(shown) if isinstance(shown, str) else 0)
        return shown

    reader = LayoutEnvironment(ink)
    return reader


def _ink(value: Any) -> Any:
    """A text as it goes into the XML; docxtpl reads ``{_{`` in the result as braces, and does not see it so."""
    if not isinstance(value, str):
        return value
    return Markup(str(escape(printable(value))).replace("_", "&#95;"))  # noqa: S704


# Letters; rows are not cut across pages as long as they fit on one, also where they stand in a narrow column.
_FITS_ON_A_PAGE = 1200


def _let_long_rows_break(document: Any) -> None:
    from docx.oxml.ns import qn

    for row in document.docx.element.body.iter(qn("w:tr")):
        letters = sum(len(text.text or "") for text in row.iter(qn("w:t")))
        properties = row.find(qn("w:trPr"))
        whole = properties.find(qn("w:cantSplit")) if properties is not None else None
        if whole is not None and letters > _FITS_ON_A_PAGE:
            properties.remove(whole)
