"""Who reviews, and what points and conditions suggest: the assertions S18-S21 and the gaps of Article 11."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.dialogue.phrases import t
from handlers.review.facts import UNIT_PARTS, Facts, Remedied, Tasks, Unit
from handlers.review.forms import rule_set, rule_set_for
from handlers.review.rulebook import ItemLevel
from handlers.review.rules import (
    Suggestion,
    band_of,
    months_after,
    reference_date,
    required_to_review,
    shortfalls,
    suggest,
    suggested_dates,
)
from handlers.texts import catalogue
from storage.records import (
    CellId,
    Cycle,
    CycleId,
    FormKind,
    Grade,
    Member,
    MemberId,
    NotRequired,
    ScoreTenths,
    Status,
)

RULES = rule_set("2025")
RULES_2019 = rule_set("2019")
FINE = Tasks(given=20, done=20, late=0, exceeded=6)
NO_FAULTS = Remedied(0, 0)


def facts(points: int, tasks: Tasks | None = FINE, faults: Remedied | None = NO_FAULTS) -> Facts:
    return Facts(points=ScoreTenths(points), tasks={"tasks": tasks} if tasks else {}, remedied=faults)


def ask(given: Facts, kind: FormKind = FormKind.NON_LEADER) -> Suggestion:
    return suggest(RULES, kind, given)


def told(suggestion: Suggestion) -> set[str]:
    """The ids of all sentences of the reasons, those inside others too."""
    ids = set()
    for reason in suggestion.reasons:
        ids.add(reason.text.id)
        ids |= {value.id for _, value in reason.text.params if hasattr(value, "id")}
    return ids


def unit(name: str, done: int, late: int | None = 0, exceeded: int | None = 0, grade: Grade | None = None) -> Unit:
    return Unit(name, done, late, exceeded, grade, frozenset(UNIT_PARTS))


def led(*units: Unit) -> Facts:
    return Facts(points=ScoreTenths(920), remedied=NO_FAULTS, units={"units": units})


def sentences_of(suggestion: Suggestion) -> list[str]:
    """Every reason as the member reads it, with its article."""
    words = catalogue("vi", ZoneInfo("Asia/Ho_Chi_Minh"))
    return [words.bare(t("review.reason", what=r.text, article=r.article)) for r in suggestion.reasons]


def member(admitted_on: date | None = None, status: Status = Status.OFFICIAL) -> Member:
    return Member(MemberId(1), CellId(1), "1", "Nguyễn Văn A", FormKind.NON_LEADER, status, admitted_on=admitted_on)


@pytest.mark.parametrize(
    ("admitted_on", "reference", "expected"),
    [
        (date(2026, 7, 15), date(2026, 12, 15), NotRequired.UNDER_SIX_MONTHS),  # S18: five months
        (date(2026, 6, 15), date(2026, 12, 15), None),  # S18: six months to the day
        (date(2026, 6, 16), date(2026, 12, 15), NotRequired.UNDER_SIX_MONTHS),
        (date(2026, 8, 31), date(2027, 2, 28), None),  # a shorter month ends the count
        (date(2026, 8, 31), date(2027, 2, 27), NotRequired.UNDER_SIX_MONTHS),
        (date(2027, 8, 31), date(2028, 2, 28), NotRequired.UNDER_SIX_MONTHS),  # leap year: 29 February
        (date(2027, 1, 1), date(2026, 12, 15), NotRequired.UNDER_SIX_MONTHS),
        (None, date(2026, 12, 15), None),
    ],
)
def test_s18_six_full_months(admitted_on: date | None, reference: date, expected: NotRequired | None) -> None:
    assert required_to_review(member(admitted_on), reference, RULES) == expected


def test_exempt_and_suspended_do_not_review_the_others_do() -> None:
    old = date(2000, 1, 1)
    came = {status: required_to_review(member(old, status), date(2026, 12, 15), RULES) for status in Status}
    assert came == {
        Status.OFFICIAL: None,
        Status.PROBATIONARY: None,
        Status.EXEMPT: NotRequired.EXEMPT,
        Status.SUSPENDED: NotRequired.SUSPENDED,
    }


def test_the_reference_date_is_the_meeting_or_else_the_deadline() -> None:
    cycle = Cycle(CycleId(1), CellId(1), 2026, "2025", date(2026, 11, 1), date(2026, 12, 10))
    assert reference_date(cycle) == date(2026, 12, 10)
    with_meeting = Cycle(
        CycleId(1), CellId(1), 2026, "2025", date(2026, 11, 1), date(2026, 12, 10), meeting_on=date(2026, 12, 20)
    )
    assert reference_date(with_meeting) == date(2026, 12, 20)


@given(st.dates(date(1930, 1, 1), date(2100, 1, 1)), st.integers(0, 24))
def test_months_after_never_skips_a_month(day: date, months: int) -> None:
    later = months_after(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day <= day.day


@pytest.mark.parametrize(
    ("tenths", "grade"),
    [
        (1000, Grade.EXCELLENT),
        (900, Grade.EXCELLENT),
        (899, Grade.GOOD),
        (895, Grade.GOOD),
        (700, Grade.GOOD),
        (699, Grade.COMPLETED),
        (500, Grade.COMPLETED),
        (499, Grade.NOT_COMPLETED),
        (0, Grade.NOT_COMPLETED),
    ],
)
def test_s21_bands(tenths: int, grade: Grade) -> None:
    assert band_of(RULES, ScoreTenths(tenths)) is grade
    assert ask(facts(tenths)).grade is grade


@pytest.mark.parametrize("kind", [FormKind.NON_LEADER, FormKind.OUTSIDE_SYSTEM])
def test_s19_ninety_two_points_but_only_a_fifth_exceeded(kind: FormKind) -> None:
    came = ask(facts(920, Tasks(20, 20, 0, 4)), kind)
    assert came.grade is Grade.GOOD
    assert came.band is Grade.EXCELLENT
    assert {"review.why.fails", "review.condition.exceeded"} <= told(came)
    assert sentences_of(came)[:3] == [
        "• 92 điểm thuộc mức “Hoàn thành xuất sắc nhiệm vụ”. (Điều 11, 366-QĐ/TW)",
        "• “Hoàn thành xuất sắc nhiệm vụ” còn thiếu: từ 30% nhiệm vụ vượt mức (hiện 20,0%). (Điều 11, 366-QĐ/TW)",
        (
            "• Điểm thuộc mức “Hoàn thành xuất sắc nhiệm vụ”, điều kiện chỉ đủ mức “Hoàn thành tốt nhiệm vụ”; quy "
            "định không nói rõ trường hợp này nên cấp có thẩm quyền xem xét. (Điều 11, 366-QĐ/TW)"
        ),
    ]


def test_s20_seventy_five_points_but_a_tenth_undone() -> None:
    came = ask(facts(750, Tasks(20, 18, 0, 6)))
    assert came.grade is None
    assert {"review.why.undecided", "review.condition.done"} <= told(came)
    assert sentences_of(came) == [
        "• 75 điểm thuộc mức “Hoàn thành tốt nhiệm vụ”. (Điều 11, 366-QĐ/TW)",
        "• “Hoàn thành tốt nhiệm vụ” còn thiếu: hoàn thành đủ 100% nhiệm vụ (hiện 90,0%). (Điều 11, 366-QĐ/TW)",
        "• “Hoàn thành nhiệm vụ” còn thiếu: hoàn thành đủ 100% nhiệm vụ (hiện 90,0%). (Điều 11, 366-QĐ/TW)",
        (
            "• Cả ba mức trên đều còn thiếu điều kiện, mà cũng chưa có dấu hiệu của mức “Không hoàn thành nhiệm "
            "vụ”: quy định không nêu trường hợp này, trình cấp có thẩm quyền xem xét. (Điều 11, 366-QĐ/TW)"
        ),
    ]


def test_late_tasks_lower_to_completed_and_too_many_leave_it_open() -> None:
    assert ask(facts(920, Tasks(20, 20, 4, 6))).grade is Grade.COMPLETED
    assert ask(facts(920, Tasks(20, 20, 5, 6))).grade is None


def test_everything_on_time_but_sixty_points_stays_completed() -> None:
    came = ask(facts(600))
    assert came.grade is Grade.COMPLETED
    assert (
        "• Điều kiện đạt mức “Hoàn thành xuất sắc nhiệm vụ” nhưng điểm thuộc mức “Hoàn thành nhiệm vụ”: gợi ý theo "
        "điểm. (Điều 11, 366-QĐ/TW)" in sentences_of(came)
    )
    assert "review.why.gap_points" not in told(ask(facts(600, None)))


def test_thirty_per_cent_exactly_is_enough() -> None:
    assert ask(facts(900, Tasks(10, 10, 0, 3))).grade is Grade.EXCELLENT
    assert ask(facts(900, Tasks(7, 7, 0, 2))).grade is Grade.GOOD


def test_an_earlier_fault_not_remedied_bars_excellent_only() -> None:
    came = ask(facts(950, faults=Remedied(3, 2)))
    assert came.grade is Grade.GOOD
    assert "review.condition.remedied" in told(came)
    assert ask(facts(750, faults=Remedied(3, 0))).grade is Grade.GOOD


def test_more_than_half_undone_is_a_flag_for_people_not_a_grade() -> None:
    came = ask(facts(750, Tasks(20, 9, 0, 0)))
    assert came.grade is None
    assert "review.trigger.most_tasks_undone" in told(came)
    assert "review.trigger.most_tasks_undone" not in told(ask(facts(750, Tasks(20, 10, 0, 0))))


def test_under_fifty_points_is_told_whatever_the_tasks_say() -> None:
    assert ask(facts(499)).grade is Grade.NOT_COMPLETED
    assert ask(facts(499, None, None)).grade is Grade.NOT_COMPLETED


def test_without_points_nothing_is_suggested() -> None:
    came = ask(Facts(tasks={"tasks": FINE}))
    assert came.grade is None
    assert told(came) == {"review.why.points_missing"}


def test_without_figures_the_points_speak_and_the_gap_is_named() -> None:
    came = ask(facts(920, None, None))
    assert came.grade is Grade.EXCELLENT
    assert not came.certain
    assert [r.text.id for r in came.reasons].count("review.why.unknown") == 2  # tasks and earlier faults, once each


def test_excellent_always_says_what_only_people_can_judge() -> None:
    came = ask(facts(950))
    assert came.certain
    assert {"review.judged.quality", "review.judged.cap"} <= told(came)


def test_leaders_are_measured_by_their_units() -> None:
    fine = led(unit("Khoa A", 1000, 0, 300), unit("Khoa B", 1000, 0, 450))
    assert ask(fine, FormKind.LEADER).grade is Grade.EXCELLENT
    under_plan = led(unit("Khoa A", 1000, 0, 300), unit("Khoa B", 690, 0, 0))
    came = ask(under_plan, FormKind.LEADER)
    assert came.grade is None
    assert "review.trigger.unit_under_plan" in told(came)
    assert "review.trigger.unit_under_plan" not in told(ask(led(unit("Khoa B", 700, 0, 0)), FormKind.LEADER))


def test_the_unit_that_stands_worst_decides_and_is_named() -> None:
    came = ask(led(unit("Khoa A", 1000, 0, 500), unit("Khoa B", 1000, 0, 299)), FormKind.LEADER)
    assert came.grade is Grade.GOOD
    assert any(
        "đơn vị “Khoa B”: từ 30% nhiệm vụ vượt mức (hiện 29,9%)" in sentence for sentence in sentences_of(came)
    )
    late = ask(led(unit("Khoa A", 1000, 0, 500), unit("Khoa B", 1000, 201, 299)), FormKind.LEADER)
    assert late.grade is None
    assert (
        ask(led(unit("Khoa B", 1000, 200, 300)), FormKind.LEADER).grade is Grade.EXCELLENT
    )  # as quoted: no punctuality


def test_what_is_not_known_of_a_unit_is_no_failure_and_is_told() -> None:
    came = ask(led(unit("Khoa A", 1000, 0, 500), unit("Khoa B", 1000, None, None)), FormKind.LEADER)
    assert came.grade is Grade.EXCELLENT
    assert not came.certain


def test_more_than_half_of_the_units_failed_is_a_flag_for_people() -> None:
    half = led(unit("A", 1000, 0, 500, Grade.NOT_COMPLETED), unit("B", 1000, 0, 500, Grade.GOOD))
    assert ask(half, FormKind.LEADER).grade is Grade.EXCELLENT
    most = led(*(unit(name, 1000, 0, 500, Grade.NOT_COMPLETED) for name in "AB"), unit("C", 1000, 0, 500))
    came = ask(most, FormKind.LEADER)
    assert came.grade is None
    assert "66,7% đơn vị phụ trách bị xếp “Không hoàn thành nhiệm vụ”" in " ".join(sentences_of(came))


def test_no_task_given_is_unknown_not_a_failure() -> None:
    came = ask(facts(920, Tasks(0, 0, 0, 0)))
    assert came.grade is Grade.EXCELLENT
    assert not came.certain


def test_the_gap_between_the_grade_taken_and_the_rule_is_told() -> None:
    reasons = shortfalls(RULES, FormKind.NON_LEADER, facts(840, Tasks(20, 20, 0, 4)), Grade.EXCELLENT)
    assert [r.text.id for r in reasons] == ["review.why.points_short", "review.why.fails"]
    assert dict(reasons[0].text.params)["least"] == 90
    assert all(reason.article for reason in reasons)
    assert shortfalls(RULES, FormKind.NON_LEADER, facts(840), Grade.GOOD) == ()
    assert shortfalls(RULES, FormKind.NON_LEADER, facts(300), Grade.NOT_COMPLETED) == ()


@given(
    st.integers(0, 1000),
    st.integers(0, 30),
    st.integers(0, 30),
    st.integers(0, 30),
    st.integers(0, 30),
    st.sampled_from(FormKind),
)
def test_a_suggestion_is_never_above_points_or_a_failing_condition(
    points: int, given_: int, done: int, late: int, exceeded: int, kind: FormKind
) -> None:
    done, late, exceeded = min(done, given_), min(late, done, given_), min(exceeded, done, given_)
    tasks = Tasks(given_, done, late, exceeded)
    shares = [int(1000 * part / (given_ or 1)) for part in (done, late, exceeded)]
    one = Facts(
        ScoreTenths(points),
        {"tasks": tasks},
        Remedied(1, done % 2),
        units={"units": (unit("A", shares[0], shares[1], shares[2]),)},
    )
    came = ask(one, kind)
    assert came.reasons
    if came.grade is None:
        return
    order = list(Grade)
    band = band_of(RULES, ScoreTenths(points))
    assert band is not None
    assert order.index(came.grade) >= order.index(band)
    failing = {r.text.id for r in shortfalls(RULES, kind, one, came.grade)} - {"review.why.unknown"}
    assert not failing


def levels(**given: ItemLevel | None) -> Facts:
    return Facts(levels=given, no_work_grade=True)


def test_2019_excellent_needs_excellent_duties_and_good_conduct() -> None:
    fine = levels(duties_level=ItemLevel.EXCELLENT, conduct_level=ItemLevel.GOOD, remediation_level=None)
    assert suggest(RULES_2019, FormKind.NON_LEADER, fine).grade is Grade.EXCELLENT
    short = levels(duties_level=ItemLevel.GOOD, conduct_level=ItemLevel.GOOD, remediation_level=None)
    came = suggest(RULES_2019, FormKind.NON_LEADER, short)
    assert came.grade is None
    assert {"review.why.fails", "review.why.criteria_unknown"} <= told(came)


def test_2019_the_grade_at_work_counts_where_there_is_one() -> None:
    given = {"duties_level": ItemLevel.EXCELLENT, "conduct_level": ItemLevel.GOOD, "remediation_level": None}
    at_work = Facts(levels=given, work_grade=Grade.GOOD)
    assert suggest(RULES_2019, FormKind.NON_LEADER, at_work).grade is None
    excellent = Facts(levels=given, work_grade=Grade.EXCELLENT)
    assert suggest(RULES_2019, FormKind.NON_LEADER, excellent).grade is Grade.EXCELLENT
    assert suggest(RULES_2019, FormKind.NON_LEADER, Facts(levels=given)).grade is None


def test_2019_leaders_have_items_of_their_own() -> None:
    given = {"duties_level": ItemLevel.EXCELLENT, "conduct_level": ItemLevel.GOOD, "remediation_level": None}
    more = {"leadership_level": ItemLevel.EXCELLENT, "drive_level": ItemLevel.GOOD, "example_level": ItemLevel.GOOD}
    assert suggest(RULES_2019, FormKind.LEADER, levels(**given)).grade is None
    assert suggest(RULES_2019, FormKind.LEADER, levels(**given, **more)).grade is Grade.EXCELLENT


@pytest.mark.parametrize("kind", FormKind)
def test_2023_suggests_nothing_and_says_that_its_criteria_were_not_read(kind: FormKind) -> None:
    came = suggest(rule_set("2023"), kind, levels(duties_level=ItemLevel.EXCELLENT, conduct_level=ItemLevel.POOR))
    assert came.grade is None
    assert not came.certain
    assert sentences_of(came) == [
        (
            "• Bot chưa có tiêu chí xếp loại của năm này; đồng chí tự chọn theo hướng dẫn của chi bộ. "
            "(124-QĐ/TW; 25-HD/BTCTW (chưa đối chiếu))"
        )
    ]


def test_the_national_days_are_suggestions_in_order() -> None:
    days = [(due.key, day.isoformat()) for due, day in suggested_dates(RULES, 2026)]
    assert days == [
        ("work_grade", "2026-12-15"),
        ("graded", "2026-12-31"),
        ("graded_school", "2026-12-31"),
        ("graded_special", "2027-01-15"),
        ("files_sent", "2027-02-01"),
        ("reported", "2027-03-01"),
    ]
    assert [due.key for due in RULES.dates if due.local] == ["draft_sent", "form_due", "meeting"]
    assert [due.key for due in RULES.dates if not due.verified] == ["work_grade"]
    assert suggested_dates(RULES_2019, 2020) == ()


def test_leaders_review_themselves_in_two_places_the_cell_first() -> None:
    for rules in (RULES, RULES_2019, rule_set("2023")):
        places = {kind: [one.place for one in rules.places_of(kind)] for kind in FormKind}
        assert places.pop(FormKind.LEADER) == ["cell", "collective"]
        assert set(map(tuple, places.values())) == {("cell",)}


def test_which_rules_serve_which_year() -> None:
    assert [rule_set_for(year).id for year in (2023, 2024)] == ["2023"] * 2
    assert [rule_set_for(year).id for year in (2018, 2020, 2022)] == ["2019"] * 3
    assert [rule_set_for(year).id for year in (2025, 2026, 2040)] == ["2025"] * 3
