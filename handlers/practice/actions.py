"""The room of practice: every form's own dialogue over an invented review; what is typed is thrown away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import ASK, END, JSON, Flow, Option, Step
from handlers.dialogue.phrases import Plain, t
from handlers.dialogue.room import Message, Outcome, Recipe, Visit, enter, finish, go, stay
from handlers.dialogue.said import Command
from handlers.organisation.permissions import Verb
from handlers.papers.sample import sample_answers
from handlers.practice.loading import END as END_PRACTICE
from handlers.practice.loading import invented, playable
from handlers.practice.rules import after
from handlers.review import forms
from handlers.review.actions import led
from handlers.review.flow import form_flow
from handlers.review.rulebook import Form, Question, RuleSet
from handlers.review.rules import grade_text
from handlers.review.taken import NEXT, STAY
from handlers.review.views import ReviewView, cursor_of, may_submit
from handlers.review.writing import next_after, question_of, take
from storage.transaction import Connection

PICK = "practice"
PickView = tuple[tuple[RuleSet, Form], ...]


def practice_flow_name(form: Form) -> str:
    """The name of a form's dialogue in practice: ``practice.2025.non_leader``."""
    return f"{PICK}.{form.key.replace('/', '.')}"


def _choices(view: PickView) -> tuple[Option, ...]:
    return tuple(Option(practice_flow_name(form), Plain(form.code), (rules.id,)) for rules, form in view)


PICK_FLOW = Flow[PickView](
    name=PICK,
    first="forms",
    commands=("practice", "tapthu"),
    verb=Verb.REVIEW_WRITE,
    steps=(Step("forms", ask="practice.forms", options=_choices, leads=(END,)),),
)


class PracticeRoom:
    """Nothing here writes: the conversation's cursor says which questions were answered, until one leaves."""

    commands: Mapping[str, str | None] = {"practice": Verb.REVIEW_WRITE, "tapthu": Verb.REVIEW_WRITE}
    group_commands: frozenset[str] = frozenset()
    recipes: Mapping[str, Recipe] = {}

    def __init__(self) -> None:
        self._forms = {
            practice_flow_name(form): (rules, form) for rules in forms.rule_sets() for form in rules.forms
        }
        ways = frozenset({ASK})
        played = tuple(form_flow(rules, form, name, ways) for name, (rules, form) in self._forms.items())
        self.flows: tuple[Flow[Any], ...] = (PICK_FLOW, *played)

    def load(self, tx: Connection, visit: Visit) -> ReviewView | PickView:
        """The forms to choose from, or the invented review as far as it was played."""
        if visit.state.flow == PICK:
            return playable(tx, visit)
        return invented(visit, *self._forms[visit.state.flow])

    def command(self, tx: Connection, visit: Visit, command: Command) -> Outcome:
        """Into the form of the person's kind; to the choice, where a running cycle has another one."""
        found = playable(tx, visit)
        return enter(practice_flow_name(found[0][1])) if len(found) == 1 else enter(PICK)

    def answer(self, tx: Connection, visit: Visit, view: ReviewView | PickView, answer: Answer) -> Outcome:
        """Say what the answer would have done; keep none of it."""
        if not isinstance(view, ReviewView):
            return enter(answer.option) if answer.option in self._forms else stay()
        if answer.option == END_PRACTICE:
            return finish(t("practice.ended"))
        question = question_of(view, answer.step)
        if question is not None:
            return _answered(view, question, answer)
        match answer.step, answer.option:
            case "start", "begin":
                return go(view.form.questions[0].key, begun=True, edit=None, undo=None)
            case "confirm", "yes":
                return _submitted(visit, view)
        return led(view, answer.step, answer.option or "")


def _answered(view: ReviewView, question: Question, answer: Answer) -> Outcome:
    """Judged like the real one; of the answer stays that there was one."""
    undone = sample_answers(view.form).get(question.key) if view.cursor.get("undo") else None
    taken = take(view, question, answer, undone)
    done = after(view.form, question, taken, cursor_of(view.cursor, "done"))
    to = {STAY: answer.step, NEXT: next_after(view, question)}.get(taken.go, taken.go)
    say = taken.say
    if taken.writes:
        say = t("practice.saved")
    elif taken.removes:
        say = t("practice.cleared")
    cursor: dict[str, JSON] = {
        "done": done,
        "undo": 1 if taken.undoable else None,
        "undo_of": question.key,
        "edit": None if to == "overview" else view.cursor.get("edit"),
        "changed": True if taken.writes or taken.removes else view.cursor.get("changed"),
    }
    return go(to, say, **{**cursor, **taken.cursor(question.key)})


def _submitted(visit: Visit, view: ReviewView) -> Outcome:
    """The receipt as it would come, and that nothing was handed in."""
    refused, own = may_submit(view), view.own_grade
    if refused or own is None:
        return go("overview", refused.why if refused else None)
    receipt = t("practice.receipt", year=view.cycle.year, grade=grade_text(own), day=view.deadline)
    return go("start", None, Message(visit.address, receipt), submitted=True, changed=None, edit=None, undo=None)
