"""``/copy`` and ``/dossier`` at work: a submitted form as text to be copied, three years of forms as one file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import Flow
from handlers.dialogue.phrases import Plain, lines, t
from handlers.dialogue.room import Attachment, Message, Outcome, Recipe, Visit, enter, finish, go, stay
from handlers.dialogue.said import Command
from handlers.organisation.permissions import Verb
from handlers.papers import dossier
from handlers.papers.copying import as_text, fields_of, pieces
from handlers.papers.copying_flow import COPY, NAME, CopyView
from handlers.papers.gathering import Printed, last_submitted
from handlers.papers.printing import ToPdf
from handlers.papers.recipes import slug
from handlers.review.views import cursor_of
from storage import audit, cycles, reviews
from storage.records import CycleId
from storage.transaction import Connection


class CopyingRoom:
    """What can be done with a form after it was submitted, besides printing it."""

    flows: tuple[Flow[Any], ...] = (COPY,)
    commands: Mapping[str, str | None] = {
        "copy": Verb.REVIEW_WRITE,
        "chep": Verb.REVIEW_WRITE,
        "dossier": Verb.REVIEW_WRITE,
        "hoso": Verb.REVIEW_WRITE,
        "dossier_pdf": Verb.REVIEW_WRITE,
        "dossier_cell": Verb.REVIEW_READ_CELL,
    }
    group_commands: frozenset[str] = frozenset()

    def __init__(self, to_pdf: ToPdf | None = None) -> None:
        self.recipes: Mapping[str, Recipe] = dossier.recipes(to_pdf)

    def load(self, tx: Connection, visit: Visit) -> CopyView:
        """Fetch the submitted form, laid out as it is printed, and cut it into fields."""
        printed = _submitted(tx, visit, cursor_of(visit.state.data, "cycle"))
        if printed is None:
            return CopyView()
        fields = fields_of(printed.sheet.paper)
        place = min(max(0, cursor_of(visit.state.data, "place")), max(0, len(fields) - 1))
        return CopyView(printed.cycle.year, printed.version, fields, place, printed.sheet.paper)

    def command(self, tx: Connection, visit: Visit, command: Command) -> Outcome:
        """Open the form that is on the screen, or the newest submitted; or send the dossier."""
        if command.name == "dossier_cell":
            return dossier.of_other(tx, visit)
        if command.name.startswith("dossier") or command.name == "hoso":
            return dossier.own(tx, visit, pdf=command.name == "dossier_pdf")
        printed = _submitted(tx, visit, cursor_of(visit.state.data, "cycle")) or _submitted(tx, visit, 0)
        return enter(NAME, cycle=printed.cycle.id) if printed else stay(t("copies.nothing"))

    def answer(self, tx: Connection, visit: Visit, view: CopyView, answer: Answer) -> Outcome:
        """Turn to a field and send its words, or send all of them as a file."""
        match answer.option:
            case "done":
                return finish(t("copies.finished") if view.fields else None)
            case "file" if view.paper is not None:
                return _file(tx, visit, view)
            case _ if not view.fields:
                return stay(t("copies.nothing"))
            case "first":
                return _turned(tx, visit, view, 0)
            case "next" | "prev" as turn:
                return _turned(tx, visit, view, view.place + (1 if turn == "next" else -1))
        return _turned(tx, visit, view, view.place)


def _submitted(tx: Connection, visit: Visit, number: int) -> Printed | None:
    """One's own newest submission in the cycle of that number; 0: in the newest cycle that has one."""
    member = visit.known.member
    if number:
        cycle = cycles.get(tx, CycleId(number))
        return last_submitted(tx, visit, cycle, member) if cycle else None
    found = [cycles.get(tx, one) for one in reviews.begun_cycles(tx, member.id)]
    newest = sorted((c for c in found if c is not None), key=lambda c: (c.year, c.opens_on), reverse=True)
    return next(filter(None, (last_submitted(tx, visit, cycle, member) for cycle in newest)), None)


def _turned(tx: Connection, visit: Visit, view: CopyView, place: int) -> Outcome:
    place = min(max(0, place), len(view.fields) - 1)
    by = visit.known.member.id
    words = (Message(by, Plain(piece)) for piece in pieces(view.fields[place].text))
    return go("field", None, *words, place=place)


def _file(tx: Connection, visit: Visit, view: CopyView) -> Outcome:
    by = visit.known.member
    if view.paper is None:
        return stay(t("copies.nothing"))
    # With a mark at its beginning even old editors of Windows read the Vietnamese letters.
    content = as_text(view.paper, view.fields).replace("\n", "\r\n").encode("utf-8-sig")
    name = f"kiem-diem-{slug(by.full_name)}-{view.year}.txt"
    audit.record(
        tx,
        now=visit.now,
        who=f"member:{by.id}",
        what="review_copied",
        subject=f"member:{by.id}",
        cell=by.cell_id,
        details={"year": view.year, "version": view.version},
    )
    return stay(None, Message(by.id, lines(t("copies.file", year=view.year)), attachment=Attachment(name, content)))
