"""Each messenger's limits as we keep them, so that it never has to tell us to wait."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from storage.records import Address

_WINDOW = 1.0
# A call that hangs is taken to have been counted by then.
_LONGEST_CALL = 2.0
_LONGEST_REST = 5.0
# After a late wake-up so many posts may go at once, so that the second's allowance is used up all the same.
_CATCH_UP = 4
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Pace:
    """What a messenger takes: posts a second in all, and the seconds between two posts to a person, to a group."""

    per_second: int = 30
    chat_gap: float = 1.0
    group_gap: float = 3.0


TELEGRAM = Pace()
# Zalo documents no rate, only that there is one (429). A third of Telegram's is our own caution: all 50 people of
# its free plan are reached within five seconds.
ZALO = Pace(per_second=10)
PACES: Mapping[str, Pace] = {"telegram": TELEGRAM, "zalo": ZALO}


@dataclass(slots=True, eq=False)
class Slot:
    """One of the posts of a second: taken until ``free_at``; its chat rests for ``gap`` seconds after it."""

    free_at: float
    chat: Address
    gap: float


class Limits:
    """The allowance of each messenger: what one of them uses up is not missing to another.

    ``rates`` makes all of them that many times faster, for tests against a local server.
    """

    def __init__(self, rates: float = 1.0, paces: Mapping[str, Pace] = PACES) -> None:
        self._rates = rates
        self._paces = paces
        self._allowances: dict[str, Allowance] = {}

    def of(self, channel: str) -> Allowance:
        """That messenger's own; one whose pace nobody knows is treated like Telegram."""
        if channel not in self._allowances:
            self._allowances[channel] = Allowance(self._paces.get(channel, TELEGRAM), self._rates)
        return self._allowances[channel]


class Allowance:
    """So many posts a second in all, to a chat, to a group. Times are seconds of the event loop.

    The messenger counts a post when it arrives, which is some time between our call and its answer; so a post is
    counted until a second after the answer, and its chat rests as long. What nobody waits for (``calm``) is spread
    evenly over the second, so that an answer finds room at once instead of a second's allowance that a burst has
    used up. Where the messenger as a whole takes nothing, it is paused: there is no room then.
    """

    def __init__(self, pace: Pace, rates: float) -> None:
        self._kept = pace
        self._rates = rates
        self._slots: list[Slot] = []
        self._free_at: dict[Address, float] = {}
        self._pace = _WINDOW / pace.per_second / rates
        self._calm_from = 0.0
        self._paused_until = 0.0

    def pause(self, until: float = math.inf) -> None:
        """Leave this messenger alone until then, or until ``resume``."""
        self._paused_until = max(self._paused_until, until)

    def resume(self) -> None:
        """It takes posts again."""
        self._paused_until = 0.0

    def is_open(self, now: float) -> bool:
        """Whether it is not paused."""
        return now >= self._paused_until

    def room(self, now: float) -> int:
        """How many posts may go out at this moment."""
        self._slots = [slot for slot in self._slots if slot.free_at > now]
        return max(0, self._kept.per_second - len(self._slots)) if self.is_open(now) else 0

    def calm(self, now: float) -> int:
        """How many of them may be posts that nobody waits for: a few at most where some time was missed."""
        self._calm_from = max(self._calm_from, now - _CATCH_UP * self._pace)
        return int((now - self._calm_from) / self._pace + _ROUNDING)

    def resting(self, now: float) -> set[Address]:
        """Chats that may not be written to yet."""
        self._free_at = {chat: at for chat, at in self._free_at.items() if at > now}
        return set(self._free_at)

    def taken(self, chat: Address, now: float, *, group: bool, calm: bool = False) -> Slot:
        """Count one post to that chat; give the slot back to ``answered``."""
        gap = self._kept.group_gap if group else self._kept.chat_gap
        slot = Slot(now + (_LONGEST_CALL + _WINDOW) / self._rates, chat, gap)
        self._slots.append(slot)
        self._free_at[chat] = now + (_LONGEST_CALL + slot.gap) / self._rates
        if calm:
            self._calm_from += self._pace
        return slot

    def answered(self, slot: Slot, now: float) -> None:
        """The messenger has answered: it has counted the post by now."""
        slot.free_at = now + _WINDOW / self._rates
        self._free_at[slot.chat] = now + slot.gap / self._rates
        if slot not in self._slots:  # it took longer than any call should
            self._slots.append(slot)

    def next_free(self, now: float) -> float:
        """Seconds until something that is held back by a limit may go."""
        if not self.is_open(now):
            return self._paused_until - now
        waits = [at - now for at in self._free_at.values()]
        if self.room(now) == 0:
            waits.append(min(slot.free_at for slot in self._slots) - now)
        if self.calm(now) == 0:
            waits.append(self._calm_from + self._pace - now)
        return max(0.0, min(waits, default=_LONGEST_REST))
