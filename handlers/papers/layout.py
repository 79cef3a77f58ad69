"""How a year's forms look on paper: paper.toml here, key by key replaced by paper.toml beside the year's forms.

A new year needs neither: it looks like the default until somebody has seen its print. The layout itself, what
stands where, is a Word file with fields in it (``template_of``) that a secretary can open and change.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, ClassVar

from pydantic import TypeAdapter, ValidationError

from handlers.review import forms
from handlers.review.forms import FormsError
from storage.records import CycleKind

_STRICT = {"extra": "forbid"}
_KNOWN = frozenset({"", "full_name", "born_on", "position", "cell"})


@dataclass(frozen=True, slots=True)
class FieldOf:
    """A line of the head: what the roster knows under ``of``; ``words`` (folded) choose among several posts."""

    __pydantic_config__: ClassVar = _STRICT
    label: str
    of: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignatureOf:
    """Whose signature, and the line under it."""

    __pydantic_config__: ClassVar = _STRICT
    title: str
    hint: str


@dataclass(frozen=True, slots=True)
class AskOf:
    """Something to be written by hand, and how many empty lines it gets."""

    __pydantic_config__: ClassVar = _STRICT
    words: str
    lines: int


@dataclass(frozen=True, slots=True)
class AssessmentOf:
    """A part below the member's own that others write by hand, and who signs it."""

    __pydantic_config__: ClassVar = _STRICT
    heading: str
    asks: tuple[AskOf, ...]
    title: str
    hint: str


@dataclass(frozen=True, slots=True)
class AnnexOf:
    """The question whose answer becomes the annex; ``progress`` are words (folded) that tell of progress."""

    __pydantic_config__: ClassVar = _STRICT
    question: str
    heading: str
    title: str
    progress: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """What stands where there is nothing to say or nothing is known; the names in braces are filled in."""

    __pydantic_config__: ClassVar = _STRICT
    none: str
    dots: str
    periods: Mapping[CycleKind, str]
    date: str
    no_date: str
    total: str
    tasks: str
    unit: str
    draft: str
    submitted: str


@dataclass(frozen=True, slots=True)
class Page:
    """Margins in millimetres, the letters, where the figures come from; the layout is made from it."""

    __pydantic_config__: ClassVar = _STRICT
    top: int
    bottom: int
    left: int
    right: int
    header: int
    font: str
    size: int
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything that the paper says besides the form's own words."""

    __pydantic_config__: ClassVar = _STRICT
    template: str
    verified: bool
    note: str
    words: Words
    remedies: Mapping[str, str]
    fields: tuple[FieldOf, ...]
    signature: SignatureOf
    page: Page
    annex: AnnexOf | None = None
    assessments: tuple[AssessmentOf, ...] = ()


_LAYOUT = TypeAdapter(Layout)


@cache
def layout_of(rules: str) -> Layout:
    """The layout of a rule set's forms; raises FormsError."""
    return read_layout(_folder(rules))


def read_layout(folder: Traversable) -> Layout:
    """Read and check the layout of one folder of forms; raises FormsError."""
    own = folder / "paper.toml"
    given = {**_toml(_here() / "paper.toml"), **(_toml(own) if own.is_file() else {})}
    try:
        layout = _LAYOUT.validate_python(given)
    except ValidationError as error:
        first = error.errors()[0]
        place = " → ".join(map(str, first["loc"]))
        raise FormsError(f"{folder.name}/paper.toml: {place}: {first['msg']}") from error
    for field in layout.fields:
        if field.of not in _KNOWN:
            raise FormsError(f"{folder.name}/paper.toml: fields: the roster knows no {field.of!r}")
    if not _template_file(layout.template, folder).is_file():
        raise FormsError(f"{folder.name}/paper.toml: template: there is no {layout.template}.docx")
    return layout


def template_of(rules: str) -> bytes:
    """The Word file in which a rule set's forms are printed, as the product comes with it; raises FormsError."""
    return read_template(layout_of(rules).template, _folder(rules))


def read_template(name: str, folder: Traversable) -> bytes:
    """The Word file of that name: beside the forms, else among the product's own."""
    return _template_file(name, folder).read_bytes()


def default_page() -> Page:
    """The page that the product's own layouts are made for."""
    return TypeAdapter(Page).validate_python(_toml(_here() / "paper.toml")["page"])


def _template_file(name: str, folder: Traversable) -> Traversable:
    own = folder / f"{name}.docx"
    return own if own.is_file() else _here() / "templates" / f"{name}.docx"


def _here() -> Traversable:
    return resources.files(__package__)


def _folder(rules: str) -> Traversable:
    return resources.files(forms.__name__) / rules


def _toml(file: Traversable) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FormsError(f"{file.name}: {error}") from error
