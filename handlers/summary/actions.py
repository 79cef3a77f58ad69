"""Summaries: gathered, sent to those who may read them, previewed for the group, posted at the deadline."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from handlers.dialogue.buttons import read_number
from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import Flow
from handlers.dialogue.fold import fold
from handlers.dialogue.phrases import Phrase, paragraphs, t
from handlers.dialogue.room import House, Message, Outcome, Recipe, Standing, Visit, enter, finish, go, stay
from handlers.dialogue.said import Command
from handlers.organisation.permissions import Verb, may
from handlers.posting import compose, words_of
from handlers.review.forms import rule_set
from handlers.review.naming import year_of
from handlers.review.rules import reference_date, required_to_review
from handlers.summary import document, drawing, report
from handlers.summary.flow import GROUP, SUMMARY, SummaryView
from handlers.summary.recipes import RECIPES, book_to_send, picture_to_send
from handlers.summary.report import Counts, Report
from handlers.summary.rules import cap_readings, cases, figures_of, grade_counts, together
from storage import audit, checklists, cycles, groups, members, summaries
from storage.records import Cell, Cycle, CycleState, Member, Post, Role, Urgency
from storage.transaction import Connection

_YEAR = re.compile(r"(?:^|\s)(20\d\d)$")
_NUMBER = re.compile(r"c(\d{1,18})")


class SummaryRoom:
    """The summary for those in charge, the figures for observers, the counts for the group."""

    flows: tuple[Flow[SummaryView], ...] = (SUMMARY, GROUP)
    commands: Mapping[str, str | None] = {
        "summary": Verb.COUNTS_READ,
        "tonghop": Verb.COUNTS_READ,
        "group": Verb.GROUP_LINK,
        "nhom": Verb.GROUP_LINK,
        "summary_group": Verb.SUMMARY_READ,
    }
    group_commands: frozenset[str] = frozenset({"summary", "tonghop", "group", "nhom"})
    recipes: Mapping[str, Recipe] = RECIPES

    def load(self, tx: Connection, visit: Visit) -> SummaryView:
        """Fetch the years there are and, for the preview, the counts."""
        person = visit.known
        found = cycles.of_cell(tx, person.cell.id)
        data = visit.state.data
        # What was shown before cycles had numbers here says the year only: the yearly one comes first in it.
        chosen = next((c for c in found if c.id == data.get("cycle") or c.year == data.get("year")), None)
        full = may(person.member.roles, Verb.SUMMARY_READ)
        preview = None
        if chosen and full and visit.state.flow == SUMMARY.name and visit.state.step == "preview":
            preview = report.for_group(gather(tx, visit.house, person.cell, chosen, visit.now).counts)
        return SummaryView(
            cycle=chosen,
            others=tuple(cycle for cycle in found if chosen is None or cycle.id != chosen.id),
            full=full,
            linked=person.cell.group is not None,
            for_group=preview,
        )

    def command(self, tx: Connection, visit: Visit, command: Command) -> Outcome:
        """Send the summary, open the preview, or link the group in which the command was typed."""
        if command.name in {"group", "nhom"}:
            return enter(GROUP.name) if visit.private else self._link(tx, visit)
        cycle = self._wanted(tx, visit, command.args)
        if not isinstance(cycle, Cycle):
            return stay(cycle)
        if command.name == "summary_group":
            return enter(SUMMARY.name, "preview", cycle=cycle.id)
        return self._send(tx, visit, cycle)

    def answer(self, tx: Connection, visit: Visit, view: SummaryView, answer: Answer) -> Outcome:
        """Another year, the preview, posting to the group, or letting the group go."""
        option = answer.option or ""
        if visit.state.flow == GROUP.name:
            return self._unlink(tx, visit) if option == "unlink" else finish()
        if option == "preview" and view.full:
            return go("preview")
        if option == "post" and view.full:
            return self._post(tx, visit, view)
        number = read_number(option.removeprefix("cycle"))
        shown = view.cycle.id if view.cycle else 0
        cycle = self._wanted(tx, visit, f"c{number if number is not None else shown}")
        return self._send(tx, visit, cycle) if isinstance(cycle, Cycle) else stay(cycle)

    def _wanted(self, tx: Connection, visit: Visit, args: str) -> Cycle | Phrase:
        """The cycle that ``[cell] [year]`` means, always of the person's own cell; or why there is none.

        Of several in a year the yearly one is meant. Buttons name a cycle by its number: ``c12``.
        """
        cell = visit.known.cell
        every = cycles.of_cell(tx, cell.id)
        if number := _NUMBER.fullmatch(args):
            found = next((one for one in every if one.id == int(number[1])), None)
            return found or t("summary.no_cycle")
        year = _YEAR.search(args.strip())
        named = fold(args[: year.start()] if year else args)
        if named and named not in fold(cell.name):
            return t("summary.other_cell", cell=cell.name)
        found = next((c for c in every if c.year == int(year[1])), None) if year else cycles.current(tx, cell.id)
        if found is None:
            known = ", ".join(str(each) for each in dict.fromkeys(cycle.year for cycle in every))
            return t("summary.no_cycle.known", years=known) if known else t("summary.no_cycle")
        return found

    def _send(self, tx: Connection, visit: Visit, cycle: Cycle) -> Outcome:
        person = visit.known
        found = gather(tx, visit.house, person.cell, cycle, visit.now)
        messages = messages_for(visit.house, found, person.member)
        _record(tx, visit.now, person.member, "summary_read", year=cycle.year, cycle=cycle.id)
        if not visit.private:
            return Outcome(say=t("summary.sent_privately"), messages=messages)
        return Outcome(enter=SUMMARY.name, data={"cycle": cycle.id}, messages=messages)

    def _post(self, tx: Connection, visit: Visit, view: SummaryView) -> Outcome:
        person = visit.known
        cycle = view.cycle
        if cycle is None or person.cell.group is None:
            return go("preview", t("summary.preview.unlinked"))
        counts = gather(tx, visit.house, person.cell, cycle, visit.now).counts
        told = Message(person.cell.group, report.for_group(counts), urgency=Urgency.SUMMARY)
        _record(tx, visit.now, person.member, "summary_posted", year=cycle.year, cycle=cycle.id)
        return go("sent", t("summary.posted"), told)

    def _link(self, tx: Connection, visit: Visit) -> Outcome:
        person = visit.known
        if not groups.link(tx, person.cell.id, visit.address):
            return stay(t("summary.group.taken"))
        _record(tx, visit.now, person.member, "group.linked")
        return stay(t("summary.group.now_linked", cell=person.cell.name))

    def _unlink(self, tx: Connection, visit: Visit) -> Outcome:
        person = visit.known
        groups.unlink(tx, person.cell.id)
        _record(tx, visit.now, person.member, "group.unlinked")
        return finish(t("summary.group.unlinked"))


def gather(tx: Connection, house: House, cell: Cell, cycle: Cycle, now: datetime) -> Report:
    """Count a cell's cycle as it stands ``now``; a handful of statements, whatever the cell's size."""
    rules = rule_set(cycle.rules)
    lines = summaries.roster_lines(tx, cell.id, cycle.id)
    reference = reference_date(cycle)
    exempt = {
        line.member.id: why
        for line in lines
        if (why := required_to_review(line.member, reference, rules)) is not None
    }
    items = checklists.items(tx, cell.id, cycle.year)
    marks = checklists.marks_of_cell(tx, cell.id, cycle.year)
    today = now.astimezone(house.zone).date()
    found = cases(lines, exempt, cycle, items, marks, today, house.zone)
    return Report(
        Counts(cell.name, cycle, figures_of(found), now),
        found,
        cap_readings(rules.cap_readings, grade_counts(found)),
    )


def gather_all(tx: Connection, house: House, year: int, now: datetime) -> Report | None:
    """Count every cell's cycle of that year together, points left out (each cell has its own); None where none has.

    For whoever looks after all cells of the installation; ``whole`` of it has names, ``for_observer`` has none.
    """
    found = [
        gather(tx, house, cell, cycle, now)
        for cell in members.every_cell(tx)
        if (cycle := cycles.of_year(tx, cell.id, year)) is not None
    ]
    if not found:
        return None
    everybody = tuple(case for one in found for case in one.cases)
    last = max((one.counts.cycle for one in found), key=lambda cycle: cycle.deadline_on)
    name = words_of("vi", house).bare(t("summary.all_cells", count=len(found)))
    figures = together([one.counts.figures for one in found])
    readings = cap_readings(rule_set(last.rules).cap_readings, grade_counts(everybody))
    return Report(Counts(name, last, figures, now), everybody, readings)


def messages_for(
    house: House,
    found: Report,
    reader: Member,
    intro: Phrase | None = None,
    urgency: Urgency = Urgency.ANSWER,
) -> tuple[Message, ...]:
    """The summary for one reader in their language: with names if their roles allow it, else counts only.

    Somebody who asked for it waits for it, as for any answer; what comes unasked may come a little later.
    """
    say = words_of(reader.language, house).bare
    full = may(reader.roles, Verb.SUMMARY_READ)
    bodies = list(report.whole(found) if full else report.for_observer(found))
    if intro is not None:
        bodies[0] = paragraphs(intro, bodies[0])
    chart = picture_to_send(f"tong-hop-{found.counts.cycle.year}.png", drawing.plan(found.counts, say))
    messages = [Message(reader.id, body, urgency=urgency) for body in bodies]
    # The picture comes right behind the overview: those who read no further have seen the year.
    messages.insert(1, Message(reader.id, t("summary.chart.caption"), attachment=chart, urgency=urgency))
    if full:
        book = book_to_send(document.file_name(found), document.book(found, say))
        messages.append(Message(reader.id, t("summary.book.caption"), attachment=book, urgency=urgency))
    return tuple(messages)


def post_at_deadline(tx: Connection, house: House, cell: Cell, cycle: Cycle, now: datetime) -> tuple[Post, ...]:
    """The summary for the chair once the deadline has passed or the cycle is closed; the reminders ask for it.

    Where no chair can be reached by the bot it goes to the secretaries. The caller puts the posts into the outbox.
    """
    readers = members.holders(tx, cell.id, [Role.CHAIR], joined=True)
    readers = readers or members.holders(tx, cell.id, [Role.SECRETARY], joined=True)
    if not readers:
        return ()
    found = gather(tx, house, cell, cycle, now)
    name = "summary.closed" if cycle.state is CycleState.CLOSED else "summary.deadline_passed"
    intro = t(name, year=year_of(cycle), on=cycle.deadline_on)
    posts: list[Post | None] = []
    for reader in readers:
        for_group = Standing(t("summary.choose.preview"), "summary_group", f"c{cycle.id}")
        last = Message(reader.id, t("summary.deadline.next"), (for_group,), urgency=Urgency.SUMMARY)
        messages = messages_for(house, found, reader, intro, Urgency.SUMMARY)
        posts += [compose(tx, house, message) for message in (*messages, last)]
    return tuple(written for written in posts if written is not None)


def _record(tx: Connection, now: datetime, by: Member, what: str, **details: int) -> None:
    audit.record(tx, now=now, who=f"member:{by.id}", what=what, cell=by.cell_id, details=details)
