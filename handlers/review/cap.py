"""The cap on "Hoàn thành xuất sắc nhiệm vụ": its readings as values, limits by integer arithmetic; it only warns.

The rule (366-QĐ/TW, Article 11, 1.5; the same words in 2019 and 2023) leaves open of whom the share is counted,
how a fraction is rounded and whether the head counts. So a limit belongs to one reading, and every one is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import ClassVar

from handlers.dialogue.phrases import Phrase, t
from storage.records import Grade


class Base(StrEnum):
    """Of whom the share of excellent members is counted."""

    GOOD_ONLY = "good_only"
    GOOD_OR_BETTER = "good_or_better"
    ALL_GRADED = "all_graded"


class Rounding(StrEnum):
    """How a limit with a fraction becomes a number of people; no national rule was found."""

    FLOOR = "floor"
    HALF_UP = "half_up"
    CEIL = "ceil"


class Scope(StrEnum):
    """Among whom the share is counted."""

    GROUP = "group"
    GRASSROOTS_ORG = "grassroots_org"
    CELL = "cell"


@dataclass(frozen=True, slots=True)
class CapPolicy:
    """A reading with one rounding: what a limit can be computed from. ``rate`` is whole per cent."""

    key: str
    rate: int
    base: Base
    rounding: Rounding
    scope: Scope
    exclude_head: bool = False
    literal: bool = False
    article: str = ""


@dataclass(frozen=True, slots=True)
class CapReading:
    """One way to read the cap, with every rounding it is shown with (filled from a rule set's data).

    ``rate`` is whole per cent; ``literal`` marks the words of the rule, the others are practice or assumption.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}
    key: str
    rate: int
    base: Base
    scope: Scope
    article: str
    exclude_head: bool = False
    literal: bool = False
    roundings: tuple[Rounding, ...] = (Rounding.FLOOR, Rounding.HALF_UP, Rounding.CEIL)

    @property
    def policies(self) -> tuple[CapPolicy, ...]:
        """The reading with each of its roundings."""
        return tuple(
            CapPolicy(
                self.key, self.rate, self.base, rounding, self.scope, self.exclude_head, self.literal, self.article
            )
            for rounding in self.roundings
        )


@dataclass(frozen=True, slots=True)
class GradeCounts:
    """How many were graded what; ``heads`` are the grades of heads, already contained in ``by_grade``."""

    by_grade: Mapping[Grade, int]
    heads: tuple[Grade, ...] = field(default=())

    def of(self, *grades: Grade, without_heads: bool = False) -> int:
        """How many have one of these grades."""
        heads = sum(1 for grade in self.heads if grade in grades) if without_heads else 0
        return sum(self.by_grade.get(grade, 0) for grade in grades) - heads


@dataclass(frozen=True, slots=True)
class CapResult:
    """What one reading says of some counts: the exact share, the limit, how many count against it."""

    policy: CapPolicy
    exact: Fraction
    limit: int
    excellent: int

    @property
    def over(self) -> int:
        """By how many the limit is exceeded; 0 where it is kept."""
        return max(0, self.excellent - self.limit)


_BASES = {
    Base.GOOD_ONLY: (Grade.GOOD,),
    Base.GOOD_OR_BETTER: (Grade.EXCELLENT, Grade.GOOD),
    Base.ALL_GRADED: tuple(Grade),
}


def cap_base(policy: CapPolicy, counts: GradeCounts) -> int:
    """How many people the policy takes its share of."""
    return counts.of(*_BASES[policy.base], without_heads=policy.exclude_head)


def cap_limit(policy: CapPolicy, counts: GradeCounts) -> int:
    """How many excellent members this policy allows for these counts (366-QĐ/TW, Article 11, 1.5)."""
    return _share(policy, cap_base(policy, counts))


def cap_check(policy: CapPolicy, counts: GradeCounts) -> CapResult:
    """What this policy says of these counts; a warning at most, never a refusal."""
    return CapResult(
        policy,
        exact=Fraction(policy.rate * cap_base(policy, counts), 100),
        limit=cap_limit(policy, counts),
        excellent=counts.of(Grade.EXCELLENT, without_heads=policy.exclude_head),
    )


def most_excellent(policy: CapPolicy, graded: int) -> int:
    """The greatest number of excellent members among ``graded`` people when all the others are graded good."""
    excellent = 0
    while excellent < graded:
        more = GradeCounts({Grade.EXCELLENT: excellent + 1, Grade.GOOD: graded - excellent - 1})
        if cap_check(policy, more).over:
            break
        excellent += 1
    return excellent


def cap_label(policy: CapPolicy | CapReading) -> Phrase:
    """The reading in words: the share, of whom, and whether the head is left out."""
    sentence = f"review.cap.{policy.base}" + (".without_head" if policy.exclude_head else "")
    return t(sentence, rate=policy.rate)


def rounding_label(rounding: Rounding) -> Phrase:
    """The rounding in words."""
    return t(f"review.cap.rounding.{rounding}")


def _share(policy: CapPolicy, base: int) -> int:
    hundredths = policy.rate * base
    match policy.rounding:
        case Rounding.FLOOR:
            return hundredths // 100
        case Rounding.HALF_UP:
            return (hundredths + 50) // 100
        case Rounding.CEIL:
            return -(-hundredths // 100)
