"""What a judge finds: four numbers with their reasons, and what excuses a post that was sent again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.torture.server import Call

# Longer than this after it arrived, a post was settled, and a kill does not excuse that it was sent again.
IN_FLIGHT = 2.0


@dataclass
class Verdict:
    """The four numbers, and a line for each thing found.

    ``excuses`` says why posts were sent again; ``longest``: seconds between such a post and the kill that hit it.
    ``given_away``: why messages of people never came to be kept by fault of nobody here.
    """

    lost: int = 0
    doubled: int = 0
    broken: int = 0
    resent: int = 0
    excuses: Counter[str] = field(default_factory=Counter)
    given_away: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0
    findings: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether nothing was lost, doubled or broken."""
        return not (self.lost or self.doubled or self.broken)

    def note(self, what: str, who: str, words: str, count: int = 1) -> None:
        """Count a finding; ``what`` is lost, doubled or broken."""
        if count > 0:
            setattr(self, what, getattr(self, what) + count)
            self.findings.append(f"{what} {count}: {who}: {words}"[:400])

    def sent_again(self, first: Call, again: Call, kills: Mapping[int, float]) -> bool:
        """Count a post that was sent again with an excuse; False where it has none."""
        why = excuse(first, again, kills)
        if not why:
            return False
        self.resent += 1
        self.excuses[why] += 1
        if not first.lost:
            self.longest = max(self.longest, kills[first.life] - first.at)
        return True


def excuse(first: Call, again: Call, kills: Mapping[int, float]) -> str:
    """Why a post had to be sent again; empty where nothing excuses it."""
    if first.lost:
        return f"the answer was lost: {first.lost}"
    killed = kills.get(first.life)
    if again.life > first.life and killed is not None and killed - first.at <= IN_FLIGHT:
        return "the process was killed"
    return ""
