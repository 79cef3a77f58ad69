"""The dialogue of promises: a day for each admitted shortcoming, quickly, to be skipped; then how each stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from handlers.dialogue.flow import END, JSON, Flow, Option, Step, Takes
from handlers.dialogue.phrases import Phrase, Plain, lines, paragraphs, t
from handlers.organisation.permissions import Verb
from handlers.reminders.dates import read_day
from storage.records import Improvement, ImprovementState

PROMISES = "promises"
MARKS = {
    ImprovementState.OPEN: "⬜",
    ImprovementState.ONGOING: "⏳",
    ImprovementState.DONE: "✅",
}
_LABEL, _SHOWN = 44, 1200
_QUARTERS = ((3, 31), (6, 30), (9, 30), (12, 31))
_WORDS = {
    ImprovementState.OPEN: ("chua", "not yet"),
    ImprovementState.ONGOING: ("dang", "ongoing"),
    ImprovementState.DONE: ("da", "xong", "done"),
}


@dataclass(frozen=True, slots=True)
class PromisesView:
    """A member's promises; ``one`` is the one in hand, ``asked`` those of one review that have no day yet."""

    today: date = date.min
    all: tuple[Improvement, ...] = ()
    asked: tuple[Improvement, ...] = ()
    one: Improvement | None = None
    cursor: Mapping[str, JSON] = field(default_factory=dict)

    @property
    def shown(self) -> tuple[Improvement, ...]:
        """What the list shows: all that is not mended, and what was mended of the newest year."""
        newest = max((one.year for one in self.all), default=0)
        return tuple(one for one in self.all if one.state is not ImprovementState.DONE or one.year == newest)


def is_overdue(one: Improvement, today: date) -> bool:
    """Whether the day has passed and it is not mended; the day itself is in time."""
    return one.due_on is not None and one.due_on < today and one.state is not ImprovementState.DONE


def promise_line(one: Improvement, today: date) -> Phrase:
    """A promise in one line: how it stands, what it is about, by when."""
    words = _clip(one.fault, 80)
    mark = MARKS.get(one.state, "⬜")
    if one.due_on is None:
        return t("improvements.line.undated", mark=mark, words=words)
    late = "improvements.line.overdue" if is_overdue(one, today) else "improvements.line"
    return t(late, mark=mark, words=words, on=one.due_on)


def _clip(words: str, most: int) -> str:
    line = " ".join(words.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def next_asked(view: PromisesView) -> Improvement | None:
    """The one that is asked about: the one in hand, else the first without a day that was not passed over."""
    if view.one is not None:
        return view.one
    passed = view.cursor.get("passed")
    last = passed if isinstance(passed, int) else 0
    return next((one for one in view.asked if one.id > last), None)


def _ask(view: PromisesView) -> Phrase:
    one = next_asked(view)
    if one is None:
        return t("improvements.none_asked")
    shown = one.fault if len(one.fault) <= _SHOWN else f"{one.fault[:_SHOWN].rstrip()} …"
    return paragraphs(t("improvements.ask"), Plain(shown), t("improvements.ask.how"))


def quarters(today: date) -> tuple[date, ...]:
    """The ends of the next four quarters."""
    days = [date(year, *day) for year in (today.year, today.year + 1) for day in _QUARTERS]
    return tuple(day for day in days if day > today)[:4]


def _days(view: PromisesView) -> tuple[Option, ...]:
    one = next_asked(view)
    if one is None:
        return (Option("end", t("improvements.choose.end"), ("xong", "done")),)
    days = tuple(
        Option(f"d{day:%Y%m%d}", t("improvements.choose.day", on=day), wide=False) for day in quarters(view.today)
    )
    return (*days, Option("pass", t("improvements.choose.pass"), ("bo qua", "khong", "skip")))


def _list(view: PromisesView) -> Phrase:
    if not view.shown:
        return t("improvements.none")
    return paragraphs(t("improvements.list"), lines(*(promise_line(one, view.today) for one in view.shown)))


def _list_options(view: PromisesView) -> tuple[Option, ...]:
    return tuple(
        Option(
            f"i{one.id}",
            t(
                "improvements.choose.one",
                mark=MARKS.get(one.state, "⬜"),
                number=place,
                words=_clip(one.fault, _LABEL),
            ),
        )
        for place, one in enumerate(view.shown, 1)
    )


def _one(view: PromisesView) -> Phrase:
    one = view.one
    if one is None:
        return t("improvements.gone")
    due = t("improvements.due", on=one.due_on) if one.due_on else t("improvements.undated")
    shown = one.fault if len(one.fault) <= _SHOWN else f"{one.fault[:_SHOWN].rstrip()} …"
    return paragraphs(
        t("improvements.one", year=one.year),
        Plain(shown),
        lines(due, t(f"improvements.state.{one.state}")),
    )


def _states(view: PromisesView) -> tuple[Option, ...]:
    one = view.one
    if one is None:
        return ()
    states = tuple(
        Option(
            state, t("improvements.choose.state", mark=MARKS[state], state=t(f"improvements.state.{state}")), words
        )
        for state, words in _WORDS.items()
        if state is not one.state
    )
    return (*states, Option("date", t("improvements.choose.date"), ("ngay", "doi ngay", "date")))


FLOW = Flow[PromisesView](
    name=PROMISES,
    first="list",
    verb=Verb.REVIEW_WRITE,
    steps=(
        Step("list", ask="improvements.list", body=_list, options=_list_options, leads=("one",)),
        Step("one", ask="improvements.one", body=_one, options=_states, leads=("list", "ask"), back="list"),
        Step(
            "ask",
            ask="improvements.ask",
            takes=Takes.DATE,
            body=_ask,
            options=_days,
            read=read_day,
            leads=("ask", "one", END),
        ),
    ),
)
