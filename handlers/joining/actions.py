"""Joining, step by step: try the code, take the consent, ask the secretaries, link the phone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import Flow
from handlers.dialogue.phrases import Phrase, paragraphs, t
from handlers.dialogue.room import Outcome, Recipe, Visit, aside, enter, go, stay
from handlers.dialogue.said import Command
from handlers.joining import rules
from handlers.joining.flow import JOIN, JoinView, consent_text, readers_text
from handlers.joining.request import approve_by_administrator, approvers_of, card_for, settle
from handlers.joining.rules import CodeState
from handlers.organisation.permissions import Verb
from handlers.posting import words_of
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
    }
    group_commands: frozenset[str] = frozenset()
    recipes: Mapping[str, Recipe] = {}

    def load(self, tx: Connection, visit: Visit) -> JoinView:
        """Fetch what the invitation in hand says, and whether a request of this account waits."""
        if visit.person is not None:
            return JoinView(joined=True, cell=visit.person.cell.name)
        invited = self._invited(tx, visit)
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
        )

    def command(self, tx: Connection, visit: Visit, command: Command) -> Outcome:
        """``/start`` with or without a code, and the two buttons under a secretary's card."""
        if command.name == "start":
            return self._start(tx, visit, command.args)
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
            return go("code", t("joining.code.gone"), invite=None)
        match answer.step, answer.option:
            case "who", "yes":
                return go("readers")
            case "who", _:
                return go("code", t("joining.not_me"), invite=None)
            case "readers", _:
                return go("consent")
            case "consent", "agree":
                return self._agreed(tx, visit, view)
        return go("code", t("joining.declined"), invite=None)

    def _start(self, tx: Connection, visit: Visit, args: str) -> Outcome:
        if visit.person is not None:
            if not args.strip():
                return enter("home")
            return enter("home", say=t("joining.already", name=visit.person.member.full_name))
        if not args.strip():
            return enter("join")
        code = rules.read_code(args)
        if code is None:
            return enter("join", say=t("joining.code.shape"))
        hashed, why = self._try(tx, visit, code)
        return enter("join", "who", invite=hashed) if hashed else enter("join", say=why)

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
        if state is not CodeState.OPEN or self._member_of(tx, found) is None:
            return None, t(f"joining.code.{state if state is not CodeState.OPEN else CodeState.REVOKED}")
        invitations.forgive(tx, visit.address)
        return hashed, None

    def _invited(self, tx: Connection, visit: Visit) -> Member | None:
        """Whom the code in hand is for, as long as it opens."""
        hashed = visit.state.data.get("invite")
        found = invitations.find(tx, str(hashed)) if hashed else None
        if found is None or rules.state_of(found, visit.now) is not CodeState.OPEN:
            return None
        return self._member_of(tx, found)

    def _member_of(self, tx: Connection, invitation: Invitation) -> Member | None:
        member = members.find(tx, invitation.member_id)
        return member if member and member.removed_at is None else None

    def _agreed(self, tx: Connection, visit: Visit, view: JoinView) -> Outcome:
        """Keep the consent and the request, and lay the request before those who approve."""
        hashed = str(visit.state.data["invite"])
        invitation, member = invitations.find(tx, hashed), self._invited(tx, visit)
        if invitation is None or member is None or not invitations.use(tx, hashed, visit.now):
            return go("code", t("joining.code.gone"), invite=None)
        words = words_of("vi", visit.house)
        shown = (words.bare(readers_text(view)), words.bare(consent_text(view)))
        invitations.agree(
            tx,
            Consent(member.id, rules.CONSENT_VERSION, rules.text_hash(*shown), visit.address, visit.now),
        )
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
