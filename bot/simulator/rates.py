"""Telegram's sending rates, on sliding windows.

Telegram publishes three figures: about 30 messages a second over all chats, one a second to one chat, 20 a minute
to one group. It does not publish its tolerance. Here: never more than 30 in any second; to one chat one each 0.95 s
after a burst of at most 3; never more than 20 in any minute to a group. A refused call uses nothing up.
"""

import math
from collections import deque

OVERALL_CALLS = 30
OVERALL_WINDOW = 1.0
CHAT_SPACING = 0.95
CHAT_BURST = 3
GROUP_CALLS = 20
GROUP_WINDOW = 60.0

COUNTED = frozenset(
    {
        "sendMessage",
        "sendPhoto",
        "sendDocument",
        "editMessageText",
        "editMessageCaption",
        "editMessageReplyMarkup",
    }
)


class Window:
    """At most ``calls`` in any ``seconds``; remembers only what is still inside."""

    def __init__(self, calls: int, seconds: float) -> None:
        self._calls = calls
        self._seconds = seconds
        self._seen: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Seconds until one more call fits; 0 when it fits now."""
        while self._seen and self._seen[0] <= now - self._seconds:
            self._seen.popleft()
        return 0.0 if len(self._seen) < self._calls else self._seen[0] + self._seconds - now

    def use(self, now: float) -> None:
        """Count a call."""
        self._seen.append(now)


class Bucket:
    """One call each ``spacing`` seconds after a burst of ``burst``."""

    def __init__(self, spacing: float, burst: int) -> None:
        self._spacing = spacing
        self._slack = spacing * (burst - 1)
        self._free_at = 0.0

    def wait(self, now: float) -> float:
        """Seconds until one more call fits; 0 when it fits now."""
        return max(0.0, self._free_at - self._slack - now)

    def use(self, now: float) -> None:
        """Count a call."""
        self._free_at = max(self._free_at, now) + self._spacing


class Limiter:
    """All three rules; ``factor`` 1 is Telegram, N recovers N times faster, 0 lets everything pass."""

    def __init__(self, factor: float) -> None:
        self._factor = factor
        self._overall = Window(OVERALL_CALLS, OVERALL_WINDOW / (factor or 1))
        self._chats: dict[int, Bucket] = {}
        self._groups: dict[int, Window] = {}

    def admit(self, chat_id: int, now: float) -> int:
        """Count a send or an edit: 0 when admitted, else the whole seconds to wait (at least 1)."""
        if not self._factor:
            return 0
        rules: list[Window | Bucket] = [self._overall, self._chat(chat_id)]
        if chat_id < 0:
            rules.append(self._group(chat_id))
        wait = max(rule.wait(now) for rule in rules)
        if wait > 1e-9:
            return max(1, math.ceil(wait))
        for rule in rules:
            rule.use(now)
        return 0

    def _chat(self, chat_id: int) -> Bucket:
        return self._chats.setdefault(chat_id, Bucket(CHAT_SPACING / self._factor, CHAT_BURST))

    def _group(self, chat_id: int) -> Window:
        return self._groups.setdefault(chat_id, Window(GROUP_CALLS, GROUP_WINDOW / self._factor))
