"""What stands on one printed self-assessment, as frozen values: the names that a template may use.

Every text in it is fit for paper already (``cleaning``); a template only lays it out. It is kept as JSON until the
file is made, so it holds nothing but texts, numbers and truth values.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """A line of the form's head: "Họ và tên: …"; an unknown value is a row of dots for the pen."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Box:
    """One thing to be ticked: ``mark`` is ☒ or ☐."""

    mark: str
    name: str


@dataclass(frozen=True, slots=True)
class Remedy:
    """One earlier fault with where it stands and what was added; never without a line."""

    number: int
    fault: tuple[str, ...]
    state: str
    note: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """A row of the points' table; ``number`` is empty for a criterion inside a group and for the total."""

    number: str
    label: str
    maximum: str
    points: str
    strong: bool = False
    criteria: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One question with its answer: lines, boxes, earlier faults or points.

    ``room`` are empty lines for the pen, where nothing was answered; ``across`` boxes stand side by side.
    """

    key: str
    number: str = ""
    heading: str = ""
    lines: tuple[str, ...] = ()
    room: tuple[str, ...] = ()
    boxes: tuple[Box, ...] = ()
    across: bool = False
    remedies: tuple[Remedy, ...] = ()
    scores: tuple[Score, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered heading of the form with its questions."""

    number: str
    heading: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """The forms of some years have parts A and B above the sections; the heading is empty in the others."""

    number: str
    heading: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Signed:
    """A place for a signature: whose, how, and the name under it where it is known."""

    title: str
    hint: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """What is to be written by hand, and the empty lines for it."""

    words: str
    room: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """What others write by hand below the member's part, and their signature."""

    heading: str
    asks: tuple[Ask, ...]
    signed: Signed


@dataclass(frozen=True, slots=True)
class Task:
    """A row of the annex; empty cells are left for the pen."""

    number: int
    product: tuple[str, ...]
    progress: str = ""
    quality: str = ""


@dataclass(frozen=True, slots=True)
class Annex:
    """The annex of the year's tasks."""

    heading: str
    title: str
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """One form of one member, ready to be laid out.

    ``template`` names the layout, ``period`` is the line under the title ("Năm 2026"), ``notes`` are for the
    secretary and no part of the form, ``stamp`` says which version this is, ``typed_by`` who typed it for the
    member (empty: the member), ``draft`` that it was not submitted. ``number`` is printed with its QR code, so
    that a photograph of the filled paper finds its way back; empty: none.
    """

    template: str
    form: str
    code: str
    title: str
    subtitle: str
    period: str
    cell: str
    name: str
    dated: str
    fields: tuple[Field, ...]
    parts: tuple[Part, ...]
    signed: Signed
    assessments: tuple[Assessment, ...] = ()
    annex: Annex | None = None
    notes: tuple[str, ...] = ()
    stamp: str = ""
    typed_by: tuple[str, ...] = ()
    number: str = ""
    draft: bool = False
