"""``/me``: what is kept about a person, their consent, their language, declared as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from handlers.dialogue.flow import END, Flow, Option, Step
from handlers.dialogue.phrases import Lines, Phrase, lines, paragraphs, t
from handlers.reaching import channel_name
from handlers.texts import LANGUAGES
from storage.records import Account, Member


@dataclass(frozen=True, slots=True)
class MeView:
    """The person's own record, accounts (the one where they are reached first) and newest consent.

    ``missing`` are the messengers of the house on which they have no account; ``chosen`` the account to take away.
    """

    member: Member
    cell: str
    accounts: tuple[Account, ...] = ()
    consent_version: str | None = None
    agreed_at: datetime | None = None
    missing: tuple[str, ...] = ()
    chosen: Account | None = None


def _card(view: MeView) -> Phrase:
    member = view.member
    return paragraphs(
        t("me.title"),
        lines(
            t("me.name", name=member.full_name),
            t("me.cell", cell=view.cell),
            t("me.number", number=member.party_number),
            t("me.born", day=member.born_on) if member.born_on else None,
            t("me.admitted", day=member.admitted_on) if member.admitted_on else None,
            t("me.official", day=member.official_on) if member.official_on else None,
            t("me.phone", phone=member.phone) if member.phone else None,
            t("me.position", position=member.position) if member.position else None,
        ),
        _channels(view),
        _consent(view),
        t("me.wrong"),
    )


def _channels(view: MeView) -> Lines:
    several = len(view.accounts) > 1
    reached = view.accounts[0] if several and view.accounts[0].trouble is None else None
    return lines(*(_channel(account, chosen=account == reached) for account in view.accounts))


def _channel(account: Account, *, chosen: bool) -> Phrase:
    """One account: since when, whether messages arrive there, whether it is where reminders go."""
    named = t("me.channel", channel=channel_name(account.address.channel), since=account.linked_at)
    if account.trouble is not None:
        return t("me.channel.trouble", channel=named, why=t(f"reminders.why.{account.trouble}"))
    if not chosen:
        return named
    return t("me.channel.preferred" if account.preferred else "me.channel.reached", channel=named)


def _consent(view: MeView) -> Phrase:
    if view.agreed_at is None:
        return t("me.consent.none")
    return t("me.consent", version=view.consent_version or "", at=view.agreed_at)


def _options(view: MeView) -> tuple[Option, ...]:
    further = (Option(f"link.{name}", t("me.link", channel=channel_name(name))) for name in view.missing)
    several = (Option("channels", t("me.channels"), ("ung dung", "channels")),) if len(view.accounts) > 1 else ()
    return (
        *further,
        *several,
        Option("data", t("me.data")),
        Option("language", t("me.language")),
        Option("withdraw", t("me.withdraw")),
    )


def _languages(_: MeView) -> tuple[Option, ...]:
    return tuple(Option(code, t(f"me.language.{code}")) for code in LANGUAGES)


def _account_options(view: MeView) -> tuple[Option, ...]:
    """Where reminders are to go, and which account is to be taken away."""
    accounts = [(a, a.address.channel) for a in sorted(view.accounts, key=lambda a: a.linked_at)]
    prefer = (
        Option(f"prefer.{name}", t("me.prefer", channel=channel_name(name)))
        for account, name in accounts
        if not account.preferred
    )
    remove = (Option(f"remove.{name}", t("me.remove", channel=channel_name(name))) for _, name in accounts)
    return (*prefer, *remove)


def _remove(view: MeView) -> Phrase:
    channel = channel_name(view.chosen.address.channel) if view.chosen else ""
    return t("me.remove.ask", channel=channel)


def _withdraw(_: MeView) -> Phrase:
    return paragraphs(t("me.withdraw.ask"), t("me.withdraw.what"))


ME = Flow[MeView](
    name="me",
    first="card",
    commands=("me", "toi"),
    verb="own_data",
    steps=(
        Step(
            "card",
            ask="me.title",
            body=_card,
            options=_options,
            leads=("language", "channels", "withdraw", "card", END),
        ),
        Step("language", ask="me.language.ask", options=_languages, leads=("card",), back="card"),
        Step(
            "channels",
            ask="me.channels.ask",
            body=lambda view: paragraphs(_channels(view), t("me.channels.ask")),
            options=_account_options,
            leads=("channels", "remove", "card"),
            back="card",
        ),
        Step(
            "remove",
            ask="me.remove.ask",
            body=_remove,
            options=lambda _: (Option("yes", t("me.remove.yes")), Option("no", t("me.remove.no"))),
            leads=("channels", "card", END),
            back="channels",
        ),
        Step(
            "withdraw",
            ask="me.withdraw.ask",
            body=_withdraw,
            options=lambda _: (Option("yes", t("me.withdraw.yes")), Option("no", t("me.withdraw.no"))),
            leads=("card", END),
            back="card",
        ),
    ),
)
