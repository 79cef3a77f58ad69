"""Tasks as a member types them: "Viết giáo án mới – 3 chuyên đề – 30/6", a line a task; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from handlers.dialogue.flow import Refusal, refusal
from handlers.dialogue.fold import fold
from handlers.reminders.dates import TypedDay, in_round, read_day

LONGEST = 300
MOST_LINES = 60

_BULLET = re.compile(r"^\s*(?:\d{1,2}[.)]|[-–—•*+])\s+")
_BETWEEN = re.compile(r"\s+[-–—]\s+|\s*[;|\t]\s*|\s*[–—]\s*")
# "…, hạn 30/6": a day at the end that no dash sets apart.
_DUE_BEHIND = re.compile(
    r"^(?P<rest>.*\S)[\s,(]+(?:hạn|han|trước|truoc|đến|den|xong)\s+(?:ngày\s+)?"
    r"(?P<day>\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?)\)?[.\s]*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class TypedTask:
    """A task as it was typed; the deadline's year may have been left out."""

    title: str
    product: str = ""
    due: TypedDay | None = None


def read_tasks(text: str) -> tuple[TypedTask, ...] | Refusal | None:
    """Every task that a message names, a line each; a Refusal names the line that cannot be kept.

    None where the message is no task: a single word, or figures alone.
    """
    rows = [line for line in text.splitlines() if line.strip()]
    if len(rows) > MOST_LINES:
        return refusal("tasks.typed.too_many", most=MOST_LINES)
    found = []
    for number, line in enumerate(rows, 1):
        task = read_task(line)
        if len(task.title) > LONGEST or len(task.product) > LONGEST:
            return refusal("tasks.typed.too_long", number=number, most=LONGEST)
        if len(fold(task.title).split()) < 2 or not any(sign.isalpha() for sign in task.title):
            return refusal("tasks.typed.short", number=number) if len(rows) > 1 else None
        found.append(task)
    return tuple(found) or None


def read_task(line: str) -> TypedTask:
    """One line: the title, what comes of it, and the day at its end if there is one."""
    bare = _BULLET.sub("", line).strip()
    due = None
    if behind := _DUE_BEHIND.match(bare):
        day = read_day(behind["day"])
        if isinstance(day, TypedDay):
            bare, due = behind["rest"].rstrip(" ,(–—-"), day
    parts = [part.strip() for part in _BETWEEN.split(bare) if part and part.strip()]
    if due is None and len(parts) > 1:
        day = read_day(parts[-1])
        if isinstance(day, TypedDay):
            parts, due = parts[:-1], day
    return TypedTask(parts[0] if parts else "", " – ".join(parts[1:]), due)


def due_of(task: TypedTask, year: int) -> date | Refusal | None:
    """The deadline that is meant in the list of that year; refuses 31/2 and the like."""
    return in_round(task.due, year, date(year, 1, 1)) if task.due else None
