"""The dossier: what one member submitted in three years, each year on its own form, bound into one file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from handlers.dialogue.flow import State
from handlers.dialogue.phrases import lines, t
from handlers.dialogue.room import Attachment, Made, Message, Outcome, Recipe, Visit, stay
from handlers.papers.binding import bind
from handlers.papers.gathering import Printed, last_submitted
from handlers.papers.printing import ToPdf, no_pdf
from handlers.papers.recipes import finished, sheets_of, sheets_to_json, slug, word_of
from handlers.posting import words_of
from handlers.review.flow import CELL
from handlers.review.loading import load
from handlers.review.views import CellView, cursor_of
from storage import audit, cycles, members, reviews
from storage.records import Cycle, Member
from storage.transaction import Connection

DOSSIER = "paper-dossier"
YEARS = 3


def own(tx: Connection, visit: Visit, *, pdf: bool) -> Outcome:
    """One's own, whatever cell one was in."""
    begun = (cycles.get(tx, cycle) for cycle in reviews.begun_cycles(tx, visit.known.member.id))
    return _sent(tx, visit, visit.known.member, [cycle for cycle in begun if cycle], pdf=pdf)


def of_other(tx: Connection, visit: Visit) -> Outcome:
    """That of the member whose form is being read: the years in which this reader may read them."""
    number = cursor_of(visit.state.data, "member")
    member = members.find(tx, number) if visit.state.flow == CELL and number else None  # type: ignore[arg-type]
    if member is None:
        return stay(t("dossier.nothing"))
    readable = [cycle for cycle in cycles.of_cell(tx, visit.known.cell.id) if _reads(tx, visit, cycle, member)]
    return _sent(tx, visit, member, readable, pdf=False)


def _reads(tx: Connection, visit: Visit, cycle: Cycle, member: Member) -> bool:
    """Whether the reading screens of that cycle show this member to this reader."""
    view = load(tx, replace(visit, state=State(CELL, "people", data={"cycle": cycle.id})))
    return isinstance(view, CellView) and any(number == member.id for number, *_ in view.people)


def _sent(tx: Connection, visit: Visit, member: Member, among: Iterable[Cycle], *, pdf: bool) -> Outcome:
    last = max(
        (cycle.year for cycle in cycles.of_cell(tx, member.cell_id) if cycle.opens_on <= visit.today), default=0
    )
    years = range(last - YEARS + 1, last + 1)
    found = [
        printed
        for cycle in sorted(among, key=lambda cycle: (cycle.year, cycle.kind != "yearly", cycle.period))
        if cycle.year in years and (printed := last_submitted(tx, visit, cycle, member))
    ]
    if not found:
        return stay(t("dossier.nothing"))
    by, there = visit.known.member, {printed.cycle.year for printed in found}
    _record(tx, visit, member, sorted(there))
    missing = [str(year) for year in years if year not in there]
    caption = t("dossier.caption", name=member.full_name, years=", ".join(map(str, sorted(there))))
    lacks = t("dossier.missing", years=", ".join(missing)) if missing else None
    file = _file(visit, member, found, pdf=pdf)
    return stay(None, Message(by.id, lines(caption, lacks), attachment=file))


def _file(visit: Visit, member: Member, found: list[Printed], *, pdf: bool) -> Attachment:
    say = words_of(visit.language, visit.house).bare
    first, last = found[0].cycle.year, found[-1].cycle.year
    name = f"ho-so-kiem-diem-{slug(member.full_name)}-{first}-{last}"
    data = {
        **sheets_to_json(printed.sheet for printed in found),
        "name": f"{name}.docx",
        "pdf": pdf,
        "no_pdf": say(t("papers.no_pdf")),
        "no_layout": say(t("papers.no_layout")),
    }
    return Attachment(f"{name}.pdf" if pdf else f"{name}.docx", recipe=DOSSIER, data=data)


def make_dossier(data: Mapping[str, Any], to_pdf: ToPdf = no_pdf) -> Made:
    """The file that was planned."""
    words = [word_of(sheet) for sheet in sheets_of(data)]
    notes = () if all(with_own for _, with_own in words) else (data["no_layout"],)
    return finished(bind([word for word, _ in words]), data["name"], data, to_pdf, notes=notes)


def recipes(to_pdf: ToPdf | None = None) -> Mapping[str, Recipe]:
    """How the file is made."""
    return {DOSSIER: partial(make_dossier, to_pdf=to_pdf or no_pdf)}


def _record(tx: Connection, visit: Visit, member: Member, years: list[int]) -> None:
    by = visit.known.member
    audit.record(
        tx,
        now=visit.now,
        who=f"member:{by.id}",
        what="dossier_printed",
        subject=f"member:{member.id}",
        cell=by.cell_id,
        details={"years": years},
    )
