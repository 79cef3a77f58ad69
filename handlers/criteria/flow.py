"""``/criteria``: which question, its criteria in view, lines typed or a file, lines taken out; as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from handlers.criteria.rules import Line, read_lines, standing, sum_of
from handlers.dialogue.flow import JSON, Flow, Option, Step, Takes
from handlers.dialogue.phrases import Phrase, Plain, Points, lines, paragraphs, t
from handlers.organisation.permissions import Verb

CRITERIA = "criteria"
_LIST_ROOM = 1800


@dataclass(frozen=True, slots=True)
class Target:
    """One score question of one form, with its criteria; ``last`` are those of the year before."""

    form: str
    code: str
    question: str
    heading: str
    maximum: int
    found: tuple[Line, ...] = ()
    last: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class CriteriaView:
    """The score questions of a year, and the one in view."""

    year: int
    targets: tuple[Target, ...] = ()
    target: Target | None = None
    cursor: Mapping[str, JSON] = field(default_factory=dict)


def _list_body(view: CriteriaView) -> Phrase:
    if not view.targets:
        return t("criteria.no_points", year=view.year)
    return paragraphs(t("criteria.list", year=view.year), lines(*map(_target_line, view.targets)))


def _target_line(target: Target) -> Phrase:
    state = standing(target.found, target.maximum)
    return t("criteria.target", code=target.code, heading=Plain(_clip(target.heading, 50)), state=state)


def _list_options(view: CriteriaView) -> tuple[Option, ...]:
    return tuple(
        Option(
            f"q{place}", t("criteria.option.target", code=_short(target.code), heading=_clip(target.heading, 30))
        )
        for place, target in enumerate(view.targets)
    )


def _set_body(view: CriteriaView) -> Phrase:
    target = view.target
    if target is None:
        return t("criteria.gone")
    head = t("criteria.set", code=target.code, heading=target.heading, max=target.maximum, year=view.year)
    total = t("criteria.sum", total=Points(sum_of(target.found)), max=target.maximum) if target.found else None
    return paragraphs(
        head,
        lines(*_numbered(target.found), total) if target.found else None,
        standing(target.found, target.maximum),
        t("criteria.how"),
    )


def _set_options(view: CriteriaView) -> tuple[Option, ...]:
    target = view.target
    if target is None:
        return (Option("list", t("criteria.option.list"), ("danh sach", "list")),)
    ways = [Option("file", t("criteria.option.file"), ("tep", "nhap tu tep", "file"))]
    if target.last and not target.found:
        ways.append(Option("last", t("criteria.option.last", year=view.year - 1), ("nam truoc", "last year")))
    if target.found:
        ways.append(Option("drop", t("criteria.option.drop"), ("bo dong", "drop")))
        ways.append(Option("clear", t("criteria.option.clear"), ("bo het", "clear")))
    ways.append(Option("list", t("criteria.option.done"), ("xong", "done")))
    return tuple(ways)


def _drop_body(view: CriteriaView) -> Phrase:
    found = view.target.found if view.target else ()
    return paragraphs(t("criteria.drop"), lines(*_numbered(found)) if found else None)


def _drop_options(view: CriteriaView) -> tuple[Option, ...]:
    found = view.target.found if view.target else ()
    return tuple(
        Option(f"n{place}", t("criteria.option.line", number=place + 1, label=_clip(label, 40)))
        for place, (label, _) in enumerate(found)
    )


def _clear_options(_: CriteriaView) -> tuple[Option, ...]:
    return (
        Option("yes", t("criteria.option.yes"), ("co", "dong y", "yes")),
        Option("no", t("criteria.option.no"), ("khong", "no")),
    )


def _numbered(found: tuple[Line, ...]) -> tuple[Phrase, ...]:
    room = max(36, _LIST_ROOM // max(1, len(found)))
    return tuple(
        t("criteria.line", number=place, label=_clip(label, room), points=Points(points))
        for place, (label, points) in enumerate(found, 1)
    )


def _clip(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 2].rpartition(' ')[0] or text[: most - 2]} …"


def _short(code: str) -> str:
    return code.removeprefix("Mẫu ").partition("-")[0]


CRITERIA_FLOW = Flow[CriteriaView](
    name=CRITERIA,
    first="list",
    commands=("criteria", "tieuchi"),
    verb=Verb.CRITERIA_SET,
    steps=(
        Step("list", ask="criteria.list", body=_list_body, options=_list_options, leads=("set",)),
        Step(
            "set",
            ask="criteria.set",
            takes=Takes.LONG_TEXT,
            body=_set_body,
            options=_set_options,
            read=read_lines,
            leads=("set", "file", "drop", "clear", "list"),
            back="list",
        ),
        Step("file", ask="criteria.file", takes=Takes.FILE, leads=("set", "file"), back="set"),
        Step(
            "drop", ask="criteria.drop", body=_drop_body, options=_drop_options, leads=("set", "drop"), back="set"
        ),
        Step("clear", ask="criteria.clear", options=_clear_options, leads=("set",), back="set"),
    ),
)
