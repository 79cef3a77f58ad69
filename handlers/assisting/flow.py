"""``/assist``: opening, the helper's card and the proofs; the member's own yes; the paper that comes back."""

from __future__ import annotations

from handlers.assisting import rules, screens
from handlers.assisting.helping import ASSIST, MINE
from handlers.assisting.views import AssistView
from handlers.dialogue.flow import END, Flow, Refusal, Step, Takes, refusal
from handlers.organisation.permissions import Verb

PAPER = "assist_paper"


def _no_words(_: str) -> Refusal:
    return refusal("assisting.refused.words")


def _number(leads: tuple[str, ...], back: str | None) -> Step[AssistView]:
    return Step(
        "number",
        ask="assisting.number",
        takes=Takes.EVIDENCE,
        read=rules.read_paper_number,
        leads=leads,
        back=back,
        most=80,
    )


def _pages(leads: tuple[str, ...]) -> Step[AssistView]:
    return Step(
        "pages",
        ask="assisting.pages",
        takes=Takes.EVIDENCE,
        body=screens.pages_body,
        options=screens.pages_options,
        read=_no_words,
        leads=leads,
        back="number",
    )


ASSIST_FLOW = Flow[AssistView](
    name=ASSIST,
    first="list",
    commands=("assist", "vietgiup"),
    verb=Verb.REVIEW_WRITE,
    steps=(
        Step(
            "list",
            ask="assisting.list",
            body=screens.list_body,
            options=screens.list_options,
            leads=("one", "members", "number", END),
        ),
        Step(
            "members",
            ask="assisting.members",
            body=screens.members_body,
            options=screens.people_options,
            read=screens.read_search,
            leads=("members", "helpers", "one"),
            back="list",
        ),
        Step(
            "helpers",
            ask="assisting.helpers",
            body=screens.helpers_body,
            options=screens.people_options,
            read=screens.read_search,
            leads=("helpers", "one"),
            back="members",
        ),
        Step(
            "one",
            ask="assisting.card",
            body=screens.card_body,
            options=screens.card_options,
            leads=("code", "voice", "sign", END),
            back="list",
        ),
        Step(
            "code",
            ask="assisting.code",
            takes=Takes.LINE,
            body=screens.code_body,
            read=rules.read_code,
            leads=("one",),
            back="one",
        ),
        Step(
            "voice",
            ask="assisting.voice",
            takes=Takes.EVIDENCE,
            body=screens.text_body,
            options=screens.turning,
            read=_no_words,
            leads=("voice", "one"),
            back="one",
        ),
        Step(
            "sign",
            ask="assisting.sign",
            takes=Takes.EVIDENCE,
            body=screens.sign_body,
            read=_no_words,
            leads=("one",),
            back="one",
        ),
        _number(("pages",), "list"),
        _pages(("helpers", "one")),
    ),
)

MINE_FLOW = Flow[AssistView](
    name=MINE,
    first="own",
    verb=Verb.REVIEW_WRITE,
    steps=(
        Step(
            "own",
            ask="assisting.own",
            takes=Takes.EVIDENCE,
            body=screens.own_body,
            options=screens.own_options,
            read=_no_words,
            leads=("own", END),
        ),
    ),
)

PAPER_FLOW = Flow[AssistView](
    name=PAPER,
    first="number",
    commands=("bangiay",),
    verb=Verb.REVIEW_WRITE,
    steps=(_number(("pages", END), None), _pages(("pages", END))),
)
