"""The one way from a draft to a submitted version, whoever typed it, however the member said that it is theirs."""

from __future__ import annotations

from dataclasses import replace

from handlers.dialogue.phrases import Text, t
from handlers.dialogue.room import Message, Standing, Visit
from handlers.posting import post
from handlers.review.handling import officers_of, who_handles
from handlers.review.naming import year_of
from handlers.review.promising import promise
from handlers.review.rulebook import Kind
from handlers.review.rules import grade_text
from handlers.review.views import ReviewView
from storage import members, returns, reviews
from storage.records import Grade, MemberId, Return, ReturnOutcome, Review, ReviewVersion
from storage.transaction import Connection


def keep_version(tx: Connection, visit: Visit, view: ReviewView, review: Review, own: Grade) -> ReviewVersion:
    """Keep the draft as the next version, with everything that follows from a submission.

    Where only parts of it are open, the version has those parts from the draft and all others as they were handed
    in; what else was changed since leaves the draft and is kept in the history.
    """
    if view.limited:
        review = _with_open_parts_only(tx, visit, view, review)
    for question in view.form.of_kind(Kind.SCORE):
        # What the criteria of today made of earlier points is submitted, so it is what the draft holds, too.
        if question.key in review.answers:
            reviews.write(tx, review, question.key, review.answers[question.key], visit.now)
    version = reviews.submit(tx, review, own, view.suggestion.grade, visit.now)
    promise(tx, view, review, version, visit.now)
    if view.given_back is not None and returns.settle(tx, view.given_back, ReturnOutcome.SUBMITTED, visit.now):
        for reader in _who_returned(tx, view, view.given_back):
            post(tx, visit.house, Message(reader, _came_back(view, version), (_read_button(view),)), visit.now)
    return version


def _with_open_parts_only(tx: Connection, visit: Visit, view: ReviewView, review: Review) -> Review:
    """The draft made equal to what the view says will be handed in."""
    answers = dict(view.answers)
    for key in sorted(review.answers.keys() | answers.keys()):
        if key in review.answers and review.answers[key] != answers.get(key):
            reviews.keep(tx, review, key, review.answers[key], visit.now)
        if key not in answers:
            reviews.remove(tx, review, key)
        elif key not in review.answers or review.answers[key] != answers[key]:
            reviews.write(tx, review, key, answers[key], visit.now)
    return replace(review, answers=answers)


def _who_returned(tx: Connection, view: ReviewView, given: Return) -> tuple[MemberId, ...]:
    """Whoever gave it back, while the form is still theirs to handle; else everybody whose it is now."""
    people = members.of_cell(tx, view.cycle.cell_id)
    handlers = who_handles(view.member, officers_of(people))
    return (given.by_id,) if given.by_id in handlers else tuple(sorted(handlers))


def _came_back(view: ReviewView, version: ReviewVersion) -> Text:
    return t(
        "review.returned.came_back",
        name=view.member.full_name,
        year=year_of(view.cycle),
        version=version.version,
        at=version.submitted_at,
    )


def _read_button(view: ReviewView) -> Standing:
    return Standing(t("review.returned.read"), "reviews", f"c{view.cycle.id}.{view.member.id}")


def receipt(view: ReviewView, version: ReviewVersion) -> Message:
    """What the member is sent to keep."""
    words = t(
        "review.receipt",
        year=year_of(view.cycle),
        version=version.version,
        at=version.submitted_at,
        grade=grade_text(version.self_grade),
        day=view.deadline,
    )
    return Message(view.member.id, words)
