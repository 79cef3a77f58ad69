"""What concerns the whole roster: a file taken in, one person typed, the roster and the codes handed out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from handlers.dialogue.flow import Refusal
from handlers.dialogue.phrases import Phrase, lines, paragraphs, t
from handlers.dialogue.room import Attachment, Message, Outcome, Visit, go, stay
from handlers.dialogue.said import File
from handlers.joining import rules as joining_rules
from handlers.joining.invite import Draw, issue_all
from handlers.organisation.document import roster_data
from handlers.organisation.importing import apply_plan, from_json, look, secretary_scope, to_json
from handlers.organisation.plan import ImportPlan
from handlers.organisation.roster import read_roster
from handlers.organisation.rules import JoinState, in_order, join_state
from handlers.organisation.screens import SHOWN_FAULTS, fault_line, fault_lines
from handlers.organisation.sheet import Fault, RosterRow
from handlers.organisation.workbook import MAX_BYTES
from handlers.posting import written
from storage import audit, members, rosters
from storage.records import MemberId, OnRoster
from storage.rosters import RosterDraft
from storage.transaction import Connection

BOOK, TABLE = "roster.book", "roster.table"
_DRAFT_LIVES = timedelta(days=1)
_CODE_COLUMNS = ("name", "number", "phone", "code", "link", "until")


def take_file(tx: Connection, visit: Visit, file: File) -> Outcome:
    """Read a roster: refuse it, name its bad rows, or keep it as a draft and show what it would do."""
    if file.content is None:
        return stay(t("organisation.file.too_large", most=MAX_BYTES // 1024 // 1024))
    reading = read_roster(file.content, visit.today)
    if isinstance(reading, Refusal):
        return stay(reading.why)
    plan = look(tx, reading.rows, secretary_scope(visit.known.cell), reading.faults)
    ignored = (
        t("organisation.import.ignored", columns=", ".join(reading.ignored)[:300]) if reading.ignored else None
    )
    if plan.faults:
        return _faulty(visit, plan, len(reading.rows))
    if not plan.may_apply:
        return go("more", t("organisation.import.nothing_new", count=len(plan.unchanged)))
    rosters.drop_before(tx, visit.now - _DRAFT_LIVES)
    draft = RosterDraft(file.name, [to_json(row) for row in reading.rows], visit.now)
    rosters.keep(tx, visit.known.member.id, draft)
    return go("preview", ignored)


def _faulty(visit: Visit, plan: ImportPlan, good: int) -> Outcome:
    """Name every bad row: on the screen as many as fit, and all of them in a file when they do not."""
    rows = len({fault.row for fault in plan.faults})
    say = paragraphs(
        t("organisation.import.faults", rows=rows, good=good),
        fault_lines(plan.faults),
        t("organisation.import.fix"),
    )
    if len(plan.faults) <= SHOWN_FAULTS:
        return stay(say)
    return stay(say, _faults_as_file(visit, plan.faults))


def _faults_as_file(visit: Visit, faults: Sequence[Fault]) -> Message:
    listed = "\r\n".join(_say(visit, fault_line(fault)) for fault in faults)
    file = Attachment("dong-can-sua.txt", listed.encode("utf-8-sig"))
    return Message(visit.known.member.id, t("organisation.import.fault_file", count=len(faults)), attachment=file)


def plan_of(tx: Connection, visit: Visit, draft: RosterDraft) -> ImportPlan:
    """What the draft would do now: the roster may have changed since it was read."""
    return look(tx, [from_json(row) for row in draft.rows], secretary_scope(visit.known.cell))


def apply_draft(tx: Connection, visit: Visit) -> Outcome:
    """Do what the preview showed."""
    by = visit.known.member
    draft = rosters.draft(tx, by.id)
    if draft is None:
        return go("import", t("organisation.preview.gone"))
    plan = plan_of(tx, visit, draft)
    rosters.drop(tx, by.id)
    if plan.faults:
        return go("import", lines(t("organisation.preview.gone"), fault_lines(plan.faults)))
    if not plan.may_apply:
        return go("more", t("organisation.import.nothing_new", count=len(plan.unchanged)))
    apply_plan(tx, plan, f"member:{by.id}", visit.now)
    done = t(
        "organisation.import.done", added=len(plan.added), changed=len(plan.changed), unchanged=len(plan.unchanged)
    )
    return go("more", done)


def add_person(tx: Connection, visit: Visit, row: RosterRow) -> Outcome:
    """Put one person on the roster by the same rules as a file's row; lead to their card."""
    if row.admitted_on is not None and row.admitted_on > visit.today:
        return stay(t("organisation.fault.date_future", value=row.admitted_on))
    plan = look(tx, [row], secretary_scope(visit.known.cell))
    if plan.faults:
        return stay(plan.faults[0].why)
    if not plan.may_apply:
        return go("card", t("organisation.add.known"), member=plan.unchanged[0])
    if plan.changed and plan.changed[0].before.removed_at is None:
        # Typing by hand must not silently rewrite somebody who is there already.
        return go("card", t("organisation.add.known"), member=plan.changed[0].before.id)
    added = apply_plan(tx, plan, f"member:{visit.known.member.id}", visit.now)
    return go("card", t("organisation.add.done"), member=added[0] if added else plan.changed[0].after.id)


def export(tx: Connection, visit: Visit) -> Outcome:
    """Hand the secretary the roster as a file that can be read in again."""
    by, cell = visit.known.member, visit.known.cell
    people = in_order(members.roster(tx, cell.id))
    audit.record(tx, now=visit.now, who=f"member:{by.id}", what="roster.exported", cell=cell.id)
    data = roster_data((person.member, cell.name) for person in people)
    file = Attachment("danh-sach-dang-vien.xlsx", recipe=BOOK, data=data)
    return go("more", None, Message(by.id, t("organisation.exported", count=len(people)), attachment=file))


def template(to: MemberId) -> Message:
    """The empty roster with its headings."""
    return Message(
        to,
        t("organisation.template"),
        attachment=Attachment("danh-sach-mau.xlsx", recipe=BOOK, data={"people": []}),
    )


def without_code(tx: Connection, visit: Visit) -> tuple[OnRoster, ...]:
    """Who has neither joined nor asked nor a code that is still good."""
    outside = {JoinState.NOT_INVITED, JoinState.EXPIRED}
    people = members.roster(tx, visit.known.cell.id)
    return tuple(person for person in in_order(people) if join_state(person, visit.now) in outside)


def make_codes(tx: Connection, visit: Visit, draw: Draw) -> Outcome:
    """Codes for everybody who needs one, as one file for the secretary to print or pass on one by one."""
    by = visit.known.member
    people = without_code(tx, visit)
    if not people:
        return go("more", t("organisation.codes.nobody"))
    issued = issue_all(tx, visit.house, [p.member for p in people], by=by.id, now=visit.now, draw=draw)
    rows = [
        [
            one.member.full_name,
            one.member.party_number,
            one.member.phone,
            joining_rules.shown(one.code),
            one.link or "",
            one.expires_at.astimezone(visit.house.zone).strftime("%H:%M %d/%m/%Y"),
        ]
        for one in issued
    ]
    data = {
        "title": _say(visit, t("organisation.codes.title")),
        "headings": [_say(visit, t(f"organisation.codes.column.{name}")) for name in _CODE_COLUMNS],
        "rows": rows,
    }
    file = Attachment("ma-tham-gia.xlsx", recipe=TABLE, data=data)
    return go("more", None, Message(by.id, t("organisation.codes.sent", count=len(issued)), attachment=file))


def _say(visit: Visit, phrase: Phrase) -> str:
    return written(phrase, visit.known.member.language, visit.house)
