"""What became of each event that Zalo gave out: whether whoever was given it can have kept it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

DIED = "given by the last poll of a process that was killed"
STRUCK = "given in an answer that was lost"


@dataclass
class Giving:
    """One time that an event was given out: to which process, and whether that one asked for the next (``had``).

    ``lost``: the fault that kept the answer from it.
    """

    life: int
    lost: str = ""
    had: bool = False


@dataclass
class Event:
    """One message of somebody's; ``again`` types it anew."""

    message: str
    chat: int
    what: str
    again: Callable[[], None]
    given: list[Giving] = field(default_factory=list)
    told: bool = False

    def excuse(self, kills: Mapping[int, float]) -> str:
        """Why nobody here could keep it; empty where somebody could, or where it waits to be given out."""
        reasons = {STRUCK if one.lost else DIED if one.life in kills and not one.had else "" for one in self.given}
        return "" if "" in reasons else " or ".join(sorted(reasons))


class Events:
    """Every event by the id of its message, and what the polls of each process brought last."""

    def __init__(self) -> None:
        self.all: dict[str, Event] = {}
        self._last: dict[int, tuple[str | None, Giving | None]] = {}

    def poll_begins(self, life: int) -> str | None:
        """A process asks for the next event: it has kept the one before, if that reached it; the id of that one."""
        message, before = self._last.pop(life, (None, None))
        if before is None or before.lost:
            return None
        before.had = True
        return message

    def poll_ends(self, life: int, message: str | None, lost: str) -> None:
        """A poll was answered, with an event or without."""
        event = self.all.get(message or "")
        if event is not None:
            event.given.append(Giving(life, lost))
            self._last[life] = (event.message, event.given[-1])

    def died(self, kills: Mapping[int, float], life: int) -> list[Event]:
        """What may have died with a process before ``life``, each told once; the records say whether it has."""
        found = [e for e in self.all.values() if not e.told and e.given and e.given[-1].life < life]
        for event in found:
            event.told = True
        return [event for event in found if event.excuse(kills)]
