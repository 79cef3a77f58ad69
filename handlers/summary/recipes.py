"""The files of a summary as data: planned inside the turn, made when they are sent, in a worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from handlers.dialogue.room import Attachment, Recipe
from handlers.summary.chart import Picture, draw
from handlers.summary.grid import Book

_PICTURE = TypeAdapter(Picture)
_BOOK = TypeAdapter(Book)

CHART, BOOK = "summary-chart", "summary-book"


def picture_to_send(name: str, picture: Picture) -> Attachment:
    """The picture as an attachment that is drawn when it is sent."""
    return Attachment(name, picture=True, recipe=CHART, data=_PICTURE.dump_python(picture, mode="json"))


def book_to_send(name: str, book: Book) -> Attachment:
    """The spreadsheet as an attachment that is written when it is sent."""
    return Attachment(name, recipe=BOOK, data=_BOOK.dump_python(book, mode="json"))


def _make_picture(data: Mapping[str, Any]) -> bytes:
    return draw(_PICTURE.validate_python(dict(data)))


def _make_book(data: Mapping[str, Any]) -> bytes:
    # openpyxl is large (numpy comes with it), and few days see a spreadsheet.
    from handlers.summary.spreadsheet import workbook

    return workbook(_BOOK.validate_python(dict(data)))


RECIPES: Mapping[str, Recipe] = {CHART: _make_picture, BOOK: _make_book}
