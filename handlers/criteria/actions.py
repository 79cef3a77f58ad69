"""``/criteria`` at work: fetch the questions of the year, keep the lines, and write down what they were before."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from handlers.criteria.flow import CRITERIA, CRITERIA_FLOW, CriteriaView, Target
from handlers.criteria.rules import Line, put_to, wrong_line
from handlers.criteria.sheet import read_sheet
from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import Flow, Refusal
from handlers.dialogue.phrases import Phrase, lines, paragraphs, t
from handlers.dialogue.room import Outcome, Recipe, Visit, enter, go, stay
from handlers.dialogue.said import Command, File
from handlers.organisation.permissions import Verb
from handlers.review import forms
from handlers.review.rulebook import Kind, RuleSet
from handlers.review.views import cursor_of
from storage import audit, criteria, cycles
from storage.records import CellId
from storage.transaction import Connection


class CriteriaRoom:
    """The criteria of one's own cell; other cells' are not reached from here."""

    flows: tuple[Flow[CriteriaView], ...] = (CRITERIA_FLOW,)
    commands: Mapping[str, str | None] = {"criteria": Verb.CRITERIA_SET, "tieuchi": Verb.CRITERIA_SET}
    recipes: Mapping[str, Recipe] = {}
    group_commands: frozenset[str] = frozenset()

    def load(self, tx: Connection, visit: Visit) -> CriteriaView:
        """Fetch the year's score questions with their criteria, and the one in view."""
        year = cursor_of(visit.state.data, "year") or visit.today.year
        cell = visit.known.cell.id
        targets = _targets(tx, cell, year)
        place = cursor_of(visit.state.data, "target")
        target = targets[place] if visit.state.step != "list" and place < len(targets) else None
        if target is not None and not target.found:
            target = replace(target, last=criteria.of_question(tx, cell, year - 1, target.form, target.question))
        return CriteriaView(year, targets, target, visit.state.data)

    def seen(self, view: CriteriaView, step: str) -> str | None:
        """Which lines are in view: places in them mean something else once somebody changed them."""
        return mark_of(view.target.found) if view.target and step in {"drop", "clear"} else None

    def command(self, tx: Connection, visit: Visit, command: Command) -> Outcome:
        """``/criteria [year]``: of that year, else of the cycle that is meant when nobody names one."""
        named = command.args.strip()
        if named.isascii() and named.isdigit() and len(named) == 4:
            return enter(CRITERIA, year=int(named))
        cycle = cycles.current(tx, visit.known.cell.id)
        return enter(CRITERIA, year=cycle.year if cycle else visit.today.year)

    def answer(self, tx: Connection, visit: Visit, view: CriteriaView, answer: Answer) -> Outcome:
        """One choice, some lines or one file."""
        if answer.step == "list":
            return go("set", target=int((answer.option or "q0").removeprefix("q")))
        target = view.target
        if target is None:
            return go("list", t("criteria.gone"))
        if answer.step in {"drop", "clear"} and visit.state.data.get("seen") != mark_of(target.found):
            return go("set", t("criteria.gone"))
        match answer.step, answer.option:
            case "set", "last":
                return self._keep(tx, visit, view, target, target.last)
            case "set", None if isinstance(answer.value, tuple):
                return self._put(tx, visit, view, target, answer.value)
            case "set", option:
                return go(option or "set")
            case "file", _ if isinstance(answer.value, File):
                return self._file(tx, visit, view, target, answer.value)
            case "drop", option:
                place = int((option or "n0").removeprefix("n"))
                left = (*target.found[:place], *target.found[place + 1 :])
                return self._keep(tx, visit, view, target, left)
            case "clear", "yes":
                return self._keep(tx, visit, view, target, ())
        return go("set")

    def _file(self, tx: Connection, visit: Visit, view: CriteriaView, target: Target, file: File) -> Outcome:
        if file.content is None:
            return stay(t("criteria.file.unread"))
        reading = read_sheet(file.content)
        if isinstance(reading, Refusal):
            return stay(reading.why)
        wrong = lines(t("criteria.file.skipped"), *map(wrong_line, reading.wrong[:8])) if reading.wrong else None
        return self._put(tx, visit, view, target, reading.lines, wrong)

    def _put(
        self,
        tx: Connection,
        visit: Visit,
        view: CriteriaView,
        target: Target,
        new: tuple[Line, ...],
        wrong: Phrase | None = None,
    ) -> Outcome:
        together = put_to(target.found, new)
        return (
            stay(together.why)
            if isinstance(together, Refusal)
            else self._keep(tx, visit, view, target, together, wrong)
        )

    def _keep(
        self,
        tx: Connection,
        visit: Visit,
        view: CriteriaView,
        target: Target,
        now: tuple[Line, ...],
        wrong: Phrase | None = None,
    ) -> Outcome:
        """Save; what stood there before is in the record of changes."""
        by, cell = visit.known.member, visit.known.cell.id
        if now != target.found:
            criteria.put(tx, cell, view.year, target.form, target.question, now, by.id, visit.now)
            audit.record(
                tx,
                now=visit.now,
                who=f"member:{by.id}",
                what="criteria_set",
                subject=f"{target.form}:{target.question}",
                cell=cell,
                details={"year": view.year, "before": list(map(list, target.found)), "after": list(map(list, now))},
            )
        saved = t("criteria.saved") if now != target.found else t("criteria.unchanged")
        return go("set", paragraphs(saved, wrong))


def mark_of(lines: tuple[Line, ...]) -> str:
    """A short mark of the criteria as they stand."""
    return hashlib.sha256(repr(lines).encode()).hexdigest()[:16]


def _targets(tx: Connection, cell: CellId, year: int) -> tuple[Target, ...]:
    rules = _rules_of(tx, cell, year)
    found = []
    for form in rules.forms if rules else ():
        known = criteria.of_form(tx, cell, year, form.key) if form.scores else {}
        found += [
            Target(form.key, form.code, asked.key, asked.heading, asked.maximum, known.get(asked.key, ()))
            for asked in form.of_kind(Kind.SCORE)
        ]
    return tuple(found)


def _rules_of(tx: Connection, cell: CellId, year: int) -> RuleSet | None:
    """The rules that the year's cycle opened with, else those that a new one would open with."""
    cycle = cycles.of_year(tx, cell, year)
    try:
        return forms.rule_set(cycle.rules) if cycle else forms.rule_set_for(year)
    except forms.NoRulesError:
        return None
