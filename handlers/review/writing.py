"""What a reply does to an answer: pure; the room keeps what comes out, and keeps what is replaced, too."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import Refusal
from handlers.dialogue.phrases import Number, Text, t
from handlers.review.drafting import is_offer, take_offer
from handlers.review.facts import Remedy, tasks_from
from handlers.review.returning import following
from handlers.review.rulebook import Kind, Question
from handlers.review.scoring import parts_now, take_score
from handlers.review.taken import NEXT, Taken
from handlers.review.units import onwards_of, take_unit
from handlers.review.views import ReviewView

# What leads on from a question without touching its answer.
ONWARDS = frozenset({"next", "list"})
TASK_PARTS = ("given", "done", "late", "exceeded")


def take(view: ReviewView, question: Question, answer: Answer, undone: Any = None) -> Taken:
    """Say what this reply means for the question; ``undone`` is what an undo would bring back."""
    if is_offer(answer):
        return take_offer(view, question, answer)
    if ready := _way_on(view, question, answer.option, undone):
        return ready
    match question.kind:
        case Kind.TEXT:
            return _text(view, question, str(answer.value))
        case Kind.LIST:
            return _item(view, question, answer)
        case Kind.REMEDIATION:
            return _fault(view, question, answer)
        case Kind.TASKS:
            return _tasks(view, question, answer)
        case Kind.SCORE:
            return take_score(view, question, answer)
        case Kind.UNITS:
            return take_unit(view, question, answer, onwards_label(view, question))
        case Kind.LEVEL | Kind.GRADE:
            return Taken(NEXT, writes=True, value=answer.option, replaces=True, say=t("review.saved"))


def _way_on(view: ReviewView, question: Question, option: str | None, undone: Any) -> Taken | None:
    """The buttons that every kind of question has; None for a real answer."""
    match option:
        case "next":
            return _onwards(view, question)
        case "none":
            return Taken(NEXT, writes=True, value=None, replaces=True, say=t("review.saved"))
        case "list":
            return Taken(question.key)
        case "again":
            return Taken(removes=True, say=t("review.cleared"), undoable=True)
        case "undo":
            return _undo(undone)
    return None


def seen(view: ReviewView, step: str) -> str:
    """A mark of what a screen shows: its question's answer and the criteria it is given by, or all answers."""
    question = question_of(view, step)
    answers: Any = view.answers.get(question.key) if question else dict(view.answers)
    if question and (asked := parts_now(view, question)):
        # A figure typed for one criterion must not be taken for another that has come in its place.
        answers = [answers, [(part.label, part.maximum) for part in asked]]
    written = json.dumps(answers, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(written.encode()).hexdigest()[:12]


def overtaken(view: ReviewView, step: str) -> bool:
    """Whether the answers have changed since the screen was shown: by the same person, on another messenger."""
    shown = view.cursor.get("seen")
    return shown is not None and shown != seen(view, step)


def overtaken_words(view: ReviewView, question: Question) -> Text:
    """What is said where an answer was held back, because the screen that it answers was overtaken."""
    return t("review.score.overtaken" if parts_now(view, question) else "review.elsewhere")


def adds(question: Question, answer: Answer) -> bool:
    """Whether this reply puts words to those that are there, so that it never stands in place of any."""
    if answer.value is None:
        return False
    return question.kind in {Kind.TEXT, Kind.LIST} or (
        question.kind is Kind.REMEDIATION and answer.step == question.key
    )


def first_step(question: Question) -> str:
    """The step at which a question begins."""
    return question.key


def question_of(view: ReviewView, step: str) -> Question | None:
    """The question that a step belongs to; None for the other screens."""
    key = step.partition(".")[0]
    return next((question for question in view.form.questions if question.key == key), None)


def next_after(view: ReviewView, question: Question) -> str:
    """The step that follows a question: the next question in order, or the overview."""
    if view.cursor.get("walk") and view.given_back is not None:
        return following(view.given_back, question.key) or "overview"
    if view.cursor.get("edit"):
        return "overview"
    place = view.place_of(question)
    return first_step(view.form.questions[place]) if place < len(view.form.questions) else "overview"


def onwards_label(view: ReviewView, question: Question) -> Text:
    """What the button that goes on says."""
    back = bool(view.cursor.get("edit")) and next_after(view, question) == "overview"
    return t("review.option.overview" if back else "review.option.next")


def noted_fault(faults: list[dict[str, Any]]) -> int | None:
    """The earlier fault that a note is about, from 0: the last one that was given a state.

    It follows from the draft alone: the cursor is gone when somebody leaves at the note and comes back to it.
    """
    waiting = waiting_fault(faults)
    place = (len(faults) if waiting is None else waiting) - 1
    return place if place >= 0 else None


def waiting_fault(faults: list[dict[str, Any]]) -> int | None:
    """The first earlier fault that has no state yet, from 0."""
    return next((place for place, fault in enumerate(faults) if not fault["state"]), None)


def _onwards(view: ReviewView, question: Question) -> Taken:
    if question.kind is Kind.UNITS:
        return onwards_of(view, question)
    if question.kind is Kind.REMEDIATION and waiting_fault(view.answers.get(question.key) or []) is not None:
        return Taken(f"{question.key}.state")
    return Taken(NEXT)


def _undo(undone: Any) -> Taken:
    if undone is None:
        return Taken()
    return Taken(writes=True, value=undone, replaces=True, say=t("review.restored"))


def _text(view: ReviewView, question: Question, words: str) -> Taken:
    written = view.answers.get(question.key) or ""
    together = f"{written}\n{words}" if written else words
    if len(together) > question.max_length:
        return Taken(spills=words, say=t("review.refused.full", most=Number(question.max_length)))
    return Taken(writes=True, value=together, say=t("review.saved.more", button=onwards_label(view, question)))


def _item(view: ReviewView, question: Question, answer: Answer) -> Taken:
    items = list(view.answers.get(question.key) or [])
    if answer.option == "drop":
        return Taken(
            writes=bool(items[1:]),
            value=items[:-1],
            removes=not items[1:],
            replaces=True,
            say=t("review.dropped"),
            undoable=True,
        )
    words = str(answer.value)
    if len(items) >= question.max_items:
        return Taken(spills=words, say=t("review.refused.items", most=question.max_items))
    return Taken(
        writes=True,
        value=[*items, words],
        say=t("review.saved.item", count=len(items) + 1, button=onwards_label(view, question)),
    )


def _fault(view: ReviewView, question: Question, answer: Answer) -> Taken:
    faults = [dict(fault) for fault in view.answers.get(question.key) or []]
    if answer.step.endswith(".state"):
        return _fault_state(faults, question, answer.option)
    if answer.step.endswith(".note"):
        return _fault_note(faults, question, str(answer.value))
    if answer.option == "drop":
        return Taken(
            writes=bool(faults[1:]),
            value=faults[:-1],
            removes=not faults[1:],
            replaces=True,
            say=t("review.dropped"),
            undoable=True,
        )
    if len(faults) >= question.max_items:
        return Taken(spills=str(answer.value), say=t("review.refused.items", most=question.max_items))
    faults.append({"text": str(answer.value), "state": None, "note": ""})
    return Taken(f"{question.key}.state", writes=True, value=faults, say=t("review.saved"))


def _fault_state(faults: list[dict[str, Any]], question: Question, state: str | None) -> Taken:
    place = waiting_fault(faults)
    if place is None or state not in set(Remedy):
        return Taken(question.key)
    faults[place]["state"] = state
    again = f"{question.key}.state" if waiting_fault(faults) is not None else question.key
    on = again if state == Remedy.DONE else f"{question.key}.note"
    return Taken(on, writes=True, value=faults, say=t("review.saved"))


def _fault_note(faults: list[dict[str, Any]], question: Question, words: str) -> Taken:
    place = noted_fault(faults)
    if place is None:
        return Taken(question.key, spills=words)
    faults[place]["note"] = "\n".join(filter(None, (faults[place]["note"], words)))
    return Taken(question.key, writes=True, value=faults, say=t("review.saved"))


def _tasks(view: ReviewView, question: Question, answer: Answer) -> Taken:
    part = answer.step.partition(".")[2] or TASK_PARTS[0]
    number = answer.value if isinstance(answer.value, int) else 0
    place = TASK_PARTS.index(part)
    given = view.answers.get(question.key) or {}
    # A new figure asks the later ones again: they were given for the old one.
    counts = {name: given.get(name, 0) for name in TASK_PARTS[:place]} | {part: number}
    if part == "given" and number == 0:
        counts = dict.fromkeys(TASK_PARTS, 0)
    checked = tasks_from(**{**dict.fromkeys(TASK_PARTS, 0), **counts})
    if isinstance(checked, Refusal):
        return Taken(say=checked.why)
    on = NEXT if len(counts) == len(TASK_PARTS) else f"{question.key}.{TASK_PARTS[place + 1]}"
    return Taken(on, writes=True, value=counts, replaces=bool(given.get(part)), say=t("review.saved"))
