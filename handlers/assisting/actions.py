"""The room of assisted entry: who types for whom, the member's yes in three ways, the paper that comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from handlers.assisting import papers, rules
from handlers.assisting.confirming import Confirmed, confirm, draft_of, printed
from handlers.assisting.flow import ASSIST_FLOW, MINE_FLOW, PAPER, PAPER_FLOW
from handlers.assisting.helping import ASSIST, MINE, photographs, put_before
from handlers.assisting.loading import assistance_of, leads_here, load
from handlers.assisting.opening import ended, opened
from handlers.assisting.proofs import PAPER as PAPER_KINDS
from handlers.assisting.proofs import VOICE, keep_proof, picture_of
from handlers.assisting.screens import source_of
from handlers.assisting.views import AssistView
from handlers.dialogue.buttons import read_number
from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import JSON, Flow, Refusal
from handlers.dialogue.phrases import t
from handlers.dialogue.room import Message, Outcome, Recipe, Standing, Visit, aside, enter, finish, go, stay
from handlers.dialogue.said import Command
from handlers.organisation.permissions import Verb, roles_with
from handlers.review.flow import flow_name
from handlers.review.views import cursor_of
from storage import assistances, invitations, members
from storage.assistances import Assistance, Ended, Proof, Source
from storage.transaction import Connection


class AssistingRoom:
    """The secretary opens, whoever is asked types, the member says that the words are theirs."""

    flows: tuple[Flow[Any], ...] = (ASSIST_FLOW, MINE_FLOW, PAPER_FLOW)
    commands: Mapping[str, str | None] = {
        "assist": Verb.REVIEW_WRITE,
        "vietgiup": Verb.REVIEW_WRITE,
        "bangiay": Verb.REVIEW_WRITE,
        "typefor": Verb.REVIEW_WRITE,
        "ownwords": Verb.REVIEW_WRITE,
        "nohelp": Verb.REVIEW_WRITE,
        "frompaper": Verb.ASSIST,
    }
    group_commands: frozenset[str] = frozenset()
    recipes: Mapping[str, Recipe] = {}

    def load(self, tx: Connection, visit: Visit) -> AssistView:
        """Fetch what the step shows, and nothing of what this person may not see."""
        return load(tx, visit)

    def seen(self, view: AssistView, step: str) -> str | None:
        """Which text is in view: the helper may change it and hand it over anew meanwhile."""
        return view.card.assistance.digest if view.card and step in {"own", "voice"} else None

    def command(self, tx: Connection, visit: Visit, command: Command) -> Outcome:
        """``/assist`` opens the list, ``/bangiay`` takes photographs of paper; the others stand behind buttons."""
        number = read_number(command.args) or 0
        match command.name:
            case "bangiay":
                return enter(PAPER)
            case "typefor":
                return enter(ASSIST, "one", help=number)
            case "ownwords":
                return enter(MINE, help=number)
            case "nohelp":
                return _declined(tx, visit, command, number)
            case "frompaper":
                cycle, _, member = command.args.partition(".")
                return _to_helpers(read_number(cycle) or 0, read_number(member) or 0)
        return enter(ASSIST)

    def answer(self, tx: Connection, visit: Visit, view: AssistView, answer: Answer) -> Outcome:
        """Decide, keep, and say what follows; everything in the cursor is looked at anew."""
        match answer.step:
            case "list":
                return _chosen(view, answer.option or "")
            case "members" | "helpers":
                return _person(tx, visit, view, answer)
            case "number":
                return _numbered(tx, visit, view, answer)
            case "pages":
                return _paged(tx, visit, view, answer)
        found = assistance_of(tx, visit)
        if found is None:
            return finish(t("assisting.over.gone"))
        match answer.step:
            case "one":
                return _on_card(tx, visit, view, found, answer.option or "")
            case "code":
                return _coded(tx, visit, found, str(answer.value))
            case "own":
                return _own(tx, visit, view, found, answer)
        return _proved(tx, visit, view, found, answer)


def _chosen(view: AssistView, option: str) -> Outcome:
    """From the list: a card, somebody new, or a number on paper."""
    if option == "paper":
        return go("number")
    if option == "new":
        return go("members", **_PLACES) if view.cycle and view.leads else stay(t("assisting.no_cycle"))
    return go("one", help=int(option.removeprefix("a")))


def _person(tx: Connection, visit: Visit, view: AssistView, answer: Answer) -> Outcome:
    """Somebody was chosen: whom to help, or who is to type."""
    option = answer.option or ""
    if not view.leads:
        return finish(t("engine.not_allowed"))
    if option in {"prev", "more"}:
        return stay(None, list=view.page + (1 if option == "more" else -1))
    if answer.value is not None or option == "all":
        return stay(None, find=str(answer.value) if answer.value else None, list=0)
    if view.cycle is None:
        return go("list", t("assisting.no_cycle"))
    person = view.me if option == "me" else next((p for p in view.people if option == f"p{p.id}"), None)
    if person is None:
        return stay()
    if answer.step == "members":
        return go("helpers", None, member=person.id, list=0, find=None)
    if view.member is None:
        return go("members")
    return opened(tx, visit, view.member, person, view.cycle, source_of(view))


def _on_card(tx: Connection, visit: Visit, view: AssistView, found: Assistance, option: str) -> Outcome:
    """What the card offers; the screen offered only what this person may do, and it is checked where it is done."""
    match option:
        case "photos":
            return stay(None, *photographs(tx, visit, found.member_id, found.cycle_id))
        case "write":
            draft = draft_of(tx, visit, found)
            if draft is None:
                return stay(t("assisting.no_cycle"))
            place = flow_name(draft.form.key)
            return enter(place, cycle=found.cycle_id, help=found.id)
        case "again":
            return _again(tx, visit, found)
        case "print":
            return printed(tx, visit, found)
        case "end":
            told = ended(tx, visit, found, Ended.REVOKED)
            return go("list", t("assisting.ended"), *told) if told is not None else stay()
    return go(option, page=0)


def _again(tx: Connection, visit: Visit, found: Assistance) -> Outcome:
    """Put the same text before the member once more, with a new code; changed, the helper hands it over anew."""
    draft = draft_of(tx, visit, found)
    if draft is None or found.helper_id != visit.known.member.id:
        return stay()
    refused = rules.may_confirm(found, rules.digest_of(draft.answers), visit.now)
    return stay(refused.why) if refused else put_before(tx, visit, found, draft, found.digest or "")


def _coded(tx: Connection, visit: Visit, found: Assistance, code: str) -> Outcome:
    """The helper types what the member reads out; five wrong ones, and a new code is needed."""
    if found.code_hash is None:
        return go("one", t("assisting.card.no_code"))
    if rules.code_hash(invitations.key(tx), found.id, code) != found.code_hash:
        spent = found.wrong + 1 >= rules.MOST_WRONG
        assistances.mistyped(tx, found.id, spent=spent)
        left = rules.MOST_WRONG - found.wrong - 1
        return go("one", t("assisting.code.spent")) if spent else stay(t("assisting.code.wrong", left=left))
    return _after(confirm(tx, visit, found, Proof.CODE))


def _proved(tx: Connection, visit: Visit, view: AssistView, found: Assistance, answer: Answer) -> Outcome:
    """On the helper's phone: the member's voice; for a member without any: the paper that they signed."""
    if answer.option in {"prev", "more"}:
        return stay(None, page=cursor_of(view.cursor, "page") + (1 if answer.option == "more" else -1))
    signed = answer.step == "sign"
    card = view.card
    if card is None or (signed and (card.reachable or not view.leads)):
        return go("one")
    return _with_proof(tx, visit, found, answer, signed=signed)


def _with_proof(tx: Connection, visit: Visit, found: Assistance, answer: Answer, *, signed: bool) -> Outcome:
    draft = draft_of(tx, visit, found)
    if refused := rules.may_confirm(found, rules.digest_of(draft.answers) if draft else None, visit.now):
        return go("one", refused.why)
    kept = keep_proof(tx, visit, found.member_id, answer.value, PAPER_KINDS if signed else VOICE)
    if isinstance(kept, Refusal):
        return stay(kept.why)
    return _after(confirm(tx, visit, found, Proof.SIGNATURE if signed else Proof.VOICE, kept))


def _after(confirmed: Confirmed | Refusal) -> Outcome:
    if isinstance(confirmed, Refusal):
        return go("one", confirmed.why)
    return go("one", t("assisting.confirmed", version=confirmed.version), *confirmed.messages)


def _own(tx: Connection, visit: Visit, view: AssistView, found: Assistance, answer: Answer) -> Outcome:
    """The member, on their own phone, with the text in view: yes, no, or yes by voice."""
    if answer.option != "no" and visit.state.data.get("seen") != found.digest:
        return stay(t("assisting.confirm.changed"), page=0)
    if answer.option in {"prev", "more"}:
        return stay(None, page=cursor_of(view.cursor, "page") + (1 if answer.option == "more" else -1))
    if answer.option == "no":
        told = Message(found.helper_id, t("assisting.not_theirs", name=visit.known.member.full_name))
        return finish(t("assisting.own.no"), told)
    if answer.option == "yes":
        done = confirm(tx, visit, found, Proof.PHONE)
    else:
        kept = keep_proof(tx, visit, found.member_id, answer.value, VOICE) if view.card and view.card.text else None
        if isinstance(kept, Refusal):
            return stay(kept.why)
        done = confirm(tx, visit, found, Proof.VOICE, kept)
    if isinstance(done, Refusal):
        return finish(done.why)
    return finish(t("assisting.own.yes", version=done.version), *done.messages)


def _declined(tx: Connection, visit: Visit, command: Command, number: int) -> Outcome:
    """The member wants nobody to type for them."""
    found = assistances.get(tx, number)
    mine = found is not None and found.member_id == visit.known.member.id
    told = ended(tx, visit, found, Ended.DECLINED) if found is not None and mine else None
    said = t("assisting.declined" if told is not None else "assisting.over.gone")
    if not command.standing:
        return stay(said, *(told or ()))
    return aside(said, *(told or ()), card=said)


def _numbered(tx: Connection, visit: Visit, view: AssistView, answer: Answer) -> Outcome:
    """The number of a paper form: typed, or read from a photograph, which is kept as its first page at once."""
    picture = picture_of(answer.value)
    number = papers.number_in_picture(picture) if picture else answer.value
    if not isinstance(number, str):
        return stay(t("assisting.number.unread"))
    found = papers.whose(tx, number)
    if found is None:
        return stay(t("assisting.number.unknown"))
    there: dict[str, JSON] = {"cycle": found[0], "member": found[1], "source": Source.PAPER.value}
    seen = load(tx, replace(visit, state=replace(visit.state, data={**visit.state.data, **there})))
    if seen.member is None:
        return stay(t("assisting.number.other"))
    if seen.cycle is None:
        return stay(t("assisting.no_cycle"))
    return go("pages", _kept_page(tx, visit, seen, answer).say if picture else None, **there)


def _paged(tx: Connection, visit: Visit, view: AssistView, answer: Answer) -> Outcome:
    """Another photograph, or the end of them: the secretary goes on to type, a member hands over."""
    if view.member is None or view.cycle is None:
        return finish(t("assisting.no_cycle"))
    if answer.option != "done":
        return _kept_page(tx, visit, view, answer)
    if leads_here(visit):
        running = assistances.running(tx, view.member.id, view.cycle.id, visit.now)
        if running is not None or view.member.id == view.me.id:
            return enter(ASSIST, "one", help=running.id) if running else finish(t("assisting.pages.own"))
        return _to_helpers(view.cycle.id, view.member.id)
    args = f"{view.cycle.id}.{view.member.id}"
    words = t("assisting.paper.came", name=view.member.full_name, count=view.photographs)
    button = Standing(t("assisting.paper.came.type"), "frompaper", args)
    led = members.holders(tx, visit.known.cell.id, roles_with(Verb.ASSIST))
    return finish(t("assisting.pages.handed_over"), *(Message(leader.id, words, (button,)) for leader in led))


def _to_helpers(cycle: int, member: int) -> Outcome:
    """Whose paper is known: who is to type it."""
    return enter(ASSIST, "helpers", cycle=cycle, member=member, source=Source.PAPER.value)


def _kept_page(tx: Connection, visit: Visit, view: AssistView, answer: Answer) -> Outcome:
    if view.member is None or view.cycle is None:
        return finish(t("assisting.no_cycle"))
    kept = keep_proof(tx, visit, view.member.id, answer.value, PAPER_KINDS)
    if isinstance(kept, Refusal):
        return stay(kept.why)
    count = assistances.add_page(tx, view.member.id, view.cycle.id, kept, view.me.id, visit.now)
    return stay(t("assisting.pages.kept", count=count))


_PLACES: dict[str, None] = {"member": None, "cycle": None, "source": None, "list": None, "find": None}
