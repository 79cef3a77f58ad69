"""Giving a review back: into which parts a form falls, which of them are open, and when nobody may; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from handlers.dialogue.flow import Refusal, refusal
from handlers.dialogue.phrases import Phrase, Plain, lines, paragraphs, t
from handlers.review.naming import year_of
from handlers.review.rulebook import Form, Question
from storage.records import Cycle, CycleState, Return, Review

Part = tuple[Question, ...]


def parts(form: Form) -> tuple[Part, ...]:
    """What can be named when a form is given back: the questions that stand under one number of the form."""
    return tuple(tuple(inside) for _, inside in groupby(form.questions, key=lambda one: (one.section, one.number)))


def part_name(part: Part) -> Phrase:
    """A part by its number and what it is about."""
    return t("review.option.question", number=part[0].number, short=t(f"review.short.{part[0].key}"))


def named(form: Form, keys: Iterable[str]) -> tuple[Phrase, ...]:
    """The parts that these questions belong to, by name, in the order of the form."""
    wanted = set(keys)
    return tuple(part_name(part) for part in parts(form) if wanted & {question.key for question in part})


def keys_of(form: Form, picked: Iterable[int]) -> tuple[str, ...]:
    """The questions of the parts at those places, from 0, in the order of the form."""
    wanted = set(picked)
    return tuple(question.key for place, part in enumerate(parts(form)) for question in part if place in wanted)


def what_and_why(form: Form, given: Return) -> Phrase:
    """Which parts are given back, and the reason in the words of whoever did it."""
    return paragraphs(
        lines(*(t("review.returned.part", part=name) for name in named(form, given.questions))),
        t("review.returned.reason", reason=Plain(given.reason)),
    )


def returned_notice(form: Form, given: Return) -> Phrase:
    """What stands above a form that is given back, for those who handle it: who, when, what, why, until when."""
    until = t("review.returned.open_until", day=given.until_on) if given.until_on else None
    names = lines(*(t("review.returned.part", part=name) for name in named(form, given.questions)))
    head = t("review.returned.notice", by=given.by_name, at=given.at)
    return lines(head, names, t("review.returned.reason", reason=Plain(given.reason)), until)


def following(given: Return, key: str) -> str | None:
    """The question given back after this one; None after the last."""
    if key not in given.questions:
        return given.questions[0]
    place = given.questions.index(key) + 1
    return given.questions[place] if place < len(given.questions) else None


def days_offered(today: date, deadline: date) -> tuple[date, ...]:
    """Last days to choose from: some days from now, those that the deadline would cut off left out before it."""
    return tuple(day for days in (2, 3, 5, 7) if (day := today + timedelta(days=days)) != deadline)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to give back, and the facts that decide whether they may."""

    handles: bool
    cycle: Cycle | None
    removed: bool
    review: Review | None
    version: int
    name: str
    given_back: Return | None


def may_give_back(asked: Asked) -> Refusal | None:
    """Why this version of this review cannot be given back now."""
    if refused := _out_of_reach(asked):
        return refused
    review, given = asked.review, asked.given_back
    if given is not None:
        return refusal("review.return.refused.already", name=asked.name, by=given.by_name, at=given.at)
    if review is None or review.version == 0:
        return refusal("review.return.refused.nothing", name=asked.name)
    if review.version != asked.version:
        return refusal("review.return.refused.newer", name=asked.name, version=review.version)
    return None


def may_withdraw(asked: Asked) -> Refusal | None:
    """Why the open return cannot be taken back now."""
    if refused := _out_of_reach(asked):
        return refused
    return refusal("review.return.refused.settled", name=asked.name) if asked.given_back is None else None


def _out_of_reach(asked: Asked) -> Refusal | None:
    if not asked.handles or asked.cycle is None:
        return refusal("review.return.refused.not_yours")
    if asked.removed:
        return refusal("review.return.refused.removed", name=asked.name)
    if asked.cycle.state is CycleState.CLOSED:
        return refusal("review.return.refused.closed", year=year_of(asked.cycle))
    if asked.cycle.state is CycleState.PAUSED:
        return refusal("review.return.refused.paused", year=year_of(asked.cycle))
    return None
