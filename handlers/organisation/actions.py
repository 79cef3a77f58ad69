"""``/members`` at work: fetch the roster, find people, issue codes, change what the roster says."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import Flow, Refusal
from handlers.dialogue.fold import fold
from handlers.dialogue.phrases import t
from handlers.dialogue.room import Outcome, Recipe, Visit, enter, finish, go, stay
from handlers.dialogue.said import Command, File
from handlers.joining.invite import Draw, issue, to_pass_on
from handlers.joining.request import card_for
from handlers.organisation import bulk, rules
from handlers.organisation.changes import Editor
from handlers.organisation.document import roster_book, table_book
from handlers.organisation.flow import MEMBERS
from handlers.organisation.permissions import Verb
from handlers.organisation.screens import MembersView
from handlers.organisation.sheet import RosterRow
from handlers.reaching import channel_name
from storage import members, rosters
from storage.records import FormKind, Member, MemberId, OnRoster, Role, Status
from storage.transaction import Connection


class OrganisationRoom:
    """The cell's people, for its secretary. ``draw`` makes the random numbers of codes."""

    flows: tuple[Flow[MembersView], ...] = (MEMBERS,)
    commands: Mapping[str, str | None] = {"members": Verb.MEMBERS_MANAGE, "dangvien": Verb.MEMBERS_MANAGE}
    group_commands: frozenset[str] = frozenset()
    recipes: Mapping[str, Recipe] = {bulk.BOOK: roster_book, bulk.TABLE: table_book}

    def __init__(self, *, draw: Draw = secrets.randbelow) -> None:
        self._draw = draw

    def load(self, tx: Connection, visit: Visit) -> MembersView:
        """Fetch what the step shows: a page and the counts, one person, or the import that waits."""
        person = visit.known
        base = MembersView(cell=person.cell.name, now=visit.now, today=visit.today)
        match visit.state.step:
            case "list":
                return _listed(tx, visit, base)
            case "preview":
                draft = rosters.draft(tx, person.member.id)
                return replace(base, plan=bulk.plan_of(tx, visit, draft), file=draft.name) if draft else base
            case "codes":
                return replace(base, without_code=len(bulk.without_code(tx, visit)))
        chosen = visit.state.data.get("member")
        found = members.roster(tx, person.cell.id, MemberId(int(chosen))) if chosen else ()
        return replace(base, person=found[0] if found else None)

    def command(self, tx: Connection, visit: Visit, command: Command) -> Outcome:
        """Open the list; words after the command are looked for."""
        return enter(MEMBERS.name, find=fold(command.args)[:60] or None)

    def answer(self, tx: Connection, visit: Visit, view: MembersView, answer: Answer) -> Outcome:
        """One choice, one file or one line; cell and role were checked anew for this turn."""
        match answer.step:
            case "list":
                return _on_list(view, answer)
            case "more" | "import" | "preview" | "add" | "codes":
                return self._on_roster(tx, visit, answer)
        if view.person is None:
            return go("list", t("organisation.card.gone"), member=None)
        editor, member = Editor(tx, visit.known.member, visit.now), view.person.member
        match answer.step:
            case "card":
                return self._on_card(tx, visit, view.person, answer)
            case "edit":
                return go(answer.option or "edit")
            case "roles":
                return _on_roles(editor, member, Role(answer.option or ""))
            case "remove" if answer.option == "remove":
                removed = editor.remove(member)
                if isinstance(removed, Refusal):
                    return go("card", removed.why)
                return go("list", t("organisation.removed", name=member.full_name), *removed, member=None)
            case "remove":
                return go("card")
        _change(editor, member, answer)
        return go("card", t("organisation.changed"))

    def _on_card(self, tx: Connection, visit: Visit, person: OnRoster, answer: Answer) -> Outcome:
        by = visit.known.member
        match answer.option:
            case "edit":
                return go("edit")
            case "request" if person.request is not None:
                return go("card", None, card_for(tx, by.id, person.request, person.member))
            case "invite":
                issued = issue(tx, visit.house, person.member, by=by.id, now=visit.now, draw=self._draw)
                return go("card", t("organisation.invited"), to_pass_on(issued, by.id))
        return go("card")

    def _on_roster(self, tx: Connection, visit: Visit, answer: Answer) -> Outcome:
        match answer.step, answer.option:
            case "more", "export":
                return bulk.export(tx, visit)
            case ("more" | "import") as step, "template":
                return go(step, None, bulk.template(visit.known.member.id))
            case "more", "import" if not visit.house.takes_files(visit.address.channel):
                return go("more", t("organisation.import.elsewhere", channel=channel_name(visit.address.channel)))
            case "more", step:
                return go(step or "more")
            case "import", _ if isinstance(answer.value, File):
                return bulk.take_file(tx, visit, answer.value)
            case "preview", "apply":
                return bulk.apply_draft(tx, visit)
            case "preview", _:
                rosters.drop(tx, visit.known.member.id)
                return go("import")
            case "add", _ if isinstance(answer.value, RosterRow):
                return bulk.add_person(tx, visit, answer.value)
            case "codes", _:
                return bulk.make_codes(tx, visit, self._draw)
        return stay()


def _listed(tx: Connection, visit: Visit, base: MembersView) -> MembersView:
    """The page in view; a page that no longer exists is the last one."""
    everybody = members.roster(tx, visit.known.cell.id)
    find = str(visit.state.data.get("find") or "")
    people = rules.in_order(rules.matching(everybody, find) if find else everybody)
    page = min(int(visit.state.data.get("page") or 0), rules.pages_of(len(people)) - 1)
    return replace(base, people=people, counts=rules.count(everybody, visit.now), page=page, find=find)


def _on_list(view: MembersView, answer: Answer) -> Outcome:
    match answer.option:
        case None:
            return go("list", page=0, find=str(answer.value))
        case "next" | "prev":
            return go("list", page=view.page + (1 if answer.option == "next" else -1))
        case "all":
            return go("list", page=0, find=None)
        case "more":
            return go("more")
    return go("card", member=int(answer.option.removeprefix("m")))


def _on_roles(editor: Editor, member: Member, role: Role) -> Outcome:
    """One press gives a role or takes it; whoever gives up the own role as secretary leaves this flow."""
    if role not in member.roles:
        return go("roles", t("organisation.changed"), *editor.grant(member, role))
    revoked = editor.revoke(member, role)
    if isinstance(revoked, Refusal):
        return go("roles", revoked.why)
    if member.id == editor.by.id and role is Role.SECRETARY:
        return finish(t("organisation.handed_over"))
    return go("roles", t("organisation.changed"), *revoked)


def _change(editor: Editor, member: Member, answer: Answer) -> Member:
    """One fact of the record: status, form, absence or telephone."""
    match answer.step:
        case "status":
            return editor.change(member, status=Status(answer.option or ""))
        case "form":
            return editor.change(member, form=FormKind(answer.option or ""))
        case "phone":
            return editor.change(member, phone=str(answer.value))
    first, last = answer.value if isinstance(answer.value, tuple) else (None, None)
    return editor.absent(member, _day(first), _day(last))


def _day(value: object) -> date | None:
    return value if isinstance(value, date) else None
