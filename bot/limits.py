"""Telegram's limits as we keep them, so that the messenger never has to tell us to wait."""

from __future__ import annotations

from dataclasses import dataclass

from storage.records import Address

_WINDOW = 1.0
_CHAT_GAP = 1.0
_GROUP_GAP = 3.0
# A call that hangs is taken to have been counted by then.
_LONGEST_CALL = 2.0
_LONGEST_REST = 5.0
# After a late wake-up so many posts may go at once, so that the second's allowance is used up all the same.
_CATCH_UP = 4
_ROUNDING = 1e-6


@dataclass(slots=True, eq=False)
class Slot:
    """One of the posts of a second: taken until ``free_at``; its chat rests for ``gap`` seconds after it."""

    free_at: float
    chat: Address
    gap: float


class Limits:
    """30 a second in all, 1 a second to a chat, 20 a minute to a group. Times are seconds of the event loop.

    The messenger counts a post when it arrives, which is some time between our call and its answer; so a post is
    counted until a second after the answer, and its chat rests as long. What nobody waits for (``calm``) is spread
    evenly over the second, so that an answer finds room at once instead of a second's allowance that a burst has
    used up. ``rates`` makes all of it that many times faster, for tests against a local server.
    """

    def __init__(self, rates: float = 1.0) -> None:
        self.per_second = 30
        self._rates = rates
        self._slots: list[Slot] = []
        self._free_at: dict[Address, float] = {}
        self._pace = _WINDOW / self.per_second / rates
        self._calm_from = 0.0

    def room(self, now: float) -> int:
        """How many posts may go out at this moment."""
        self._slots = [slot for slot in self._slots if slot.free_at > now]
        return max(0, self.per_second - len(self._slots))

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
        slot = Slot(now + (_LONGEST_CALL + _WINDOW) / self._rates, chat, _GROUP_GAP if group else _CHAT_GAP)
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
        waits = [at - now for at in self._free_at.values()]
        if self.room(now) == 0:
            waits.append(min(slot.free_at for slot in self._slots) - now)
        if self.calm(now) == 0:
            waits.append(self._calm_from + self._pace - now)
        return max(0.0, min(waits, default=_LONGEST_REST))
