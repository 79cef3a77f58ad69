"""What the year and the last review offer at a question: values, and the data that say what belongs where."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from pydantic import TypeAdapter

from storage.earlier import Earlier
from storage.records import Improvement, Note, Task


@dataclass(frozen=True, slots=True)
class Offers:
    """What there is to offer: notes and tasks of the year, the last submission, what was promised to be mended."""

    notes: tuple[Note, ...] = ()
    tasks: tuple[Task, ...] = ()
    last: Earlier | None = None
    promised: tuple[Improvement, ...] = ()


NOTHING = Offers()


@dataclass(frozen=True, slots=True)
class Places:
    """What is offered where, by question key; ``notes``: kinds of notes in order; ``line``: words of a task."""

    notes: dict[str, tuple[str, ...]]
    tasks: dict[str, str]
    line: dict[str, str]
    faults: dict[str, str]


@cache
def places() -> Places:
    """The data file beside this module."""
    raw = (resources.files(__package__) / "offers.toml").read_text(encoding="utf-8")
    return TypeAdapter(Places).validate_python(tomllib.loads(raw))
