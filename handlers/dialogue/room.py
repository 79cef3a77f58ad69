"""What a room is to the engine: it loads a view, takes answers, and says what follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol, TypeVar, runtime_checkable
from zoneinfo import ZoneInfo

from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import JSON, Flow, State
from handlers.dialogue.phrases import Phrase
from handlers.dialogue.said import Command
from storage.records import Account, Address, Cell, Member, MemberId, Urgency
from storage.transaction import Connection

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Made:
    """What a recipe made where that is not what was announced: a file of another name, and a note about it."""

    content: bytes
    name: str = ""
    note: str = ""


Recipe = Callable[[Mapping[str, Any]], bytes | Made]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to be sent: its name with ending; ``picture`` shows it in the chat itself.

    Either its bytes are there, or ``recipe`` names how the room makes them from ``data`` (JSON): that is done in a
    worker when the file is sent, so that drawing never holds up an answer.
    """

    name: str
    content: bytes | None = None
    picture: bool = False
    recipe: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """A button that stays good: it is a command with arguments, checked anew at every press."""

    label: Phrase
    command: str
    args: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """Something said beside the screen, to this person or to another one (by member, or by address)."""

    to: MemberId | Address
    body: Phrase
    buttons: tuple[Standing, ...] = ()
    attachment: Attachment | None = None
    urgency: Urgency = Urgency.ANSWER


@dataclass(frozen=True, slots=True)
class Person:
    """Who is speaking: the member behind the account, and the cell."""

    member: Member
    cell: Cell
    account: Account


@dataclass(frozen=True, slots=True)
class Door:
    """The bot on one messenger: the channel's name, the bot's name there, and how a link with a code is made.

    ``invite_link`` gives None where the messenger knows no such links; then the code is typed. ``takes_files`` is
    False where people cannot send the bot a document.
    """

    channel: str
    name: str
    invite_link: Callable[[str], str | None] = lambda _: None
    takes_files: bool = True


@dataclass(frozen=True, slots=True)
class House:
    """What every room may know of the installation: its zone, its doors on each messenger, its administrators."""

    zone: ZoneInfo
    doors: tuple[Door, ...] = ()
    administrators: frozenset[Address] = frozenset()


@dataclass(frozen=True, slots=True)
class Visit:
    """One turn: who speaks, where they stand, when. ``person`` is None for somebody who has not joined."""

    address: Address
    person: Person | None
    state: State
    now: datetime
    house: House
    private: bool = True
    sender_name: str = ""
    ref: str | None = None

    @property
    def today(self) -> date:
        """The calendar day in the zone of the house."""
        return self.now.astimezone(self.house.zone).date()

    @property
    def language(self) -> str:
        """The language in which this turn is answered."""
        return self.person.member.language if self.person else "vi"

    @property
    def known(self) -> Person:
        """The person, where the flow admits members only; raises LookupError otherwise."""
        if self.person is None:
            raise LookupError("this flow is for people who have joined")
        return self.person


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from an answer or a command.

    ``go`` is the next step (None: stay; ``forward`` asks for the next one that applies). ``say`` stands above the
    next screen. ``data`` is merged into the state's cursor (a value None removes the key). ``enter`` changes to
    another flow by name (``returning`` comes back here when it ends), ``run`` does what a command of that name
    does. ``card`` replaces the text of the message whose standing button was pressed (``card_buttons`` are those
    that it keeps), and ``aside`` leaves the conversation where it was.
    """

    go: str | None = None
    forward: bool = False
    say: Phrase | None = None
    data: Mapping[str, JSON] = field(default_factory=dict)
    messages: tuple[Message, ...] = ()
    ends: bool = False
    enter: str | None = None
    returning: bool = False
    run: str | None = None
    card: Phrase | None = None
    card_buttons: tuple[Standing, ...] = ()
    aside: bool = False
    renewed: bool = False


def stay(say: Phrase | None = None, *messages: Message, **data: JSON) -> Outcome:
    """Keep the person on the same step, with a sentence above it."""
    return Outcome(say=say, messages=messages, data=data)


def go(step: str, say: Phrase | None = None, *messages: Message, **data: JSON) -> Outcome:
    """Lead to a step of the same flow."""
    return Outcome(go=step, say=say, messages=messages, data=data)


def forward(say: Phrase | None = None, *messages: Message, **data: JSON) -> Outcome:
    """Lead to the next step that applies; at the end of the flow this ends it."""
    return Outcome(forward=True, say=say, messages=messages, data=data)


def finish(say: Phrase | None = None, *messages: Message) -> Outcome:
    """End the flow: back to where it was entered from, or to the home screen."""
    return Outcome(ends=True, say=say, messages=messages)


def enter(flow: str, step: str | None = None, say: Phrase | None = None, **data: JSON) -> Outcome:
    """Change to another flow, at its first step or a named one."""
    return Outcome(enter=flow, go=step, say=say, data=data)


def aside(
    say: Phrase | None = None,
    *messages: Message,
    card: Phrase | None = None,
    card_buttons: tuple[Standing, ...] = (),
) -> Outcome:
    """Answer a standing button without moving the conversation."""
    return Outcome(say=say, messages=messages, card=card, card_buttons=card_buttons, aside=True)


class Room(Protocol[V]):
    """A capability: its flows, and what happens in them.

    ``commands`` maps hidden and public command names to the permission verb they need (None: anybody). ``tx`` is
    a SQLAlchemy Connection inside the turn's one transaction; it is only handed on to functions of ``storage``.
    """

    @property
    def flows(self) -> tuple[Flow[V], ...]:
        """Every dialogue of this room."""

    @property
    def commands(self) -> Mapping[str, str | None]:
        """Command names (without slash, aliases too) this room answers, with the verb that each needs."""

    @property
    def recipes(self) -> Mapping[str, Recipe]:
        """How the room makes its files, by the names that its attachments use."""

    @property
    def group_commands(self) -> frozenset[str]:
        """Those of the commands that may be used in a group, where only ``say`` and ``messages`` count."""

    def load(self, tx: Connection, visit: Visit) -> V:
        """Fetch the facts that the current step's screen and rules need."""

    def command(self, tx: Connection, visit: Visit, command: Command) -> Outcome:
        """Answer a command or a standing button; ``visit.state`` is where the person was."""

    def answer(self, tx: Connection, visit: Visit, view: V, answer: Answer) -> Outcome:
        """Decide by rules, keep by storage, and say what follows; a refusal is ``stay(why)``."""


@runtime_checkable
class Compares(Protocol):
    """A room whose facts the same person may change from another messenger while an older screen is in view.

    What ``seen`` gives when a screen is shown stands in the state's data as ``seen`` when it is answered, so that
    the room can tell whether the facts are still those that the person saw.
    """

    def seen(self, view: Any, step: str) -> str | None:
        """A short mark of the facts that the step's screen shows; None where nothing there can be overtaken."""


@runtime_checkable
class Attaches(Protocol):
    """A room of which some commands can be the caption of a photo or a document ("/note …")."""

    @property
    def attach_commands(self) -> frozenset[str]:
        """Those of the commands; what they were the caption of comes with them as ``Command.sent``."""


@runtime_checkable
class Admits(Protocol):
    """A room in which people may stand by a right that can end while they are inside (typing for a member)."""

    def shut_out(self, tx: Connection, visit: Visit) -> Phrase | None:
        """Why the visitor may no longer stand where ``visit.state`` says; None where they may."""


@runtime_checkable
class Examines(Protocol):
    """A room that looks at a file for seconds: before the turn, outside its transaction, so that nobody waits."""

    @property
    def examined_steps(self) -> frozenset[tuple[str, str]]:
        """The steps (flow, step) whose file is looked at."""

    def examine(self, state: State, content: bytes) -> object:
        """What was found; it comes with the file as ``File.looked``. Called in a worker thread."""


@runtime_checkable
class Inherits(Protocol):
    """A room that takes over conversations of dialogues that are gone (a form of a year that was removed)."""

    def inherits(self, flow: str) -> str | None:
        """The name of the flow that goes on where ``flow`` is gone; None where this room knows nothing of it."""


@runtime_checkable
class Overhears(Protocol):
    """A room that knows words typed on the home screen, where no step waits for them ("3 xong")."""

    def overhears(self, text: str) -> Command | None:
        """The command that these words are, if the whole message means this room. Pure."""
