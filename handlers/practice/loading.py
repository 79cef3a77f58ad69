"""The invented review that is played: made anew at every turn, from the cursor and the sample alone."""

from __future__ import annotations

from datetime import timedelta

from handlers.dialogue.flow import Option
from handlers.dialogue.phrases import t
from handlers.dialogue.room import Visit
from handlers.papers.sample import sample_answers, sample_of
from handlers.practice.rules import answers_at
from handlers.review import forms
from handlers.review.facts import self_grade
from handlers.review.rulebook import Form, RuleSet
from handlers.review.views import ReviewView, cursor_of
from storage import cycles
from storage.records import (
    CellId,
    Cycle,
    CycleId,
    CycleState,
    Grade,
    Member,
    MemberId,
    Review,
    ReviewId,
    ReviewState,
    ReviewVersion,
    Status,
)
from storage.transaction import Connection

END = "aid.end"
_NOBODY, _NOWHERE, _NO_CYCLE, _NO_REVIEW = MemberId(0), CellId(0), CycleId(0), ReviewId(0)


def playable(tx: Connection, visit: Visit) -> tuple[tuple[RuleSet, Form], ...]:
    """The forms that this person may have to fill: by the year's newest rules, and by those of a running cycle."""
    person = visit.known
    running = [cycle.rules for cycle in cycles.of_cell(tx, person.cell.id) if cycle.state is CycleState.OPEN]
    found: dict[str, tuple[RuleSet, Form]] = {}
    for rules in (_newest(visit.today.year), *filter(None, map(_known, running))):
        form = rules.form_for(person.member.form)
        found.setdefault(form.key, (rules, form))
    return tuple(found.values())


def _newest(year: int) -> RuleSet:
    try:
        return forms.rule_set_for(year)
    except forms.NoRulesError:
        return forms.rule_sets()[-1]


def _known(id: str) -> RuleSet | None:
    try:
        return forms.rule_set(id)
    except forms.NoRulesError:
        return None


def invented(visit: Visit, rules: RuleSet, form: Form) -> ReviewView:
    """The view of somebody who does not exist, with the answers that the sample has for what was answered."""
    sample, cursor = sample_answers(form), visit.state.data
    answers = answers_at(form, sample, cursor_of(cursor, "done"), visit.state.step)
    cycle = Cycle(
        id=_NO_CYCLE,
        cell_id=_NOWHERE,
        year=visit.today.year,
        rules=rules.id,
        opens_on=visit.today,
        deadline_on=visit.today + timedelta(days=30),
    )
    told = sample_of(form, cycle.year, visit.now)
    member = Member(_NOBODY, _NOWHERE, "", told.full_name, form.kinds[0], Status.OFFICIAL)
    submitted = ReviewVersion(_NO_REVIEW, 1, dict(sample), self_grade(form, sample) or Grade.GOOD, None, visit.now)
    handed_in = bool(cursor.get("submitted"))
    review = Review(
        id=_NO_REVIEW,
        cycle_id=_NO_CYCLE,
        member_id=_NOBODY,
        form=form.key,
        state=ReviewState.SUBMITTED if handed_in and not cursor.get("changed") else ReviewState.DRAFT,
        answers=answers,
        submitted_at=visit.now if handed_in else None,
        version=1 if handed_in else 0,
    )
    return ReviewView(
        member=member,
        cell=told.cell,
        cycle=cycle,
        today=visit.today,
        rules=rules,
        form=form,
        review=review if cursor.get("begun") else None,
        graded=8,
        versions=(submitted,) if handed_in else (),
        cursor=cursor,
        banner=t("practice.banner"),
        aids=(Option(END, t("practice.option.end"), ("ket thuc", "thoat", "de sau", "leave", "end"), wide=False),),
        practice=True,
    )
