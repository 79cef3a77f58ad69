"""The ladder as it runs through a year: who is reminded of what and when, and what is dropped for which reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.reminders.daysoff import calendar_around
from handlers.reminders.plan import next_moment, plan
from handlers.reminders.rules import Notice, Person, Policy
from storage.records import CycleState, DeliveryTrouble, DropReason, DueState, ItemId, MemberId, NotRequired
from tests.reminders.world import CYCLE, HANOI, World, at, item, member

WEEK = timedelta(days=7)


def answering(world: World, start: datetime, end: datetime) -> None:
    """Run day by day with a person who always shows a sign of life in the afternoon."""
    while start < end:
        world.run(start, start + timedelta(hours=12))
        world.hears(start + timedelta(hours=6))
        start += timedelta(days=1)


def test_the_whole_ladder_for_somebody_who_answers_but_does_not_finish() -> None:
    world = World()
    answering(world, at("20/11 06:00"), at("05/01/2027 06:00"))
    assert world.told() == [
        ("23/11 08:00", "review.invitation"),
        ("11/12 08:00", "review.before_14"),
        ("18/12 08:00", "review.before_7"),
        ("22/12 08:00", "review.before_3"),
        ("24/12 08:00", "review.before_1"),
        ("25/12 08:00", "review.today"),
        ("26/12 08:00", "review.after_1"),
    ]
    assert world.dropped() == {}
    assert world.calls() == []


def test_after_two_without_an_answer_a_person_is_called_not_pinged() -> None:
    world = World()
    world.run(at("20/11 06:00"), at("28/12 06:00"))
    assert world.told() == [("23/11 08:00", "review.invitation"), ("11/12 08:00", "review.before_14")]
    assert world.dropped()["review.before_7"] is DropReason.UNANSWERED
    assert world.dropped()["review.after_1"] is DropReason.UNANSWERED
    assert world.calls() == ["1 cycle:7:unanswered:2026-12-11"]


def test_an_answer_after_the_call_brings_the_reminders_back_and_silence_a_second_call() -> None:
    world = World()
    world.run(at("20/11 06:00"), at("19/12 06:00"))
    world.hears(at("19/12 09:00"))
    world.run(at("19/12 10:00"), at("28/12 06:00"))
    assert [day for day, _ in world.told()] == ["23/11 08:00", "11/12 08:00", "22/12 08:00", "24/12 08:00"]
    assert world.calls() == ["1 cycle:7:unanswered:2026-12-11", "1 cycle:7:unanswered:2026-12-24"]


def test_how_many_may_stay_unanswered_is_the_cells_setting() -> None:
    world = World()
    state = replace(world.state(), policy=Policy(escalate_after=1))
    calendar = calendar_around(2026, HANOI)
    first = plan(at("23/11"), state, calendar)
    later = replace(
        state,
        known=frozenset(d.key for d in first),
        people=(replace(state.people[0], reminded_at=(at("23/11"),)),),
    )
    assert [d.dropped for d in plan(at("11/12"), later, calendar)] == [DropReason.UNANSWERED, None]


def test_what_somebody_did_not_answer_in_june_is_not_held_against_them_in_december() -> None:
    world = World(Person(member(), reminded_at=(at("01/06"), at("08/06"))))
    world.ring(at("23/11 08:00"))
    assert world.told() == [("23/11 08:00", "review.invitation")]


def test_who_has_submitted_is_left_in_peace_and_the_rows_say_why() -> None:
    world = World()
    world.run(at("20/11 06:00"), at("12/12 06:00"))
    world.submits(at("12/12 09:00"))
    world.run(at("12/12 10:00"), at("28/12 06:00"))
    assert len(world.told()) == 2
    assert world.dropped()["review.before_7"] is DropReason.ALREADY_DONE


def test_taking_a_submission_back_brings_only_the_reminders_still_ahead() -> None:
    world = World()
    world.run(at("20/11 06:00"), at("12/12 06:00"))
    world.submits(at("12/12 09:00"))
    world.run(at("12/12 10:00"), at("19/12 06:00"))
    world.change(submitted=frozenset(), heard_at=at("19/12 09:00"))
    world.run(at("19/12 10:00"), at("23/12 06:00"))
    assert [rules for _, rules in world.told()] == ["review.invitation", "review.before_14", "review.before_3"]


@pytest.mark.parametrize(
    "person",
    [
        Person(member(), not_required=NotRequired.EXEMPT),
        Person(member(), not_required=NotRequired.SUSPENDED),
        Person(member(), not_required=NotRequired.UNDER_SIX_MONTHS),
        Person(member(removed_at=at("01/11"))),
    ],
)
def test_of_whom_nothing_is_asked_there_is_not_even_a_row(person: Person) -> None:
    world = World(person, items=(item(1, date(2026, 12, 10)),))
    world.run(at("20/11 06:00"), at("28/12 06:00"))
    assert {d.rule for d in world.rows.values()} == {"summary"}


def test_away_members_are_not_reminded_at_all_and_go_on_afterwards() -> None:
    world = World(Person(member(away_from=date(2026, 12, 1), away_to=date(2026, 12, 19))))
    answering(world, at("20/11 06:00"), at("23/12 06:00"))
    assert world.told() == [("23/11 08:00", "review.invitation"), ("22/12 08:00", "review.before_3")]
    assert world.dropped() == {"review.before_14": DropReason.AWAY, "review.before_7": DropReason.AWAY}
    assert world.calls() == []


@pytest.mark.parametrize("trouble", [DeliveryTrouble.NEVER_JOINED, DeliveryTrouble.BLOCKED])
def test_whom_the_bot_cannot_reach_is_on_the_call_list_once_from_the_first_time(trouble: DeliveryTrouble) -> None:
    world = World(Person(member(), trouble=trouble))
    world.run(at("20/11 06:00"), at("28/12 06:00"))
    assert world.told() == []
    assert world.calls() == [f"1 cycle:7:{trouble}"]
    assert set(world.dropped().values()) == {DropReason.UNREACHABLE}


def test_review_and_points_of_one_day_are_one_message() -> None:
    items = (item(1, date(2026, 12, 25)), item(2, date(2026, 12, 25)), item(3, None))
    world = World(items=items)
    world.change(settled=frozenset({ItemId(1)}))
    world.run(at("18/12 06:00"), at("19/12 06:00"))
    assert world.told() == [("18/12 08:00", "review.before_7+items.before_7")]
    assert len([d for d in world.rows.values() if d.rule == "bundle"]) == 1


def test_points_that_are_settled_are_not_asked_for() -> None:
    world = World(cycles=(), items=(item(1, date(2026, 12, 18)), item(2, date(2026, 12, 20))))
    world.change(settled=frozenset({ItemId(1)}))
    answering(world, at("01/12 06:00"), at("24/12 06:00"))
    assert [day for day, _ in world.told()] == [
        "06/12 08:00",
        "13/12 08:00",
        "17/12 08:00",
        "19/12 08:00",
        "20/12 08:00",
        "21/12 08:00",
    ]


def test_an_own_extension_moves_the_own_ladder_only() -> None:
    world = World(Person(member()), Person(member(2)))
    world.run(at("20/11 06:00"), at("16/12 15:00"))
    world.said.clear()
    world.cycles = (replace(CYCLE, extensions=((MemberId(1), date(2027, 1, 8)),)),)
    world.notices = (Notice(CYCLE.id, date(2027, 1, 8), at("16/12 15:00"), MemberId(1)),)
    world.hears(at("16/12 15:00"), 1)
    world.hears(at("16/12 15:00"), 2)
    world.run(at("16/12 15:00"), at("19/12 06:00"))
    assert world.told(1) == [("16/12 15:00", "extended")]
    assert world.told(2) == [("18/12 08:00", "review.before_7")]
    answering(world, at("19/12 06:00"), at("05/01/2027 06:00"))
    assert world.told(1)[1:] == [("25/12 08:00", "review.before_14"), ("02/01 08:00", "review.before_7")]


def test_a_moved_deadline_is_told_in_the_next_bundle_and_its_past_rungs_never_existed() -> None:
    world = World()
    answering(world, at("20/11 06:00"), at("19/12 06:00"))
    world.cycles = (replace(CYCLE, deadline_on=date(2026, 12, 30)),)
    world.notices = (Notice(CYCLE.id, date(2026, 12, 30), at("19/12 15:00")),)
    answering(world, at("19/12 06:00"), at("03/01/2027 06:00"))
    assert world.told()[3:] == [
        ("19/12 15:00", "moved"),
        ("23/12 08:00", "review.before_7"),
        ("27/12 08:00", "review.before_3"),
        ("29/12 08:00", "review.before_1"),
        ("30/12 08:00", "review.today"),
        ("31/12 08:00", "review.after_1"),
    ]


def test_nothing_is_said_at_night_or_at_tet_and_the_rungs_come_after_it() -> None:
    tet = replace(CYCLE, opens_on=date(2027, 1, 10), deadline_on=date(2027, 2, 20))
    world = World(cycles=(tet,))
    answering(world, at("09/01/2027 00:00"), at("01/03/2027 00:00"))
    days = [day for day, _ in world.told()]
    assert [rules for _, rules in world.told()][:2] == ["review.invitation", "review.before_14"]
    assert days[1] == "11/02 08:00"  # 6 February is the first day of Tết, 10 February the last day off
    assert all(day.endswith("08:00") for day in days)


def test_last_days_that_fall_on_holidays_are_not_told_afterwards() -> None:
    new_year = replace(CYCLE, deadline_on=date(2027, 1, 1))
    world = World(cycles=(new_year,))
    answering(world, at("20/12 06:00"), at("10/01/2027 06:00"))
    assert world.told()[-2:] == [("31/12 08:00", "review.before_1"), ("02/01 08:00", "review.after_1")]
    assert world.dropped()["review.today"] is DropReason.OVERTAKEN


def test_snoozed_until_the_evening_then_once_and_then_the_ladder_again() -> None:
    world = World()
    world.ring(at("23/11 08:00"))
    world.change(snoozed_until=at("23/11 19:00"), heard_at=at("23/11 08:10"))
    world.run(at("23/11 08:30"), at("24/11 06:00"))
    world.run(at("11/12 06:00"), at("12/12 06:00"))
    assert world.told() == [
        ("23/11 08:00", "review.invitation"),
        ("23/11 19:00", "snooze"),
        ("11/12 08:00", "review.before_14"),
    ]


def test_a_snooze_holds_back_the_ladder_and_then_brings_it_along() -> None:
    world = World()
    world.change(snoozed_until=at("18/12 19:00"), heard_at=at("17/12 19:30"))
    world.run(at("18/12 06:00"), at("19/12 06:00"))
    assert world.told() == [("18/12 19:00", "review.before_7+snooze")]


def test_a_snooze_after_submitting_or_after_a_week_is_dropped() -> None:
    done, late = World(), World()
    for world in (done, late):
        world.ring(at("23/11 08:00"))
        world.change(snoozed_until=at("23/11 19:00"), heard_at=at("23/11 08:10"))
    done.submits(at("23/11 12:00"))
    done.ring(at("23/11 19:00"))
    late.ring(at("30/11 19:00"))
    assert done.dropped()["snooze"] is DropReason.ALREADY_DONE
    assert late.dropped()["snooze"] is DropReason.DAY_PASSED
    assert len(done.said) == len(late.said) == 1


def test_by_hand_comes_at_once_even_a_third_time_and_holds_back_the_automatic_one_that_day() -> None:
    world = World()
    world.run(at("20/11 06:00"), at("17/12 06:00"))
    world.nudges(at("18/12 07:15"))
    world.ring(at("18/12 07:15"))
    world.hears(at("18/12 07:20"))
    world.run(at("18/12 07:30"), at("20/12 06:00"))
    assert world.told()[2:] == [("18/12 07:15", "manual"), ("19/12 08:00", "review.before_7")]


def test_by_hand_at_night_waits_for_the_morning_and_looks_again() -> None:
    world = World(Person(member()), Person(member(2)))
    world.nudges(at("15/12 21:00"), 1)
    world.nudges(at("15/12 21:00"), 2)
    world.ring(at("15/12 21:00"))
    world.submits(at("15/12 22:00"), 2)
    world.run(at("15/12 21:30"), at("16/12 12:00"))
    assert "manual" in world.told(1)[-1][1]
    assert world.told(2) == []
    assert world.dropped(2)["manual"] is DropReason.ALREADY_DONE


def test_an_hour_of_outage_delays_and_neither_doubles_nor_loses() -> None:
    world = World()
    answering(world, at("20/11 06:00"), at("18/12 06:00"))
    world.run(at("18/12 06:00"), at("18/12 07:59"))
    world.run(at("18/12 09:10"), at("19/12 06:00"))
    assert world.told()[-1] == ("18/12 09:10", "review.before_7")
    assert world.dropped() == {}


def test_a_week_of_outage_sends_the_latest_once_and_drops_the_rest_as_overtaken() -> None:
    world = World()
    answering(world, at("20/11 06:00"), at("17/12 06:00"))
    world.run(at("24/12 15:00"), at("25/12 06:00"))
    assert world.told()[2:] == [("24/12 15:00", "review.before_1")]
    assert world.dropped() == {"review.before_7": DropReason.OVERTAKEN, "review.before_3": DropReason.OVERTAKEN}


def test_a_week_of_outage_that_ends_between_two_rungs_drops_what_is_too_old() -> None:
    world = World()
    answering(world, at("20/11 06:00"), at("10/12 06:00"))
    world.run(at("17/12 06:00"), at("19/12 06:00"))
    assert world.dropped() == {"review.before_14": DropReason.DAY_PASSED}
    assert world.told()[1:] == [("18/12 08:00", "review.before_7")]


def test_an_outage_over_the_deadline_says_that_it_has_passed_and_not_that_it_is_near() -> None:
    world = World()
    answering(world, at("20/11 06:00"), at("20/12 06:00"))
    dues = world.ring(at("27/12 09:00"))
    assert world.told()[-1] == ("27/12 09:00", "review.after_1")
    assert {d.rule for d in dues if d.dropped is DropReason.OVERTAKEN} == {
        "review.before_3",
        "review.before_1",
        "review.today",
    }
    assert [d.rule for d in dues if d.rule == "summary"] == ["summary"]


def test_the_bot_down_from_the_deadline_for_ten_days_says_nothing_more_but_posts_the_summary() -> None:
    world = World()
    answering(world, at("20/11 06:00"), at("25/12 06:00"))
    before = len(world.said)
    world.run(at("05/01/2027 09:00"), at("06/01/2027 09:00"))
    assert len(world.said) == before
    assert world.dropped()["review.after_1"] is DropReason.DAY_PASSED
    assert [k for k in world.rows if k[1] == "summary"] == [("cell:1", "summary", "cycle:7:2026-12-25")]


def test_a_clock_that_jumps_forward_and_back_repeats_nothing() -> None:
    world = World()
    world.ring(at("23/11 08:00"))
    world.hears(at("23/11 09:00"))
    world.ring(at("18/12 10:00"))
    before = len(world.said)
    world.run(at("23/11 10:00"), at("11/12 06:00"))
    assert len(world.said) == before


def test_the_summary_is_due_once_the_morning_after_the_deadline() -> None:
    world = World()
    world.run(at("24/12 06:00"), at("03/01/2027 06:00"))
    found = [d for d in world.rows.values() if d.rule == "summary"]
    assert [(d.who, d.occasion, d.moment) for d in found] == [("cell:1", "cycle:7:2026-12-25", at("26/12 08:00"))]
    world.cycles = (replace(CYCLE, deadline_on=date(2027, 1, 5)),)
    world.run(at("03/01/2027 06:00"), at("08/01/2027 06:00"))
    assert len([d for d in world.rows.values() if d.rule == "summary"]) == 2


def test_closing_early_ends_the_reminders_and_brings_the_summary() -> None:
    world = World()
    world.run(at("20/11 06:00"), at("10/12 06:00"))
    world.cycles = (replace(CYCLE, state=CycleState.CLOSED),)
    world.closed = {CYCLE.id: at("10/12 15:00")}
    world.run(at("10/12 15:00"), at("05/01/2027 06:00"))
    assert len(world.said) == 1
    assert [k[2] for k in world.rows if k[1] == "summary"] == ["cycle:7:closed"]


def test_closing_after_the_summary_brings_no_second_one() -> None:
    world = World()
    world.run(at("24/12 06:00"), at("29/12 06:00"))
    world.cycles = (replace(CYCLE, state=CycleState.CLOSED),)
    world.closed = {CYCLE.id: at("29/12 15:00")}
    world.run(at("29/12 15:00"), at("05/01/2027 06:00"))
    assert [k[2] for k in world.rows if k[1] == "summary"] == ["cycle:7:2026-12-25"]


def test_who_joins_late_is_invited_and_hears_nothing_of_what_was_before() -> None:
    world = World(Person(member(), entered_at=at("19/12 10:00")))
    world.run(at("19/12 10:30"), at("20/12 06:00"))
    assert world.told() == [("19/12 10:30", "review.invitation")]
    assert world.dropped() == {}


def test_a_cycle_of_a_year_long_past_reminds_nobody() -> None:
    past = replace(CYCLE, year=2020, opens_on=date(2020, 11, 1), deadline_on=date(2020, 12, 20))
    world = World(cycles=(past,))
    world.run(at("23/11 06:00"), at("28/12 06:00"))
    assert world.said == []
    assert [d.dropped for d in world.rows.values()] == [DropReason.DAY_PASSED]


def test_the_next_moment_leads_from_one_event_to_the_next() -> None:
    world = World()
    now, seen = at("20/11 06:00"), []
    while (following := next_moment(now, world.state(), calendar_around(now.year, HANOI))) is not None:
        assert following > now
        now = following
        world.ring(now)
        world.hears(now + timedelta(minutes=5))
        seen.append(now.astimezone(HANOI).strftime("%d/%m %H:%M"))
        assert len(seen) < 20
    assert seen == [
        "23/11 08:00",
        "11/12 08:00",
        "18/12 08:00",
        "22/12 08:00",
        "24/12 08:00",
        "25/12 08:00",
        "26/12 08:00",
    ]


def test_at_night_nothing_is_even_looked_at() -> None:
    world = World()
    assert world.ring(at("18/12 21:00")) == ()
    assert world.ring(at("18/12 06:59")) == ()
    assert world.ring(at("01/01/2027 10:00")) == ()


acts = st.lists(
    st.tuples(
        st.integers(0, 60 * 24 * 45),
        st.sampled_from(
            ["ring", "ring", "ring", "hear", "submit", "reopen", "tonight", "nudge", "block", "unblock"]
        ),
    ),
    max_size=60,
)


def happen(world: World, act: str, now: datetime) -> None:
    match act:
        case "hear":
            world.hears(now)
        case "submit":
            world.submits(now)
        case "reopen":
            world.change(submitted=frozenset(), heard_at=now)
        case "tonight":
            world.change(snoozed_until=now + timedelta(hours=5), heard_at=now)
        case "nudge":
            world.nudges(now)
        case "block":
            world.change(trouble=DeliveryTrouble.BLOCKED)
        case "unblock":
            world.change(trouble=None, heard_at=now)


@settings(max_examples=150, deadline=None)
@given(acts)
def test_whatever_happens_one_message_a_day_never_at_night_never_twice(acts: list[tuple[int, str]]) -> None:
    world = World(items=(item(1, date(2026, 12, 20)), item(2, date(2026, 12, 25))))
    calendar = calendar_around(2026, HANOI)
    for minutes, act in sorted(acts):
        now = at("20/11 00:00") + timedelta(minutes=minutes)
        happen(world, act, now)
        world.ring(now)
        assert world.ring(now) == ()
    wished = {"manual", "snooze"}
    automatic = [(who, now.astimezone(HANOI).date()) for who, now, rules in world.said if not wished & set(rules)]
    assert len(automatic) == len(set(automatic))
    for _, now, _rules in world.said:
        local = now.astimezone(HANOI)
        assert local.date() not in calendar.days_off
        assert calendar.hours.awake_from <= local.time() < calendar.hours.quiet_from
    for due in world.rows.values():
        assert (due.dropped is not None) == (due.state is DueState.DROPPED)
