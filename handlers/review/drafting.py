"""Drafts from the year's notes and tasks and from the last review: what is offered, what accepting it writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import JSON
from handlers.dialogue.phrases import Number, t
from handlers.notes.rules import draft_of
from handlers.review.offers import places
from handlers.review.rulebook import Kind, Question
from handlers.review.taken import NEXT, Taken
from handlers.review.views import ReviewView, cursor_of
from handlers.tasks.rules import Count, count
from storage.records import ImprovementState, Note, Task

DRAFTS, LAST, FAULTS, COUNTED = "drafts", "last", "faults", "counted"
_STEPS = tuple(f".{name}" for name in (DRAFTS, LAST, FAULTS))
# Characters: a sign may be two units of a messenger's 4,096, and there are words around it.
_PAGE = 1500
WORDS = frozenset({Kind.TEXT, Kind.LIST})


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence that can be put into an answer: of a note (``n12``, and that ``note``) or of a task (``t5``)."""

    id: str
    words: str
    note: Note | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """An earlier shortcoming: by when it was to be mended and how it stands, as far as the member said."""

    words: str
    due_on: date | None = None
    state: ImprovementState | None = None


def has_drafts(question: Question) -> bool:
    """Whether notes or tasks are offered at this question at all."""
    return question.kind in WORDS and (question.key in places().notes or question.key == places().tasks["listed"])


def drafts_of(view: ReviewView, question: Question) -> tuple[Draft, ...]:
    """What of the year is not written yet, in the order of offering: a note used at one question is used."""
    written = [view.answers.get(one.key) for one in view.form.questions if one.kind in WORDS]
    return tuple(
        draft for draft in _drafts(view, question) if not any(_stands_in(draft.words, given) for given in written)
    )


def waiting(view: ReviewView, question: Question) -> tuple[Draft, ...]:
    """Those of the drafts that were not passed over since their screen was opened."""
    passed = _passed(view)
    return tuple(draft for draft in drafts_of(view, question) if draft.id not in passed)


def _passed(view: ReviewView) -> frozenset[str]:
    passed = view.cursor.get("passed")
    return frozenset(passed.split(",")) if isinstance(passed, str) else frozenset()


def _drafts(view: ReviewView, question: Question) -> Iterator[Draft]:
    if question.key == places().tasks["listed"]:
        yield from (Draft(f"t{task.id}", line_of(task)) for task in view.offers.tasks)
    for kind in places().notes.get(question.key, ()):
        for note in view.offers.notes:
            words = draft_of(note)
            if words and kind == _kind_of(note):
                yield Draft(f"n{note.id}", words, note)


def _kind_of(note: Note) -> str:
    return "tasks" if note.task_id is not None else "points" if note.item_id is not None else "free"


def line_of(task: Task) -> str:
    """A task as it stands in the Annex, in three pieces for its columns: what and product; deadline; the end."""
    line = places().line
    due = line["due"].format(day=task.due_on.strftime("%d/%m/%Y")) if task.due_on else line["no_due"]
    what = " – ".join(filter(None, (task.title, task.product)))
    return "; ".join((what, due, line[task.state]))


def _stands_in(words: str, given: Any) -> bool:
    if isinstance(given, str):
        return words.rstrip(".") in given
    return words in (given or [])


def counts_of(view: ReviewView, question: Question) -> Count | None:
    """The four figures of the list of tasks, where this question asks for them and they are not its answer yet."""
    if question.key != places().tasks["counted"] or question.kind is not Kind.TASKS or not view.offers.tasks:
        return None
    found = count(view.offers.tasks)
    return None if view.answers.get(question.key) == _figures(found) else found


def _figures(found: Count) -> dict[str, int]:
    return {"given": found.given, "done": found.done, "late": found.late, "exceeded": found.exceeded}


def last_answer(view: ReviewView, question: Question) -> Any:
    """What the last submission says to the same question; None where it says nothing or another kind of thing."""
    if view.offers.last is None or question.kind not in WORDS:
        return None
    given = view.offers.last.answers.get(question.key)
    fits = isinstance(given, str) if question.kind is Kind.TEXT else isinstance(given, list)
    return given if fits and given else None


def last_pages(view: ReviewView, question: Question) -> tuple[str, ...]:
    """Last year's answer to this question, in pages that fit a message."""
    given = last_answer(view, question)
    items = (
        [f"{place}. {item}" for place, item in enumerate(given, 1)] if isinstance(given, list) else [given or ""]
    )
    return tuple(_pages("\n".join(items)))


def _pages(text: str) -> Iterator[str]:
    while len(text) > _PAGE:
        cut = max(text.rfind("\n", _PAGE // 2, _PAGE), text.rfind(" ", _PAGE // 2, _PAGE))
        cut = cut if cut > 0 else _PAGE
        yield text[:cut].rstrip()
        text = text[cut:].lstrip()
    yield text


def faults_of(view: ReviewView, question: Question) -> tuple[Fault, ...]:
    """Last year's shortcomings that the answer does not name yet: those with a promise, else those of the form."""
    if question.kind is not Kind.REMEDIATION or question.key != places().faults["asked"]:
        return ()
    named = {fault["text"] for fault in view.answers.get(question.key) or []}
    found = [Fault(one.fault, one.due_on, one.state) for one in _of_last_year(view)]
    if not found and view.offers.last is not None:
        admitted = view.offers.last.answers.get(places().faults["admitted"]) or []
        found = [Fault(words) for words in admitted if isinstance(words, str)]
    return tuple(fault for fault in found if fault.words not in named)


def _of_last_year(view: ReviewView) -> Iterator[Any]:
    earlier = [one for one in view.offers.promised if one.year < view.cycle.year]
    newest = max((one.year for one in earlier), default=None)
    yield from (one for one in earlier if one.year == newest)


def led_by(view: ReviewView, question: Question, answer: Answer) -> tuple[str, dict[str, JSON]] | None:
    """Where a choice that writes nothing leads: the step, and what the state remembers of the place."""
    if answer.step == question.key and answer.option in {DRAFTS, LAST, FAULTS}:
        return f"{question.key}.{answer.option}", {"passed": None, "page": 0}
    if answer.step.endswith(f".{LAST}") and answer.option in {"prev", "more"}:
        turned = page_in_view(view, question) + (1 if answer.option == "more" else -1)
        return answer.step, {"page": turned}
    left = waiting(view, question) if answer.step.endswith(f".{DRAFTS}") else ()
    if answer.option == "pass" and left:
        return (answer.step if left[1:] else question.key), passing(view, question, answer)
    return None


def passing(view: ReviewView, question: Question, answer: Answer) -> dict[str, JSON]:
    """What the state remembers of the drafts that were dealt with: none is offered twice in a row."""
    left = waiting(view, question) if answer.step.endswith(f".{DRAFTS}") else ()
    if not left or answer.option == "all":
        return {}
    return {"passed": ",".join(sorted({*_passed(view), left[0].id}))}


def is_offer(answer: Answer) -> bool:
    """Whether a reply accepts something that was offered."""
    return answer.step.endswith(_STEPS) or answer.option == COUNTED


def take_offer(view: ReviewView, question: Question, answer: Answer) -> Taken:
    """What accepting writes: ordinary words behind those that are there, to be undone like any others."""
    if answer.option == COUNTED:
        found = counts_of(view, question)
        if found is None:
            return Taken()
        return Taken(NEXT, writes=True, value=_figures(found), replaces=True, say=t("review.saved"))
    if answer.step.endswith(f".{FAULTS}"):
        return _take_faults(view, question, answer.option)
    if answer.step.endswith(f".{LAST}"):
        given = last_answer(view, question)
        return _added(view, question, given if isinstance(given, list) else [given] if given else [], question.key)
    left = waiting(view, question)
    if not left:
        return Taken(question.key)
    if answer.option == "all":
        return _added(view, question, [draft.words for draft in left], question.key)
    words = str(answer.value) if answer.value is not None else left[0].words
    return _added(view, question, [words], answer.step if left[1:] else question.key)


def _added(view: ReviewView, question: Question, words: list[str], then: str) -> Taken:
    given = view.answers.get(question.key)
    value: Any
    if question.kind is Kind.TEXT:
        value = "\n".join(filter(None, (given, *words)))
        full = len(value) > question.max_length
    else:
        items = list(given or [])
        value = [*items, *(one for one in words if one not in items)]
        full = len(value) > question.max_items or any(len(one) > question.max_length for one in words)
    if full:
        most = question.max_length if question.kind is Kind.TEXT else question.max_items
        return Taken(question.key, say=t("drafts.full", most=Number(most)))
    return Taken(
        then, writes=True, value=value, replaces=True, undoable=True, say=t("drafts.taken", count=len(words))
    )


def _take_faults(view: ReviewView, question: Question, option: str | None) -> Taken:
    found = faults_of(view, question)
    chosen = found if option == "all" else tuple(f for place, f in enumerate(found) if option == f"f{place}")
    faults = [dict(fault) for fault in view.answers.get(question.key) or []]
    if not chosen:
        return Taken(question.key)
    if len(faults) + len(chosen) > question.max_items:
        return Taken(question.key, say=t("drafts.full", most=Number(question.max_items)))
    faults += [{"text": fault.words, "state": None, "note": ""} for fault in chosen]
    return Taken(
        f"{question.key}.state",
        writes=True,
        value=faults,
        replaces=bool(view.answers.get(question.key)),
        undoable=True,
        say=t("drafts.taken", count=len(chosen)),
    )


def page_in_view(view: ReviewView, question: Question) -> int:
    """The page of last year's answer that is shown, from 0."""
    return min(max(0, cursor_of(view.cursor, "page")), len(last_pages(view, question)) - 1)
