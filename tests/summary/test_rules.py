"""The figures: every total adds up, every share names its total, and the year 2020 comes out as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.review.cap import Rounding
from handlers.review.forms import rule_set
from handlers.summary.rules import (
    Denominator,
    Figures,
    NotYet,
    by_given_name,
    cap_readings,
    figures_of,
    grade_counts,
    missing_people,
    share,
    together,
)
from storage.records import (
    CellId,
    ChecklistItem,
    DeliveryTrouble,
    Grade,
    ItemId,
    ItemState,
    Mark,
    MemberId,
    NotRequired,
    Role,
    RosterLine,
)
from tests.summary.build import CYCLE, DEADLINE, IN_TIME, TODAY, TOO_LATE, graded, handed_in, look, member


def one_decimal(value: Fraction) -> Fraction:
    """Half up to a tenth of a per cent, as the catalogue writes it."""
    return Fraction(int(value * 1000 + Fraction(1, 2)), 10)


def test_the_year_2020_of_the_school() -> None:
    """S5: 9 + 32 + 0 + 0 = 41, 22,0% and 78,0% at one decimal."""
    figures = figures_of(look(graded(9, 32)))
    assert (figures.total, figures.required, figures.reviewed, figures.missing) == (41, 41, 41, 0)
    assert figures.grades == {Grade.EXCELLENT: 9, Grade.GOOD: 32, Grade.COMPLETED: 0, Grade.NOT_COMPLETED: 0}
    excellent = figures.share(9, Denominator.REVIEWED)
    good = figures.share(32, Denominator.REVIEWED)
    assert excellent is not None
    assert good is not None
    assert (excellent, good) == (Fraction(9, 41), Fraction(32, 41))
    assert (one_decimal(excellent), one_decimal(good)) == (Fraction(22), Fraction(78))


def test_cells_of_2020() -> None:
    """S6: one cell excellent, four good."""
    assert (share(1, 5), share(4, 5)) == (Fraction(1, 5), Fraction(4, 5))


def test_unknown_total_gives_no_share() -> None:
    """S11: two excellent members of an unknown number; and a cell where nobody has handed in."""
    assert share(2, None) is None
    assert share(0, 0) is None
    nobody = figures_of(look([RosterLine(member(1))]))
    assert nobody.share(0, Denominator.REVIEWED) is None
    assert nobody.share(0, Denominator.REQUIRED) == 0
    assert figures_of(()).share(0, Denominator.TOTAL) is None


def test_the_five_denominators_by_name() -> None:
    lines = [*graded(9, 30, 1, 1), RosterLine(member(50)), RosterLine(member(51)), RosterLine(member(52))]
    figures = figures_of(look(lines, {MemberId(51): NotRequired.EXEMPT, MemberId(52): NotRequired.SUSPENDED}))
    assert {name: figures.of(name) for name in Denominator} == {
        Denominator.TOTAL: 44,
        Denominator.REQUIRED: 42,
        Denominator.REVIEWED: 41,
        Denominator.GOOD: 30,
        Denominator.GOOD_OR_BETTER: 39,
    }


def test_the_cap_under_every_reading_of_2020() -> None:
    """S7, S8 and the table of the year 2020: saved all the same, told under each reading."""
    counts = grade_counts(look(graded(9, 32)))
    found = {
        (r.policy.key, r.policy.rounding): (r.limit, r.over)
        for reading in cap_readings(rule_set("2019").cap_readings, counts)
        for r in reading
    }
    assert found["A", Rounding.FLOOR] == (6, 3)
    assert found["A", Rounding.HALF_UP] == (6, 3)
    assert found["A", Rounding.CEIL] == (7, 2)
    assert found["B", Rounding.FLOOR] == (8, 1)
    assert found["B", Rounding.CEIL] == (9, 0)
    assert found["C", Rounding.CEIL] == (9, 0)


def test_the_raised_share_of_2025() -> None:
    """S9: 25% of the 32 graded good allows 8."""
    readings = cap_readings(rule_set("2025").cap_readings, grade_counts(look(graded(9, 32))))
    raised = {r.policy.rounding: (r.limit, r.over) for reading in readings for r in reading if r.policy.key == "D"}
    assert set(raised.values()) == {(8, 1)}


def test_the_head_is_told_apart_for_the_cap() -> None:
    lines = graded(9, 32)
    head = replace(lines[0].member, roles=frozenset({Role.MEMBER, Role.CHAIR}))
    counts = grade_counts(look([replace(lines[0], member=head), *lines[1:]]))
    assert counts.heads == (Grade.EXCELLENT,)
    without = [r for reading in cap_readings(rule_set("2019").cap_readings, counts) for r in reading]
    assert {(r.limit, r.over) for r in without if r.policy.key == "F"} == {(8, 0)}


def test_who_need_not_review_is_counted_by_reason() -> None:
    lines = [RosterLine(member(number)) for number in range(1, 6)]
    reasons = {
        MemberId(1): NotRequired.EXEMPT,
        MemberId(2): NotRequired.SUSPENDED,
        MemberId(3): NotRequired.UNDER_SIX_MONTHS,
    }
    figures = figures_of(look(lines, reasons))
    assert (figures.exempt, figures.suspended, figures.under_six_months, figures.required) == (1, 1, 1, 2)
    assert figures.missing == 2


def test_handing_in_without_having_to_is_told_apart() -> None:
    figures = figures_of(look(graded(1, 1), {MemberId(1): NotRequired.EXEMPT}))
    assert (figures.required, figures.reviewed, figures.beyond) == (1, 1, 1)
    assert figures.grades[Grade.EXCELLENT] == 0


def test_removed_members_are_not_counted() -> None:
    lines = [handed_in(1, Grade.GOOD), handed_in(2, Grade.GOOD, removed_at=IN_TIME)]
    assert figures_of(look(lines)).total == 1


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (RosterLine(member(1)), NotYet.NOTHING),
        (RosterLine(member(1), begun=True), NotYet.BEGUN),
        (RosterLine(member(1), joined=False), NotYet.NEVER_JOINED),
        (RosterLine(member(1), trouble=DeliveryTrouble.BLOCKED), NotYet.UNREACHABLE),
        (RosterLine(member(1), trouble=DeliveryTrouble.CHAT_GONE, begun=True), NotYet.UNREACHABLE),
        (RosterLine(member(1, away_from=TODAY), joined=False), NotYet.AWAY),
        (RosterLine(member(1, away_from=TODAY - timedelta(9), away_to=TODAY)), NotYet.AWAY),
        (RosterLine(member(1, away_from=TODAY - timedelta(9), away_to=TODAY - timedelta(1))), NotYet.NOTHING),
    ],
)
def test_every_missing_one_has_a_reason(line: RosterLine, why: NotYet) -> None:
    found = look([line])
    assert [case.not_yet for case in found] == [why]
    assert figures_of(found).not_yet[why] == 1


def test_late_by_the_day_in_the_zone_of_the_cell() -> None:
    found = look([handed_in(1, Grade.GOOD, IN_TIME), handed_in(2, Grade.GOOD, TOO_LATE)])
    assert [(case.submitted_on, case.late) for case in found] == [
        (date(2026, 12, 20), False),
        (date(2026, 12, 21), True),
    ]
    figures = figures_of(found)
    assert (figures.on_time, figures.late) == (1, 1)


def test_an_extension_is_that_persons_deadline() -> None:
    cycle = replace(CYCLE, extensions=((MemberId(1), date(2026, 12, 21)),))
    lines = [handed_in(1, Grade.GOOD, TOO_LATE), handed_in(2, Grade.GOOD, TOO_LATE)]
    assert [case.late for case in look(lines, cycle=cycle)] == [False, True]


def test_a_change_after_the_deadline_does_not_make_the_first_one_late() -> None:
    line = replace(handed_in(1, Grade.GOOD), last_submitted_at=TOO_LATE, versions=2)
    assert look([line])[0].late is False


def test_points_by_item() -> None:
    items = [
        ChecklistItem(ItemId(n), CellId(1), 2026, n, f"Việc {n}", date(2026, 12, 1) if n == 1 else None)
        for n in (2, 1)
    ]
    lines = [RosterLine(member(number)) for number in range(1, 5)]
    marks = [
        Mark(ItemId(1), MemberId(1), ItemState.DONE),
        Mark(ItemId(1), MemberId(2), ItemState.NOT_APPLICABLE),
        Mark(ItemId(2), MemberId(2), ItemState.BLOCKED, reason="thiếu người"),
        Mark(ItemId(1), MemberId(4), ItemState.DONE),
    ]
    found = look(lines, {MemberId(4): NotRequired.EXEMPT}, items, marks)
    first, second = figures_of(found).points
    assert (first.number, first.done, first.counted, first.overdue) == (1, 1, 2, 1)
    assert (second.number, second.done, second.counted, second.overdue) == (2, 0, 3, 0)
    assert second.states == {ItemState.NOT_STARTED: 2, ItemState.BLOCKED: 1}
    assert [case.overdue for case in found] == [(), (), (1,), ()]
    assert found[3].points == ()


def test_those_under_six_months_have_points_though_they_need_not_review() -> None:
    items = [ChecklistItem(ItemId(1), CellId(1), 2026, 1, "Việc 1")]
    found = look([RosterLine(member(1))], {MemberId(1): NotRequired.UNDER_SIX_MONTHS}, items)
    assert figures_of(found).points[0].counted == 1


def test_missing_people_by_reason_and_given_name() -> None:
    lines = [
        RosterLine(member(1, full_name="Trần Thị Ánh"), begun=True),
        RosterLine(member(2, full_name="Lê Đức Anh"), begun=True),
        RosterLine(member(3, full_name="Phạm Văn Bình"), joined=False),
        handed_in(4, Grade.GOOD),
    ]
    names = [case.line.member.full_name for case in missing_people(look(lines))]
    assert names == ["Phạm Văn Bình", "Lê Đức Anh", "Trần Thị Ánh"]


def test_names_in_the_order_of_a_vietnamese_list() -> None:
    names = ["Đỗ Xuân Hoà", "Nguyễn Minh Đức", "Âu Thị Hồng Thắm", "An"]
    assert sorted(names, key=by_given_name) == ["An", "Nguyễn Minh Đức", "Đỗ Xuân Hoà", "Âu Thị Hồng Thắm"]


def test_several_cells_together() -> None:
    sizes = [(2, 6), (2, 7), (1, 7), (2, 6), (2, 6)]
    whole = together([figures_of(look(graded(*size))) for size in sizes])
    assert (whole.total, whole.grades[Grade.EXCELLENT], whole.grades[Grade.GOOD]) == (41, 9, 32)
    assert together([]).share(0, Denominator.TOTAL) is None


def test_counts_that_do_not_add_up_cannot_be_built() -> None:
    right = figures_of(look(graded(9, 32)))
    with pytest.raises(ValueError, match="41 graded"):
        replace(right, late=1)
    with pytest.raises(ValueError, match="42 required"):
        replace(right, total=42)


@st.composite
def rosters(draw: st.DrawFn) -> tuple[list[RosterLine], dict[MemberId, NotRequired]]:
    lines, reasons = [], {}
    for number in range(1, draw(st.integers(0, 30)) + 1):
        grade = draw(st.none() | st.sampled_from(Grade))
        at: datetime = draw(st.sampled_from((IN_TIME, TOO_LATE)))
        line = handed_in(number, grade, at) if grade else RosterLine(member(number), draw(st.booleans()))
        lines.append(line)
        if reason := draw(st.none() | st.sampled_from(NotRequired)):
            reasons[MemberId(number)] = reason
    return lines, reasons


@given(rosters())
def test_every_total_adds_up(roster: tuple[list[RosterLine], dict[MemberId, NotRequired]]) -> None:
    found = look(*roster)
    figures: Figures = figures_of(found)
    apart = figures.exempt + figures.suspended + figures.under_six_months
    assert figures.total == len(roster[0]) == apart + figures.required
    assert figures.reviewed == sum(figures.grades.values()) == figures.on_time + figures.late
    assert figures.missing == figures.required - figures.reviewed == len(missing_people(found))
    assert sum(case.deadline == DEADLINE for case in found) == figures.total
    parts = [figures.share(count, Denominator.REVIEWED) for count in figures.grades.values()]
    assert sum(part or 0 for part in parts) == (1 if figures.reviewed else 0)
