"""What became of the words of a form from one version to another: values, and the words of a sentence compared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from enum import StrEnum

from handlers.dialogue.phrases import Param
from handlers.review.rulebook import Question

WORD = re.compile(r"\S+")


class Ink(StrEnum):
    """What became of some words from the earlier version to the later one."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Run:
    """Words that share their fate."""

    ink: Ink
    words: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence or an item of a list, as it was and as it is; one of ``was`` and ``now`` may be missing."""

    was: str | None
    now: str | None

    @property
    def runs(self) -> tuple[Run, ...]:
        """Its words in reading order: those removed stand before those that came for them."""
        if self.was == self.now:
            return (Run(Ink.SAME, self.now or ""),)
        if self.was is None or self.now is None:
            gone = self.now is None
            return (Run(Ink.REMOVED if gone else Ink.ADDED, (self.was if gone else self.now) or ""),)
        return tuple(_runs(self.was, self.now))


@dataclass(frozen=True, slots=True)
class Change:
    """A question that is answered differently: every piece of it in reading order, the unchanged ones too."""

    question: Question
    pieces: tuple[Piece, ...]

    @property
    def added(self) -> int:
        """How many pieces are new."""
        return sum(piece.was is None for piece in self.pieces)

    @property
    def removed(self) -> int:
        """How many pieces are gone."""
        return sum(piece.now is None for piece in self.pieces)

    @property
    def reworded(self) -> int:
        """How many pieces say it in other words."""
        return sum(None not in (piece.was, piece.now) and piece.was != piece.now for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Compared:
    """Two versions of one person's form (number, when it came in), what differs; ``numbers`` are all there are."""

    name: str
    year: Param
    earlier: tuple[int, datetime]
    later: tuple[int, datetime]
    numbers: tuple[int, ...]
    changes: tuple[Change, ...]


def _runs(was: str, now: str) -> Iterator[Run]:
    ours, theirs = WORD.findall(was), WORD.findall(now)
    for what, a, b, c, d in SequenceMatcher(None, ours, theirs).get_opcodes():
        if what == "equal":
            yield Run(Ink.SAME, " ".join(theirs[c:d]))
            continue
        if b > a:
            yield Run(Ink.REMOVED, " ".join(ours[a:b]))
        if d > c:
            yield Run(Ink.ADDED, " ".join(theirs[c:d]))
