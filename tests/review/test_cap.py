"""The cap: both tables of the facts, by integer arithmetic, and what a warning says of the seeds."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.review.cap import (
    Base,
    CapPolicy,
    GradeCounts,
    Rounding,
    Scope,
    cap_check,
    cap_label,
    cap_limit,
    most_excellent,
    rounding_label,
)
from handlers.review.forms import rule_set
from storage.records import Grade

ROUNDINGS = (Rounding.FLOOR, Rounding.HALF_UP, Rounding.CEIL)

# N graded: A floor, A half-up, A ceil, B floor, B half-up, B ceil (20%, all others "tốt").
MOST = {
    3: (0, 0, 1, 0, 1, 1),
    4: (0, 1, 1, 0, 1, 1),
    5: (0, 1, 1, 1, 1, 1),
    6: (1, 1, 1, 1, 1, 2),
    8: (1, 1, 2, 1, 2, 2),
    10: (1, 2, 2, 2, 2, 2),
    12: (2, 2, 2, 2, 2, 3),
    15: (2, 2, 3, 3, 3, 3),
    20: (3, 3, 4, 4, 4, 4),
    25: (4, 4, 4, 5, 5, 5),
    30: (5, 5, 5, 6, 6, 6),
    41: (6, 7, 7, 8, 8, 9),
    50: (8, 8, 9, 10, 10, 10),
}


def policy(rate: int, base: Base, rounding: Rounding, *, exclude_head: bool = False) -> CapPolicy:
    return CapPolicy("x", rate, base, rounding, Scope.GROUP, exclude_head)


@pytest.mark.parametrize("graded", MOST)
def test_most_excellent_when_all_others_are_good(graded: int) -> None:
    counted = [
        most_excellent(policy(20, base, rounding), graded)
        for base in (Base.GOOD_ONLY, Base.GOOD_OR_BETTER)
        for rounding in ROUNDINGS
    ]
    assert tuple(counted) == MOST[graded]


def test_most_excellent_of_41_at_the_raised_share() -> None:
    assert [most_excellent(policy(25, Base.GOOD_ONLY, r), 41) for r in ROUNDINGS] == [8, 8, 8]
    assert [most_excellent(policy(25, Base.GOOD_OR_BETTER, r), 41) for r in ROUNDINGS] == [10, 10, 11]


# Vĩnh Phúc 2020: 9 excellent, 32 good. Reading: exact share, floor, half-up, ceil, and whether 9 fit.
VINH_PHUC = {
    "A": (Fraction(64, 10), (6, 6, 7), (False, False, False)),
    "B": (Fraction(82, 10), (8, 8, 9), (False, False, True)),
    "C": (Fraction(82, 10), (8, 8, 9), (False, False, True)),
    "D": (Fraction(8), (8, 8, 8), (False, False, False)),
    "E": (Fraction(1025, 100), (10, 10, 11), (True, True, True)),
    "F": (Fraction(8), (8, 8, 8), (True, True, True)),
    "G": (Fraction(64, 10), (6, 6, 7), (False, False, False)),
}


@pytest.mark.parametrize("reading", VINH_PHUC)
def test_every_reading_of_the_year_2020_of_the_seeds(reading: str) -> None:
    exact, limits, fits = VINH_PHUC[reading]
    counts = GradeCounts({Grade.EXCELLENT: 9, Grade.GOOD: 32}, heads=(Grade.EXCELLENT,))
    results = [cap_check(p, counts) for p in rule_set("2025").caps if p.key == reading]
    assert [result.exact for result in results] == [exact] * 3
    assert tuple(result.limit for result in results) == limits
    assert tuple(result.over == 0 for result in results) == fits


def test_s7_s8_s9() -> None:
    counts = GradeCounts({Grade.EXCELLENT: 9, Grade.GOOD: 32})
    a_floor = cap_check(policy(20, Base.GOOD_ONLY, Rounding.FLOOR), counts)
    assert (a_floor.limit, a_floor.over) == (6, 3)
    b_ceil = cap_check(policy(20, Base.GOOD_OR_BETTER, Rounding.CEIL), counts)
    assert (b_ceil.limit, b_ceil.over) == (9, 0)
    raised = cap_check(policy(25, Base.GOOD_ONLY, Rounding.FLOOR), counts)
    assert (raised.limit, raised.over) == (8, 1)


@pytest.mark.parametrize(("good", "limits"), [(2, (0, 1, 1)), (10, (2, 3, 3)), (6, (1, 2, 2)), (5, (1, 1, 2))])
def test_an_exact_half_goes_up(good: int, limits: tuple[int, ...]) -> None:
    counts = GradeCounts({Grade.GOOD: good})
    assert tuple(cap_limit(policy(25, Base.GOOD_ONLY, r), counts) for r in ROUNDINGS) == limits


def test_one_cell_of_five() -> None:
    counts = GradeCounts({Grade.EXCELLENT: 1, Grade.GOOD: 4})
    limits = {r: cap_limit(policy(20, Base.GOOD_ONLY, r), counts) for r in ROUNDINGS}
    assert limits == {Rounding.FLOOR: 0, Rounding.HALF_UP: 1, Rounding.CEIL: 1}
    assert all(cap_limit(policy(20, Base.GOOD_OR_BETTER, r), counts) == 1 for r in ROUNDINGS)


@pytest.mark.parametrize(("base", "least"), [(Base.GOOD_ONLY, (12, 10, 8)), (Base.GOOD_OR_BETTER, (10, 8, 6))])
def test_two_excellent_in_bac_kan_need_at_least_so_many(base: Base, least: tuple[int, ...]) -> None:
    found = [next(n for n in range(1, 50) if most_excellent(policy(20, base, r), n) >= 2) for r in ROUNDINGS]
    assert tuple(found) == least


def test_a_head_without_a_grade_is_not_taken_off() -> None:
    counts = GradeCounts({Grade.EXCELLENT: 9, Grade.GOOD: 32}, heads=(Grade.COMPLETED,))
    assert cap_limit(policy(20, Base.GOOD_OR_BETTER, Rounding.FLOOR, exclude_head=True), counts) == 8


def test_nobody_graded() -> None:
    result = cap_check(policy(20, Base.ALL_GRADED, Rounding.CEIL), GradeCounts({}))
    assert (result.limit, result.excellent, result.over) == (0, 0, 0)


def test_2019_knows_no_raised_share_and_counts_in_the_whole_organisation() -> None:
    caps = rule_set("2019").caps
    assert {p.rate for p in caps} == {20}
    assert {p.scope for p in caps} == {Scope.GRASSROOTS_ORG}


def test_labels_name_share_base_and_head() -> None:
    labels = {p.key: cap_label(p) for p in rule_set("2025").caps}
    assert len(set(labels.values())) == len(labels) == 7
    assert len({rounding_label(r) for r in Rounding}) == 3


@given(
    st.integers(0, 400),
    st.integers(0, 400),
    st.integers(0, 50),
    st.sampled_from(Base),
    st.sampled_from((20, 25, 33)),
)
def test_roundings_stand_around_the_exact_share(
    excellent: int, good: int, completed: int, base: Base, rate: int
) -> None:
    counts = GradeCounts({Grade.EXCELLENT: excellent, Grade.GOOD: good, Grade.COMPLETED: completed})
    floor, half, ceil = (cap_check(policy(rate, base, r), counts) for r in ROUNDINGS)
    assert floor.limit <= half.limit <= ceil.limit <= floor.limit + 1
    assert floor.limit <= floor.exact <= ceil.limit
    assert abs(half.limit - half.exact) <= Fraction(1, 2)
