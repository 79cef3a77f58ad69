"""The room of the self-assessment: load the facts of a turn, keep every word, submit, let the cell's chair read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from handlers.assisting.helping import aided, offered, typed
from handlers.assisting.rights import AID_CARD, AID_PAGES, shut_out
from handlers.dialogue.buttons import read_number
from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import Flow, State
from handlers.dialogue.phrases import Phrase, lines, t
from handlers.dialogue.room import Outcome, Recipe, Visit, go, stay
from handlers.dialogue.said import Command
from handlers.improvements.flow import PROMISES
from handlers.organisation.permissions import Verb
from handlers.papers import difference as difference_file
from handlers.review import forms
from handlers.review.comparing_actions import COMPARING, answer_comparing
from handlers.review.drafting import led_by, passing
from handlers.review.flow import CELL, CELL_FLOW, PICK_FLOW, form_flow
from handlers.review.hearing import HEARING
from handlers.review.loading import View, enter_cell, enter_review, load
from handlers.review.overview import inside_section
from handlers.review.returning_actions import answer_return, enter_return
from handlers.review.returning_flow import RETURN_FLOW, ReturnView
from handlers.review.rulebook import GradeOf, Kind, Question
from handlers.review.screens import reason_line
from handlers.review.submitting import keep_version, receipt
from handlers.review.taken import NEXT, STAY, Taken
from handlers.review.views import CellView, PickView, ReviewView, cursor_of, may_change, may_submit, may_write
from handlers.review.writing import (
    ONWARDS,
    adds,
    first_step,
    next_after,
    overtaken,
    overtaken_words,
    question_of,
    seen,
    take,
)
from storage import assistances, audit, reviews
from storage.records import MemberId, Review
from storage.transaction import Connection


class ReviewRoom:
    """Holds the flows of every form that the product comes with; a cycle keeps the one that it opened with."""

    commands: Mapping[str, str | None] = {
        "review": Verb.REVIEW_WRITE,
        "kiemdiem": Verb.REVIEW_WRITE,
        "reviews": Verb.REVIEW_READ_CELL,
        "xembai": Verb.REVIEW_READ_CELL,
    }
    recipes: Mapping[str, Recipe] = difference_file.RECIPES
    group_commands: frozenset[str] = frozenset()

    def __init__(self) -> None:
        form_flows = [form_flow(rules, form) for rules in forms.rule_sets() for form in rules.forms]
        self.flows: tuple[Flow[Any], ...] = (PICK_FLOW, *form_flows, CELL_FLOW, RETURN_FLOW)

    def shut_out(self, tx: Connection, visit: Visit) -> Phrase | None:
        """Why somebody who types for a member may do so no longer."""
        return shut_out(tx, visit)

    def load(self, tx: Connection, visit: Visit) -> View:
        """Fetch the facts of the current screen: the cycles, one review, or what the cell submitted."""
        return load(tx, visit)

    def seen(self, view: View, step: str) -> str | None:
        """What of the draft a screen shows: it may change on another messenger before the screen is answered."""
        return seen(view, step) if isinstance(view, ReviewView) else None

    def command(self, tx: Connection, visit: Visit, command: Command) -> Outcome:
        """``/review [year]`` opens one's own review, ``/reviews [year]`` those that the cell submitted."""
        year = read_number(command.args)
        cycle, member = _named(command.args)
        if command.name not in {"reviews", "xembai"}:
            return enter_review(tx, visit, year, cycle)
        entered = enter_cell(tx, visit, year, cycle)
        if member is None or "cycle" not in entered.data:
            return entered
        there = replace(visit, state=State(CELL, "people", data=entered.data))
        may_read = {number for number, *_ in cast(CellView, load(tx, there)).people}
        return self._read(tx, visit, entered, member) if member in may_read else entered

    def answer(self, tx: Connection, visit: Visit, view: View, answer: Answer) -> Outcome:
        """Decide by the rules, keep, and say what follows."""
        match view:
            case PickView():
                return self._picked(tx, visit, view, answer.option or "")
            case CellView():
                return self._read_cell(tx, visit, view, answer)
            case ReturnView():
                return answer_return(tx, visit, view, answer)
        if answer.step in COMPARING:
            return answer_comparing(visit, view, answer)
        if view.helper is not None and answer.option in {AID_CARD, AID_PAGES}:
            return aided(tx, visit, view, answer.option)
        question = question_of(view, answer.step)
        if question is not None and (way := led_by(view, question, answer)):
            step, place = way
            return go(step, None, **place)
        if question is not None:
            dealt_with = passing(view, question, answer)
            written = self._written(tx, visit, view, question, answer)
            return replace(written, data={**written.data, **dealt_with}) if dealt_with else written
        return self._around(tx, visit, view, answer)

    def _picked(self, tx: Connection, visit: Visit, view: PickView, option: str) -> Outcome:
        if option == "cell":
            return enter_cell(tx, visit, None)
        chosen = next((cycle for cycle, *_ in view.cycles if option == f"c{cycle.id}"), None)
        return enter_review(tx, visit, None, chosen.id) if chosen else stay()

    def _read_cell(self, tx: Connection, visit: Visit, view: CellView, answer: Answer) -> Outcome:
        option = answer.option or ""
        if answer.step in COMPARING:
            return answer_comparing(visit, view, answer)
        if option.startswith("c") and option[1:].isdigit():
            return enter_cell(tx, visit, None, int(option[1:]))
        if answer.step == "reading" and option in {"return", "withdraw"} and view.of and view.version:
            step = "withdraw" if option == "withdraw" else None
            return enter_return(view.of.id, MemberId(cursor_of(view.cursor, "member")), view.version.version, step)
        if option == "difference":
            return go("difference", None, page=0, earlier=None, later=None)
        name = "page" if visit.state.step == "reading" else "list"
        if option in {"print_cell", "print_cell_pdf", "print_blanks", "dossier_cell"}:
            return Outcome(run=option)
        if option in {"prev", "more"}:
            return stay(None, **{name: cursor_of(view.cursor, name) + (1 if option == "more" else -1)})
        if option == "hearing" and view.version is not None:
            numbers = {"cycle": cursor_of(view.cursor, "cycle"), "member": cursor_of(view.cursor, "member")}
            return Outcome(enter=HEARING, returning=True, data=numbers)
        chosen = next((number for number, *_ in view.people if option == f"m{number}"), None)
        return self._read(tx, visit, go("reading", None, page=0), chosen) if chosen else stay()

    def _read(self, tx: Connection, visit: Visit, into: Outcome, member: int) -> Outcome:
        """Open one person's form, on the trail; whose it may be is decided where it is fetched."""
        reader = visit.known
        audit.record(
            tx,
            now=visit.now,
            who=f"member:{reader.member.id}",
            what="review_read",
            subject=f"member:{member}",
            cell=reader.cell.id,
            details={"cycle": cursor_of({**visit.state.data, **into.data}, "cycle")},
        )
        return replace(into, go="reading", data={**into.data, "member": member})

    def _around(self, tx: Connection, visit: Visit, view: ReviewView, answer: Answer) -> Outcome:
        """The screens that are not questions: three options act, all others only lead somewhere."""
        match answer.step, answer.option:
            case ("overview", "submit") | ("confirm", "yes") if overtaken(view, answer.step):
                return go("overview", t("review.elsewhere.submit"))
            case "start", "begin":
                return self._begin(tx, visit, view)
            case _, ("print" | "print_draft" | "print_pdf" | "copy" | "dossier" | "dossier_pdf") as paper:
                return Outcome(run=paper)
            case "start", "promises" if view.review is not None:
                return Outcome(enter=PROMISES, go="ask", returning=True, data={"review": view.review.id})
            case "start", "cell":
                return enter_cell(tx, visit, None, view.cycle.id)
            case "confirm", "yes":
                return self._submit(tx, visit, view)
        return led(view, answer.step, answer.option or "")

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
        if (refused := may_change(view, question)) and answer.option not in ONWARDS:
            if answer.value is None:
                return go("overview", refused.why)
            reviews.keep(tx, review, question.key, answer.value, visit.now)
            return go("overview", lines(refused.why, t("review.kept_aside")))
        number = cursor_of(view.cursor, "undo")
        undone = reviews.kept(tx, review, question.key, number) if number else None
        taken = take(view, question, answer, undone)
        old = review.answers.get(question.key)
        changes = taken.removes or (taken.writes and taken.value != old)
        if changes and not adds(question, answer) and overtaken(view, answer.step):
            if answer.value is not None:
                reviews.keep(tx, review, question.key, answer.value, visit.now)
            return go(first_step(question), overtaken_words(view, question), undo=None, part=None, part_of=None)
        put_away = self._keep(tx, visit, review, question, taken)
        if view.helper is not None and changes:
            typed(tx, visit)
        to = {STAY: answer.step, NEXT: next_after(view, question)}.get(taken.go, taken.go)
        reviews.set_place(tx, review, to)
        moves = {"edit": None, "walk": None} if to == "overview" else {}
        undo = {
            "undo": put_away if taken.undoable else None,
            "undo_of": question.key,
            **taken.cursor(question.key),
        }
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
        if view.helper is not None:
            return offered(tx, visit, view)
        version = keep_version(tx, visit, view, view.review, own)
        assistances.adopt(tx, view.member.id, view.cycle.id, version.version, visit.now)
        return go("start", None, receipt(view, version), edit=None, walk=None, undo=None)


def led(view: ReviewView, step: str, option: str) -> Outcome:
    """Where an option of a screen that is no question leads."""
    match step, option:
        case "start", "walk" | "continue" if view.given_back and (view.limited or option == "walk"):
            return go(view.given_back.questions[0], edit=True, walk=True, undo=None)
        case "start", "continue":
            return go(_place(view), edit=None, walk=None, undo=None)
        case "start", "read" if view.review:
            # A helper reads the draft only: what was submitted before is not theirs to read.
            return go("read", version=None if view.helper else view.review.version or None, page=0)
        case "overview", "submit":
            refused = may_submit(view)
            return stay(refused.why) if refused else go("confirm")
        case "overview", "fill" if view.missing:
            return go(view.missing[0].key, edit=True, walk=None, undo=None)
        case "change", _:
            return _changed(view, option)
        case "part", _:
            return _edit(view, view.form.question(option))
        case "read", "prev" | "more":
            return stay(None, page=cursor_of(view.cursor, "page") + (1 if option == "more" else -1))
        case "versions", _:
            return _version(option)
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
        return _edit(view, inside[0])
    return go("part", section=place)


def _edit(view: ReviewView, question: Question) -> Outcome:
    """Open one question to change it, unless it is not among those that are open."""
    if refused := may_change(view, question):
        return stay(refused.why)
    return go(question.key, edit=True, walk=None, undo=None)


def _version(option: str) -> Outcome:
    """One of the versions to read, or the last two side by side."""
    if option == "difference":
        return go("difference", None, page=0, earlier=None, later=None)
    return go("read", version=int(option.removeprefix("v")), page=0)


def _named(args: str) -> tuple[int | None, int | None]:
    """The cycle, and the member in it, that a standing button names: ``c12``, ``c12.345``."""
    cycle, _, member = args.removeprefix("c").partition(".") if args.startswith("c") else ("", "", "")
    return read_number(cycle), read_number(member)
