"""Flows as values: named steps, what each asks, what it takes, where it leads.

A flow can be printed, drawn, checked and replayed, because nothing in it acts: a step's ``body`` and
``options`` are pure functions of the room's view (the facts that the room loaded for this turn).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

from handlers.dialogue.phrases import Phrase, Text, t

V = TypeVar("V")

BACK, SKIP, LEAVE, ASK = "nav.back", "nav.skip", "nav.leave", "nav.ask"

JSON = str | int | bool | None


class Takes(StrEnum):
    """The kind of answer that a step takes; buttons are always taken, words by what the step reads.

    ``FILE`` is a document, ``EVIDENCE`` words, or a photo, a voice message or a document with its caption.
    """

    CHOICE = "choice"
    LONG_TEXT = "long_text"
    LINE = "line"
    NUMBER = "number"
    DATE = "date"
    LIST = "list"
    FILE = "file"
    EVIDENCE = "evidence"


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose: its id is short ASCII, ``words`` are further typed forms beside the label."""

    id: str
    label: Phrase
    words: tuple[str, ...] = ()
    wide: bool = True


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something cannot be taken, and what to do: a text id with its parameters."""

    why: Text


def refusal(id: str, /, **params: Any) -> Refusal:
    """Refuse with a sentence of the catalogue."""
    return Refusal(t(id, **params))


def as_typed(text: str) -> object:
    """Read any words as they are (the default reader)."""
    return text


def _nothing(_: Any) -> tuple[Option, ...]:
    return ()


def _always(_: Any) -> bool:
    return True


@dataclass(frozen=True)
class Step(Generic[V]):
    """One question or screen.

    ``ask`` names the sentence (catalogue id) and is what ``bot flows`` prints; ``body`` builds the whole screen
    from the view where the sentence alone is not enough. ``read`` turns typed words into a value, a Refusal, or
    None (not understood); ``leads`` names the steps it can go to (``END`` leaves the flow), empty meaning the
    next one that applies. ``most`` is the greatest length of one message in characters.
    """

    id: str
    ask: str
    takes: Takes = Takes.CHOICE
    body: Callable[[V], Phrase] | None = None
    options: Callable[[V], tuple[Option, ...]] = _nothing
    read: Callable[[str], object] | None = None
    leads: tuple[str, ...] = ()
    optional: bool = False
    applies: Callable[[V], bool] = _always
    back: str | None = None
    most: int = 4096

    def says(self, view: V) -> Phrase:
        """The step's words for this view."""
        return self.body(view) if self.body else t(self.ask)


END = "end"


@dataclass(frozen=True)
class Flow(Generic[V]):
    """A dialogue: ``commands`` enter it, ``verb`` is the permission it needs (None: everybody).

    ``version`` grows when steps change their meaning; a conversation of an older version is led to ``first``.
    ``linear`` flows offer back and skip by the order of their steps; ``ways`` are the ways out that every screen
    of the flow has beside those.
    """

    name: str
    first: str
    steps: tuple[Step[V], ...]
    commands: tuple[str, ...] = ()
    verb: str | None = None
    version: int = 1
    linear: bool = False
    ways: frozenset[str] = frozenset({LEAVE, ASK})
    _by_id: Mapping[str, Step[V]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {step.id: step for step in self.steps})

    def step(self, id: str) -> Step[V] | None:
        """The step of that id, or None where a newer version dropped it."""
        return self._by_id.get(id)

    def after(self, id: str, view: V) -> str | None:
        """The next step in order that applies to this view; None at the end."""
        return self._neighbour(id, view, forwards=True)

    def before(self, id: str, view: V) -> str | None:
        """The step before in order that applies to this view; None at the beginning."""
        return self._neighbour(id, view, forwards=False)

    def _neighbour(self, id: str, view: V, *, forwards: bool) -> str | None:
        ordered = self.steps if forwards else tuple(reversed(self.steps))
        seen = False
        for step in ordered:
            if seen and step.applies(view):
                return step.id
            seen = seen or step.id == id
        return None


@dataclass(frozen=True, slots=True)
class State:
    """Where a conversation stands: small, JSON-able, saved before we answer.

    ``data`` is the room's cursor (ids, page numbers, never answers); ``shown`` are the option ids in the order
    in which they were shown, so that a typed number means what the person saw; ``serial`` counts screens;
    ``parent`` is where to return to.
    """

    flow: str
    step: str
    version: int = 1
    data: Mapping[str, JSON] = field(default_factory=dict)
    shown: tuple[str, ...] = ()
    serial: int = 0
    parent: State | None = None


@dataclass(frozen=True, slots=True)
class Screen:
    """What is to be seen now: words and the options under them; ``numbered``: a typed number chooses one."""

    body: Phrase
    options: tuple[Option, ...] = ()
    numbered: bool = False


def to_json(state: State) -> dict[str, Any]:
    """The state as JSON, for the database."""
    return {
        "flow": state.flow,
        "step": state.step,
        "version": state.version,
        "data": dict(state.data),
        "shown": list(state.shown),
        "serial": state.serial,
        "parent": to_json(state.parent) if state.parent else None,
    }


def from_json(kept: Mapping[str, Any]) -> State:
    """The state that ``to_json`` wrote."""
    return State(
        flow=kept["flow"],
        step=kept["step"],
        version=kept["version"],
        data=dict(kept["data"]),
        shown=tuple(kept["shown"]),
        serial=kept["serial"],
        parent=from_json(kept["parent"]) if kept["parent"] else None,
    )
