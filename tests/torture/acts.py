"""What a thumb can do, and the parts of a run in which it does it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kinds(StrEnum):
    """What a thumb can do."""

    SAY = "say"
    PRESS = "press"
    TWICE = "twice"
    OLD = "old"
    EDIT = "edit"
    STICKER = "sticker"
    REMINDED = "reminded"


@dataclass(frozen=True)
class Act:
    """One act. ``what`` are words, or a button: an option's id, ``p#3`` the third point.

    ``hurry``: without waiting for the answers to what was sent before. ``settles``: the answer shows by its
    words that everything before it has been dealt with.
    """

    kind: Kinds
    what: str = ""
    hurry: bool = False
    settles: bool = False

    @property
    def messages(self) -> int:
        """How many updates it makes."""
        return 2 if self.kind is Kinds.TWICE else 1


@dataclass(frozen=True)
class Stretch:
    """A part of the run: ``review`` says whether the year is open; ``ordered`` whether the road keeps the order."""

    messages: int
    review: bool
    ordered: bool
    reminded: bool = False
