"""The seven points at work: a tap or a typed word becomes a mark, the secretary's changes become the list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from handlers.checklist.editing import EDIT, due_date
from handlers.checklist.flow import CHECKLIST, SYMBOLS, ListView
from handlers.checklist.points import default_list
from handlers.checklist.rules import (
    MOST_POINTS,
    MOST_REMARK,
    Point,
    after_tap,
    marked,
    noted,
    overtaken,
    points_of,
    seen,
)
from handlers.checklist.typed import Doubt, Reading, TypedMark, UnclearMark, read_marks
from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import Flow, Refusal
from handlers.dialogue.phrases import Phrase, Plain, lines, t
from handlers.dialogue.room import Outcome, Recipe, Visit, enter, finish, go, stay
from handlers.dialogue.said import Command
from handlers.improvements.flow import PROMISES
from handlers.organisation.permissions import Verb, may
from handlers.reminders.dates import TypedDay
from storage import audit, checklists, cycles, improvements, reminders
from storage.records import CellId, CycleKind, CycleState, Improvement, ImprovementState, ItemId, ItemState, Mark
from storage.transaction import Connection


@dataclass(frozen=True, slots=True)
class _Then:
    """What follows from typed marks: the step to show, what to say, the point in hand."""

    step: str = "list"
    say: Phrase | None = None
    data: dict[str, int] = field(default_factory=dict)


class ChecklistRoom:
    """Every member's own points, and the list itself for those who keep it."""

    flows: tuple[Flow[ListView], ...] = (CHECKLIST, EDIT)
    commands: Mapping[str, str | None] = {"checklist": Verb.CHECKLIST_MARK, "bayviec": Verb.CHECKLIST_MARK}
    group_commands: frozenset[str] = frozenset()
    recipes: Mapping[str, Recipe] = {}

    def load(self, tx: Connection, visit: Visit) -> ListView:
        """Fetch the list of the year and this member's marks on it."""
        person = visit.known
        year = list_year(tx, person.cell.id, visit.today)
        items = checklists.items(tx, person.cell.id, year)
        points = points_of(items, checklists.marks_of(tx, person.member.id, year))
        chosen = next((point for point in points if point.item.id == visit.state.data.get("point")), None)
        editing = visit.state.flow == EDIT.name
        return ListView(
            cell=person.cell.name,
            year=year,
            today=visit.today,
            points=points,
            may_edit=may(person.member.roles, Verb.CHECKLIST_EDIT),
            chosen=chosen,
            promises=() if editing else _promises(tx, visit),
            in_use=editing and chosen is not None and checklists.in_use(tx, chosen.item.id),
        )

    def seen(self, view: ListView, step: str) -> str | None:
        """What the screen shows of every point: it may change on another messenger before it is answered."""
        return seen(view.points)

    def command(self, tx: Connection, visit: Visit, command: Command) -> Outcome:
        """Open the list; words behind the command (``/checklist 3 xong``) are marks."""
        cell = visit.known.cell.id
        ensure_list(tx, cell, list_year(tx, cell, visit.today))
        readings = read_marks(command.args)
        if not readings:
            return enter(CHECKLIST.name, say=t("checklist.typed.how") if command.args.strip() else None)
        then = self._typed(tx, visit, self.load(tx, visit), readings)
        return enter(CHECKLIST.name, then.step, then.say, **then.data)

    def overhears(self, text: str) -> Command | None:
        """Words typed where nothing waits for them: "3 xong" alone is meant for this room."""
        return Command("checklist", text) if read_marks(text) else None

    def answer(self, tx: Connection, visit: Visit, view: ListView, answer: Answer) -> Outcome:
        """Take a tap, a state, words; or a change of the list."""
        if visit.state.flow == EDIT.name:
            return self._edited(tx, visit, view, answer)
        readings = answer.value if isinstance(answer.value, tuple) else read_marks(str(answer.value or ""))
        if readings:
            then = self._typed(tx, visit, view, readings)
            return go(then.step, then.say, **then.data)
        option = answer.option or ""
        match answer.step:
            case "list":
                return self._on_list(tx, visit, view, option)
            case "pick":
                return go("point", point=int(option.removeprefix("p")))
            case _ if view.chosen is None:
                return go("list", t("checklist.gone"))
            case _ if option not in {"note", ItemState.BLOCKED, ""} and _overtaken(visit, view.chosen):
                return stay(t("checklist.elsewhere"))
            case "point":
                return self._on_point(tx, visit, view.chosen, option)
            case "reason":
                words = "" if option == "same" else str(answer.value or "")
                return self._settle(tx, visit, view.chosen, ItemState.BLOCKED, words)
        words = "" if option == "clear" else str(answer.value or "")
        before = view.chosen.mark.note if view.chosen.mark and _overtaken(visit, view.chosen) else ""
        checklists.keep(tx, noted(view.chosen, visit.known.member.id, visit.now, words), visit.now)
        told = t("checklist.kept.note", number=view.chosen.item.number)
        return go("list", lines(told, t("checklist.elsewhere.note", note=Plain(before)) if before else None))

    def _on_list(self, tx: Connection, visit: Visit, view: ListView, option: str) -> Outcome:
        if option == "more":
            return go("pick")
        if option == "promises":
            return Outcome(enter=PROMISES, returning=True)
        if option == "edit":
            if not view.may_edit:
                return stay(t("engine.not_allowed"))
            return Outcome(enter=EDIT.name, returning=True)
        point = next(point for point in view.points if f"p{point.item.id}" == option)
        if _overtaken(visit, point):
            return stay(t("checklist.elsewhere"))
        mark = marked(point, visit.known.member.id, after_tap(point.state), visit.now)
        checklists.keep(tx, mark, visit.now)
        # Pressed, the line changes before one's eyes; typed, it has to be said what came of the number.
        return stay(_kept(point, mark) if visit.ref is None else None)

    def _on_point(self, tx: Connection, visit: Visit, point: Point, option: str) -> Outcome:
        if option == "note":
            return go("note")
        if option == ItemState.BLOCKED:
            return go("reason")
        return self._settle(tx, visit, point, ItemState(option), "")

    def _settle(self, tx: Connection, visit: Visit, point: Point, state: ItemState, words: str) -> Outcome:
        mark = marked(point, visit.known.member.id, state, visit.now, remark=words)
        checklists.keep(tx, mark, visit.now)
        return go("list", _kept(point, mark))

    def _typed(self, tx: Connection, visit: Visit, view: ListView, readings: tuple[Reading, ...]) -> _Then:
        """Keep typed marks, all or none; one unclear mark among them leads to its question."""
        by_number = {point.item.number: point for point in view.points}
        refused = _why_not(readings, by_number)
        if refused is not None:
            return _Then(say=refused)
        told: list[Phrase] = []
        for reading in readings:
            if isinstance(reading, TypedMark):
                point = by_number[reading.number]
                mark = marked(point, visit.known.member.id, reading.state, visit.now, remark=reading.remark)
                checklists.keep(tx, mark, visit.now)
                by_number[reading.number] = Point(point.item, mark)
                told.append(_kept(point, mark))
        open_one = next((reading for reading in readings if isinstance(reading, UnclearMark)), None)
        if open_one is None:
            return _Then(say=lines(*told))
        point = by_number[open_one.number]
        if open_one.doubt is Doubt.NEEDS_REASON:
            return _Then("reason", lines(*told) if told else None, {"point": point.item.id})
        if open_one.remark:
            # Whatever the state turns out to be, the words are kept.
            note = noted(point, visit.known.member.id, visit.now, open_one.remark)
            checklists.keep(tx, note, visit.now)
        told.append(t("checklist.typed.begun_or_not", number=open_one.number))
        return _Then("point", lines(*told), {"point": point.item.id})

    def _edited(self, tx: Connection, visit: Visit, view: ListView, answer: Answer) -> Outcome:
        option, value = answer.option or "", answer.value
        if answer.step == "items":
            return _open(option)
        if answer.step == "add":
            return self._add(tx, visit, view, str(value))
        if answer.step == "due_all":
            return self._set_due(tx, visit, view, [point.item.id for point in view.points], value)
        if view.chosen is None:
            return go("items", t("checklist.gone"))
        item = view.chosen.item
        if answer.step == "due":
            return self._set_due(tx, visit, view, [item.id], value)
        if answer.step == "rename":
            checklists.rename(tx, item.id, str(value))
            _record(tx, visit, "checklist.renamed", item.id)
            return go("items", t("checklist.renamed", number=item.number, label=str(value)))
        if option != "remove":
            return go(option)
        if not checklists.remove(tx, item):
            return stay(t("checklist.edit.in_use"))
        _record(tx, visit, "checklist.removed", item.id)
        return go("items", t("checklist.removed", label=item.label))

    def _add(self, tx: Connection, visit: Visit, view: ListView, label: str) -> Outcome:
        if len(view.points) >= MOST_POINTS:
            return go("items", t("checklist.edit.full", most=MOST_POINTS))
        added = checklists.add(tx, visit.known.cell.id, view.year, label)
        _record(tx, visit, "checklist.added", added)
        return go("items", t("checklist.added", label=label))

    def _set_due(self, tx: Connection, visit: Visit, view: ListView, ids: list[ItemId], value: object) -> Outcome:
        due = due_date(value, view.year) if isinstance(value, TypedDay) else None
        if isinstance(due, Refusal):
            return stay(due.why)
        checklists.set_due(tx, ids, due)
        # What is due has changed: the alarm clock has to look at this cell again.
        reminders.wake(tx, visit.known.cell.id)
        for one in ids:
            _record(tx, visit, "checklist.due", one)
        if due is None:
            return go("items", t("checklist.due.none"))
        return go("items", t("checklist.due.set_past" if due < visit.today else "checklist.due.set", on=due))


def _promises(tx: Connection, visit: Visit) -> tuple[Improvement, ...]:
    found = improvements.of_member(tx, visit.known.member.id)
    return tuple(one for one in found if one.state is not ImprovementState.DONE)


def _overtaken(visit: Visit, point: Point) -> bool:
    return overtaken(visit.state.data.get("seen"), point)


def list_year(tx: Connection, cell: CellId, today: date) -> int:
    """The year of the list that counts now: that of the newest yearly cycle that runs, else the calendar's."""
    running = [one for one in cycles.of_cell(tx, cell) if one.state in {CycleState.OPEN, CycleState.PAUSED}]
    return max((one.year for one in running if one.kind is CycleKind.YEARLY), default=today.year)


def ensure_list(tx: Connection, cell: CellId, year: int) -> bool:
    """Give the cell a list for that year if it has none: last year's points, else the ready seven; says if it did.

    Due dates are not carried over: they belong to their year.
    """
    if checklists.items(tx, cell, year):
        return False
    earlier = checklists.newest_year(tx, cell, year)
    labels = [item.label for item in checklists.items(tx, cell, earlier)] if earlier else default_list().labels
    return checklists.create(tx, cell, year, labels) > 0


def _why_not(readings: tuple[Reading, ...], by_number: Mapping[int, Point]) -> Phrase | None:
    """Why typed marks cannot be kept as they stand; nothing of them is kept then."""
    unknown = sorted({reading.number for reading in readings} - by_number.keys())
    if unknown:
        listed = ", ".join(map(str, unknown))
        return t("checklist.typed.no_such", numbers=listed, last=max(by_number, default=0))
    if sum(isinstance(reading, UnclearMark) for reading in readings) > 1:
        return t("checklist.typed.one_by_one")
    if any(len(reading.remark) > MOST_REMARK for reading in readings):
        return t("checklist.typed.too_long", most=MOST_REMARK)
    return None


def _kept(point: Point, mark: Mark) -> Phrase:
    return t(
        "checklist.kept",
        number=point.item.number,
        mark=SYMBOLS[mark.state],
        state=t(f"checklist.state.{mark.state}"),
    )


def _open(option: str) -> Outcome:
    if option == "done":
        return finish()
    if option.startswith("i"):
        return go("item", point=int(option[1:]))
    return go(option)


def _record(tx: Connection, visit: Visit, what: str, item: ItemId) -> None:
    person = visit.known
    audit.record(
        tx,
        now=visit.now,
        who=f"member:{person.member.id}",
        what=what,
        subject=f"item:{item}",
        cell=person.cell.id,
    )
