"""Printed files as data: planned inside the turn, made when they are sent, in a worker."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from pydantic import TypeAdapter

from handlers.dialogue.fold import fold
from handlers.dialogue.room import Attachment, Made, Recipe
from handlers.papers.layout import template_of
from handlers.papers.paper import Paper
from handlers.papers.printing import ToPdf, no_pdf, word_file

_PAPER = TypeAdapter(Paper)

ONE, ALL = "paper-word", "paper-zip"


@dataclass(frozen=True, slots=True)
class OwnLayout:
    """A layout that the cell's secretary put in place of the product's: its version and its Word file."""

    version: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file to be printed: its name, what stands in it, and the cell's own layout where it has one."""

    name: str
    paper: Paper
    layout: OwnLayout | None = None


@dataclass(frozen=True, slots=True)
class Excuses:
    """What is said under a file that is not what was asked for, in the reader's words."""

    no_pdf: str = ""
    no_layout: str = ""


def one_file(sheet: Sheet, excuses: Excuses | None = None, *, pdf: bool = False) -> Attachment:
    """The file as an attachment that is made when it is sent: Word, or PDF where one can be made."""
    sorry = excuses or Excuses()
    data = {**sheets_to_json([sheet]), "pdf": pdf, "no_pdf": sorry.no_pdf, "no_layout": sorry.no_layout}
    return Attachment(f"{sheet.name.removesuffix('.docx')}.pdf" if pdf else sheet.name, recipe=ONE, data=data)


def all_in_one(name: str, sheets: Iterable[Sheet], day: date) -> Attachment:
    """Many Word files in one zip, dated by ``day``; equal sheets give equal bytes."""
    return Attachment(name, recipe=ALL, data={**sheets_to_json(sheets), "day": day.isoformat()})


def file_name(paper: Paper, number: int = 0) -> str:
    """A name that every computer takes: ``kiem-diem-tran-thi-minh-hang-nam-2026.docx``; ``number`` keeps order."""
    draft = "-ban-nhap" if paper.draft else ""
    place = f"{number:03}-" if number else ""
    return f"{place}kiem-diem-{slug(paper.name)}-{slug(paper.period)}{draft}.docx"


def slug(words: str) -> str:
    """Words for a file's name: small letters, digits and dashes."""
    return fold(words).replace(" ", "-")[:60].strip("-")


def make_one(data: Mapping[str, Any], to_pdf: ToPdf = no_pdf) -> Made:
    """The file of ``one_file``."""
    (sheet,) = sheets_of(data)
    word, own = word_of(sheet)
    return finished(word, sheet.name, data, to_pdf, notes=() if own else (data.get("no_layout", ""),))


def finished(
    word: bytes, name: str, data: Mapping[str, Any], to_pdf: ToPdf, *, notes: tuple[str, ...] = ()
) -> Made:
    """A Word file as it goes out: as PDF where that was asked for and can be made, else with a note."""
    pdf = to_pdf(word) if data.get("pdf") else None
    excuse = data.get("no_pdf", "") if data.get("pdf") and pdf is None else ""
    told = "\n".join(filter(None, (*notes, excuse)))
    return Made(word, name, told) if pdf is None else Made(pdf, note=told)


def make_all(data: Mapping[str, Any]) -> bytes:
    """The zip of ``all_in_one``."""
    day = date.fromisoformat(data["day"])
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for sheet in sheets_of(data):
            entry = zipfile.ZipInfo(sheet.name, (day.year, day.month, day.day, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, word_of(sheet)[0])
    return made.getvalue()


def word_of(sheet: Sheet) -> tuple[bytes, bool]:
    """The Word file of a sheet; False where the cell's own layout could not print it, and the product's did.

    Which layout it was stands in the file's properties.
    """
    from jinja2 import TemplateError

    rules = sheet.paper.form.partition("/")[0]
    if sheet.layout is not None:
        try:
            made_by = f"Mẫu in {rules}: bản {sheet.layout.version} của chi bộ"
            return word_file(sheet.layout.content, sheet.paper, made_by), True
        except (TemplateError, ValueError, TypeError, LookupError):  # tried with samples, and yet
            return word_file(template_of(rules), sheet.paper, f"Mẫu in {rules}: mẫu có sẵn"), False
    return word_file(template_of(rules), sheet.paper, f"Mẫu in {rules}: mẫu có sẵn"), True


def sheets_of(data: Mapping[str, Any]) -> list[Sheet]:
    """The sheets that were planned, from JSON."""
    own = {
        key: OwnLayout(int(kept["version"]), base64.b64decode(kept["content"]))
        for key, kept in data["layouts"].items()
    }
    return [Sheet(s["name"], _PAPER.validate_python(s["paper"]), own.get(s["layout"])) for s in data["sheets"]]


def sheets_to_json(sheets: Iterable[Sheet]) -> dict[str, Any]:
    """Sheets as JSON; a layout that many have in common stands there once."""
    planned, layouts = [], {}
    for sheet in sheets:
        key = ""
        if sheet.layout is not None:
            key = f"{sheet.paper.form.partition('/')[0]}/{sheet.layout.version}"
            if key not in layouts:
                content = base64.b64encode(sheet.layout.content).decode()
                layouts[key] = {"version": sheet.layout.version, "content": content}
        planned.append({"name": sheet.name, "paper": _PAPER.dump_python(sheet.paper, mode="json"), "layout": key})
    return {"sheets": planned, "layouts": layouts}


def recipes(to_pdf: ToPdf | None = None) -> Mapping[str, Recipe]:
    """How these files are made; ``to_pdf`` where something makes PDF files."""
    return {ONE: partial(make_one, to_pdf=to_pdf or no_pdf), ALL: make_all}
