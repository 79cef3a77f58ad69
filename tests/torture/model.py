"""What must be stored in the end: one member's place, answers, history, versions and marks, as they should be.

Written from the dialogues' description, not with the program's own rules: where the two disagree, one is wrong.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from handlers.review.rulebook import Form, Kind, Need, Question

PARTS = ("given", "done", "late", "exceeded")
UNIT_PARTS = ("done", "late", "exceeded", "grade")
AFTER_TAP = {
    "not_started": "in_progress",
    "in_progress": "done",
    "done": "not_started",
    "blocked": "in_progress",
    "not_applicable": "not_started",
}
_BACK = {
    "overview": "start",
    "change": "overview",
    "part": "change",
    "read": "start",
    "why": "overview",
    "confirm": "overview",
    "versions": "start",
    "pick": "list",
    "point": "list",
    "reason": "list",
    "note": "list",
}


@dataclass(frozen=True)
class Mark:
    """Where a member stands with one point."""

    state: str = "not_started"
    reason: str = ""
    note: str = ""


@dataclass
class Model:
    """One member. ``flow`` is a short name (home, help, checklist, review); ``answers`` None: nothing begun.

    ``unordered`` are the answers of which parts may stand in any order, because they were sent at once over a road
    that promises no order.
    """

    form: Form
    flow: str = "home"
    step: str = "doors"
    edit: bool = False
    answers: dict[str, Any] | None = None
    place: str = ""
    history: list[tuple[str, Any]] = field(default_factory=list)
    versions: list[dict[str, Any]] = field(default_factory=list)
    submitted: bool = False
    marks: dict[int, Mark] = field(default_factory=dict)
    mark_log: list[tuple[int, Mark]] = field(default_factory=list)
    point: int = 0
    item: int = 0
    section: int = 0
    unordered: set[str] = field(default_factory=set)

    @property
    def question(self) -> Question | None:
        """The question that the present step belongs to."""
        key = self.step.partition(".")[0]
        if self.flow != "review":
            return None
        return next((question for question in self.form.questions if question.key == key), None)

    @property
    def written(self) -> dict[str, Any]:
        """The draft's answers."""
        return self.answers if self.answers is not None else {}

    def enter(self, flow: str, step: str) -> None:
        """Go to another dialogue."""
        self.flow, self.step, self.edit = flow, step, False

    # The review.

    def begin(self) -> None:
        """Open the review."""
        first = self.form.questions[0].key
        self.answers, self.place, self.step, self.edit = {}, first, first, False

    def go_on(self) -> None:
        """Return to where the writing stopped."""
        self.step, self.edit = self.place, False

    def missing(self) -> list[Question]:
        """What is still to be answered before submitting."""
        return [q for q in self.form.questions if not self._answered(q)]

    def _answered(self, question: Question) -> bool:
        given = self.written.get(question.key)
        if question.key not in self.written:
            return question.need is Need.OPTIONAL
        if given in (None, "", []):
            return question.need is not Need.REQUIRED
        if question.kind is Kind.TASKS:
            return len(given) == len(PARTS)
        if question.kind is Kind.UNITS:
            return all(unit.keys() >= set(UNIT_PARTS) for unit in given)
        return question.kind is not Kind.REMEDIATION or all(fault["state"] for fault in given)

    def write(self, value: Any, *, replaces: bool, to: str | None) -> None:
        """Keep an answer to the present question; ``to`` None goes on to the next one."""
        question = self._present()
        old = self.written.get(question.key)
        if old and replaces and value != old:
            self.history.append((question.key, old))
        if question.key not in self.written or value != old:
            self.written[question.key] = value
            self.submitted = False
        self._lead(question, to)

    def remove(self) -> None:
        """Take the present answer out of the draft: it goes to the history."""
        question = self._present()
        old = self.written.pop(question.key)
        self.history.append((question.key, old))
        self.submitted = False
        self._lead(question, self.step)

    def onwards(self) -> None:
        """The next question, or the overview."""
        self._lead(self._present(), None)

    def stay_with(self, step: str) -> None:
        """Another step of the same question, without an answer."""
        self._lead(self._present(), step)

    def _lead(self, question: Question, to: str | None) -> None:
        if to is None:
            place = self.form.questions.index(question) + 1
            to = "overview" if self.edit or place == len(self.form.questions) else self.form.questions[place].key
        self.place = self.step = to
        if to == "overview":
            self.edit = False

    def _present(self) -> Question:
        question = self.question
        assert question is not None
        return question

    def submit(self) -> None:
        """Keep the draft as the next version."""
        self.versions.append(deepcopy(self.written))
        self.submitted, self.step, self.edit = True, "start", False

    def change(self, question: Question, *, edit: bool = True) -> None:
        """Open a question from the overview."""
        self.step, self.edit = question.key, edit

    def back(self) -> None:
        """One screen back; no answer changes."""
        self.step = _BACK.get(self.step) or self._before()

    def _before(self) -> str:
        steps = ["start"]
        for question in self.form.questions:
            steps.append(question.key)
            if question.kind is Kind.TASKS:
                given = self.written.get(question.key) or {}
                parts = pairwise(PARTS)
                steps += [f"{question.key}.{p}" for before, p in parts if before in given and given["given"] > 0]
        if self.step not in steps:
            return self._present().key
        return steps[steps.index(self.step) - 1]

    # The seven points.

    def mark(self, number: int, state: str, *, remark: str = "") -> None:
        """Keep a state of a point, with the reason or note that was given with it."""
        before = self.marks.get(number, Mark())
        blocked = state == "blocked"
        after = Mark(
            state,
            remark if blocked and remark else before.reason,
            remark if remark and not blocked else before.note,
        )
        self._marked(number, after)

    def tap(self, number: int) -> None:
        """The next state in the round."""
        self.mark(number, AFTER_TAP[self.marks.get(number, Mark()).state])

    def note(self, number: int, words: str) -> None:
        """Another note."""
        before = self.marks.get(number, Mark())
        self._marked(number, Mark(before.state, before.reason, words))

    def _marked(self, number: int, mark: Mark) -> None:
        self.marks[number] = mark
        self.mark_log.append((number, mark))
        self.flow, self.step, self.edit = "checklist", "list", False
