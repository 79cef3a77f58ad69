"""How a cycle is called where a sentence names its year: others than yearly ones have their period beside it."""

from __future__ import annotations

from handlers.dialogue.phrases import Param, t
from storage.records import Cycle, CycleKind


def year_of(cycle: Cycle) -> Param:
    """What stands for ``{year}``: ``2026``, ``2026 (quý 3)``, ``2026 (đợt 2)``."""
    return period_of(cycle.year, cycle.kind, cycle.period)


def period_of(year: int, kind: CycleKind, period: int) -> Param:
    """The same of a cycle that does not exist yet."""
    return year if kind is CycleKind.YEARLY else t(f"review.cycle.{kind}", year=year, period=period)
