"""The room of the year's tasks: lines become tasks, choices say how they ended, nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.checklist.actions import list_year
from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import Flow, Refusal
from handlers.dialogue.phrases import Phrase, t
from handlers.dialogue.room import Outcome, Recipe, Visit, go, stay
from handlers.dialogue.said import Command
from handlers.organisation.permissions import Verb
from handlers.tasks.flow import TASKS, TasksView
from handlers.tasks.typed import MOST_LINES, TypedTask, due_of, read_tasks
from storage import tasks
from storage.records import Task, TaskState
from storage.transaction import Connection

_DONE = frozenset({TaskState.DONE, TaskState.LATE, TaskState.EXCEEDED})


class TasksRoom:
    """A member's own list; ``most`` is how many tasks a year takes."""

    flows: tuple[Flow[TasksView], ...] = (TASKS,)
    commands: Mapping[str, str | None] = {"tasks": Verb.REVIEW_WRITE, "nhiemvu": Verb.REVIEW_WRITE}
    group_commands: frozenset[str] = frozenset()
    recipes: Mapping[str, Recipe] = {}

    def __init__(self, *, most: int = MOST_LINES) -> None:
        self._most = most

    def load(self, tx: Connection, visit: Visit) -> TasksView:
        """Fetch the year's tasks and the one in hand."""
        year = list_year(tx, visit.known.cell.id, visit.today)
        found = tasks.of_year(tx, visit.known.member.id, year)
        number = visit.state.data.get("task")
        return TasksView(
            year=year,
            today=visit.today,
            tasks=found,
            task=next((task for task in found if task.id == number), None),
            cursor=visit.state.data,
        )

    def seen(self, view: TasksView, step: str) -> str | None:
        """How the task in hand stands: it may change on another messenger before its screen is answered."""
        return f"{view.task.id}:{view.task.state}" if view.task and step == "task" else None

    def command(self, tx: Connection, visit: Visit, command: Command) -> Outcome:
        """Open the list; lines behind the command are put on it."""
        back = visit.state.flow != TASKS.name
        said: Phrase | None = None
        if command.args.strip():
            said = self._added(tx, visit, self.load(tx, visit), read_tasks(command.args))
        return Outcome(enter=TASKS.name, say=said, returning=back)

    def answer(self, tx: Connection, visit: Visit, view: TasksView, answer: Answer) -> Outcome:
        """Lines for the list, or a choice."""
        option, value = answer.option or "", answer.value
        match answer.step:
            case "list" if isinstance(value, tuple):
                return stay(self._added(tx, visit, view, value), undo=None)
            case "list":
                return self._on_list(tx, visit, view, option)
            case _ if view.task is None:
                return go("list", t("tasks.gone"), task=None)
            case "edit":
                return self._changed(tx, view.task, view.year, value)
        return self._on_task(tx, visit, view, view.task, option)

    def _on_list(self, tx: Connection, visit: Visit, view: TasksView, option: str) -> Outcome:
        number = visit.state.data.get("undo")
        if option == "undo" and isinstance(number, int) and tasks.put_back(tx, visit.known.member.id, number):
            return stay(t("tasks.put_back"), undo=None)
        if option in {"prev", "more"}:
            return stay(None, page=view.page + (1 if option == "more" else -1))
        if option.startswith("t"):
            return go("task", task=int(option[1:]), undo=None)
        return stay(None, undo=None)

    def _on_task(self, tx: Connection, visit: Visit, view: TasksView, task: Task, option: str) -> Outcome:
        if option == "edit":
            return go("edit")
        if visit.state.data.get("seen") != self.seen(view, "task"):
            return stay(t("tasks.elsewhere"))
        if option == "remove":
            tasks.remove(tx, task.id, visit.now)
            return go("list", t("tasks.removed", title=task.title), task=None, undo=task.id)
        state = TaskState(option)
        tasks.set_state(tx, task.id, state, visit.today if state in _DONE else None)
        return go("list", t("tasks.kept", title=task.title, state=t(f"tasks.state.{state}")), task=None)

    def _added(
        self, tx: Connection, visit: Visit, view: TasksView, read: tuple[TypedTask, ...] | Refusal | None
    ) -> Phrase:
        """Put typed tasks on the list, all of them or none; what to say of it."""
        if not isinstance(read, tuple):
            return read.why if read else t("tasks.typed.how")
        if len(view.tasks) + len(read) > self._most:
            return t("tasks.full", most=self._most)
        days = [due_of(task, view.year) for task in read]
        wrong = next((day for day in days if isinstance(day, Refusal)), None)
        if wrong is not None:
            return wrong.why
        for task, day in zip(read, days, strict=True):
            due = None if isinstance(day, Refusal) else day
            tasks.add(tx, visit.known.member.id, view.year, task.title, task.product, due, visit.now)
        return t("tasks.added", count=len(read))

    def _changed(self, tx: Connection, task: Task, year: int, value: object) -> Outcome:
        if not isinstance(value, TypedTask):
            return stay(t("tasks.typed.how"))
        due = due_of(value, year)
        if isinstance(due, Refusal):
            return stay(due.why)
        tasks.change(tx, task.id, value.title, value.product, due)
        return go("task", t("tasks.changed"))
