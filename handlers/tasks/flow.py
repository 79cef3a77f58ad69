"""The dialogue of the year's tasks: a list to which lines are typed, and one task with its choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from handlers.dialogue.flow import JSON, Flow, Option, Step, Takes
from handlers.dialogue.phrases import Phrase, Plain, Text, lines, paragraphs, t
from handlers.dialogue.spoken import command_else
from handlers.organisation.permissions import Verb
from handlers.tasks.rules import count, is_past
from handlers.tasks.typed import read_tasks
from storage.records import Task, TaskState

PAGE = 8
_LABEL = 44
MARKS = {
    TaskState.OPEN: "⬜",
    TaskState.DONE: "✅",
    TaskState.LATE: "🕘",
    TaskState.EXCEEDED: "⭐",
    TaskState.NOT_DONE: "✖️",
}
_WORDS = {
    TaskState.OPEN: ("chua ghi", "open"),
    TaskState.DONE: ("xong", "dung han", "done"),
    TaskState.LATE: ("cham", "xong cham", "late"),
    TaskState.EXCEEDED: ("vuot", "vuot muc", "exceeded"),
    TaskState.NOT_DONE: ("chua xong", "khong xong", "not done"),
}


@dataclass(frozen=True, slots=True)
class TasksView:
    """A member's tasks of one year; ``task`` is the one in hand."""

    year: int = 0
    today: date = date.min
    tasks: tuple[Task, ...] = ()
    task: Task | None = None
    cursor: Mapping[str, JSON] = field(default_factory=dict)

    @property
    def page(self) -> int:
        """The page in view, one that exists."""
        wanted = self.cursor.get("page")
        return min(wanted if isinstance(wanted, int) and wanted > 0 else 0, max(0, self.pages - 1))

    @property
    def pages(self) -> int:
        """How many pages the list has."""
        return -(-len(self.tasks) // PAGE)


def counted(tasks: tuple[Task, ...]) -> Text:
    """The four figures of a list in one sentence."""
    found = count(tasks)
    return t("tasks.counts", given=found.given, done=found.done, late=found.late, exceeded=found.exceeded)


def as_line(task: Task) -> Phrase:
    """A task with its product and deadline, as it stands in the Annex."""
    words = " – ".join(filter(None, (task.title, task.product)))
    return Plain(words) if task.due_on is None else t("tasks.line", words=words, on=task.due_on)


def _list(view: TasksView) -> Phrase:
    head = t("tasks.list", year=view.year)
    how = t("tasks.how")
    if not view.tasks:
        return paragraphs(head, t("tasks.none"), how)
    past = sum(is_past(task, view.today) for task in view.tasks)
    figures = lines(
        counted(view.tasks),
        t("tasks.open", count=count(view.tasks).open) if count(view.tasks).open else None,
        t("tasks.past", count=past) if past else None,
    )
    page = t("tasks.page", page=view.page + 1, pages=view.pages) if view.pages > 1 else None
    return paragraphs(head, figures, t("tasks.legend"), how, page)


def _list_options(view: TasksView) -> tuple[Option, ...]:
    first = view.page * PAGE
    found = []
    for place, task in enumerate(view.tasks[first : first + PAGE], first + 1):
        mark = MARKS[task.state] + ("⏰" if is_past(task, view.today) else "")
        label = t("tasks.choose.one", mark=mark, number=place, title=_clip(task.title))
        found.append(Option(f"t{task.id}", label))
    if view.page:
        found.append(Option("prev", t("tasks.choose.prev"), ("truoc", "prev"), wide=False))
    if view.page + 1 < view.pages:
        found.append(Option("more", t("tasks.choose.more"), ("tiep", "more"), wide=False))
    if view.cursor.get("undo"):
        found.append(Option("undo", t("tasks.choose.undo"), ("lay lai", "undo")))
    return tuple(found)


def _clip(text: str) -> str:
    return text if len(text) <= _LABEL else f"{text[: _LABEL - 1].rstrip()}…"


def _read(text: str) -> object:
    return None if command_else(text) else read_tasks(text)


def _read_one(text: str) -> object:
    found = read_tasks(" ".join(text.split()))
    return found[0] if isinstance(found, tuple) else found


def _task(view: TasksView) -> Phrase:
    task = view.task
    if task is None:
        return t("tasks.gone")
    due = None
    if task.due_on is not None:
        due = t("tasks.one.past" if is_past(task, view.today) else "tasks.one.due", on=task.due_on)
    return paragraphs(
        t("tasks.one", title=task.title),
        lines(
            t("tasks.one.product", product=task.product) if task.product else None,
            due,
            t("tasks.one.state", mark=MARKS[task.state], state=t(f"tasks.state.{task.state}")),
        ),
        t("tasks.one.ask"),
    )


def _task_options(view: TasksView) -> tuple[Option, ...]:
    if view.task is None:
        return ()
    states = tuple(
        Option(state, t("tasks.choose.state", mark=MARKS[state], state=t(f"tasks.state.{state}")), _WORDS[state])
        for state in (TaskState.DONE, TaskState.LATE, TaskState.EXCEEDED, TaskState.NOT_DONE, TaskState.OPEN)
        if state is not view.task.state
    )
    edit = Option("edit", t("tasks.choose.edit"), ("sua", "edit"))
    return (*states, edit, Option("remove", t("tasks.choose.remove"), ("bo", "xoa", "remove")))


def _edit(view: TasksView) -> Phrase:
    return paragraphs(as_line(view.task) if view.task else t("tasks.gone"), t("tasks.edit"))


TASKS = Flow[TasksView](
    name="tasks",
    first="list",
    commands=("tasks", "nhiemvu"),
    verb=Verb.REVIEW_WRITE,
    steps=(
        Step(
            "list",
            ask="tasks.list",
            body=_list,
            options=_list_options,
            read=_read,
            leads=("list", "task"),
        ),
        Step(
            "task",
            ask="tasks.one.ask",
            body=_task,
            options=_task_options,
            leads=("list", "edit"),
            back="list",
        ),
        Step("edit", ask="tasks.edit", takes=Takes.LINE, body=_edit, read=_read_one, leads=("task",), back="task"),
    ),
)
