"""Where a form is reviewed, in words: each place with its day; pure."""

from __future__ import annotations

from collections.abc import Iterable

from handlers.dialogue.phrases import Phrase, t
from handlers.review.rulebook import ReviewPlace
from storage.records import Hearing, HearingPlace


def hearing_lines(places: Iterable[ReviewPlace], known: Iterable[Hearing]) -> tuple[Phrase, ...]:
    """Each place with its day, or that the day is not written down; for screens and for print."""
    by_place = {hearing.place: hearing for hearing in known}
    return tuple(_line(place.place, by_place.get(place.place)) for place in places)


def out_of_order(known: Iterable[Hearing]) -> bool:
    """Whether the leading collective met before the cell did."""
    days = {hearing.place: hearing.held_on for hearing in known}
    cell, collective = days.get(HearingPlace.CELL), days.get(HearingPlace.COLLECTIVE)
    return cell is not None and collective is not None and collective < cell


def _line(place: HearingPlace, hearing: Hearing | None) -> Phrase:
    name = t(f"review.hearing.{place}")
    if hearing is None:
        return t("review.hearing.open", place=name)
    if hearing.body:
        return t("review.hearing.held_by", place=name, day=hearing.held_on, body=hearing.body)
    return t("review.hearing.held", place=name, day=hearing.held_on)
