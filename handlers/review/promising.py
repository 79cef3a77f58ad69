"""Shortcomings that were admitted become promises; and what a turn needs of notes, tasks and earlier years."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from handlers.review.drafting import WORDS, has_drafts
from handlers.review.offers import Offers, places
from handlers.review.rulebook import Kind, Question
from handlers.review.views import ReviewView
from handlers.review.writing import question_of
from storage import earlier, improvements, notes, tasks
from storage.records import Review, ReviewVersion
from storage.transaction import Connection


def with_offers(tx: Connection, view: ReviewView, step: str) -> ReviewView:
    """The view with what is offered at this step. Who types for a member is shown nothing of the member's year."""
    if view.helper is not None or view.practice or view.review is None:
        return view
    question = question_of(view, step)
    if question is not None:
        return replace(view, offers=_at_question(tx, view, question))
    if step == "start" and view.review.version:
        own = improvements.of_member(tx, view.member.id)
        return replace(view, offers=Offers(promised=tuple(one for one in own if one.review_id == view.review.id)))
    return view


def _at_question(tx: Connection, view: ReviewView, question: Question) -> Offers:
    member, year, where = view.member.id, view.cycle.year, places()
    wants_tasks = question.key in where.tasks.values()
    fault = question.kind is Kind.REMEDIATION
    return Offers(
        notes=notes.of_year(tx, member, year) if has_drafts(question) else (),
        tasks=tasks.of_year(tx, member, year) if wants_tasks else (),
        last=earlier.last(tx, member, year) if question.kind in WORDS or fault else None,
        promised=improvements.of_member(tx, member) if fault else (),
    )


def promise(tx: Connection, view: ReviewView, review: Review, version: ReviewVersion, now: datetime) -> None:
    """Have the list of promises follow what was submitted."""
    admitted = version.answers.get(places().faults["admitted"]) or []
    faults = [words for words in admitted if isinstance(words, str)]
    improvements.follow(tx, review, view.cycle.year, version.version, faults, now)
