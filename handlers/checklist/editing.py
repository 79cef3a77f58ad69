"""The dialogue in which the secretary keeps the list itself: labels, due dates, more points or fewer."""

from __future__ import annotations

from datetime import date

from handlers.checklist.flow import ListView, choices_of, with_point
from handlers.checklist.rules import MOST_LABEL, MOST_POINTS, Point
from handlers.dialogue.flow import END, Flow, Option, Refusal, Step, Takes, refusal
from handlers.dialogue.phrases import Phrase, lines, paragraphs, t
from handlers.organisation.permissions import Verb
from handlers.reminders.dates import TypedDay, on_calendar, read_day
from storage.records import ChecklistItem


def _items(view: ListView) -> Phrase:
    head = t("checklist.edit", year=view.year, cell=view.cell)
    return paragraphs(head, lines(*(_item_line(point.item) for point in view.points)) if view.points else None)


def _item_line(item: ChecklistItem) -> Phrase:
    if item.due_on is None:
        return t("checklist.edit.line", number=item.number, label=item.label)
    return t("checklist.edit.line.due", number=item.number, label=item.label, on=item.due_on)


def _item_options(view: ListView) -> tuple[Option, ...]:
    items = tuple(
        Option(f"i{p.item.id}", t("checklist.edit.item", number=p.item.number, label=p.item.label))
        for p in view.points
    )
    add = (Option("add", t("checklist.choose.add"), ("them", "add")),) if len(view.points) < MOST_POINTS else ()
    due = (Option("due_all", t("checklist.choose.due_all"), ("han chung", "due all")),) if view.points else ()
    return (*items, *due, *add, Option("done", t("checklist.choose.done"), ("xong", "done")))


def _item(view: ListView, point: Point) -> Phrase:
    return paragraphs(_item_line(point.item), t("checklist.edit.in_use") if view.in_use else None)


def _item_choices(view: ListView, _: Point) -> tuple[Option, ...]:
    rename = Option("rename", t("checklist.choose.rename"), ("doi ten", "rename"))
    due = Option("due", t("checklist.choose.due"), ("han", "due"))
    remove = Option("remove", t("checklist.choose.remove"), ("bo", "remove"))
    return (due, rename) if view.in_use else (due, rename, remove)


def _no_due(_: ListView) -> tuple[Option, ...]:
    return (Option("none", t("checklist.choose.no_due"), ("khong co han", "none")),)


def _label(text: str) -> str | Refusal:
    words = " ".join(text.split())
    return words if any(sign.isalpha() for sign in words) else refusal("checklist.words.missing")


def _day(text: str) -> TypedDay | Refusal:
    return read_day(text)


def due_date(typed: TypedDay, year: int) -> date | Refusal:
    """The day a secretary typed; a day without a year belongs to the year of the list."""
    found = on_calendar(TypedDay(typed.day, typed.month, typed.year or year), date(year, 1, 1))
    if isinstance(found, date) and not year <= found.year <= year + 1:
        return refusal("checklist.due.other_year", year=year)
    return found


def _due(_: ListView, point: Point) -> Phrase:
    return t("checklist.due", number=point.item.number, label=point.item.label)


def _rename(_: ListView, point: Point) -> Phrase:
    return t("checklist.rename", label=point.item.label, most=MOST_LABEL)


EDIT = Flow[ListView](
    name="checklist_edit",
    first="items",
    verb=Verb.CHECKLIST_EDIT,
    steps=(
        Step(
            "items",
            ask="checklist.edit",
            body=_items,
            options=_item_options,
            leads=("item", "add", "due_all", END),
        ),
        Step(
            "item",
            ask="checklist.edit.line",
            body=with_point(_item),
            options=choices_of(_item_choices),
            leads=("due", "rename", "items"),
            back="items",
        ),
        Step(
            "rename",
            ask="checklist.rename",
            takes=Takes.LINE,
            body=with_point(_rename),
            read=_label,
            leads=("items",),
            back="items",
            most=MOST_LABEL,
        ),
        Step(
            "due",
            ask="checklist.due",
            takes=Takes.DATE,
            body=with_point(_due),
            options=_no_due,
            read=_day,
            leads=("items",),
            back="items",
        ),
        Step(
            "due_all",
            ask="checklist.due_all",
            takes=Takes.DATE,
            options=_no_due,
            read=_day,
            leads=("items",),
            back="items",
        ),
        Step(
            "add",
            ask="checklist.add",
            takes=Takes.LINE,
            body=lambda _: t("checklist.add", most=MOST_LABEL),
            read=_label,
            leads=("items",),
            back="items",
            most=MOST_LABEL,
        ),
    ),
)
