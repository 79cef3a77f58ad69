"""A person's own data: to see, to take away, to choose a language and a messenger, to withdraw the consent."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping

from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import Flow
from handlers.dialogue.phrases import t
from handlers.dialogue.room import Attachment, Message, Outcome, Recipe, Visit, enter, go
from handlers.dialogue.said import Command
from handlers.joining import linking
from handlers.joining.invite import Draw
from handlers.joining.rules import may_end
from handlers.organisation.permissions import Verb
from handlers.organisation.rules import keeps_a_secretary
from handlers.privacy.flow import ME, MeView
from handlers.privacy.links import COMMAND, end_link
from handlers.reaching import channel_name
from handlers.texts import LANGUAGES
from storage import accounts, audit, conversations, handouts, invitations, members, outbox, own_data
from storage.records import Account, Role
from storage.transaction import Connection


class PrivacyRoom:
    """What a member may know and decide about what is kept of them."""

    flows: tuple[Flow[MeView], ...] = (ME,)
    commands: Mapping[str, str | None] = {"me": Verb.OWN_DATA, "toi": Verb.OWN_DATA, COMMAND: Verb.OWN_DATA}
    group_commands: frozenset[str] = frozenset()
    recipes: Mapping[str, Recipe] = {}

    def __init__(self, *, draw: Draw = secrets.randbelow) -> None:
        self._draw = draw

    def load(self, tx: Connection, visit: Visit) -> MeView:
        """Fetch the person's accounts and newest consent."""
        person = visit.known
        linked = accounts.of_member(tx, person.member.id)
        channel = visit.state.data.get("channel")
        given = next((c for c in invitations.consents_of(tx, person.member.id) if c.withdrawn_at is None), None)
        return MeView(
            member=person.member,
            cell=person.cell.name,
            accounts=linked,
            consent_version=given.version if given else None,
            agreed_at=given.agreed_at if given else None,
            missing=tuple(door.channel for door in linking.missing(visit, linked)),
            chosen=next((account for account in linked if account.address.channel == channel), None),
        )

    def command(self, tx: Connection, visit: Visit, command: Command) -> Outcome:
        """Open the card; or end the link of a file, by the number of the post that brought it."""
        if command.name == COMMAND:
            return end_link(tx, visit, command.args)
        return enter(ME.name)

    def answer(self, tx: Connection, visit: Visit, view: MeView, answer: Answer) -> Outcome:
        """A choice on the card, a language, or the withdrawal."""
        match answer.step, answer.option:
            case "card", "data":
                return self._hand_out(tx, visit)
            case "card", str(chosen) if chosen.startswith("link."):
                return linking.asked(tx, visit, only=chosen.removeprefix("link."), draw=self._draw)
            case "card", chosen:
                return go(chosen or "card")
            case "channels", str(chosen):
                return self._on_channels(tx, view, chosen)
            case "remove", "yes" if view.chosen is not None:
                return self._remove(tx, visit, view, view.chosen)
            case "remove", _:
                return go("channels", channel=None)
            case "language", code if code in LANGUAGES:
                accounts.set_language(tx, view.member.id, code)
                return Outcome(go="card", say=t("me.language.set"), renewed=True)
            case "withdraw", "yes":
                return self._withdraw(tx, visit, view)
        return go("card")

    def _on_channels(self, tx: Connection, view: MeView, chosen: str) -> Outcome:
        verb, _, channel = chosen.partition(".")
        account = next((a for a in view.accounts if a.address.channel == channel), None)
        if account is None:
            return go("channels")
        if verb == "remove":
            return go("remove", channel=channel)
        accounts.prefer(tx, view.member.id, account.address)
        return go("channels", t("me.preferred", channel=channel_name(channel)))

    def _remove(self, tx: Connection, visit: Visit, view: MeView, account: Account) -> Outcome:
        """Take one account away; the last one goes by withdrawing the consent."""
        if refused := may_end(account, view.accounts, visit.known.account, visit.now):
            return go("channels", refused.why, channel=None)
        told = linking.end(tx, visit, account)
        if account.address == visit.address:
            return Outcome(enter="join", say=t("me.account.ended.here"), renewed=True)
        ended = t("me.account.ended", channel=channel_name(account.address.channel))
        return go("card", ended, *told, channel=None)

    def _hand_out(self, tx: Connection, visit: Visit) -> Outcome:
        """Send the person everything that is kept about them, as one file."""
        member = visit.known.member
        content = json.dumps(own_data.of_member(tx, member.id), ensure_ascii=False, indent=1).encode()
        _record(tx, visit, "own_data.exported")
        file = Attachment("du-lieu-cua-toi.json", content)
        return go("card", None, Message(visit.address, t("me.data.sent"), attachment=file))

    def _withdraw(self, tx: Connection, visit: Visit, view: MeView) -> Outcome:
        """End the person's use of the bot: phones are unlinked; what the cell must keep stays with the cell."""
        member = view.member
        secretaries = members.holders(tx, member.cell_id, (Role.SECRETARY,))
        joined = members.holders(tx, member.cell_id, (Role.SECRETARY,), joined=True)
        if Role.SECRETARY in member.roles and not keeps_a_secretary(member, secretaries, joined):
            return go("card", t("me.withdraw.last_secretary"))
        invitations.withdraw_consent(tx, member.id, None, visit.now)
        handouts.revoke_for(tx, member.id, visit.now, f"member:{member.id}")
        invitations.revoke_open(tx, [member.id], visit.now, links_only=True)
        _record(tx, visit, "consent.withdrawn")
        told = tuple(
            Message(secretary.id, t("me.withdraw.told", name=member.full_name))
            for secretary in joined
            if secretary.id != member.id
        )
        for account in view.accounts:
            accounts.unlink(tx, account.address)
            outbox.discard(tx, account.address, visit.now)
            if account.address != visit.address:
                conversations.forget(tx, account.address)
        return Outcome(enter="join", say=t("me.withdraw.done"), messages=told, renewed=True)


def _record(tx: Connection, visit: Visit, what: str) -> None:
    member = visit.known.member
    who = f"member:{member.id}"
    audit.record(tx, now=visit.now, who=who, what=what, subject=who, cell=member.cell_id)
