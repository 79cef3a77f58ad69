"""The home screen, the help screen, and the question to a person, declared as values."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.dialogue.flow import ASK as ASK_WAY
from handlers.dialogue.flow import END, Flow, Option, Refusal, Step, Takes, refusal
from handlers.dialogue.phrases import Lines, Phrase, Plain, Text, lines, paragraphs, t
from handlers.organisation.permissions import Verb


@dataclass(frozen=True, slots=True)
class HomeView:
    """Who is at home and what they may open: (command, waiting line or None) in menu order."""

    name: str = ""
    cell: str = ""
    doors: tuple[str, ...] = ()
    secretaries: tuple[str, ...] = ()
    question: str = ""


def _welcome(view: HomeView) -> Phrase:
    return t("home.welcome", name=view.name, cell=view.cell)


def _doors(view: HomeView) -> tuple[Option, ...]:
    return tuple(Option(name, t(f"home.door.{name}")) for name in view.doors)


def _help(view: HomeView) -> Lines:
    listed = lines(*(_command_line(name) for name in view.doors))
    return paragraphs(t("home.help"), listed, t("home.help.words"))


def _command_line(name: str) -> Text:
    return t("home.help.line", command=name, words=t(f"home.words.{name}"), what=t(f"command.{name}"))


def _ask(view: HomeView) -> Text | Lines:
    if not view.secretaries:
        return t("home.ask.nobody")
    return paragraphs(t("home.ask"), lines(*(Plain(f"• {who}") for who in view.secretaries)))


def _question(text: str) -> str | Refusal:
    return text if len(text) >= 2 else refusal("home.ask.too_short")


HOME = Flow[HomeView](
    name="home",
    first="doors",
    commands=("menu", "start"),
    ways=frozenset({ASK_WAY}),
    steps=(Step("doors", ask="home.welcome", body=_welcome, options=_doors, leads=(END,)),),
)

HELP = Flow[HomeView](
    name="help",
    first="help",
    commands=("help", "trogiup"),
    ways=frozenset({ASK_WAY}),
    steps=(
        Step(
            "help",
            ask="home.help",
            body=_help,
            options=lambda _: (Option("return", t("home.help.return")),),
            leads=(END,),
        ),
    ),
)

ASK = Flow[HomeView](
    name="ask",
    first="question",
    ways=frozenset(),
    steps=(
        Step(
            "question",
            ask="home.ask",
            takes=Takes.LONG_TEXT,
            body=_ask,
            options=lambda _: (
                Option("call_me", t("home.ask.call_me"), ("goi cho toi", "call me")),
                Option("return", t("home.help.return")),
            ),
            read=_question,
            leads=(END,),
            most=2000,
        ),
    ),
)

REPLY = Flow[HomeView](
    name="reply",
    first="reply",
    verb=Verb.QUESTIONS_ANSWER,
    ways=frozenset(),
    steps=(
        Step(
            "reply",
            ask="home.reply",
            takes=Takes.LONG_TEXT,
            body=lambda view: paragraphs(t("home.reply"), Plain(view.question)),
            options=lambda _: (Option("return", t("home.help.return")),),
            leads=(END,),
            most=2000,
        ),
    ),
)
