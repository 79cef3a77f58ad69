"""Fetching what is printed: a review as its member or its readers see it, as sheets to be laid out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from handlers.assisting.lines import typed_lines
from handlers.assisting.rules import paper_number
from handlers.dialogue.room import Visit
from handlers.papers.document import Handed, paper_of
from handlers.papers.layout import layout_of
from handlers.papers.recipes import OwnLayout, Sheet, file_name
from handlers.posting import words_of
from handlers.review import forms
from handlers.review.loading import form_of
from handlers.review.rulebook import Form, RuleSet
from handlers.review.rules import reference_date, required_to_review
from handlers.review.salvage import form_for_reading
from handlers.review.views import ReviewView
from storage import invitations, members, reviews, templates
from storage.records import CellId, Cycle, Member, MemberId, ReviewVersion
from storage.transaction import Connection


class Layouts:
    """The layouts that a cell puts in place of the product's, each fetched once."""

    def __init__(self, tx: Connection, cell: CellId) -> None:
        self._tx, self._cell = tx, cell
        self._found: dict[str, OwnLayout | None] = {}

    def on(self, sheet: Sheet) -> Sheet:
        """The sheet to be printed with the cell's layout, where it has one for such forms."""
        return replace(sheet, layout=self._of(sheet.paper.form.partition("/")[0]))

    def _of(self, rules: str) -> OwnLayout | None:
        if rules not in self._found:
            version = templates.in_use(self._tx, self._cell, rules)
            content = templates.content(self._tx, self._cell, rules, version) if version is not None else None
            self._found[rules] = OwnLayout(version, content) if version is not None and content else None
        return self._found[rules]


def own(tx: Connection, visit: Visit, view: ReviewView, *, draft: bool) -> tuple[Sheet, int | None]:
    """One's own form: the newest version that was submitted, or the draft where there is none or it is asked for.

    Returns the version's number, None for the draft.
    """
    found = reviews.versions(tx, view.review) if view.review and view.review.version and not draft else ()
    if found:
        sheet = _version(tx, visit, view.cycle, view.member, view.form, found[-1])
        return Layouts(tx, view.member.cell_id).on(sheet), found[-1].version
    return draft_sheet(tx, visit, view.cycle, view.member, view.form, view.answers), None


@dataclass(frozen=True, slots=True)
class Printed:
    """A submitted version laid out: in which cycle it was submitted, which version it is."""

    cycle: Cycle
    version: int
    sheet: Sheet


def last_submitted(tx: Connection, visit: Visit, cycle: Cycle, member: Member) -> Printed | None:
    """What a member submitted last in a cycle, on the form of then; the caller knows that it may be read."""
    review = reviews.find(tx, cycle.id, member.id)
    found = reviews.versions(tx, review) if review is not None and review.version else ()
    if review is None or not found:
        return None
    form = form_for_reading(review.form, found[-1].answers)
    sheet = _version(tx, visit, cycle, member, form, found[-1])
    return Printed(cycle, found[-1].version, Layouts(tx, cycle.cell_id).on(sheet))


def submitted(
    tx: Connection, visit: Visit, cycle: Cycle, people: frozenset[int]
) -> tuple[tuple[MemberId, int, Sheet], ...]:
    """What these people submitted last in the cycle, by name: whose it is, which version, the sheet."""
    found, layouts = [], Layouts(tx, cycle.cell_id)
    for submission in reviews.submissions(tx, cycle.id):
        member = members.find(tx, submission.member_id) if submission.member_id in people else None
        if member is not None:
            form = form_for_reading(submission.form, submission.latest.answers)
            sheet = _version(tx, visit, cycle, member, form, submission.latest)
            found.append((member.id, submission.latest.version, layouts.on(sheet)))
    return tuple(found)


def blanks(tx: Connection, visit: Visit, cycle: Cycle) -> tuple[tuple[MemberId, Sheet], ...]:
    """An empty form for everybody in the cell who must review and has not submitted; drafts stay their own."""
    handed_in = {submission.member_id for submission in reviews.submissions(tx, cycle.id)}
    found, layouts = [], Layouts(tx, cycle.cell_id)
    for member in members.of_cell(tx, cycle.cell_id):
        known = form_of(member, cycle, None)
        if member.id in handed_in or known is None:
            continue
        rules, form = known
        if required_to_review(member, reference_date(cycle), rules) is None:
            found.append((member.id, layouts.on(_draft(tx, visit, cycle, member, form, {}))))
    return tuple(found)


def draft_sheet(
    tx: Connection, visit: Visit, cycle: Cycle, member: Member, form: Form, answers: Mapping[str, Any]
) -> Sheet:
    """A form that was not submitted, marked so, with room for the pen and the number that leads it back."""
    return Layouts(tx, cycle.cell_id).on(_draft(tx, visit, cycle, member, form, answers))


def _draft(
    tx: Connection, visit: Visit, cycle: Cycle, member: Member, form: Form, answers: Mapping[str, Any]
) -> Sheet:
    number = paper_number(invitations.key(tx), cycle.id, member.id)
    return _sheet(visit, cycle, member, form, answers, visit.now, number=number)


def _version(
    tx: Connection, visit: Visit, cycle: Cycle, member: Member, form: Form, version: ReviewVersion
) -> Sheet:
    say = words_of("vi", visit.house).bare
    typed_by = tuple(map(say, typed_lines(tx, member.id, cycle.id, version.version)))
    at, number = version.submitted_at, version.version
    return _sheet(visit, cycle, member, form, version.answers, at, version=number, typed_by=typed_by)


def _rules_of(form: Form) -> RuleSet:
    """The rules of the form's year; the newest ones where that year is gone: all that was written is printed."""
    try:
        return forms.rule_set(form.key.partition("/")[0])
    except forms.NoRulesError:
        return forms.rule_sets()[-1]


def _sheet(
    visit: Visit,
    cycle: Cycle,
    member: Member,
    form: Form,
    answers: Mapping[str, Any],
    at: datetime,
    *,
    version: int | None = None,
    typed_by: tuple[str, ...] = (),
    number: str = "",
) -> Sheet:
    rules = _rules_of(form)
    handed = Handed(
        full_name=member.full_name,
        cell=visit.known.cell.name,
        year=cycle.year,
        answers=answers,
        at=at.astimezone(visit.house.zone),
        version=version,
        born_on=member.born_on,
        position=member.position,
        kind=cycle.kind,
        period=cycle.period,
        typed_by=typed_by,
        number=number,
    )
    paper = paper_of(rules, form, layout_of(rules.id), handed)
    return Sheet(file_name(paper), paper)
