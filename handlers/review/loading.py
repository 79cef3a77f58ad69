"""Fetching what a turn of the self-assessment needs, and the ways into it; everything else works on the views."""

from __future__ import annotations

from handlers.dialogue.phrases import t
from handlers.dialogue.room import Outcome, Visit, enter
from handlers.organisation.permissions import Verb, may
from handlers.review import forms
from handlers.review.flow import CELL, PICK, flow_name
from handlers.review.rulebook import Form, RuleSet
from handlers.review.rules import reference_date, required_to_review
from handlers.review.views import CellView, PickView, ReviewView, cursor_of
from storage import cycles, members, reviews
from storage.records import Cycle, CycleId, Review
from storage.transaction import Connection

View = ReviewView | PickView | CellView


def load(tx: Connection, visit: Visit) -> View:
    """The view of the visit's flow and step."""
    if visit.state.flow == PICK:
        return _pick(tx, visit)
    return _cell(tx, visit) if visit.state.flow == CELL else _review(tx, visit)


def enter_review(tx: Connection, visit: Visit, year: int | None) -> Outcome:
    """Into one's own review: of that year, else of the one cycle that runs, else to the choice of cycles."""
    view = _pick(tx, visit)
    wanted = [
        cycle
        for cycle, runs, begun in view.cycles
        if (cycle.year == year and (runs or begun)) or (year is None and runs)
    ]
    if len(wanted) != 1:
        return enter(PICK, say=t("review.refused.no_cycle", year=year) if year is not None else None)
    cycle = wanted[0]
    found = _form_of(visit, cycle, reviews.find(tx, cycle.id, visit.known.member.id))
    if found is None:
        return enter(PICK, say=t("review.refused.no_rules", year=cycle.year))
    return enter(flow_name(found[1].key), cycle=cycle.id)


def enter_cell(tx: Connection, visit: Visit, year: int | None) -> Outcome:
    """Into what the cell submitted: of that year, else of the newest cycle that has begun."""
    begun = [cycle for cycle in cycles.of_cell(tx, visit.known.cell.id) if cycle.opens_on <= visit.today]
    wanted = [cycle for cycle in begun if year in (None, cycle.year)]
    if not wanted:
        return enter(CELL, say=t("review.refused.no_cycle", year=year) if year is not None else None)
    return enter(CELL, cycle=wanted[0].id)


def _pick(tx: Connection, visit: Visit) -> PickView:
    person = visit.known
    begun = reviews.begun_cycles(tx, person.member.id)
    own = cycles.of_cell(tx, person.cell.id)
    return PickView(
        cycles=tuple((cycle, cycle.takes_answers_on(visit.today), cycle.id in begun) for cycle in own),
        reads_cell=may(person.member.roles, Verb.REVIEW_READ_CELL),
    )


def _review(tx: Connection, visit: Visit) -> ReviewView:
    person = visit.known
    cycle = cycles.get(tx, CycleId(cursor_of(visit.state.data, "cycle")))
    if cycle is None:
        raise LookupError("a review's conversation without its cycle")
    review = reviews.find(tx, cycle.id, person.member.id)
    found = _form_of(visit, cycle, review)
    if found is None:
        raise LookupError(f"no form for cycle {cycle.id}")
    rules, form = found
    step, grading = visit.state.step, form.questions[-1].key
    wants_versions = step == "versions" or cursor_of(visit.state.data, "version")
    return ReviewView(
        member=person.member,
        cell=person.cell.name,
        cycle=cycle,
        today=visit.today,
        rules=rules,
        form=form,
        review=review,
        not_required=required_to_review(person.member, reference_date(cycle), rules),
        reads_cell=may(person.member.roles, Verb.REVIEW_READ_CELL),
        graded=_to_grade(tx, cycle, rules) if step == grading else 0,
        versions=reviews.versions(tx, review) if review and wants_versions else (),
        cursor=visit.state.data,
    )


def _form_of(visit: Visit, cycle: Cycle, review: Review | None) -> tuple[RuleSet, Form] | None:
    """The rules that the cycle opened with and the form: the one begun, else the one for this kind of person."""
    try:
        rules = forms.rule_set(cycle.rules)
        return rules, rules.form(review.form) if review else rules.form_for(visit.known.member.form)
    except (forms.NoRulesError, KeyError):
        return None


def _to_grade(tx: Connection, cycle: Cycle, rules: RuleSet) -> int:
    day = reference_date(cycle)
    return sum(required_to_review(m, day, rules) is None for m in members.of_cell(tx, cycle.cell_id))


def _cell(tx: Connection, visit: Visit) -> CellView:
    """What the reader's own cell submitted, without the reader's own; another cell's cycle shows nothing."""
    reader = visit.known
    cycle = cycles.get(tx, CycleId(cursor_of(visit.state.data, "cycle")))
    if cycle is None or cycle.cell_id != reader.cell.id:
        return CellView(year=visit.today.year, cursor=visit.state.data)
    found = [s for s in reviews.submissions(tx, cycle.id) if s.member_id != reader.member.id]
    chosen = next((s for s in found if s.member_id == cursor_of(visit.state.data, "member")), None)
    return CellView(
        year=cycle.year,
        people=tuple((s.member_id, s.full_name, s.latest.self_grade) for s in found),
        name=chosen.full_name if chosen else "",
        version=chosen.latest if chosen else None,
        form=forms.form(chosen.form) if chosen else None,
        cursor=visit.state.data,
    )
