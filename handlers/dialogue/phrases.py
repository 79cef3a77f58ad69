"""What the bot says, before it is put into a language: values that name a sentence and its parameters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence of the catalogue by its id, with named parameters."""

    id: str
    params: tuple[tuple[str, Param], ...] = ()


@dataclass(frozen=True, slots=True)
class Plain:
    """Words that are shown as they are: what a person typed, or an official heading from a form."""

    words: str


@dataclass(frozen=True, slots=True)
class Strong:
    """A phrase in bold."""

    inner: Phrase


@dataclass(frozen=True, slots=True)
class Lines:
    """Several phrases, one under another; ``gap`` is what stands between them."""

    parts: tuple[Phrase, ...]
    gap: str = "\n"


@dataclass(frozen=True, slots=True)
class Number:
    """A figure written as the reader's language writes it: 2157 is ``2.157`` in Vietnamese."""

    value: int


@dataclass(frozen=True, slots=True)
class Points:
    """A score in tenths of a point: 895 is written ``89,5``; whole points lose the comma."""

    tenths: int


@dataclass(frozen=True, slots=True)
class Percent:
    """An exact share, written with one decimal: 9/41 is ``22,0%``."""

    share: Fraction


@dataclass(frozen=True, slots=True)
class Weekday:
    """A day written with its weekday: ``thứ Hai, 14/12/2026``."""

    day: date


Phrase = Text | Plain | Strong | Lines
Param = str | int | date | datetime | Number | Points | Percent | Weekday | Phrase


def t(id: str, /, **params: Param) -> Text:
    """Name a sentence of the catalogue: ``t("review.saved", words=12)``."""
    return Text(id, tuple(params.items()))


def lines(*parts: Phrase | None) -> Lines:
    """Put phrases under one another, leaving out those that are None."""
    return Lines(tuple(part for part in parts if part is not None))


def paragraphs(*parts: Phrase | None) -> Lines:
    """Put phrases under one another with an empty line between them."""
    return Lines(tuple(part for part in parts if part is not None), gap="\n\n")


def stack(parts: Iterable[Phrase]) -> Lines:
    """Put an iterable of phrases under one another."""
    return Lines(tuple(parts))
