"""The dialogue of joining: code, is it you, who reads what, consent, waiting for the secretary."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.dialogue.flow import ASK, END, Flow, Option, Refusal, Step, Takes, refusal
from handlers.dialogue.phrases import Phrase, Plain, lines, paragraphs, t
from handlers.joining import rules

CHANNELS = ("telegram", "zalo")


@dataclass(frozen=True, slots=True)
class JoinView:
    """What the screens need: the invitation's masked name and cell, who approves, how things stand.

    ``links``: the code in hand was made by the member, for a further account.
    """

    name: str = ""
    cell: str = ""
    channel: str = ""
    approvers: tuple[str, ...] = ()
    waiting: bool = False
    removed: bool = False
    joined: bool = False
    links: bool = False


def readers_text(view: JoinView) -> Phrase:
    """Who will read what."""
    return t("joining.readers", cell=view.cell)


def consent_text(view: JoinView) -> Phrase:
    """What for, how long, which rights, and the question."""
    via = view.channel if view.channel in CHANNELS else "other"
    return t("joining.consent", via=t(f"joining.via.{via}"), version=rules.CONSENT_VERSION)


def _code(view: JoinView) -> Phrase:
    if view.waiting:
        return paragraphs(_waiting(view), t("joining.code.other"))
    if view.removed:
        return paragraphs(t("joining.removed"), t("joining.code.other"))
    return t("joining.code")


def _waiting(view: JoinView) -> Phrase:
    if not view.approvers:
        return t("joining.waiting.nobody")
    return paragraphs(t("joining.waiting"), lines(*(Plain(f"• {who}") for who in view.approvers)))


def _read_code(typed: str) -> str | Refusal:
    """A code, a refusal for what was meant as one, or '' for a greeting and other small talk."""
    if code := rules.read_code(typed):
        return code
    return refusal("joining.code.shape") if rules.meant_as_code(typed) else ""


def _yes_no(_: JoinView) -> tuple[Option, ...]:
    return (
        Option("yes", t("joining.who.yes"), ("dung", "phai", "yes")),
        Option("no", t("joining.who.no"), ("khong", "sai", "no")),
    )


def _agree(_: JoinView) -> tuple[Option, ...]:
    return (
        Option("agree", t("joining.agree"), ("dong y", "i agree", "agree")),
        Option("disagree", t("joining.disagree"), ("khong dong y", "disagree")),
    )


JOIN = Flow[JoinView](
    name="join",
    first="code",
    commands=("start",),
    ways=frozenset({ASK}),
    steps=(
        Step(
            "code",
            ask="joining.code",
            takes=Takes.LINE,
            body=_code,
            read=_read_code,
            leads=("who", "code"),
        ),
        Step(
            "who",
            ask="joining.who",
            body=lambda view: t("joining.who", name=view.name, cell=view.cell),
            options=_yes_no,
            leads=("readers", "code"),
        ),
        Step(
            "readers",
            ask="joining.readers",
            body=readers_text,
            options=lambda _: (Option("next", t("joining.next"), ("tiep", "tiep tuc", "next", "da doc")),),
            leads=("consent", "code"),
            back="who",
        ),
        Step(
            "consent",
            ask="joining.consent",
            body=consent_text,
            options=_agree,
            leads=("waiting", "joined", "code"),
            back="readers",
        ),
        Step(
            "waiting",
            ask="joining.waiting",
            body=_waiting,
            options=lambda _: (Option("other", t("joining.other_code"), ("ma khac", "other code")),),
            leads=("code",),
        ),
        Step(
            "joined",
            ask="joining.joined",
            options=lambda _: (Option("open", t("joining.open"), ("mo", "open")),),
            leads=(END,),
        ),
    ),
)
