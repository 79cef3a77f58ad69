"""Telegram's limits as we keep them, so that the messenger never has to tell us to wait."""

from __future__ import annotations

from collections import deque

from storage.records import Address

# A little longer than what is allowed: two posts a second apart here may be closer together over there. The window
# counts for all that goes out, so it takes less.
_WINDOW = 1.015
_CHAT_GAP = 1.06
_GROUP_GAP = 3.06
_LONGEST_REST = 5.0
# After a late wake-up so many posts may go at once, so that the second's allowance is used up all the same.
_CATCH_UP = 4
_ROUNDING = 1e-6


class Limits:
    """30 a second in all, 1 a second to a chat, 20 a minute to a group. Times are seconds of the event loop.

    What nobody waits for (``calm``) is spread evenly over the second, so that an answer always finds room at once
    instead of a second's allowance that a burst has used up. ``rates`` makes all of it that many times faster, for
    tests against a local server.
    """

    def __init__(self, rates: float = 1.0) -> None:
        self.per_second = 30
        self._window = _WINDOW / rates
        self._chat_gap = _CHAT_GAP / rates
        self._group_gap = _GROUP_GAP / rates
        self._recent: deque[float] = deque()
        self._free_at: dict[Address, float] = {}
        self._pace = self._window / self.per_second
        self._calm_from = 0.0

    def room(self, now: float) -> int:
        """How many posts may go out at this moment."""
        while self._recent and self._recent[0] <= now - self._window:
            self._recent.popleft()
        return self.per_second - len(self._recent)

    def calm(self, now: float) -> int:
        """How many of them may be posts that nobody waits for: a few at most where some time was missed."""
        self._calm_from = max(self._calm_from, now - _CATCH_UP * self._pace)
        return int((now - self._calm_from) / self._pace + _ROUNDING)

    def resting(self, now: float) -> set[Address]:
        """Chats that may not be written to yet."""
        self._free_at = {chat: at for chat, at in self._free_at.items() if at > now}
        return set(self._free_at)

    def taken(self, chat: Address, now: float, *, group: bool, calm: bool = False) -> None:
        """Count one post to that chat."""
        self._recent.append(now)
        self._free_at[chat] = now + (self._group_gap if group else self._chat_gap)
        if calm:
            self._calm_from += self._pace

    def next_free(self, now: float) -> float:
        """Seconds until something that is held back by a limit may go."""
        waits = [at - now for at in self._free_at.values()]
        if self._recent and self.room(now) <= 0:
            waits.append(self._recent[0] + self._window - now)
        if self.calm(now) == 0:
            waits.append(self._calm_from + self._pace - now)
        return max(0.0, min(waits, default=_LONGEST_REST))
