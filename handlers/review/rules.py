"""Who must review, which grade the rules of the year suggest and why; the member decides, the bot only explains.

A suggestion never blocks and never decides (366-QĐ/TW leaves that to the competent level): it counts what can be
counted, says what it could not see, and where the rule's text leaves a gap it says that people decide.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from handlers.dialogue.phrases import Percent, Points, Text, t
from handlers.review.facts import Facts, Unit
from handlers.review.rulebook import Condition, DueDate, ItemLevel, Measure, RuleSet, Trigger
from storage.records import Cycle, FormKind, Grade, Member, NotRequired, ScoreTenths, Status

# Characters of a unit's name: several reasons stand on one screen.
_LONGEST_NAME = 60
_REASONS = {Status.EXEMPT: NotRequired.EXEMPT, Status.SUSPENDED: NotRequired.SUSPENDED}


class Verdict(StrEnum):
    """What came of looking at a condition; ``judged`` ones are left to people."""

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "unknown"
    JUDGED = "judged"


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence of an explanation, and the article it rests on."""

    text: Text
    article: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The grade that points and conditions suggest; ``grade`` None means that people must decide.

    ``band`` is what the points alone say; ``certain`` is False where a condition could not be looked at.
    """

    grade: Grade | None
    reasons: tuple[Reason, ...]
    band: Grade | None = None
    certain: bool = True


def required_to_review(member: Member, reference_date: date, rules: RuleSet) -> NotRequired | None:
    """Why this member does not review, or None where they must (366-QĐ/TW, Article 5.2).

    ``reference_date`` is the day up to which the full months since admission are counted; the rule does not fix it.
    """
    if member.status in rules.not_required:
        return _REASONS[member.status]
    if member.admitted_on and reference_date < months_after(member.admitted_on, rules.review_after_months):
        return NotRequired.UNDER_SIX_MONTHS
    return None


def reference_date(cycle: Cycle) -> date:
    """The day up to which membership is counted: the review meeting, or the deadline while no meeting is set."""
    return cycle.meeting_on or cycle.deadline_on


def months_after(day: date, months: int) -> date:
    """The same day ``months`` later, or the last day of a shorter month (31/8 and six months is 28/2)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def band_of(rules: RuleSet, points: ScoreTenths) -> Grade | None:
    """The grade that the points alone give; None where the year has no points."""
    return next((band.grade for band in rules.bands if points >= band.at_least * 10), None)


def suggest(rules: RuleSet, kind: FormKind, facts: Facts) -> Suggestion:
    """The highest grade that points and conditions both allow, with every reason (366-QĐ/TW, Article 11).

    The gaps of the text are not filled: where no grade's conditions hold, or a sign for "Không hoàn thành nhiệm vụ"
    shows in the figures, ``grade`` is None and the reasons say that the competent level weighs it.
    """
    if not rules.bands:
        return _by_conditions_alone(rules, kind, facts)
    if facts.points is None:
        return Suggestion(None, (Reason(t("review.why.points_missing"), rules.grade_article),), certain=False)
    band = band_of(rules, facts.points) or Grade.NOT_COMPLETED
    by_points = Reason(
        t("review.why.points", points=Points(facts.points), grade=grade_text(band)), rules.grade_article
    )
    flags = tuple(_flags(rules, kind, facts))
    if band is Grade.NOT_COMPLETED:
        return Suggestion(band, (by_points, *flags), band)
    if flags:
        return Suggestion(None, (by_points, *flags), band)
    allowed = list(Grade)[_rank(band) : -1]
    reasons = [by_points]
    for grade in allowed:
        failing = _lacking(rules, kind, facts, grade, Verdict.FAILS)
        if not failing:
            open_points = _lacking(rules, kind, facts, grade, Verdict.UNKNOWN)
            judged = _lacking(rules, kind, facts, grade, Verdict.JUDGED)
            gap = tuple(_gap_of_text(rules, kind, facts, band, grade))
            return Suggestion(grade, (*reasons, *gap, *open_points, *judged), band, certain=not open_points)
        reasons += failing if grade is band or grade is allowed[-1] else ()
    undecided = Reason(t("review.why.undecided"), rules.grade_article)
    return Suggestion(None, (*reasons, undecided), band)


def suggested_dates(rules: RuleSet, year: int) -> tuple[tuple[DueDate, date], ...]:
    """The national days of that review year, earliest first: suggestions for whoever sets the local ones."""
    days = [
        (due, date(year + due.next_year, due.month, due.day))
        for due in rules.dates
        if due.day is not None and due.month is not None
    ]
    return tuple(sorted(days, key=lambda pair: pair[1]))


def _gap_of_text(rules: RuleSet, kind: FormKind, facts: Facts, band: Grade, grade: Grade) -> Iterable[Reason]:
    """Where points and conditions point to different grades, which the rule does not settle: said, not filled."""
    if grade is not band:
        names = {"points": grade_text(band), "grade": grade_text(grade)}
        yield Reason(t("review.why.gap_conditions", **names), rules.grade_article)
        return
    for better in list(Grade)[: _rank(band)]:
        looked_at = [check(c, facts)[0] for c in rules.conditions if c.grade is better and kind in c.forms]
        if Verdict.HOLDS in looked_at and not {Verdict.FAILS, Verdict.UNKNOWN} & set(looked_at):
            names = {"better": grade_text(better), "grade": grade_text(grade)}
            yield Reason(t("review.why.gap_points", **names), rules.grade_article)
            return


def shortfalls(rules: RuleSet, kind: FormKind, facts: Facts, grade: Grade) -> tuple[Reason, ...]:
    """What points and conditions lack for a grade that the member takes; a warning beside the choice, no more."""
    reasons = []
    least = next((band.at_least for band in rules.bands if band.grade is grade), 0)
    if facts.points is not None and facts.points < least * 10:
        sentence = t("review.why.points_short", grade=grade_text(grade), least=least, points=Points(facts.points))
        reasons.append(Reason(sentence, rules.grade_article))
    reasons += _lacking(rules, kind, facts, grade, Verdict.FAILS)
    reasons += _lacking(rules, kind, facts, grade, Verdict.UNKNOWN)
    return tuple(reasons)


def grade_text(grade: Grade) -> Text:
    """The name of a grade as a sentence's parameter."""
    return t(f"review.grade.{grade}")


def check(condition: Condition, facts: Facts) -> tuple[Verdict, Text]:
    """Look at one condition: what came of it, and the sentence that says so."""
    if condition.measure is Measure.JUDGED:
        return Verdict.JUDGED, t(f"review.judged.{condition.question}")
    if condition.measure is Measure.LEVEL:
        return _check_level(condition, facts)
    if condition.measure is Measure.WORK_GRADE:
        return _check_work_grade(condition, facts)
    least = condition.at_least is not None
    needed = condition.at_least if least else condition.at_most
    seen = _shares(condition.measure, condition.question, facts)
    known = [(share, unit) for share, unit in seen if share is not None]
    if needed is None or not known:
        return Verdict.UNKNOWN, _not_answered(condition)
    share, unit = min(known) if least else max(known)
    holds = share >= needed if least else share <= needed
    if holds and len(known) < len(seen):
        return Verdict.UNKNOWN, _not_answered(condition)
    # "Late: at most 0%" reads better as "on time".
    name = "on_time" if condition.measure is Measure.LATE and needed == 0 else condition.measure
    sentence = t(f"review.condition.{name}", needed=needed, share=Percent(share / 100))
    if unit:
        sentence = t("review.condition.of_unit", what=sentence, unit=_named(unit))
    return (Verdict.HOLDS if holds else Verdict.FAILS), sentence


def _by_conditions_alone(rules: RuleSet, kind: FormKind, facts: Facts) -> Suggestion:
    """Years without points: only grades whose conditions are known can be suggested (21-HD/BTCTW: excellent)."""
    for grade in Grade:
        if not any(
            c.grade is grade and kind in c.forms and c.measure is not Measure.JUDGED for c in rules.conditions
        ):
            continue
        lacking = _lacking(rules, kind, facts, grade, Verdict.FAILS)
        unknown = _lacking(rules, kind, facts, grade, Verdict.UNKNOWN)
        if not lacking and not unknown:
            judged = _lacking(rules, kind, facts, grade, Verdict.JUDGED)
            holds = Reason(t("review.why.conditions_hold", grade=grade_text(grade)), rules.grade_article)
            return Suggestion(grade, (holds, *judged))
        own_choice = Reason(t("review.why.criteria_unknown"), rules.grade_article)
        return Suggestion(None, (*lacking, *unknown, own_choice), certain=not unknown)
    return Suggestion(None, (Reason(t("review.why.no_criteria"), rules.grade_article),), certain=False)


def _lacking(rules: RuleSet, kind: FormKind, facts: Facts, grade: Grade, verdict: Verdict) -> tuple[Reason, ...]:
    found = []
    for condition in rules.conditions:
        if condition.grade is grade and kind in condition.forms:
            came_of_it, sentence = check(condition, facts)
            if came_of_it is verdict:
                asked = t(f"review.why.{verdict}", grade=grade_text(grade), what=sentence)
                found.append(Reason(asked, condition.article))
    return _once(found)


def _flags(rules: RuleSet, kind: FormKind, facts: Facts) -> Iterable[Reason]:
    for trigger in rules.triggers:
        seen = _shares(trigger.measure, trigger.question, facts) if trigger.measure else ()
        known = [share for share, _ in seen if share is not None]
        share = (min if trigger.below is not None else max)(known) if known else None
        if kind in trigger.forms and share is not None and _fires(trigger, share):
            yield Reason(t(f"review.trigger.{trigger.key}", share=Percent(share / 100)), trigger.article)


def _fires(trigger: Trigger, share: Fraction) -> bool:
    if trigger.above is not None:
        return share > trigger.above
    return trigger.below is not None and share < trigger.below


def _shares(measure: Measure, question: str, facts: Facts) -> tuple[tuple[Fraction | None, str], ...]:
    """The shares in per cent that a measure looks at, each with its unit's name; nothing where nothing was said."""
    if measure is Measure.REMEDIED:
        if facts.remedied is None:
            return ()
        named = facts.remedied.named
        return ((Fraction(100 * facts.remedied.done, named) if named else Fraction(100), ""),)
    if units := facts.units.get(question):
        if measure is Measure.UNITS_FAILED:
            failed = sum(unit.grade is Grade.NOT_COMPLETED for unit in units)
            return ((Fraction(100 * failed, len(units)), ""),)
        return tuple((_share_of(unit, measure), unit.name) for unit in units)
    tasks = facts.tasks.get(question)
    if tasks is None:
        return ()
    parts = {
        Measure.DONE: tasks.done,
        Measure.UNDONE: tasks.given - tasks.done,
        Measure.LATE: tasks.late,
        Measure.EXCEEDED: tasks.exceeded,
    }
    return ((tasks.share(parts[measure]), ""),)


def _named(unit: str) -> str:
    """A unit's name in a sentence that has others beside it."""
    return unit if len(unit) <= _LONGEST_NAME else f"{unit[: _LONGEST_NAME - 2]} …"


def _share_of(unit: Unit, measure: Measure) -> Fraction | None:
    tenths = {Measure.DONE: unit.done, Measure.LATE: unit.late, Measure.EXCEEDED: unit.exceeded}[measure]
    return None if tenths is None else Fraction(tenths, 10)


def _check_level(condition: Condition, facts: Facts) -> tuple[Verdict, Text]:
    needed = condition.level or ItemLevel.EXCELLENT
    sentence = t(
        "review.condition.level", item=t(f"review.short.{condition.question}"), needed=t(f"review.level.{needed}")
    )
    if condition.question not in facts.levels:
        return Verdict.UNKNOWN, _not_answered(condition)
    level = facts.levels[condition.question]
    order = list(ItemLevel)
    # "None" to an "if any" item: there was nothing to give a level to.
    holds = level is None or order.index(level) <= order.index(needed)
    return (Verdict.HOLDS if holds else Verdict.FAILS), sentence


def _check_work_grade(condition: Condition, facts: Facts) -> tuple[Verdict, Text]:
    needed = condition.work_grade or Grade.EXCELLENT
    sentence = t("review.condition.work_grade", needed=grade_text(needed))
    if facts.no_work_grade:
        return Verdict.HOLDS, sentence
    if facts.work_grade is None:
        return Verdict.UNKNOWN, _not_answered(condition)
    return (Verdict.HOLDS if _rank(facts.work_grade) <= _rank(needed) else Verdict.FAILS), sentence


def _not_answered(condition: Condition) -> Text:
    return t("review.condition.not_answered", item=t(f"review.short.{condition.question}"))


def _rank(grade: Grade) -> int:
    return list(Grade).index(grade)


def _once(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    return tuple(dict.fromkeys(reasons))
