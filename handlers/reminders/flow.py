"""Reminding by hand and the call list, declared as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from handlers.dialogue.flow import END, Flow, Option, Step
from handlers.dialogue.phrases import Param, Phrase, Plain, Weekday, lines, paragraphs, stack, t

T = TypeVar("T")

# Names on one screen of a phone; toggles are buttons and take more room.
PAGE = 15
TOGGLES = 6


class Left(StrEnum):
    """Why somebody who is on the roster is not reminded by hand."""

    DONE = "done"
    AWAY = "away"
    NOT_REQUIRED = "not_required"
    UNREACHABLE = "unreachable"
    NUDGED = "nudged"


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody whom a reminder would reach, and what is missing."""

    id: int
    name: str
    missing: Phrase
    today: bool = False


@dataclass(frozen=True, slots=True)
class Spared:
    """Somebody who would not be reminded, and why; ``why`` is a further word (until when, what trouble)."""

    name: str
    reason: Left
    why: Phrase | None = None


@dataclass(frozen=True, slots=True)
class CallRow:
    """One person to be telephoned."""

    id: int
    says: Phrase
    called: Phrase


@dataclass(frozen=True, slots=True)
class RemindView:
    """What the screens of both flows need; ``sends_at`` None means at once."""

    deadlines: tuple[tuple[Param, date], ...] = ()
    reached: tuple[Reached, ...] = ()
    spared: tuple[Spared, ...] = ()
    off: frozenset[int] = frozenset()
    sends_at: datetime | None = None
    sample: Phrase | None = None
    page: int = 0
    calls: tuple[CallRow, ...] = ()

    @property
    def chosen(self) -> tuple[Reached, ...]:
        """Those who will be reminded."""
        return tuple(one for one in self.reached if one.id not in self.off)


def _preview(view: RemindView) -> Phrase:
    rounds = (t("reminders.preview.round", year=year, deadline=Weekday(day)) for year, day in view.deadlines)
    return paragraphs(
        lines(t("reminders.preview"), *rounds),
        _whom(view),
        _whom_not(view),
        t("reminders.preview.later", at=view.sends_at) if view.sends_at and view.chosen else None,
    )


def _whom(view: RemindView) -> Phrase:
    if not view.reached:
        return t("reminders.preview.nobody")
    shown = on_page(view.chosen, view.page, PAGE)
    names = [
        t("reminders.preview.again" if one.today else "reminders.preview.one", name=one.name, missing=one.missing)
        for one in shown
    ]
    head = t("reminders.preview.whom", count=len(view.chosen))
    return stack([head, *names, *_page_note(view.chosen, view.page, PAGE)])


def _whom_not(view: RemindView) -> Phrase | None:
    if not view.spared:
        return None
    rows: list[Phrase] = [t("reminders.preview.not", count=len(view.spared))]
    for reason in Left:
        group = [one for one in view.spared if one.reason is reason]
        if not group:
            continue
        named = reason in {Left.AWAY, Left.UNREACHABLE, Left.NUDGED}
        rows.append(t(f"reminders.preview.not.{reason}", count=len(group)))
        rows += [_spared(one) for one in group[:PAGE] if named]
        if named and len(group) > PAGE:
            rows.append(t("reminders.preview.more", count=len(group) - PAGE))
    return stack(rows)


def _spared(one: Spared) -> Phrase:
    return t("reminders.preview.not.one", name=one.name, why=one.why) if one.why else Plain(f"• {one.name}")


def _page_note(rows: Sequence[object], page: int, size: int) -> list[Phrase]:
    last = last_page(rows, size)
    return [t("reminders.page", page=min(page, last) + 1, pages=last + 1)] if last else []


def on_page(rows: Sequence[T], page: int, size: int) -> Sequence[T]:
    """The rows of one page; beyond the last one the last one."""
    first = min(page, last_page(rows, size)) * size
    return rows[first : first + size]


def last_page(rows: Sequence[object], size: int) -> int:
    """The number of the last page, counted from 0."""
    return max(0, (len(rows) - 1) // size)


def _preview_options(view: RemindView) -> tuple[Option, ...]:
    count = len(view.chosen)
    found = []
    if count:
        found.append(Option("send", t("reminders.button.send", count=count), ("gui", "nhac", "send")))
        found.append(Option("sample", t("reminders.button.sample"), ("xem", "xem truoc", "sample")))
    if view.reached:
        found.append(Option("choose", t("reminders.button.choose"), ("chon", "choose")))
    if view.calls:
        found.append(Option("calls", t("reminders.button.calls"), ("danh sach goi", "calls")))
    return (*found, *pages(view.chosen, view.page, PAGE))


def pages(rows: Sequence[object], page: int, size: int) -> tuple[Option, ...]:
    """The buttons that turn pages, where there is more than one."""
    found = []
    if page > 0:
        found.append(Option("prev", t("reminders.button.prev"), ("truoc", "previous"), wide=False))
    if page < last_page(rows, size):
        found.append(Option("next", t("reminders.button.next"), ("tiep", "next"), wide=False))
    return tuple(found)


def _sample(view: RemindView) -> Phrase:
    if not view.chosen or view.sample is None:
        return t("reminders.preview.nobody")
    return paragraphs(t("reminders.sample", name=view.chosen[0].name), view.sample)


def _choose_options(view: RemindView) -> tuple[Option, ...]:
    toggles = tuple(
        Option(
            f"m{one.id}",
            t("reminders.toggle.off" if one.id in view.off else "reminders.toggle.on", name=one.name),
        )
        for one in on_page(view.reached, view.page, TOGGLES)
    )
    done = Option("chosen", t("reminders.button.chosen", count=len(view.chosen)), ("xong", "done"))
    return (*toggles, *pages(view.reached, view.page, TOGGLES), done)


def _calls(view: RemindView) -> Phrase:
    if not view.calls:
        return t("reminders.call.none")
    shown = on_page(view.calls, view.page, 4)
    return paragraphs(
        t("reminders.call.head", count=len(view.calls)),
        *(row.says for row in shown),
        *_page_note(view.calls, view.page, 4),
    )


def _calls_options(view: RemindView) -> tuple[Option, ...]:
    shown = on_page(view.calls, view.page, 4)
    return (*(Option(f"c{row.id}", row.called) for row in shown), *pages(view.calls, view.page, 4))


REMIND = Flow[RemindView](
    name="remind",
    first="preview",
    commands=("remind", "nhac"),
    verb="remind",
    steps=(
        Step(
            "preview",
            ask="reminders.preview",
            body=_preview,
            options=_preview_options,
            leads=("sample", "choose", END),
        ),
        Step("sample", ask="reminders.sample", body=_sample, back="preview", leads=("preview",)),
        Step(
            "choose",
            ask="reminders.choose",
            options=_choose_options,
            back="preview",
            leads=("preview",),
        ),
    ),
)

CALLS = Flow[RemindView](
    name="calls",
    first="list",
    commands=("calls", "goi"),
    verb="remind",
    steps=(Step("list", ask="reminders.call.head", body=_calls, options=_calls_options, leads=(END,)),),
)
