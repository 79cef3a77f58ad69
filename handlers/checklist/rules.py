"""The seven points by rule: what a tap does, what is overdue, how far a member has come; pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from storage.records import ChecklistItem, ItemId, ItemState, Mark, MemberId

# A label has to fit on a button of a phone; reasons and notes are remarks, not reports.
MOST_LABEL = 60
MOST_REMARK = 500
MOST_POINTS = 12

# Blocked and not applicable are never reached by a tap, because they ask for a reason; a tap leads out of them.
_AFTER_TAP = {
    ItemState.NOT_STARTED: ItemState.IN_PROGRESS,
    ItemState.IN_PROGRESS: ItemState.DONE,
    ItemState.DONE: ItemState.NOT_STARTED,
    ItemState.BLOCKED: ItemState.IN_PROGRESS,
    ItemState.NOT_APPLICABLE: ItemState.NOT_STARTED,
}

_SETTLED = frozenset({ItemState.DONE, ItemState.NOT_APPLICABLE})


class ReasonMissingError(ValueError):
    """A point cannot be blocked without saying by what."""


@dataclass(frozen=True, slots=True)
class Point:
    """One item of the list with one member's mark on it, if there is one yet."""

    item: ChecklistItem
    mark: Mark | None = None

    @property
    def state(self) -> ItemState:
        """The member's state; a point without a mark is not started."""
        return self.mark.state if self.mark else ItemState.NOT_STARTED


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one member has come: ``done`` of ``counted`` points, those that do not apply left out of both."""

    done: int
    counted: int
    not_applicable: int
    blocked: int
    overdue: tuple[int, ...]


def points_of(items: Sequence[ChecklistItem], marks: Iterable[Mark]) -> tuple[Point, ...]:
    """The list in the order of its numbers, each item with its mark (one member's marks)."""
    by_item: Mapping[ItemId, Mark] = {mark.item_id: mark for mark in marks}
    return tuple(Point(item, by_item.get(item.id)) for item in sorted(items, key=lambda item: item.number))


def is_overdue(item: ChecklistItem, state: ItemState, today: date) -> bool:
    """Whether the point's day has passed and it is neither done nor inapplicable; the day itself is in time."""
    return item.due_on is not None and item.due_on < today and state not in _SETTLED


def progress(points: Sequence[Point], today: date) -> Progress:
    """Count one member's points; an empty list gives nought of nought."""
    states = [point.state for point in points]
    not_applicable = states.count(ItemState.NOT_APPLICABLE)
    return Progress(
        done=states.count(ItemState.DONE),
        counted=len(states) - not_applicable,
        not_applicable=not_applicable,
        blocked=states.count(ItemState.BLOCKED),
        overdue=tuple(point.item.number for point in points if is_overdue(point.item, point.state, today)),
    )


def after_tap(state: ItemState) -> ItemState:
    """The state that a tap on the button leads to: not started, in progress, done, and round again."""
    return _AFTER_TAP[state]


def marked(point: Point, member: MemberId, state: ItemState, now: datetime, *, remark: str = "") -> Mark:
    """The member's mark after a change of state; ``remark`` is the reason if blocked, else a note.

    What was written before stays: a reason outlives the state it explained (it is shown with that state only), a
    note changes only where a new one was typed. Raises ReasonMissingError for blocked without any reason.
    """
    before = point.mark or Mark(point.item.id, member, ItemState.NOT_STARTED)
    after = replace(before, state=state, marked_at=now)
    if remark and state is ItemState.BLOCKED:
        after = replace(after, reason=remark)
    elif remark:
        after = replace(after, note=remark)
    if state is ItemState.BLOCKED and not after.reason:
        raise ReasonMissingError(point.item.number)
    return after


def seen(points: Iterable[Point]) -> str:
    """A mark of what a list shows of each point, item by item: ``12:3f9a1c;13:…``."""
    return ";".join(f"{point.item.id}:{_mark_of(point)}" for point in points)


def overtaken(shown: object, point: Point) -> bool:
    """Whether a point has changed since the list was ``shown``: by the same person, on another messenger."""
    if not isinstance(shown, str):
        return False
    before = dict(part.split(":") for part in shown.split(";") if part)
    return before.get(str(point.item.id), _mark_of(point)) != _mark_of(point)


def _mark_of(point: Point) -> str:
    mark = point.mark
    words = (mark.state, mark.reason, mark.note) if mark else (ItemState.NOT_STARTED, "", "")
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:6]


def noted(point: Point, member: MemberId, now: datetime, note: str) -> Mark:
    """The member's mark with another note; the state stays."""
    before = point.mark or Mark(point.item.id, member, ItemState.NOT_STARTED)
    return replace(before, note=note, marked_at=now)
