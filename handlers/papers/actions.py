"""Printing from the chat: one's own form, one that was read, the whole cell's, empty ones for the pen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import Flow, State
from handlers.dialogue.phrases import Phrase, lines, t
from handlers.dialogue.room import Attachment, Message, Outcome, Recipe, Visit, stay
from handlers.dialogue.said import Command
from handlers.organisation.permissions import Verb
from handlers.papers.gathering import blanks, own, submitted
from handlers.papers.printing import ToPdf
from handlers.papers.recipes import Excuses, Sheet, all_in_one, file_name, one_file, recipes, slug
from handlers.posting import words_of
from handlers.review.flow import CELL, flow_name
from handlers.review.loading import form_of, load
from handlers.review.naming import year_of
from handlers.review.views import CellView, ReviewView, cursor_of
from storage import audit, cycles, reviews
from storage.audit import Act
from storage.records import Cycle, MemberId
from storage.transaction import Connection


class PapersRoom:
    """Has no screen of its own: the review's screens lead here, and the person stays where they are."""

    flows: tuple[Flow[Any], ...] = ()
    commands: Mapping[str, str | None] = {
        "print": Verb.REVIEW_WRITE,
        "in": Verb.REVIEW_WRITE,
        "print_draft": Verb.REVIEW_WRITE,
        "print_pdf": Verb.REVIEW_WRITE,
        "print_cell": Verb.REVIEW_READ_CELL,
        "print_cell_pdf": Verb.REVIEW_READ_CELL,
        "print_blanks": Verb.REVIEW_READ_CELL,
    }
    group_commands: frozenset[str] = frozenset()

    def __init__(self, to_pdf: ToPdf | None = None) -> None:
        self.recipes: Mapping[str, Recipe] = recipes(to_pdf)

    def load(self, tx: Connection, visit: Visit) -> None:
        """No flow leads here."""
        raise LookupError("the papers have no screen")

    def answer(self, tx: Connection, visit: Visit, view: None, answer: Answer) -> Outcome:
        """No flow leads here."""
        raise LookupError("the papers have no screen")

    def command(self, tx: Connection, visit: Visit, command: Command) -> Outcome:
        """Print what the person has before them; typed elsewhere, the newest of their own (or of their cell)."""
        if command.name in {"print_cell", "print_cell_pdf", "print_blanks"}:
            view = _cell_before(tx, visit)
            if view is None or view.of is None:
                return stay(t("papers.nothing"))
            if command.name == "print_blanks":
                return _blanks(tx, visit, view.of)
            reading = visit.state.flow == CELL and visit.state.step == "reading" and view.version is not None
            people = [cursor_of(view.cursor, "member")] if reading else [number for number, *_ in view.people]
            pdf = command.name == "print_cell_pdf"
            return _others(tx, visit, view.of, people, alone=reading, pdf=pdf)
        mine = _own_before(tx, visit, command.args)
        if mine is None:
            return stay(t("papers.nothing"))
        return _own(tx, visit, mine, draft=command.name == "print_draft", pdf=command.name == "print_pdf")


def _own_before(tx: Connection, visit: Visit, args: str) -> ReviewView | None:
    """One's own review: the one on the screen, else of the year asked for, else the newest that was begun."""
    if visit.state.flow.startswith("review.") and not args:
        view = load(tx, visit)
        if isinstance(view, ReviewView) and view.member.id == visit.known.member.id:
            return view
    person = visit.known.member
    begun = reviews.begun_cycles(tx, person.id)
    wanted = [
        cycle
        for cycle in cycles.of_cell(tx, person.cell_id)
        if (cycle.id in begun or cycle.takes_answers_on(visit.today)) and args in {"", str(cycle.year)}
    ]
    if not wanted:
        return None
    found = form_of(person, wanted[0], reviews.find(tx, wanted[0].id, person.id))
    if found is None:
        return None
    state = State(flow_name(found[1].key), "start", data={"cycle": wanted[0].id})
    view = load(tx, replace(visit, state=state))
    return view if isinstance(view, ReviewView) else None


def _cell_before(tx: Connection, visit: Visit) -> CellView | None:
    """What this person may read of their cell, as the reading screens show it: who may read may print."""
    state = visit.state
    if state.flow != CELL:
        newest = cycles.current(tx, visit.known.cell.id)
        if newest is None:
            return None
        state = State(CELL, "people", data={"cycle": newest.id})
    view = load(tx, replace(visit, state=state))
    return view if isinstance(view, CellView) else None


def _own(tx: Connection, visit: Visit, view: ReviewView, *, draft: bool, pdf: bool) -> Outcome:
    sheet, version = own(tx, visit, view, draft=draft)
    _record(tx, visit, view.cycle, [(view.member.id, version)])
    caption = (
        t("papers.caption.own", year=year_of(view.cycle), version=version)
        if version is not None
        else t("papers.caption.draft", year=year_of(view.cycle))
    )
    return _sent(visit, caption, one_file(sheet, excuses(visit), pdf=pdf), [sheet])


def _others(
    tx: Connection, visit: Visit, cycle: Cycle, people: Iterable[int], *, alone: bool, pdf: bool
) -> Outcome:
    """The newest submitted version of these people; whom the reading screens do not show is not among them."""
    found = submitted(tx, visit, cycle, frozenset(people))
    if not found:
        return stay(t("papers.nothing.cell"))
    _record(tx, visit, cycle, [(member, version) for member, version, _ in found])
    sheets = [sheet for *_, sheet in found]
    if alone:
        caption = t("papers.caption.member", name=sheets[0].paper.name, year=year_of(cycle), version=found[0][1])
        return _sent(visit, caption, one_file(sheets[0], excuses(visit), pdf=pdf), sheets)
    caption = t("papers.caption.all", count=len(sheets), year=year_of(cycle))
    return _sent(visit, caption, _zip(visit, cycle, "kiem-diem", sheets), sheets)


def _blanks(tx: Connection, visit: Visit, cycle: Cycle) -> Outcome:
    """Empty forms with the number that leads a filled one back, for those who have not handed in."""
    found = blanks(tx, visit, cycle)
    if not found:
        return stay(t("papers.nothing.blank"))
    _record(tx, visit, cycle, [(member, None) for member, _ in found])
    sheets = [sheet for _, sheet in found]
    caption = t("papers.caption.blank", count=len(sheets), year=year_of(cycle))
    return _sent(visit, caption, _zip(visit, cycle, "mau-trong", sheets), sheets)


def excuses(visit: Visit) -> Excuses:
    """What stands under a file that is not what was asked for, in the reader's language."""
    say = words_of(visit.language, visit.house).bare
    return Excuses(say(t("papers.no_pdf")), say(t("papers.no_layout")))


def _zip(visit: Visit, cycle: Cycle, what: str, sheets: list[Sheet]) -> Attachment:
    named = [replace(sheet, name=file_name(sheet.paper, number)) for number, sheet in enumerate(sheets, 1)]
    name = f"{what}-{slug(visit.known.cell.name)}-{cycle.year}.zip"
    return all_in_one(name, named, visit.today)


def _sent(visit: Visit, caption: Phrase, file: Attachment, sheets: list[Sheet]) -> Outcome:
    notice = t("papers.unverified") if any(sheet.paper.notes for sheet in sheets) else None
    return stay(None, Message(visit.known.member.id, lines(caption, notice), attachment=file))


def _record(tx: Connection, visit: Visit, cycle: Cycle, printed: Iterable[tuple[MemberId, int | None]]) -> None:
    by = visit.known.member
    audit.record_all(
        tx,
        [
            Act(
                visit.now,
                f"member:{by.id}",
                "review_printed",
                f"member:{member}",
                by.cell_id,
                {"cycle": cycle.id, "year": cycle.year, "version": version},
            )
            for member, version in printed
        ],
    )
