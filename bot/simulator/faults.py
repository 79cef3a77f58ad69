"""Faults that a test or a stranger asks for: what a network and a busy server really do."""

import random
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase

from bot.simulator.replies import ApiError, Json, too_many

REPLIES = frozenset({"429", "500", "502"})
TRANSPORT = frozenset({"timeout", "reset", "truncate", "notjson", "slow"})


@dataclass
class Fault:
    """One rule. ``times``: how often it still strikes (none: always); ``probability`` is drawn with ``seed``.

    ``seconds``: retry_after of a 429, length of a timeout or of a delay. ``after``: a timeout or reset strikes
    after the call was done, so that only its answer is lost. ``method`` may be a pattern; Zalo's methods are named
    ``zalo/sendMessage``, so that ``zalo/*`` strikes all of them and ``send*`` Telegram's only.
    """

    kind: str
    method: str | None = None
    times: int | None = 1
    probability: float = 1.0
    seed: int = 0
    seconds: float = 1.0
    after: bool = False

    def __post_init__(self) -> None:
        self.kind = str(self.kind)
        if self.kind not in REPLIES | TRANSPORT:
            raise ValueError(f"kind: must be one of {', '.join(sorted(REPLIES | TRANSPORT))}")
        if not 0 <= self.probability <= 1:
            raise ValueError("probability: must lie between 0 and 1")
        self.dice = random.Random(self.seed)  # noqa: S311 - repeatable on purpose


class Faults:
    """The rules in force, first match first."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []

    def add(self, fault: Fault) -> list[Json]:
        """Put a rule in force; all rules."""
        self._rules.append(fault)
        return self.listed()

    def clear(self) -> None:
        """Withdraw all rules."""
        self._rules.clear()

    def listed(self) -> list[Json]:
        """The rules in force, as JSON."""
        return [asdict(rule) for rule in self._rules]

    def take(self, method: str, kinds: frozenset[str]) -> Fault | None:
        """The fault that strikes this call, used up once; none when it is spared."""
        for rule in list(self._rules):
            if rule.kind not in kinds or not (rule.method is None or fnmatchcase(method, rule.method)):
                continue
            if rule.probability < 1 and rule.dice.random() >= rule.probability:
                continue
            if rule.times is not None:
                rule.times -= 1
                if rule.times <= 0:
                    self._rules.remove(rule)
            return rule
        return None


def as_refusal(fault: Fault) -> ApiError:
    """The answer that a fault of the reply kind gives."""
    if fault.kind == "429":
        return too_many(max(1, round(fault.seconds)))
    return ApiError(int(fault.kind), "Internal Server Error" if fault.kind == "500" else "Bad Gateway")
