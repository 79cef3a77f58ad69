"""How much is played, the plans that follow from it, and what it came to."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from handlers.review import forms
from tests.torture.acts import Act, Stretch
from tests.torture.cast import Member
from tests.torture.model import Model
from tests.torture.phones import ZaloPhone
from tests.torture.player import Player
from tests.torture.verdict import Verdict

# Before the opening; polling; polling with faults; webhook: their shares of the messages.
SHARES = (0.1, 0.5, 0.22, 0.18)
CHANNELS = ("telegram", "zalo", "both")


@dataclass(frozen=True)
class Size:
    """How much is played. ``faults`` is the share of the server's answers that go wrong in their stretch."""

    kills: int
    messages: int
    members: int
    seed: int
    faults: float = 0.2
    channel: str = "telegram"

    def __post_init__(self) -> None:
        if self.channel not in CHANNELS:
            raise ValueError(f"CHANNEL: {self.channel} cannot be played, only {', '.join(CHANNELS)}")
        if self.members < 2 or self.messages < 8 * self.members:
            raise ValueError("MESSAGES: at least eight for each of at least two MEMBERS")
        if self.members > 480 or not 0 <= self.faults < 1 or self.kills < 0:
            raise ValueError("MEMBERS up to 480, FAULTS from 0 to below 1, KILLS not negative")


@dataclass
class Outcome:
    """What a run came to: the line's figures and where the time went."""

    size: Size
    verdict: Verdict = field(default_factory=Verdict)
    kills: int = 0
    messages: int = 0
    failed_starts: int = 0
    deliveries: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """The one line at the end."""
        found = self.verdict
        return (
            f"torture: kills={self.kills} messages={self.messages} lost={found.lost} doubled={found.doubled} "
            f"broken={found.broken} resent={found.resent} seed={self.size.seed}"
        )


Plan = tuple[Model, list[tuple[Act, ...]]]


def plan_for(size: Size, place: int, member: Member | None = None) -> Plan:
    """One member's acts, stretch by stretch, and what must be kept in the end; equal sizes give equal plans.

    ``member`` None: somebody with the form of those who lead nobody, on Telegram.
    """
    form = member.form if member else forms.form("2025/non_leader")
    player = Player(random.Random(f"{size.seed}:{place}"), form, member.owner if member else "x")
    mine = size.messages // size.members + (place < size.messages % size.members)
    counts = [max(2, int(mine * share)) for share in SHARES[:-1]]
    counts.append(mine - sum(counts))
    # What Zalo gave to a process that died comes again behind what was sent after it, or has to be typed again.
    ordered = member is None or not isinstance(member.phone, ZaloPhone)
    stretches = (
        Stretch(counts[0], review=False, ordered=ordered),
        Stretch(counts[1], review=True, ordered=ordered, reminded=True),
        Stretch(counts[2], review=True, ordered=ordered),
        Stretch(counts[3], review=True, ordered=False),
    )
    acts = [player.play(stretch) for stretch in stretches]
    return player.model, acts
