"""After a copy was put back: what had come due by then may have been sent, so it is not sent again."""

from dataclasses import replace

from handlers.reminders.daysoff import calendar_around
from handlers.reminders.plan import plan
from handlers.reminders.rules import CellState, Person
from storage.records import DropReason, DueState
from tests.reminders.world import HANOI, OPENED, World, at, member


class Restored(World):
    """A world whose data were put back on 18 December at 10:00."""

    def state(self) -> CellState:
        return replace(super().state(), restored_at=at("18/12 10:00"))


def person() -> Person:
    return Person(member(), entered_at=OPENED, heard_at=at("17/12 09:00"))


def test_what_was_due_before_is_dropped_with_its_reason_and_the_next_rung_is_sent() -> None:
    world = Restored(person())
    world.ring(at("18/12 14:00"))
    assert world.said == []
    dropped = {due.rule: due.dropped for due in world.rows.values()}
    assert dropped["review.before_7"] is DropReason.RESTORED
    world.ring(at("18/12 14:01"))
    world.ring(at("22/12 08:00"))
    assert [rules for _, _, rules in world.said] == [("review.before_3",)]


def test_without_a_restore_the_same_rung_is_sent() -> None:
    world = World(person())
    world.ring(at("18/12 14:00"))
    assert [rules for _, _, rules in world.said] == [("review.before_7",)]


def test_whoever_joins_afterwards_begins_anew() -> None:
    world = Restored(replace(person(), entered_at=at("18/12 11:00")))
    world.ring(at("18/12 14:00"))
    assert [rules for _, _, rules in world.said] == [("review.invitation",)]


def test_a_nudge_that_waited_in_the_copy_is_not_sent_either() -> None:
    world = Restored(person())
    world.nudges(at("18/12 09:00"))
    dues = plan(at("18/12 14:00"), world.state(), calendar_around(2026, HANOI))
    assert {due.state for due in dues if due.rule == "manual"} == {DueState.DROPPED}
