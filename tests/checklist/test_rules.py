"""The seven points by rule: taps, progress, overdue, reasons; and the list that a cell starts from."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.checklist.points import default_list
from handlers.checklist.rules import (
    MOST_LABEL,
    Point,
    ReasonMissingError,
    after_tap,
    is_overdue,
    marked,
    noted,
    points_of,
    progress,
)
from storage.records import CellId, ChecklistItem, ItemId, ItemState, Mark, MemberId

TODAY = date(2026, 12, 10)
NOW = datetime(2026, 12, 10, 2, 0, tzinfo=UTC)
LAN = MemberId(1)


def item(number: int, due_on: date | None = None) -> ChecklistItem:
    return ChecklistItem(ItemId(100 + number), CellId(1), 2026, number, f"Việc {number}", due_on)


def mark(number: int, state: ItemState, reason: str = "", note: str = "") -> Mark:
    return Mark(ItemId(100 + number), LAN, state, note=note, reason=reason)


def test_the_default_list_has_exactly_seven_points_in_order() -> None:
    """S12: the seven solutions, in order."""
    ready = default_list()
    keywords = ("chính trị", "Đoàn kết", "Kiểm tra, giám sát", "kế cận", "thi đua", "Phối hợp", "Báo cáo")
    assert len(ready.labels) == 7
    assert all(word in label for word, label in zip(keywords, ready.labels, strict=True))
    assert all(len(label) <= MOST_LABEL for label in ready.labels)
    assert ready.year == 2021
    assert "Bắc Kạn" in ready.source


def test_three_taps_lead_round() -> None:
    states = [ItemState.NOT_STARTED]
    for _ in range(3):
        states.append(after_tap(states[-1]))
    assert states == [ItemState.NOT_STARTED, ItemState.IN_PROGRESS, ItemState.DONE, ItemState.NOT_STARTED]


@pytest.mark.parametrize("state", ItemState)
def test_a_tap_never_leads_where_a_reason_is_asked(state: ItemState) -> None:
    assert after_tap(state) not in {ItemState.BLOCKED, ItemState.NOT_APPLICABLE}


@pytest.mark.parametrize(
    ("due_on", "state", "expected"),
    [
        (None, ItemState.NOT_STARTED, False),
        (date(2026, 12, 10), ItemState.NOT_STARTED, False),
        (date(2026, 12, 9), ItemState.NOT_STARTED, True),
        (date(2026, 12, 9), ItemState.IN_PROGRESS, True),
        (date(2026, 12, 9), ItemState.BLOCKED, True),
        (date(2026, 12, 9), ItemState.DONE, False),
        (date(2026, 12, 9), ItemState.NOT_APPLICABLE, False),
    ],
)
def test_overdue(due_on: date | None, state: ItemState, expected: bool) -> None:
    assert is_overdue(item(1, due_on), state, TODAY) is expected


def test_progress_leaves_out_what_does_not_apply() -> None:
    items = [item(number, date(2026, 12, 1) if number in {3, 4, 5} else None) for number in range(7, 0, -1)]
    marks = [
        mark(1, ItemState.DONE),
        mark(2, ItemState.DONE),
        mark(3, ItemState.BLOCKED, reason="thiếu kinh phí"),
        mark(4, ItemState.NOT_APPLICABLE),
        mark(5, ItemState.DONE),
    ]
    points = points_of(items, marks)
    found = progress(points, TODAY)
    assert [point.item.number for point in points] == [1, 2, 3, 4, 5, 6, 7]
    assert (found.done, found.counted, found.not_applicable, found.blocked) == (3, 6, 1, 1)
    assert found.overdue == (3,)


def test_progress_of_an_empty_list_is_nought_of_nought() -> None:
    found = progress((), TODAY)
    assert (found.done, found.counted, found.overdue) == (0, 0, ())


@given(st.lists(st.sampled_from(ItemState), max_size=12))
def test_progress_adds_up(states: list[ItemState]) -> None:
    points = [Point(item(n, date(2026, 1, 1)), mark(n, state)) for n, state in enumerate(states, 1)]
    found = progress(points, TODAY)
    assert 0 <= found.done <= found.counted <= len(states)
    assert found.counted + found.not_applicable == len(states)
    assert len(found.overdue) == found.counted - found.done


def test_blocked_needs_a_reason_and_keeps_it_through_other_states() -> None:
    point = Point(item(3))
    with pytest.raises(ReasonMissingError):
        marked(point, LAN, ItemState.BLOCKED, NOW)
    blocked = marked(point, LAN, ItemState.BLOCKED, NOW, remark="thiếu kinh phí")
    assert (blocked.state, blocked.reason, blocked.note) == (ItemState.BLOCKED, "thiếu kinh phí", "")
    going_on = marked(Point(item(3), blocked), LAN, ItemState.IN_PROGRESS, NOW, remark="đã xin bổ sung")
    assert (going_on.reason, going_on.note) == ("thiếu kinh phí", "đã xin bổ sung")
    again = marked(Point(item(3), going_on), LAN, ItemState.BLOCKED, NOW)
    assert (again.reason, again.note, again.marked_at) == ("thiếu kinh phí", "đã xin bổ sung", NOW)


def test_a_note_leaves_the_state_alone() -> None:
    assert noted(Point(item(2)), LAN, NOW, "còn phần cuối").state is ItemState.NOT_STARTED
    done = Point(item(2), mark(2, ItemState.DONE))
    assert noted(done, LAN, NOW, "nộp 05/12") == Mark(
        ItemId(102), LAN, ItemState.DONE, note="nộp 05/12", marked_at=NOW
    )
