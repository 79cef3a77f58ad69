"""What the screens of assisted entry are built from: the facts of one turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from handlers.dialogue.flow import JSON
from handlers.dialogue.phrases import Phrase
from storage.assistances import Assistance
from storage.records import Cycle, Member

PAGE = 8


@dataclass(frozen=True, slots=True)
class Card:
    """One assistance with its people: ``reachable`` says whether the member has an account of their own.

    ``text`` are the pages of what waits for the member, ``changed`` that it is no longer what was put before them.
    """

    assistance: Assistance
    member: Member
    helper: Member
    opened_by: Member
    year: int
    reachable: bool = False
    photographs: int = 0
    text: tuple[Phrase, ...] = ()
    changed: bool = False


@dataclass(frozen=True, slots=True)
class AssistView:
    """``me`` is who speaks; ``leads`` says that they may open and end assistances in their cell.

    ``running`` is what they may see of those that are open, ``people`` who can be chosen at this step, ``member``
    and ``cycle`` whose form it is about, ``photographs`` how many of their paper there are, ``card`` the one open.
    """

    me: Member
    leads: bool
    now: datetime
    cycle: Cycle | None = None
    running: tuple[Card, ...] = ()
    people: tuple[Member, ...] = ()
    member: Member | None = None
    photographs: int = 0
    card: Card | None = None
    cursor: Mapping[str, JSON] = field(default_factory=dict)

    @property
    def on_page(self) -> tuple[Member, ...]:
        """The people of the page in view."""
        return self.people[self.page * PAGE : (self.page + 1) * PAGE]

    @property
    def pages(self) -> int:
        """How many pages of people there are."""
        return max(1, -(-len(self.people) // PAGE))

    @property
    def page(self) -> int:
        """The page in view, from 0; one that exists."""
        value = self.cursor.get("list")
        return min(max(0, value if isinstance(value, int) else 0), self.pages - 1)
