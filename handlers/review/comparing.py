"""The screens that set two submitted versions side by side: what changed, a file of it, and which two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from handlers.dialogue.flow import JSON, Option, Step
from handlers.dialogue.phrases import Phrase, lines, paragraphs, t
from handlers.review.changes import Compared
from handlers.review.difference import pages
from handlers.review.reading import page_of, page_options
from handlers.review.views import cursor_of


class Comparing(Protocol):
    """A view with two versions side by side."""

    @property
    def compared(self) -> Compared | None:
        """The two, where they are asked for and there are two."""

    @property
    def cursor(self) -> Mapping[str, JSON]:
        """The state's data."""


def chosen_two(numbers: tuple[int, ...], cursor: Mapping[str, JSON]) -> tuple[int, int] | None:
    """The two versions that are meant: those chosen, else the last two; None where there are not two."""
    if len(numbers) < 2:
        return None
    earlier, later = cursor_of(cursor, "earlier"), cursor_of(cursor, "later")
    if earlier in numbers and later in numbers and earlier < later:
        return earlier, later
    return numbers[-2], numbers[-1]


def comparing_steps(back: str) -> tuple[Step[Any], ...]:
    """The steps, for a flow that comes to them from ``back``."""
    return (
        Step(
            "difference",
            ask="review.difference",
            body=_difference,
            options=_ways,
            back=back,
            leads=("difference", "compare"),
        ),
        Step("compare", ask="review.compare", options=_earlier, back="difference", leads=("compare_to",)),
        Step(
            "compare_to", ask="review.compare.to", body=_to, options=_later, back="compare", leads=("difference",)
        ),
    )


def facts_of(compared: Compared) -> Phrase:
    """Which two versions, and when each came in."""
    (earlier, was_at), (later, is_at) = compared.earlier, compared.later
    return t("review.difference", earlier=earlier, was_at=was_at, later=later, is_at=is_at)


def _difference(view: Comparing) -> Phrase:
    compared = view.compared
    if compared is None:
        return t("review.difference.one")
    shown = pages(compared.changes)
    if not compared.changes:
        return paragraphs(facts_of(compared), t("review.difference.none"))
    page = page_of(shown, view.cursor)
    note = t("review.page", page=page + 1, pages=len(shown)) if len(shown) > 1 else None
    return paragraphs(lines(facts_of(compared), note), shown[page])


def _ways(view: Comparing) -> tuple[Option, ...]:
    compared = view.compared
    if compared is None:
        return ()
    shown = pages(compared.changes)
    ways = [*page_options(len(shown), page_of(shown, view.cursor))]
    ways.append(Option("file", t("review.difference.option.file"), ("tep", "file", "tai ve")))
    if len(compared.numbers) > 2:
        ways.append(Option("other", t("review.difference.option.other"), ("lan khac", "other")))
    return tuple(ways)


def _earlier(view: Comparing) -> tuple[Option, ...]:
    return _numbers(view.compared.numbers[:-1] if view.compared else ())


def _to(view: Comparing) -> Phrase:
    return t("review.compare.to", earlier=cursor_of(view.cursor, "earlier"))


def _later(view: Comparing) -> tuple[Option, ...]:
    first = cursor_of(view.cursor, "earlier")
    return _numbers(tuple(n for n in view.compared.numbers if n > first) if view.compared else ())


def _numbers(numbers: tuple[int, ...]) -> tuple[Option, ...]:
    return tuple(
        Option(f"v{number}", t("review.option.version", version=number), (f"lan {number}",), wide=False)
        for number in reversed(numbers[-12:])
    )
