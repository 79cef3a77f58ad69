"""Fetching what a turn of the self-assessment needs, and the ways into it; everything else works on the views."""

from __future__ import annotations

from dataclasses import replace

from handlers.assisting.lines import typed_lines
from handlers.assisting.rights import aids_of, banner_of, helping
from handlers.dialogue.phrases import t
from handlers.dialogue.room import Outcome, Visit, enter
from handlers.organisation.permissions import Verb, may
from handlers.review import forms
from handlers.review.comparing_actions import COMPARING, compare
from handlers.review.facts import Part
from handlers.review.flow import CELL, PICK, flow_name
from handlers.review.handling import handles, officers_of
from handlers.review.hearing import places_of
from handlers.review.lost import LOST
from handlers.review.naming import year_of
from handlers.review.promising import with_offers
from handlers.review.returning_actions import load_return
from handlers.review.returning_flow import RETURN, ReturnView
from handlers.review.rulebook import Form, RuleSet
from handlers.review.rules import reference_date, required_to_review
from handlers.review.salvage import form_for_reading
from handlers.review.scoring import settle
from handlers.review.views import CellView, PickView, ReviewView, cursor_of
from storage import criteria, cycles, hearings, members, returns, reviews
from storage.records import Cycle, CycleId, CycleKind, CycleState, Member, Review, ReviewState
from storage.transaction import Connection

View = ReviewView | PickView | CellView | ReturnView


def load(tx: Connection, visit: Visit) -> View:
    """The view of the visit's flow and step."""
    if visit.state.flow == PICK:
        return _pick(tx, visit)
    if visit.state.flow == RETURN:
        return load_return(tx, visit)
    return _cell(tx, visit) if visit.state.flow == CELL else _review(tx, visit)


def enter_review(tx: Connection, visit: Visit, year: int | None, number: int | None = None) -> Outcome:
    """Into one's own review: of the cycle of that number, or of that year (the yearly one, if there are several),
    else of the one cycle that runs, else to the choice of cycles."""
    view = _pick(tx, visit)
    wanted = [
        cycle
        for cycle, runs, begun in view.cycles
        if (runs or begun) and (cycle.id == number if number else cycle.year == year if year else runs)
    ]
    if year and len(wanted) > 1:
        wanted = [cycle for cycle in wanted if cycle.kind is CycleKind.YEARLY]
    if len(wanted) != 1:
        return enter(PICK, say=t("review.refused.no_cycle", year=year) if year is not None else None)
    cycle = wanted[0]
    review = reviews.find(tx, cycle.id, visit.known.member.id)
    found = form_of(visit.known.member, cycle, review)
    if found is None and review is not None:
        return enter(LOST, cycle=cycle.id)
    if found is None:
        return enter(PICK, say=t("review.refused.no_rules", year=year_of(cycle)))
    return enter(flow_name(found[1].key), cycle=cycle.id)


def enter_cell(tx: Connection, visit: Visit, year: int | None, number: int | None = None) -> Outcome:
    """Into what the cell submitted: in the cycle of that number, of that year, else in the newest begun."""
    begun = [cycle for cycle in cycles.of_cell(tx, visit.known.cell.id) if cycle.opens_on <= visit.today]
    wanted = [cycle for cycle in begun if (cycle.id == number if number else year in (None, cycle.year))]
    if not wanted:
        return enter(CELL, say=t("review.refused.no_cycle", year=year) if year is not None else None)
    return enter(CELL, cycle=wanted[0].id)


def _pick(tx: Connection, visit: Visit) -> PickView:
    person = visit.known
    begun = reviews.begun_cycles(tx, person.member.id)
    own = cycles.of_cell(tx, person.cell.id)
    return PickView(
        cycles=tuple((cycle, _runs(cycle, visit), cycle.id in begun) for cycle in own),
        reads_cell=may(person.member.roles, Verb.REVIEW_READ_CELL),
    )


def _runs(cycle: Cycle, visit: Visit) -> bool:
    """Whether a cycle can be opened: a paused one, too, so that its reason is read."""
    paused = cycle.state is CycleState.PAUSED and cycle.opens_on <= visit.today
    return paused or cycle.takes_answers_on(visit.today)


def _review(tx: Connection, visit: Visit) -> ReviewView:
    """The visitor's own review, or that of the member for whom they type; then nothing else of the member's."""
    help = helping(tx, visit)
    member = help.member if help else visit.known.member
    cell = visit.known.cell.name
    cycle = cycles.get(tx, CycleId(cursor_of(visit.state.data, "cycle")))
    if cycle is None:
        raise LookupError("a review's conversation without its cycle")
    review = reviews.find(tx, cycle.id, member.id)
    found = form_of(member, cycle, review)
    if found is None:
        raise LookupError(f"no form for cycle {cycle.id}")
    rules, form = found
    given_criteria = criteria_of(tx, cycle, form)
    if review and review.state is ReviewState.DRAFT and cycle.state is CycleState.OPEN:
        review = replace(review, answers=settle(form, review.answers, given_criteria))
    step, grading = visit.state.step, form.questions[-1].key
    comparing = help is None and step in COMPARING
    shown = cursor_of(visit.state.data, "version")
    wants_versions = help is None and (step == "versions" or shown)
    given_back = returns.open_of(tx, review.id) if review and review.version else None
    versions = reviews.versions(tx, review) if review and (wants_versions or comparing or given_back) else ()
    view = ReviewView(
        member=member,
        cell=cell,
        cycle=cycle,
        today=visit.today,
        rules=rules,
        form=form,
        review=review,
        not_required=required_to_review(member, reference_date(cycle), rules),
        reads_cell=help is None and may(member.roles, Verb.REVIEW_READ_CELL),
        graded=_to_grade(tx, cycle, rules) if step == grading else 0,
        versions=versions if wants_versions or comparing else (),
        cursor=visit.state.data,
        helper=visit.known.member if help else None,
        banner=banner_of(help) if help else None,
        aids=aids_of(help) if help else (),
        typed_by=typed_lines(tx, member.id, cycle.id, shown) if help is None and shown and step == "read" else (),
        criteria=given_criteria,
        hearings=hearings.of_review(tx, review.id) if review and step == "start" else (),
        given_back=given_back,
        base=versions[-1].answers if given_back else {},
        compared=compare(visit, form, versions, member.full_name, year_of(cycle)) if comparing else None,
    )
    return with_offers(tx, view, step)


def criteria_of(tx: Connection, cycle: Cycle, form: Form) -> dict[str, tuple[Part, ...]]:
    """The committee's criteria for the points of this form in this cycle, by question."""
    if not form.scores:
        return {}
    found = criteria.of_form(tx, cycle.cell_id, cycle.year, form.key)
    return {question: tuple(Part(label, most) for label, most in lines) for question, lines in found.items()}


def form_of(member: Member, cycle: Cycle, review: Review | None) -> tuple[RuleSet, Form] | None:
    """The rules that the cycle opened with and the form: the one begun, else the one for this kind of person."""
    try:
        rules = forms.rule_set(cycle.rules)
        return rules, rules.form(review.form) if review else rules.form_for(member.form, cycle.kind)
    except (forms.NoRulesError, KeyError):
        return None


def _to_grade(tx: Connection, cycle: Cycle, rules: RuleSet) -> int:
    day = reference_date(cycle)
    return sum(required_to_review(m, day, rules) is None for m in members.of_cell(tx, cycle.cell_id))


def _cell(tx: Connection, visit: Visit) -> CellView:
    """What the reader's own cell submitted and the reader handles; another cell's cycle shows nothing."""
    reader = visit.known
    cycle = cycles.get(tx, CycleId(cursor_of(visit.state.data, "cycle")))
    begun = [one for one in cycles.of_cell(tx, reader.cell.id) if one.opens_on <= visit.today]
    if cycle is None or cycle.cell_id != reader.cell.id:
        return CellView(year=visit.today.year, others=tuple(begun), cursor=visit.state.data)
    people = {member.id: member for member in members.of_cell(tx, reader.cell.id)}
    officers = officers_of(people.values())
    found = [
        s
        for s in reviews.submissions(tx, cycle.id)
        if s.member_id != reader.member.id
        # Who has left the cell since is handled by all of its officers.
        and (s.member_id not in people or handles(reader.member, people[s.member_id], officers))
    ]
    chosen = next((s for s in found if s.member_id == cursor_of(visit.state.data, "member")), None)
    number = chosen.latest.review_id if chosen else None
    form = form_for_reading(chosen.form, chosen.latest.answers) if chosen else None
    comparing = chosen is not None and form is not None and visit.state.step in COMPARING
    versions = reviews.versions_of(tx, chosen.latest.review_id) if chosen and comparing else ()
    return CellView(
        year=cycle.year,
        people=tuple((s.member_id, s.full_name, s.latest.self_grade) for s in found),
        name=chosen.full_name if chosen else "",
        version=chosen.latest if chosen else None,
        form=form,
        hearings=hearings.of_review(tx, chosen.latest.review_id) if chosen else (),
        typed_by=typed_lines(tx, chosen.member_id, cycle.id, chosen.latest.version) if chosen else (),
        places=places_of(chosen.form) if chosen else (),
        cursor=visit.state.data,
        of=cycle,
        others=tuple(one for one in begun if one.id != cycle.id),
        returned=frozenset(one.member_id for one in returns.waiting(tx, [cycle.id])),
        given_back=returns.open_of(tx, number) if number else None,
        may_return=chosen is not None and chosen.member_id in people and cycle.state is CycleState.OPEN,
        compared=compare(visit, form, versions, chosen.full_name, year_of(cycle))
        if form and chosen and comparing
        else None,
    )
