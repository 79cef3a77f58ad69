"""A file that somebody sent, as a grid of cells: .xlsx or .csv, in the encodings that offices really use."""

from __future__ import annotations

import csv
import io
import unicodedata
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from handlers.dialogue.phrases import Text, t
from handlers.organisation.sheet import Grid, Raw, Row, text_of

MAX_BYTES = 5 * 1024 * 1024
MAX_EXPANDED = 40 * 1024 * 1024
MAX_ROWS = 5000
MAX_COLUMNS = 100
MAX_SHEETS = 20
# Excel keeps formatted but empty rows for ever: after such a gap the table has ended.
MAX_GAP = 1000

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_OTHER_FORMATS = (b"%PDF", b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"{\\rtf", b"Rar!", b"7z\xbc\xaf")


class UnreadableError(Exception):
    """The file is none that we can read; ``why`` says it to the person who sent it."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.id)
        self.why = why


def _refuse(reason: str, /, **params: int) -> UnreadableError:
    return UnreadableError(t(f"organisation.file.{reason}", **params))


def read_grids(content: bytes) -> list[Grid]:
    """Read every sheet (of a .csv: one grid for each separator), by what is inside, not by its name.

    Raises UnreadableError for what is too large, empty, protected, damaged or no table at all.
    """
    if len(content) > MAX_BYTES:
        raise _refuse("too_large", most=MAX_BYTES // 1024 // 1024)
    if not content.strip():
        raise _refuse("empty")
    if content.startswith(_OLE):
        raise _refuse("protected" if _ENCRYPTED in content else "old_excel")
    if content.startswith(b"PK"):
        return _workbook(content)
    if content.startswith(_OTHER_FORMATS):
        raise _refuse("no_table")
    if content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        # Web pages and old XML sheets that some programs hand out as .xls; Excel itself opens and saves them.
        raise _refuse("damaged")
    return _tables(_decoded(content))


def _workbook(content: bytes) -> list[Grid]:
    # Large (numpy comes with it): loaded when the first workbook is there.
    import openpyxl

    _check_archive(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            try:
                return [Grid(_sheet_rows(sheet), book.epoch) for sheet in book.worksheets[:MAX_SHEETS]]
            finally:
                book.close()
    except UnreadableError:
        raise
    except Exception as error:
        # A damaged workbook makes openpyxl raise nearly anything; whatever it is, the answer is the same.
        raise _refuse("damaged") from error


def _check_archive(content: bytes) -> None:
    """Look at the archive before anything is unpacked: no bomb, no XML entities, really a workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if any(part.flag_bits & 1 for part in parts):
                raise _refuse("protected")
            # zipfile never unpacks more than the size it was promised, so the sum can be believed.
            if len(parts) > 1000 or sum(part.file_size for part in parts) > MAX_EXPANDED:
                raise _refuse("too_large", most=MAX_BYTES // 1024 // 1024)
            if "xl/workbook.xml" not in archive.namelist():
                raise _refuse("no_table")
            # Office files never declare a document type: it is only good for entity bombs.
            if any(b"<!DOCTYPE" in archive.read(part) for part in parts if part.filename.endswith(".xml")):
                raise _refuse("damaged")
    except UnreadableError:
        raise
    except Exception as error:
        raise _refuse("damaged") from error


def _sheet_rows(sheet: Any) -> tuple[Row, ...]:
    # Some programs write a wrong size into the sheet; believing it would lose rows silently.
    sheet.reset_dimensions()
    return tuple(_filled(enumerate(sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True), 1)))


def _filled(rows: Iterable[tuple[int, tuple[Raw, ...]]]) -> Iterator[Row]:
    """Rows that hold anything, up to the end of the table; raises UnreadableError beyond the limit."""
    last = kept = 0
    for number, row in rows:
        if number - last > MAX_GAP:
            return
        if not any(text_of(raw).strip() for raw in row):
            continue
        last, kept = number, kept + 1
        if kept > MAX_ROWS:
            raise _refuse("too_many_rows", most=MAX_ROWS)
        yield number, row


def _decoded(content: bytes) -> str:
    """Text of a .csv: what its mark says, else UTF-8, else the two Windows code pages, as NFC."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _as(content, encoding)
    if b"\0" in content[:200]:
        # Excel's "Unicode text" without its mark.
        return _as(content, "utf-16-le" if content[1:2] == b"\0" else "utf-16-be")
    for encoding in ("utf-8", "cp1258"):
        with suppress(UnreadableError):
            text = _as(content, encoding)
            # In Windows-1258 the tone follows its vowel; a mark that finds no letter is of another code page.
            if encoding == "utf-8" or not any(unicodedata.combining(ch) for ch in text):
                return text
    return _as(content, "cp1252")


def _as(content: bytes, encoding: str) -> str:
    try:
        text = unicodedata.normalize("NFC", content.decode(encoding))
    except UnicodeDecodeError as error:
        raise _refuse("no_table") from error
    if any(unicodedata.category(ch) == "Cc" and ch not in "\r\n\t\f" for ch in text[:4096]):
        raise _refuse("no_table")
    return text


def _tables(text: str) -> list[Grid]:
    """The text cut at each separator that it has: who knows the headings sees which cut is right."""
    if not text.strip():
        raise _refuse("empty")
    grids = []
    for delimiter in (mark for mark in ";\t,|" if mark in text):
        with suppress(csv.Error):
            grids.append(Grid(tuple(_filled(_csv_rows(text, delimiter)))))
    if not grids:
        raise _refuse("no_table")
    return grids


def _csv_rows(text: str, delimiter: str) -> Iterator[tuple[int, tuple[Raw, ...]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    for number, row in enumerate(reader, 1):
        yield number, () if _declares(row) else tuple(row[:MAX_COLUMNS])


def _declares(row: list[str]) -> bool:
    """Whether this is the line ``sep=;`` that Excel reads for itself."""
    return bool(row) and row[0].lower().startswith("sep=")
