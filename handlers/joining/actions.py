"""Joining, step by step: try the code, take the consent, ask the secretaries, link the phone."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace

from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import Flow
from handlers.dialogue.phrases import Phrase, paragraphs, t
from handlers.dialogue.room import Outcome, Recipe, Visit, aside, enter, go, stay
from handlers.dialogue.said import Command
from handlers.joining import linking, rules
from handlers.joining.flow import JOIN, JoinView, consent_text, readers_text
from handlers.joining.invite import Draw
from handlers.joining.request import approve_by_administrator, approvers_of, card_for, settle
from handlers.joining.rules import CodeState
from handlers.organisation.permissions import Verb
from handlers.posting import words_of
from handlers.reaching import channel_name
from storage import accounts, invitations, members
from storage.records import Consent, Invitation, Member, RequestState
from storage.transaction import Connection


class JoiningRoom:
    """The way in. Nothing of a stranger is kept before their consent but the count of wrong codes."""

    flows: tuple[Flow[JoinView], ...] = (JOIN,)
    commands: Mapping[str, str | None] = {
        "start": None,
        "approve": Verb.JOIN_APPROVE,
        "decline": Verb.JOIN_APPROVE,
        "link": Verb.OWN_DATA,
        "lienket": Verb.OWN_DATA,
        "unlink": Verb.OWN_DATA,
    }
    group_commands: frozenset[str] = frozenset()
    recipes: Mapping[str, Recipe] = {}

    def __init__(self, *, draw: Draw = secrets.randbelow) -> None:
        self._draw = draw

    def overhears(self, text: str) -> Command | None:
        """A code typed by somebody who is in already: they are told what it is not good for."""
        return Command("start", text) if rules.typed_as_code(text) else None

    def load(self, tx: Connection, visit: Visit) -> JoinView:
        """Fetch what the invitation in hand says, and whether a request of this account waits."""
        if visit.person is not None:
            return JoinView(joined=True, cell=visit.person.cell.name)
        found = _in_hand(tx, visit)
        invited = self._invited(tx, visit, found)
        waiting = invitations.waiting_at(tx, visit.address)
        asked = members.find(tx, waiting.member_id) if waiting else None
        home = members.cell(tx, invited.cell_id) if invited else None
        return JoinView(
            name=rules.masked(invited.full_name) if invited else "",
            cell=home.name if home else "",
            channel=visit.address.channel,
            approvers=tuple(f"{m.full_name} {m.phone}".strip() for m in approvers_of(tx, asked)) if asked else (),
            waiting=waiting is not None,
            removed=accounts.speaker(tx, visit.address) is not None,
            links=found is not None and found.links,
        )

    def command(self, tx: Connection, visit: Visit, command: Command) -> Outcome:
        """``/start`` with or without a code, a code for a further messenger, the buttons under cards."""
        match command.name:
            case "start":
                return self._start(tx, visit, command.args)
            case "link" | "lienket":
                return linking.asked(tx, visit, draw=self._draw)
            case "unlink":
                return linking.undo(tx, visit, command)
        state = RequestState.APPROVED if command.name == "approve" else RequestState.REFUSED
        settled = settle(tx, visit.known.member, command.args, state, visit.now)
        if command.standing:
            return aside(settled.say, *settled.messages, card=settled.card)
        return stay(paragraphs(settled.say, settled.card), *settled.messages)

    def answer(self, tx: Connection, visit: Visit, view: JoinView, answer: Answer) -> Outcome:
        """One step further; whoever has joined meanwhile is at home."""
        if visit.person is not None:
            return enter("home")
        match answer.step, answer.option:
            case "code", _ if not answer.value:
                return go("code")
            case "code", _:
                hashed, why = self._try(tx, visit, str(answer.value))
                return go("who", invite=hashed) if hashed else go("code", why, invite=None)
            case "waiting", _:
                return go("code")
        if not view.name:
            return go("code", t("joining.link.gone" if view.links else "joining.code.gone"), invite=None)
        match answer.step, answer.option:
            case "who", "yes":
                return go("readers")
            case "who", _:
                return go("code", t("joining.not_me"), invite=None)
            case "readers", _:
                return go("consent")
            case "consent", "agree":
                return self._agreed(tx, visit, view)
        return go("code", t("joining.link.declined" if view.links else "joining.declined"), invite=None)

    def _start(self, tx: Connection, visit: Visit, args: str) -> Outcome:
        if visit.person is not None:
            if not args.strip():
                return enter("home")
            return enter("home", say=self._not_here(tx, visit.person.member, args))
        if not args.strip():
            return enter("join")
        code = rules.read_code(args)
        if code is None:
            return enter("join", say=t("joining.code.shape"))
        hashed, why = self._try(tx, visit, code)
        return enter("join", "who", invite=hashed) if hashed else enter("join", say=why)

    def _not_here(self, tx: Connection, member: Member, typed: str) -> Phrase:
        """What a code is not good for on an account that is somebody's already; whose the code is stays untold."""
        code = rules.read_code(typed)
        found = invitations.find(tx, rules.code_hash(code, invitations.key(tx))) if code else None
        if found is not None and found.links and found.member_id == member.id:
            return t("joining.link.here")
        return t("joining.already", name=member.full_name)

    def _try(self, tx: Connection, visit: Visit, code: str) -> tuple[str | None, Phrase | None]:
        """Try a code: the hash of one that opens, or why it does not. Wrong ones are counted and slowed down."""
        attempts = invitations.attempts(tx, visit.address)
        if until := rules.locked_until(attempts, visit.now):
            return None, t("joining.code.wait", until=until)
        hashed = rules.code_hash(code, invitations.key(tx))
        found = invitations.find(tx, hashed)
        state = rules.state_of(found, visit.now)
        if found is None:
            attempts = rules.after_wrong(attempts, visit.now)
            invitations.keep_attempts(tx, visit.address, attempts)
            if until := rules.locked_until(attempts, visit.now):
                return None, t("joining.code.wait", until=until)
            return None, t("joining.code.unknown")
        member = self._member_of(tx, found)
        if state is not CodeState.OPEN or member is None:
            why = state if state is not CodeState.OPEN else CodeState.REVOKED
            return None, t(f"joining.link.{why}" if found.links else f"joining.code.{why}")
        if found.links and _has_account_on(tx, member, visit.address.channel):
            return None, t("joining.link.same", channel=channel_name(visit.address.channel))
        invitations.forgive(tx, visit.address)
        return hashed, None

    def _invited(self, tx: Connection, visit: Visit, found: Invitation | None) -> Member | None:
        """Whom the code in hand is for, as long as it opens here."""
        if found is None or rules.state_of(found, visit.now) is not CodeState.OPEN:
            return None
        member = self._member_of(tx, found)
        if member and found.links and _has_account_on(tx, member, visit.address.channel):
            return None
        return member

    def _member_of(self, tx: Connection, invitation: Invitation) -> Member | None:
        """Whose code it is; None where they are off the roster, or left the bot whose account was to vouch."""
        member = members.find(tx, invitation.member_id)
        if member is None or member.removed_at is not None:
            return None
        return None if invitation.links and not accounts.of_member(tx, member.id) else member

    def _agreed(self, tx: Connection, visit: Visit, view: JoinView) -> Outcome:
        """Keep the consent; then lay a request before those who approve, or add the further account at once."""
        hashed, invitation = str(visit.state.data["invite"]), _in_hand(tx, visit)
        member = self._invited(tx, visit, invitation)
        if invitation is None or member is None or not invitations.use(tx, hashed, visit.now):
            return go("code", t("joining.link.gone" if view.links else "joining.code.gone"), invite=None)
        words = words_of("vi", visit.house)
        shown = (words.bare(readers_text(view)), words.bare(consent_text(view)))
        invitations.agree(
            tx,
            Consent(member.id, rules.CONSENT_VERSION, rules.text_hash(*shown), visit.address, visit.now),
        )
        if invitation.links:
            return linking.add(tx, visit, member)
        number = invitations.ask(tx, member.id, visit.address, visit.sender_name, hashed, visit.now)
        approvers = approvers_of(tx, member)
        if invitation.issued_by is None and all(m.id == member.id for m in approvers):
            # The administrator handed the code over in person, and nobody else could approve: the first
            # secretary, or the only one with a new phone.
            approve_by_administrator(tx, number, member, visit.address, visit.now)
            return replace(go("joined", invite=None), renewed=True)
        request = invitations.request(tx, number)
        cards = (card_for(tx, m.id, request, member) for m in approvers if request)
        return go("waiting", None, *cards, invite=None)


def _in_hand(tx: Connection, visit: Visit) -> Invitation | None:
    """The invitation whose code was typed here, in whatever state it is by now."""
    hashed = visit.state.data.get("invite")
    return invitations.find(tx, str(hashed)) if hashed else None


def _has_account_on(tx: Connection, member: Member, channel: str) -> bool:
    """Whether the member is on this messenger already: a code of their own adds an account, and ends none."""
    return any(account.address.channel == channel for account in accounts.of_member(tx, member.id))
