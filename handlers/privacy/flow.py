"""``/me``: what is kept about a person, their consent, their language, declared as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from handlers.dialogue.flow import END, Flow, Option, Step
from handlers.dialogue.phrases import Lines, Phrase, lines, paragraphs, t
from handlers.texts import LANGUAGES
from storage.records import Account, Member


@dataclass(frozen=True, slots=True)
class MeView:
    """The person's own record, accounts and newest consent."""

    member: Member
    cell: str
    accounts: tuple[Account, ...] = ()
    consent_version: str | None = None
    agreed_at: datetime | None = None


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
    return lines(*(t("me.channel", channel=a.address.channel.title(), since=a.linked_at) for a in view.accounts))


def _consent(view: MeView) -> Phrase:
    if view.agreed_at is None:
        return t("me.consent.none")
    return t("me.consent", version=view.consent_version or "", at=view.agreed_at)


def _options(_: MeView) -> tuple[Option, ...]:
    return (
        Option("data", t("me.data")),
        Option("language", t("me.language")),
        Option("withdraw", t("me.withdraw")),
    )


def _languages(_: MeView) -> tuple[Option, ...]:
    return tuple(Option(code, t(f"me.language.{code}")) for code in LANGUAGES)


def _withdraw(_: MeView) -> Phrase:
    return paragraphs(t("me.withdraw.ask"), t("me.withdraw.what"))


ME = Flow[MeView](
    name="me",
    first="card",
    commands=("me", "toi"),
    verb="own_data",
    steps=(
        Step("card", ask="me.title", body=_card, options=_options, leads=("language", "withdraw", "card", END)),
        Step("language", ask="me.language.ask", options=_languages, leads=("card",), back="card"),
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
