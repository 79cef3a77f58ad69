"""The room of the self-assessment: load the facts of a turn, keep every word, submit, let the cell's chair read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import Flow
from handlers.dialogue.phrases import Phrase, lines, t
from handlers.dialogue.room import Message, Outcome, Recipe, Visit, go, stay
from handlers.dialogue.said import Command
from handlers.organisation.permissions import Verb
from handlers.review import forms
from handlers.review.flow import CELL_FLOW, PICK_FLOW, form_flow
from handlers.review.loading import View, enter_cell, enter_review, load
from handlers.review.overview import inside_section
from handlers.review.rulebook import GradeOf, Kind, Question
from handlers.review.rules import grade_text
from handlers.review.screens import reason_line
from handlers.review.views import CellView, PickView, ReviewView, cursor_of, may_submit, may_write
from handlers.review.writing import (
    NEXT,
    STAY,
    Taken,
    adds,
    first_step,
    next_after,
    overtaken,
    question_of,
    seen,
    take,
)
from storage import audit, reviews
from storage.records import Review
from storage.transaction import Connection


class ReviewRoom:
    """Holds the flows of every form that the product comes with; a cycle keeps the one that it opened with."""

    commands: Mapping[str, str | None] = {
        "review": Verb.REVIEW_WRITE,
        "kiemdiem": Verb.REVIEW_WRITE,
        "reviews": Verb.REVIEW_READ_CELL,
        "xembai": Verb.REVIEW_READ_CELL,
    }
    recipes: Mapping[str, Recipe] = {}
    group_commands: frozenset[str] = frozenset()

    def __init__(self) -> None:
        form_flows = [form_flow(rules, form) for rules in forms.rule_sets() for form in rules.forms]
        self.flows: tuple[Flow[Any], ...] = (PICK_FLOW, *form_flows, CELL_FLOW)

    def load(self, tx: Connection, visit: Visit) -> View:
        """Fetch the facts of the current screen: the cycles, one review, or what the cell submitted."""
        return load(tx, visit)

    def seen(self, view: View, step: str) -> str | None:
        """What of the draft a screen shows: it may change on another messenger before the screen is answered."""
        return seen(view, step) if isinstance(view, ReviewView) else None

    def command(self, tx: Connection, visit: Visit, command: Command) -> Outcome:
        """``/review [year]`` opens one's own review, ``/reviews [year]`` those that the cell submitted."""
        year = int(command.args) if command.args.isascii() and command.args.isdigit() else None
        if command.name in {"reviews", "xembai"}:
            return enter_cell(tx, visit, year)
        return enter_review(tx, visit, year)

    def answer(self, tx: Connection, visit: Visit, view: View, answer: Answer) -> Outcome:
        """Decide by the rules, keep, and say what follows."""
        match view:
            case PickView():
                return self._picked(tx, visit, view, answer.option or "")
            case CellView():
                return self._read_cell(tx, visit, view, answer.option or "")
        question = question_of(view, answer.step)
        if question is not None:
            return self._written(tx, visit, view, question, answer)
        return self._around(tx, visit, view, answer)

    def _picked(self, tx: Connection, visit: Visit, view: PickView, option: str) -> Outcome:
        if option == "cell":
            return enter_cell(tx, visit, None)
        chosen = next((cycle for cycle, *_ in view.cycles if option == f"c{cycle.id}"), None)
        return enter_review(tx, visit, chosen.year) if chosen else stay()

    def _read_cell(self, tx: Connection, visit: Visit, view: CellView, option: str) -> Outcome:
        name = "page" if visit.state.step == "reading" else "list"
        if option in {"prev", "more"}:
            return stay(None, **{name: cursor_of(view.cursor, name) + (1 if option == "more" else -1)})
        chosen = next((number for number, *_ in view.people if option == f"m{number}"), None)
        if chosen is None:
            return stay()
        reader = visit.known
        audit.record(
            tx,
            now=visit.now,
            who=f"member:{reader.member.id}",
            what="review_read",
            subject=f"member:{chosen}",
            cell=reader.cell.id,
            details={"year": view.year},
        )
        return go("reading", None, member=chosen, page=0)

    def _around(self, tx: Connection, visit: Visit, view: ReviewView, answer: Answer) -> Outcome:
        """The screens that are not questions: three options act, all others only lead somewhere."""
        match answer.step, answer.option:
            case ("overview", "submit") | ("confirm", "yes") if overtaken(view, answer.step):
                return go("overview", t("review.elsewhere.submit"))
            case "start", "begin":
                return self._begin(tx, visit, view)
            case "start", "cell":
                return enter_cell(tx, visit, view.cycle.year)
            case "confirm", "yes":
                return self._submit(tx, visit, view)
        return _led(view, answer.step, answer.option or "")

    def _begin(self, tx: Connection, visit: Visit, view: ReviewView) -> Outcome:
        if refused := may_write(view):
            return stay(refused.why)
        first = view.form.questions[0].key
        review = reviews.begin(tx, view.cycle.id, view.member.id, view.form.key, visit.now)
        reviews.set_place(tx, review, first)
        return go(first, edit=None, undo=None)

    def _written(
        self, tx: Connection, visit: Visit, view: ReviewView, question: Question, answer: Answer
    ) -> Outcome:
        """An answer to a question; what comes too late for the draft is put away, not thrown away."""
        review = view.review
        if review is None:
            return go("start")
        if refused := may_write(view):
            if answer.value is None:
                return go("start", refused.why)
            reviews.keep(tx, review, question.key, answer.value, visit.now)
            return go("start", lines(refused.why, t("review.kept_aside")))
        number = cursor_of(view.cursor, "undo")
        undone = reviews.kept(tx, review, question.key, number) if number else None
        taken = take(view, question, answer, undone)
        old = review.answers.get(question.key)
        changes = taken.removes or (taken.writes and taken.value != old)
        if changes and not adds(question, answer) and overtaken(view, answer.step):
            if answer.value is not None:
                reviews.keep(tx, review, question.key, answer.value, visit.now)
            return go(first_step(question), t("review.elsewhere"), undo=None)
        put_away = self._keep(tx, visit, review, question, taken)
        to = {STAY: answer.step, NEXT: next_after(view, question)}.get(taken.go, taken.go)
        reviews.set_place(tx, review, to)
        moves = {"edit": None} if to == "overview" else {}
        undo = {"undo": put_away if taken.undoable else None, "undo_of": question.key}
        return go(to, self._said(view, review, question, taken), **{**moves, **undo})

    def _keep(self, tx: Connection, visit: Visit, review: Review, question: Question, taken: Taken) -> int | None:
        """Put the answer into the draft and what leaves it into the history; the number of the latter."""
        put_away = None
        old = review.answers.get(question.key)
        if taken.spills is not None:
            reviews.keep(tx, review, question.key, taken.spills, visit.now)
        if old and (taken.removes or (taken.replaces and taken.value != old)):
            put_away = reviews.keep(tx, review, question.key, old, visit.now)
        if taken.removes:
            reviews.remove(tx, review, question.key)
        elif taken.writes and (question.key not in review.answers or taken.value != old):
            reviews.write(tx, review, question.key, taken.value, visit.now)
        return put_away

    def _said(self, view: ReviewView, review: Review, question: Question, taken: Taken) -> Phrase | None:
        """What stands above the next screen: saved, what a grade lacks, and that the deadline has passed."""
        gap: tuple[Phrase, ...] = ()
        if question.kind is Kind.GRADE and question.grade_of is GradeOf.PARTY and taken.writes:
            now = replace(view, review=replace(review, answers={**view.answers, question.key: taken.value}))
            reasons = tuple(map(reason_line, now.gap()))
            gap = (t("review.gap"), *reasons, t("review.gap.free")) if reasons else ()
        late = t("review.late_draft", day=view.deadline) if view.late and taken.writes else None
        return lines(taken.say, *gap, late) if taken.say else None

    def _submit(self, tx: Connection, visit: Visit, view: ReviewView) -> Outcome:
        refused = may_submit(view)
        own = view.own_grade
        if refused or view.review is None or own is None:
            return go("overview", refused.why if refused else None)
        version = reviews.submit(tx, view.review, own, view.suggestion.grade, visit.now)
        receipt = t(
            "review.receipt",
            year=view.cycle.year,
            version=version.version,
            at=version.submitted_at,
            grade=grade_text(own),
            day=view.deadline,
        )
        return go("start", None, Message(view.member.id, receipt), edit=None, undo=None)


def _led(view: ReviewView, step: str, option: str) -> Outcome:
    """Where an option of a screen that is no question leads."""
    match step, option:
        case "start", "continue":
            return go(_place(view), edit=None, undo=None)
        case "start", "read" if view.review:
            return go("read", version=view.review.version or None, page=0)
        case "overview", "submit":
            refused = may_submit(view)
            return stay(refused.why) if refused else go("confirm")
        case "overview", "fill" if view.missing:
            return go(view.missing[0].key, edit=True, undo=None)
        case "change", _:
            return _changed(view, option)
        case "part", _:
            return go(option, edit=True, undo=None)
        case "read", "prev" | "more":
            return stay(None, page=cursor_of(view.cursor, "page") + (1 if option == "more" else -1))
        case "versions", _:
            return go("read", version=int(option.removeprefix("v")), page=0)
    return go(_SCREENS[option], version=None, page=0) if option in _SCREENS else stay()


_SCREENS = {name: name for name in ("overview", "read", "versions", "change", "why")} | {"no": "overview"}


def _place(view: ReviewView) -> str:
    """Where the member was, if that place still exists; else the first question that is open."""
    place = view.review.place if view.review else None
    if place is not None and (place == "overview" or question_of(view, place)):
        return place
    return view.missing[0].key if view.missing else "overview"


def _changed(view: ReviewView, option: str) -> Outcome:
    """A section was chosen: its one question at once, or the list of its questions."""
    place = int(option.removeprefix("s"))
    inside = inside_section(view.form, place)
    if len(inside) == 1:
        return go(inside[0].key, edit=True, undo=None)
    return go("part", section=place)
