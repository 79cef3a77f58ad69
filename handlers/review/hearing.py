"""Where and when a self-assessment was reviewed: written down by whoever handles it; leaders stand in two places.

The order is the rule's (the cell first, then the leading collective). A day that does not fit it is said, not
refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import JSON, Flow, Option, Refusal, Step, Takes
from handlers.dialogue.phrases import Phrase, lines, paragraphs, t
from handlers.dialogue.room import Outcome, Recipe, Visit, enter, finish, go, stay
from handlers.dialogue.said import Command
from handlers.organisation.permissions import Verb
from handlers.reminders.dates import TypedDay, in_round, read_day
from handlers.review import forms
from handlers.review.handling import handles, officers_of
from handlers.review.places import hearing_lines, out_of_order
from handlers.review.rulebook import ReviewPlace
from handlers.review.views import cursor_of
from storage import audit, cycles, hearings, members, reviews
from storage.records import CycleId, Hearing, HearingPlace, MemberId, Review
from storage.transaction import Connection

HEARING = "review_hearing"
_MOST_BODY = 200


@dataclass(frozen=True, slots=True)
class HearingView:
    """One submitted review, the places that its kind of form asks for, and what is written down."""

    year: int = 0
    name: str = ""
    review: Review | None = None
    places: tuple[ReviewPlace, ...] = ()
    hearings: tuple[Hearing, ...] = ()
    today: date = date.min
    cursor: Mapping[str, JSON] = field(default_factory=dict)

    @property
    def chosen(self) -> HearingPlace:
        """The place in view."""
        known = {place.place for place in self.places}
        wanted = str(self.cursor.get("place") or "")
        return HearingPlace(wanted) if wanted in known else HearingPlace.CELL


def read_hearing(text: str) -> tuple[TypedDay, str] | Refusal:
    """Read ``12/12/2026`` or ``12/12/2026, Ban Giám hiệu``: the day, and who met."""
    first, _, rest = text.replace(";", ",").partition(",")
    day = read_day(first)
    body = " ".join(rest.split())
    if isinstance(day, Refusal):
        return day
    return Refusal(t("review.hearing.long", most=_MOST_BODY)) if len(body) > _MOST_BODY else (day, body)


def _body(view: HearingView) -> Phrase:
    if view.review is None:
        return t("review.cell.gone")
    return paragraphs(
        t("review.hearing.head", name=view.name, year=view.year),
        lines(*hearing_lines(view.places, view.hearings)),
        t("review.hearing.order") if out_of_order(view.hearings) else None,
    )


def _options(view: HearingView) -> tuple[Option, ...]:
    words = {HearingPlace.CELL: ("chi bo", "cell"), HearingPlace.COLLECTIVE: ("tap the", "collective")}
    places = view.places if view.review else ()
    writes = [
        Option(place.place, t("review.hearing.write", place=t(f"review.hearing.{place.place}")), words[place.place])
        for place in places
    ]
    return (*writes, Option("done", t("review.hearing.done"), ("xong", "done")))


def _day_body(view: HearingView) -> Phrase:
    return paragraphs(
        t("review.hearing.head", name=view.name, year=view.year),
        t("review.hearing.ask", place=t(f"review.hearing.{view.chosen}")),
    )


def _day_options(view: HearingView) -> tuple[Option, ...]:
    known = {hearing.place for hearing in view.hearings}
    strike = Option("strike", t("review.hearing.strike"), ("bo", "strike"))
    return (strike,) if view.chosen in known else ()


HEARING_FLOW = Flow[HearingView](
    name=HEARING,
    first="places",
    verb=Verb.REVIEW_READ_CELL,
    steps=(
        Step("places", ask="review.hearing.places", body=_body, options=_options, leads=("day", "places")),
        Step(
            "day",
            ask="review.hearing.day",
            takes=Takes.LINE,
            body=_day_body,
            options=_day_options,
            read=read_hearing,
            leads=("places",),
            back="places",
        ),
    ),
)


class HearingRoom:
    """Entered from the reading of a form that was handed in."""

    flows: tuple[Flow[HearingView], ...] = (HEARING_FLOW,)
    commands: Mapping[str, str | None] = {}
    recipes: Mapping[str, Recipe] = {}
    group_commands: frozenset[str] = frozenset()

    def load(self, tx: Connection, visit: Visit) -> HearingView:
        """Fetch the review if the visitor handles it."""
        reader, data = visit.known, visit.state.data
        cycle = cycles.get(tx, CycleId(cursor_of(data, "cycle")))
        people = {member.id: member for member in members.of_cell(tx, reader.cell.id)}
        whose = people.get(MemberId(cursor_of(data, "member")))
        empty = HearingView(today=visit.today, cursor=data)
        if cycle is None or cycle.cell_id != reader.cell.id or whose is None:
            return empty
        review = reviews.find(tx, cycle.id, whose.id)
        if review is None or not review.version or not handles(reader.member, whose, officers_of(people.values())):
            return empty
        return HearingView(
            cycle.year,
            whose.full_name,
            review,
            places_of(review.form),
            hearings.of_review(tx, review.id),
            visit.today,
            data,
        )

    def command(self, tx: Connection, visit: Visit, command: Command) -> Outcome:
        """No command leads here."""
        return enter(HEARING)

    def answer(self, tx: Connection, visit: Visit, view: HearingView, answer: Answer) -> Outcome:
        """Choose a place, write its day down, or strike it out."""
        if view.review is None or answer.option == "done":
            return finish()
        if answer.step == "places":
            return go("day", place=answer.option)
        if answer.option == "strike":
            hearings.strike(tx, view.review.id, view.chosen)
            self._note(tx, visit, view, None)
            return go("places", t("review.hearing.struck"), place=None)
        if not isinstance(answer.value, tuple):
            return stay()
        typed, body = answer.value
        day = in_round(typed, view.year, date(view.year, 1, 1))
        if isinstance(day, Refusal):
            return stay(day.why)
        hearings.record(tx, view.review.id, view.chosen, day, body, visit.known.member.id, visit.now)
        self._note(tx, visit, view, day)
        return go("places", t("review.saved"), place=None)

    def _note(self, tx: Connection, visit: Visit, view: HearingView, day: date | None) -> None:
        audit.record(
            tx,
            now=visit.now,
            who=f"member:{visit.known.member.id}",
            what="review_heard" if day else "review_heard_struck",
            subject=f"member:{view.review.member_id}" if view.review else "",
            cell=visit.known.cell.id,
            details={"year": view.year, "place": view.chosen, "day": day.isoformat() if day else None},
        )


def places_of(form_key: str) -> tuple[ReviewPlace, ...]:
    """Before whom a form of this key is reviewed; the cell alone where the form is not known any more."""
    try:
        rules = forms.rule_set(form_key.partition("/")[0])
        return rules.places_of(rules.form(form_key).kinds[0])
    except (forms.NoRulesError, KeyError):
        return (ReviewPlace(HearingPlace.CELL, (), ""),)
