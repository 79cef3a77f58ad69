"""The units that a leader leads: a name, then the shares of its tasks and its grade, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import Option, Refusal, refusal
from handlers.dialogue.fold import fold
from handlers.dialogue.phrases import Percent, Phrase, Text, t
from handlers.review.facts import UNIT_PARTS, Unit, units_of
from handlers.review.numbers import parse_number
from handlers.review.rulebook import Question
from handlers.review.rules import grade_text
from handlers.review.taken import NEXT, Taken
from handlers.review.views import ReviewView
from storage.records import Grade

SKIPPABLE = ("late", "exceeded", "grade")


def read_share(text: str) -> int | Refusal:
    """Read a share of the tasks: ``95``, ``95%``, ``95,5``; in tenths of a per cent, from 0 to 100."""
    share = parse_number(text)
    if share is None:
        return refusal("review.units.words")
    if share > 100:
        return refusal("review.units.over_hundred")
    tenths = share * 10
    return int(tenths) if tenths.denominator == 1 else refusal("review.units.too_fine")


def waiting_unit(given: Any) -> tuple[int, str] | None:
    """The first unit that something is still to be asked about, from 0, and what."""
    for place, unit in enumerate(units_of(given)):
        for part in UNIT_PARTS:
            if part not in unit.asked:
                return place, part
    return None


def take_unit(view: ReviewView, question: Question, answer: Answer, onwards: Text) -> Taken:
    """What a name, a figure or a choice means."""
    units = [dict(unit) for unit in view.answers.get(question.key) or []]
    part = answer.step.partition(".")[2]
    if not part:
        return _named(question, units, answer, onwards)
    waiting = waiting_unit(units)
    if waiting is None or waiting[1] != part:
        return Taken(_next_step(question, units))
    unit = units[waiting[0]]
    value = _value(answer, part)
    if part in {"late", "exceeded"} and value is not None and value > unit["done"]:
        return Taken(say=t(f"review.units.{part}_over_done", done=Percent(Fraction(unit["done"], 1000))))
    unit[part] = value
    say = t("review.units.saved", button=onwards) if waiting_unit(units) is None else t("review.saved")
    return Taken(_next_step(question, units), writes=True, value=units, say=say)


def unit_lines(given: Any, clip: Callable[[str], str]) -> tuple[Phrase, ...]:
    """Each unit with what is known of it."""
    return tuple(
        t("review.units.line", number=place, name=clip(unit.name), figures=_figures(unit))
        for place, unit in enumerate(units_of(given), 1)
    )


def unit_options(part: str) -> Callable[[ReviewView], tuple[Option, ...]]:
    """The grades, and leaving open what is not known."""

    def options(_: ReviewView) -> tuple[Option, ...]:
        grades = tuple(Option(grade, grade_text(grade)) for grade in Grade) if part == "grade" else ()
        unknown = Option("unknown", t("review.units.unknown"), ("chua ro", "chua xep", "khong ro", "unknown"))
        return (*grades, unknown) if part in SKIPPABLE else grades

    return options


def _named(question: Question, units: list[dict[str, Any]], answer: Answer, onwards: Text) -> Taken:
    if answer.option == "drop":
        left = units[:-1]
        say = t("review.units.dropped")
        return Taken(writes=bool(left), value=left, removes=not left, replaces=True, say=say, undoable=True)
    name = " ".join(str(answer.value).split())
    if len(name) > question.max_length:
        return Taken(spills=name, say=t("review.units.long", most=question.max_length))
    again = next((n for n, unit in enumerate(units) if fold(unit["name"]) == fold(name)), None)
    if again is None and len(units) >= question.max_items:
        return Taken(spills=name, say=t("review.refused.items", most=question.max_items))
    if again is None:
        now = [*units, {"name": name}]
    else:
        # The name once more means its figures once more.
        now = [{"name": unit["name"]} if n == again else unit for n, unit in enumerate(units)]
    return Taken(
        _next_step(question, now), writes=True, value=now, replaces=again is not None, say=t("review.saved")
    )


def _next_step(question: Question, units: list[dict[str, Any]]) -> str:
    waiting = waiting_unit(units)
    return f"{question.key}.{waiting[1]}" if waiting else question.key


def _value(answer: Answer, part: str) -> Any:
    if answer.option is not None:
        return answer.option if answer.option in set(Grade) and part == "grade" else None
    return answer.value


def _figures(unit: Unit) -> Phrase:
    def share(tenths: int | None) -> Any:
        return "?" if tenths is None else Percent(Fraction(tenths, 1000))

    return t(
        "review.units.figures",
        done=share(unit.done),
        late=share(unit.late),
        exceeded=share(unit.exceeded),
        grade=grade_text(unit.grade) if unit.grade else "?",
    )


def onwards_of(view: ReviewView, question: Question) -> Taken:
    """Where the way on leads: to what is still to be asked about a unit, else to the next question."""
    waiting = waiting_unit(view.answers.get(question.key))
    return Taken(f"{question.key}.{waiting[1]}") if waiting else Taken(NEXT)
