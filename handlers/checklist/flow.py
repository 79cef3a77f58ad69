"""The dialogue of the seven points: one screen edited in place, a longer one for what needs words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

from handlers.checklist.rules import MOST_REMARK, Point, is_overdue, progress
from handlers.checklist.typed import Reading, read_marks
from handlers.dialogue.flow import Flow, Option, Refusal, Step, Takes, refusal
from handlers.dialogue.phrases import Lines, Phrase, lines, paragraphs, t
from handlers.improvements.flow import promise_line
from handlers.organisation.permissions import Verb
from storage.records import Improvement, ItemState

SYMBOLS = {
    ItemState.NOT_STARTED: "⬜",
    ItemState.IN_PROGRESS: "⏳",
    ItemState.DONE: "✅",
    ItemState.BLOCKED: "⛔",
    ItemState.NOT_APPLICABLE: "➖",
}
LATE = "⏰"
MOST_PROMISES = 8
# The other states come one tap away, these need a screen of their own.
CHOICES = (
    ItemState.NOT_STARTED,
    ItemState.IN_PROGRESS,
    ItemState.DONE,
    ItemState.BLOCKED,
    ItemState.NOT_APPLICABLE,
)


@dataclass(frozen=True, slots=True)
class ListView:
    """A member's list of the year on one day; ``chosen`` is the point in hand, if it still exists.

    ``may_edit`` opens the list itself; ``in_use`` says whether anybody has marked the chosen point. ``promises``
    are what the member has to mend.
    """

    cell: str = ""
    year: int = 0
    today: date = date.min
    points: tuple[Point, ...] = field(default=())
    may_edit: bool = False
    chosen: Point | None = None
    in_use: bool = False
    promises: tuple[Improvement, ...] = ()


def with_point(build: Callable[[ListView, Point], Phrase]) -> Callable[[ListView], Phrase]:
    """A screen about one point; where the point was taken off the list meanwhile, it says so."""
    return lambda view: build(view, view.chosen) if view.chosen else t("checklist.gone")


def choices_of(build: Callable[[ListView, Point], tuple[Option, ...]]) -> Callable[[ListView], tuple[Option, ...]]:
    """The choices of a screen about one point; none where the point is gone."""
    return lambda view: build(view, view.chosen) if view.chosen else ()


def mark_of(point: Point, today: date) -> str:
    """The signs that stand for a point's state on its button."""
    return SYMBOLS[point.state] + (LATE if is_overdue(point.item, point.state, today) else "")


def _list(view: ListView) -> Phrase:
    head = t("checklist.head", year=view.year, cell=view.cell)
    if not view.points:
        return paragraphs(head, t("checklist.empty"))
    details = [line for point in view.points if (line := _detail(point))]
    return paragraphs(
        head,
        progress_line(view),
        lines(*details) if details else None,
        _promises(view),
        t("checklist.legend"),
        t("checklist.hint"),
    )


def progress_line(view: ListView) -> Lines:
    """How far the member has come, what was left out of the count, what is due when."""
    found = progress(view.points, view.today)
    return lines(
        t("checklist.progress", done=found.done, counted=found.counted),
        t("checklist.progress.left_out", count=found.not_applicable) if found.not_applicable else None,
        *_dates(view),
    )


def _dates(view: ListView) -> Iterator[Phrase]:
    """The open points by due date, a line a date."""
    still_open = [p for p in view.points if p.state not in {ItemState.DONE, ItemState.NOT_APPLICABLE}]
    for due_on in sorted({point.item.due_on for point in still_open if point.item.due_on}):
        numbers = ", ".join(str(point.item.number) for point in still_open if point.item.due_on == due_on)
        late = due_on < view.today
        yield t("checklist.progress.overdue" if late else "checklist.progress.due", on=due_on, points=numbers)


def _detail(point: Point) -> Phrase | None:
    """What a member wrote on a point, behind its number."""
    told = tuple(_words_on(point))
    return lines(*(t("checklist.detail", number=point.item.number, what=fact) for fact in told)) if told else None


def _words_on(point: Point) -> Iterator[Phrase]:
    if point.mark and point.state is ItemState.BLOCKED:
        yield t("checklist.detail.reason", words=point.mark.reason)
    if point.mark and point.mark.note:
        yield t("checklist.detail.note", words=point.mark.note)


def _due_of(point: Point, today: date) -> Phrase | None:
    if point.item.due_on is None:
        return None
    late = is_overdue(point.item, point.state, today)
    return t("checklist.detail.overdue" if late else "checklist.detail.due", on=point.item.due_on)


def _promises(view: ListView) -> Phrase | None:
    """What the member promised to mend, apart from the points and never counted among them."""
    if not view.promises:
        return None
    shown = view.promises[:MOST_PROMISES]
    return lines(t("checklist.promises"), *(promise_line(one, view.today) for one in shown))


def _points(view: ListView) -> tuple[Option, ...]:
    taps = tuple(_button(point, view.today) for point in view.points)
    more = (
        (Option("more", t("checklist.choose.more"), ("vuong", "ghi chu", "more", "note")),) if view.points else ()
    )
    edit = (Option("edit", t("checklist.choose.edit"), ("sua danh sach", "edit")),) if view.may_edit else ()
    label = t("checklist.choose.promises", count=len(view.promises))
    promises = (Option("promises", label, ("hen khac phuc", "promises")),) if view.promises else ()
    return (*taps, *more, *promises, *edit)


def _button(point: Point, today: date) -> Option:
    label = t("checklist.button", mark=mark_of(point, today), number=point.item.number, label=point.item.label)
    return Option(f"p{point.item.id}", label)


def _read(text: str) -> tuple[Reading, ...] | None:
    return read_marks(text) or None


def _point(view: ListView, point: Point) -> Phrase:
    return paragraphs(
        t("checklist.point", number=point.item.number, label=point.item.label),
        lines(
            t("checklist.point.state", mark=SYMBOLS[point.state], state=t(f"checklist.state.{point.state}")),
            _due_of(point, view.today),
            *_words_on(point),
        ),
        t("checklist.point.ask"),
    )


def _states(_: ListView, point: Point) -> tuple[Option, ...]:
    states = tuple(
        Option(state, t("checklist.choose.state", mark=SYMBOLS[state], state=t(f"checklist.state.{state}")))
        for state in CHOICES
        if state is not point.state
    )
    return (*states, Option("note", t("checklist.choose.note"), ("ghi chu", "note")))


def _reason(_: ListView, point: Point) -> Phrase:
    return t("checklist.reason", number=point.item.number, label=point.item.label)


def _old_reason(_: ListView, point: Point) -> tuple[Option, ...]:
    mark = point.mark
    if mark is None or not mark.reason:
        return ()
    return (Option("same", t("checklist.choose.same_reason", words=_short(mark.reason)), ("giu", "same")),)


def _note(_: ListView, point: Point) -> Phrase:
    mark = point.mark
    return paragraphs(
        t("checklist.note", number=point.item.number, label=point.item.label),
        t("checklist.note.now", words=mark.note) if mark and mark.note else None,
    )


def _no_note(_: ListView, point: Point) -> tuple[Option, ...]:
    mark = point.mark
    return (Option("clear", t("checklist.choose.clear_note"), ("xoa", "clear")),) if mark and mark.note else ()


def _words(text: str) -> str | Refusal:
    return text if any(sign.isalpha() for sign in text) else refusal("checklist.words.missing")


def _short(words: str) -> str:
    return words if len(words) <= 30 else f"{words[:29].rstrip()}…"


CHECKLIST = Flow[ListView](
    name="checklist",
    first="list",
    commands=("checklist", "bayviec"),
    verb=Verb.CHECKLIST_MARK,
    steps=(
        Step(
            "list",
            ask="checklist.head",
            body=_list,
            options=_points,
            read=_read,
            leads=("list", "pick", "point", "reason"),
        ),
        Step(
            "pick",
            ask="checklist.pick",
            options=lambda view: tuple(_button(point, view.today) for point in view.points),
            read=_read,
            leads=("point", "list", "reason"),
            back="list",
        ),
        Step(
            "point",
            ask="checklist.point.ask",
            body=with_point(_point),
            options=choices_of(_states),
            read=_read,
            leads=("list", "reason", "note", "point"),
            back="list",
        ),
        Step(
            "reason",
            ask="checklist.reason",
            takes=Takes.LONG_TEXT,
            body=with_point(_reason),
            options=choices_of(_old_reason),
            read=_words,
            leads=("list", "point", "reason"),
            back="list",
            most=MOST_REMARK,
        ),
        Step(
            "note",
            ask="checklist.note",
            takes=Takes.LONG_TEXT,
            body=with_point(_note),
            options=choices_of(_no_note),
            read=_words,
            leads=("list", "point", "reason"),
            back="list",
            most=MOST_REMARK,
        ),
    ),
)
