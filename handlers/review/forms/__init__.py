"""The forms of each year and their rules: data folders beside this loader; a new year is a new folder, no code.

``<folder>/rules.toml`` holds the rules, every other ``.toml`` of the folder one form. All of it is read once and
checked; the first mistake found is told with its file. Whoever needs rules gets them as values from here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from pydantic import TypeAdapter, ValidationError

from handlers.review.rulebook import Condition, DueDate, Form, Kind, Measure, RuleSet, Trigger
from storage.records import FormKind, Grade

_RULES = TypeAdapter(RuleSet)
_BESIDE = frozenset({"rules.toml", "paper.toml"})  # the rules, and how the forms look on paper (handlers.papers)
_COUNTED = frozenset({Kind.TASKS, Kind.UNITS})
_QUESTION_OF = {
    Measure.DONE: _COUNTED,
    Measure.UNDONE: frozenset({Kind.TASKS}),
    Measure.LATE: _COUNTED,
    Measure.EXCEEDED: _COUNTED,
    Measure.UNITS_FAILED: frozenset({Kind.UNITS}),
    Measure.REMEDIED: frozenset({Kind.REMEDIATION}),
    Measure.LEVEL: frozenset({Kind.LEVEL}),
    Measure.WORK_GRADE: frozenset({Kind.GRADE}),
}


class FormsError(ValueError):
    """A data file of a year is out of order; the message names the file and the place."""


class NoRulesError(LookupError):
    """No rules are known for that review year (or by that name)."""


def rule_sets() -> tuple[RuleSet, ...]:
    """Every rule set that the product comes with, oldest first; raises FormsError."""
    return tuple(sorted(_shipped().values(), key=lambda rules: (rules.first_year, rules.revision)))


def rule_set(id: str) -> RuleSet:
    """The rule set of that id, as a running cycle remembers it; raises NoRulesError."""
    try:
        return _shipped()[id]
    except KeyError:
        raise NoRulesError(f"no rule set {id!r}") from None


def rule_set_for(year: int) -> RuleSet:
    """The rules that a new cycle of that review year opens with: the newest revision; raises NoRulesError."""
    serving = [rules for rules in rule_sets() if rules.serves(year)]
    if not serving:
        raise NoRulesError(f"no rule set serves the review year {year}")
    return max(serving, key=lambda rules: rules.revision)


def form(key: str) -> Form:
    """The form of that key (``2025/non_leader``), as a review remembers it; raises NoRulesError or KeyError."""
    return rule_set(key.partition("/")[0]).form(key)


def read_rule_set(folder: Traversable) -> RuleSet:
    """Read and check one folder of data; raises FormsError."""
    raw = _toml(folder / "rules.toml", folder.name)
    forms = [
        {"key": f"{folder.name}/{file.name.removesuffix('.toml')}", **_toml(file, folder.name)}
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".toml") and file.name not in _BESIDE
    ]
    try:
        rules = _RULES.validate_python({**raw, "forms": forms})
    except ValidationError as error:
        first = error.errors()[0]
        raise FormsError(f"{folder.name}: {_place(first['loc'], forms)}: {first['msg']}") from error
    for mistake in _mistakes(rules, folder.name):
        raise FormsError(f"{folder.name}: {mistake}")
    return rules


def folders() -> tuple[Traversable, ...]:
    """The data folders that the product comes with, by name."""
    found = (entry for entry in resources.files(__package__).iterdir() if (entry / "rules.toml").is_file())
    return tuple(sorted(found, key=lambda folder: folder.name))


@cache
def _shipped() -> dict[str, RuleSet]:
    return {folder.name: read_rule_set(folder) for folder in folders()}


def _toml(file: Traversable, folder: str) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FormsError(f"{folder}/{file.name}: {error}") from error


def _place(loc: tuple[int | str, ...], forms: list[dict[str, Any]]) -> str:
    if len(loc) > 1 and loc[0] == "forms" and isinstance(loc[1], int):
        return " → ".join([str(forms[loc[1]]["key"]), *map(str, loc[2:])])
    return " → ".join(map(str, loc))


def _mistakes(rules: RuleSet, folder: str) -> Iterator[str]:
    yield from _heading_mistakes(rules, folder)
    for form in rules.forms:
        yield from (f"{form.key}: {mistake}" for mistake in _form_mistakes(form, rules))
    for condition in rules.conditions:
        yield from _condition_mistakes(condition, rules)
    for trigger in rules.triggers:
        yield from _trigger_mistakes(trigger, rules)
    for due in rules.dates:
        yield from _date_mistakes(due)


def _heading_mistakes(rules: RuleSet, folder: str) -> Iterator[str]:
    steps = [band.at_least for band in rules.bands]
    if rules.id != folder:
        yield f"id is {rules.id!r}, the folder is {folder!r}"
    if set(rules.grade_names) != set(Grade):
        yield "grade_names must name the four grades"
    if steps != sorted(set(steps), reverse=True):
        yield "bands must go down"
    if rules.cap_readings and rules.cap_default not in {reading.key for reading in rules.cap_readings}:
        yield f"cap_default {rules.cap_default!r} is no reading"
    for kind in FormKind:
        if sum(kind in form.kinds for form in rules.yearly) != 1:
            yield f"exactly one form must be for {kind}"
    keys = {form.key for form in rules.forms}
    for own in rules.cycle_forms:
        yield from (f"cycle_forms {own.kind}: no form {key!r}" for key in own.forms if key not in keys)
        if not own.verified and not own.note:
            yield f"cycle_forms {own.kind}: what is not verified needs a note"


def _form_mistakes(form: Form, rules: RuleSet) -> Iterator[str]:
    keys = [question.key for question in form.questions]
    yield from (f"question {key!r} twice" for key in sorted({key for key in keys if keys.count(key) > 1}))
    sections = {section.number for section in form.sections}
    groups = {group.key: group.maximum for group in form.scores}
    letters = {part.number for part in form.parts}
    astray = sorted(number for number in sections if letters and number.partition(".")[0] not in letters)
    yield from (f"section {number!r} stands in no part" for number in astray)
    for question in form.questions:
        if question.section not in sections:
            yield f"question {question.key!r}: no section {question.section!r}"
        if question.kind is Kind.SCORE and (question.group not in groups or question.maximum < 1):
            yield f"question {question.key!r}: a score needs a group and a maximum"
        if question.kind is Kind.LEVEL and not rules.level_names:
            yield f"question {question.key!r}: the rule set names no levels"
        if not question.key.isidentifier() or not question.key.isascii():
            yield f"question {question.key!r}: a key is small ASCII letters, digits and _"
    for key, maximum in groups.items():
        parts = sum(question.maximum for question in form.of_kind(Kind.SCORE) if question.group == key)
        if parts != maximum:
            yield f"scores {key!r}: the questions add up to {parts}, the group has {maximum}"
    if [question.grade_of.value for question in form.of_kind(Kind.GRADE)].count("party") != 1:
        yield "exactly one question must ask for the Party grade"


def _condition_mistakes(condition: Condition, rules: RuleSet) -> Iterator[str]:
    needed = {Measure.LEVEL: condition.level, Measure.WORK_GRADE: condition.work_grade, Measure.JUDGED: True}
    share = condition.at_least if condition.at_least is not None else condition.at_most
    if needed.get(condition.measure, share) is None:
        yield f"condition {condition.measure} of {condition.grade}: nothing to compare with"
    yield from _reference_mistakes(condition.measure, condition.question, condition.forms, rules)


def _trigger_mistakes(trigger: Trigger, rules: RuleSet) -> Iterator[str]:
    if trigger.measure is None:
        return
    if (trigger.above is None) == (trigger.below is None):
        yield f"trigger {trigger.key} needs one of above, below"
    yield from _reference_mistakes(trigger.measure, trigger.question, trigger.forms, rules)


def _date_mistakes(due: DueDate) -> Iterator[str]:
    if due.local != (due.day is None) or (due.day is None) != (due.month is None):
        yield f"date {due.key}: a national date has a day and a month, a local one has neither"
        return
    try:
        date(2027, due.month or 1, due.day or 1)
    except ValueError as error:
        yield f"date {due.key}: {error}"


def _reference_mistakes(
    measure: Measure, question: str, kinds: tuple[FormKind, ...], rules: RuleSet
) -> Iterator[str]:
    wanted = _QUESTION_OF.get(measure)
    if wanted is None:
        return
    for kind in kinds:
        form = rules.form_for(kind)
        if question not in {asked.key for asked in form.questions if asked.kind in wanted}:
            yield f"{measure} looks at {question!r}, which {form.key} does not ask"
