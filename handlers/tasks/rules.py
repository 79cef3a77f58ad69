"""The four figures of a list of tasks, and what stands open; late and exceeded are the member's word. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from storage.records import Task, TaskState

_DONE = frozenset({TaskState.DONE, TaskState.LATE, TaskState.EXCEEDED})


@dataclass(frozen=True, slots=True)
class Count:
    """How many tasks were given, done, done late, done beyond what was asked; ``open`` have no word yet."""

    given: int
    done: int
    late: int
    exceeded: int
    open: int


def count(tasks: Iterable[Task]) -> Count:
    """Count a list: every task on it was given; open ones and those not done are not done."""
    states = [task.state for task in tasks]
    return Count(
        given=len(states),
        done=sum(state in _DONE for state in states),
        late=states.count(TaskState.LATE),
        exceeded=states.count(TaskState.EXCEEDED),
        open=states.count(TaskState.OPEN),
    )


def is_past(task: Task, today: date) -> bool:
    """Whether the deadline has passed and the member has not said how it ended: open, not late."""
    return task.state is TaskState.OPEN and task.due_on is not None and task.due_on < today
