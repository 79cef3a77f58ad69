"""What follows from a reply to a question: the value that the writing of every kind of question gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handlers.dialogue.flow import JSON
from handlers.dialogue.phrases import Phrase

STAY, NEXT = "", "next"


@dataclass(frozen=True, slots=True)
class Taken:
    """What follows from a reply to a question.

    ``writes`` says that the answer becomes ``value`` (``removes``: that it goes); ``replaces`` that the old answer
    does not live on in it, ``spills`` are words that do not fit. All that leaves the draft is kept by the room;
    ``undoable`` says that the next screen offers it back.
    ``go`` is STAY, NEXT (the next question, or back to the overview), or a step; ``part`` is the criterion or unit
    inside the question that comes next, from 0 (None: the first that is open).
    """

    go: str = STAY
    writes: bool = False
    value: Any = None
    removes: bool = False
    replaces: bool = False
    undoable: bool = False
    spills: str | None = None
    say: Phrase | None = None
    part: int | None = None

    def cursor(self, question: str) -> Mapping[str, JSON]:
        """What the state remembers of the place inside a question."""
        return {"part": self.part, "part_of": None if self.part is None else question}
