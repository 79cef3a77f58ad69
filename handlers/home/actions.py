"""The home screen, help and asking a person: where everybody starts and where everybody can turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from handlers.dialogue.buttons import read_number
from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import Flow
from handlers.dialogue.phrases import Plain, paragraphs, t
from handlers.dialogue.room import Message, Outcome, Recipe, Standing, Visit, enter, finish, stay
from handlers.dialogue.said import Command
from handlers.home.flow import ASK, HELP, HOME, REPLY, HomeView
from handlers.organisation.permissions import Verb
from storage import accounts, questions
from storage.records import Role
from storage.transaction import Connection

Doors = Callable[[frozenset[Role]], tuple[str, ...]]


class HomeRoom:
    """``doors`` says which commands a person's roles open, in the order of the home screen."""

    flows: tuple[Flow[HomeView], ...] = (HOME, HELP, ASK, REPLY)
    commands: Mapping[str, str | None] = {
        "menu": None,
        "home": None,
        "help": None,
        "trogiup": None,
        "cancel": None,
        "huy": None,
        "ask": None,
        "hoinguoi": None,
        "reply": Verb.QUESTIONS_ANSWER,
    }
    group_commands: frozenset[str] = frozenset()
    recipes: Mapping[str, Recipe] = {}

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    def load(self, tx: Connection, visit: Visit) -> HomeView:
        """Fetch the name, the doors, and who answers questions."""
        if visit.person is None:
            return HomeView()
        member = visit.person.member
        helpers = questions.helpers(tx, member.cell_id, member.id) if visit.state.flow == ASK.name else ()
        return HomeView(
            name=member.full_name,
            cell=visit.person.cell.name,
            doors=tuple(name for name in self._doors(member.roles) if name not in self.commands),
            secretaries=tuple(f"{h.full_name} {h.phone}".strip() for h in helpers),
            question=self._question(tx, visit),
        )

    def _question(self, tx: Connection, visit: Visit) -> str:
        asked = questions.find(tx, int(visit.state.data.get("question") or 0))
        return asked.words if asked else ""

    def command(self, tx: Connection, visit: Visit, command: Command) -> Outcome:
        """Open home, help or the question; cancelling leaves without losing anything."""
        if visit.person is None:
            return enter("join")
        match command.name:
            case "help" | "trogiup":
                return Outcome(enter=HELP.name, returning=True)
            case "ask" | "hoinguoi":
                return Outcome(enter=ASK.name, returning=visit.state.flow != ASK.name)
            case "cancel" | "huy":
                return enter(HOME.name, say=t("engine.left"))
            case "reply":
                return self._open_reply(tx, visit, command.args)
        return enter(HOME.name)

    def answer(self, tx: Connection, visit: Visit, view: HomeView, answer: Answer) -> Outcome:
        """A door, the way back, a question, or a secretary's reply to one."""
        if answer.step == "doors":
            return Outcome(run=answer.option) if answer.option else stay()
        if answer.step == "question" and answer.option != "return":
            return self._asked(tx, visit, str(answer.value or ""))
        if answer.step == "reply" and answer.value is not None:
            return self._replied(tx, visit, str(answer.value))
        return finish()

    def _asked(self, tx: Connection, visit: Visit, words: str) -> Outcome:
        """Keep the question and pass it on to everybody who may answer, with where the person was."""
        person = visit.known
        place = visit.state.parent.flow if visit.state.parent else HOME.name
        number = questions.ask(tx, person.member.id, place, words, visit.now)
        helpers = questions.helpers(tx, person.member.cell_id, person.member.id)
        told = [h for h in helpers if accounts.of_member(tx, h.id)]
        if not helpers:
            return finish(t("home.ask.nobody"))
        body = paragraphs(
            t("home.asked.head", name=person.member.full_name, phone=person.member.phone or "–"),
            Plain(words) if words else t("home.asked.call_me"),
        )
        reply = Standing(t("home.asked.reply"), "reply", str(number))
        messages = tuple(Message(h.id, body, (reply,)) for h in told)
        return finish(t("home.ask.sent" if told else "home.ask.sent_nobody_online"), *messages)

    def _open_reply(self, tx: Connection, visit: Visit, args: str) -> Outcome:
        number = read_number(args)
        asked = questions.find(tx, number) if number is not None else None
        member = visit.known.member
        if asked is None or member.id not in {h.id for h in questions.helpers(tx, asked.cell_id, asked.member_id)}:
            return stay(t("engine.not_allowed"))
        return Outcome(enter=REPLY.name, data={"question": asked.id}, returning=True)

    def _replied(self, tx: Connection, visit: Visit, words: str) -> Outcome:
        number = int(visit.state.data.get("question") or 0)
        asked = questions.find(tx, number)
        if asked is None:
            return finish(t("engine.stale"))
        questions.answer(tx, number, words, visit.known.member.id, visit.now)
        told = t("home.answered.head", name=visit.known.member.full_name)
        message = Message(asked.member_id, paragraphs(told, Plain(words)))
        return finish(t("home.reply.sent"), message)
