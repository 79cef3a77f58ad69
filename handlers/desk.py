"""The front desk: the one way of a message through the house, from what was said to what is posted.

Load who speaks and where they stand, let the engine say what it means, let the room decide and keep, keep the
new place, post what is to be said. All of it inside the caller's one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from handlers import typed
from handlers.dialogue import engine
from handlers.dialogue.flow import Flow, State, Takes, from_json, to_json
from handlers.dialogue.phrases import Phrase, paragraphs, t
from handlers.dialogue.room import (
    Admits,
    Attaches,
    Compares,
    Examines,
    House,
    Inherits,
    Made,
    Message,
    Outcome,
    Overhears,
    Person,
    Room,
    Visit,
    aside,
    enter,
    finish,
    go,
    stay,
)
from handlers.dialogue.said import (
    Command,
    File,
    Forged,
    Gone,
    Incoming,
    Pressed,
    Said,
    Sent,
    Typed,
    command_of,
    is_evidence,
    with_things,
)
from handlers.dialogue.spoken import command_anywhere, command_else
from handlers.posting import post, words_of
from handlers.showing import set_menu, show_card, show_screen
from storage import accounts, conversations
from storage.records import Address, DeliveryTrouble, Role
from storage.transaction import Connection

HOME, JOIN, ASK = "home", "join", "ask"

May = Callable[[frozenset[Role], str], bool]
Menu = Callable[[frozenset[Role]], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Heard:
    """What the messenger is told at once about a pressed button: a short line that fades, or nothing."""

    toast: str | None = None


@dataclass(frozen=True, slots=True)
class _Turn:
    """What one turn leads to: the outcome, and how its screen is to be shown."""

    outcome: Outcome
    edits: str | None = None
    toast: Phrase | None = None
    quiet: bool = False


class Desk:
    """Knows every room; ``may`` is the permission table, ``menu`` the commands that go with roles.

    ``house`` may be exchanged for one with other doors: a turn keeps the one with which it began.
    """

    def __init__(self, rooms: Iterable[Room[Any]], house: House, may: May, menu: Menu) -> None:
        self.rooms = tuple(rooms)
        self.house = house
        self._may = may
        self._menu = menu
        self._room_of_flow = {flow.name: room for room in self.rooms for flow in room.flows}
        self._flows: dict[str, Flow[Any]] = {flow.name: flow for room in self.rooms for flow in room.flows}
        self._recipes = {name: make for room in self.rooms for name, make in room.recipes.items()}
        self._room_of_command = {name: room for room in self.rooms for name in room.commands}
        self._guards = {f.name: room for room in self.rooms if isinstance(room, Admits) for f in room.flows}
        looking = [room for room in self.rooms if isinstance(room, Examines)]
        self._examiners = {step: room for room in looking for step in room.examined_steps}
        self._attaching = {n for room in self.rooms if isinstance(room, Attaches) for n in room.attach_commands}

    @property
    def flows(self) -> Mapping[str, Flow[Any]]:
        """Every dialogue of the house by name."""
        return self._flows

    def cook(self, recipe: str, data: Mapping[str, Any]) -> Made:
        """Make a file by a room's recipe; raises KeyError for one that no room knows."""
        made = self._recipes[recipe](data)
        return made if isinstance(made, Made) else Made(made)

    def examiner(self, tx: Connection, incoming: Incoming) -> Callable[[bytes], object] | None:
        """What looks at a file sent from this address before its turn; None where nothing does."""
        kept = conversations.load(tx, incoming.address)
        state = from_json(kept.state) if kept else None
        if state is None or not isinstance(incoming.said, File):
            return None
        room = self._examiners.get((state.flow, state.step))
        if room is None:
            return None
        verb = self._flows[state.flow].verb
        person = self._person(tx, Address(incoming.address.channel, incoming.sender))
        allowed = person is not None and (verb is None or self._may(person.member.roles, verb))
        return partial(room.examine, state) if allowed else None

    def wants_file(self, tx: Connection, incoming: Incoming) -> bool:
        """Whether something sent from this address answers a question, so that fetching it is worth while."""
        sent = with_things(incoming.said)
        if sent is None or not is_evidence(sent) or not incoming.private:
            return False
        if isinstance(self._captioned(incoming).said, Command):
            return self._person(tx, Address(incoming.address.channel, incoming.sender)) is not None
        kept = conversations.load(tx, incoming.address)
        if kept is None:
            return False
        state = from_json(kept.state)
        flow = self._flows.get(state.flow)
        step = flow.step(state.step) if flow else None
        if step is None:
            return False
        return step.takes is Takes.EVIDENCE or (step.takes is Takes.FILE and isinstance(sent, File))

    def _captioned(self, incoming: Incoming) -> Incoming:
        """The same, as a command where that is the caption of what was sent and the command takes such things."""
        said = incoming.said
        command = command_of(said.caption) if isinstance(said, Sent | File) and incoming.private else None
        if command is None or command.name not in self._attaching:
            return incoming
        return replace(incoming, said=replace(command, sent=with_things(said)))

    def hear(self, tx: Connection, incoming: Incoming, now: datetime) -> Heard:
        """Take one turn. Raises nothing for bad input: that is answered with a sentence."""
        if isinstance(incoming.said, Gone):
            return self._gone(tx, incoming, now)
        if not incoming.private:
            return self._hear_in_group(tx, incoming, now)
        incoming = typed.as_pressed(tx, self._captioned(incoming))
        kept = conversations.load(tx, incoming.address)
        visit = self._visit(tx, incoming, kept, now)
        if visit.person:
            accounts.heard(tx, visit.person.member.id, now)
            if visit.person.account.trouble:
                accounts.set_trouble(tx, incoming.address, None, now)
        turn = self._turn(tx, visit, incoming, kept)
        if turn.outcome.run is not None:
            turn = replace(turn, outcome=self._command(tx, visit, Command(turn.outcome.run)))
        if not turn.quiet:
            self._follow(tx, visit, turn, kept.menu if kept else None)
        return Heard(words_of(visit.language, self.house).bare(turn.toast) if turn.toast else None)

    def apologise(self, tx: Connection, incoming: Incoming, now: datetime) -> None:
        """Tell somebody whose message broke something of ours that it is kept and that a person was told."""
        if incoming.private:
            post(tx, self.house, Message(incoming.address, t("engine.trouble")), now)

    def _visit(
        self, tx: Connection, incoming: Incoming, kept: conversations.Conversation | None, now: datetime
    ) -> Visit:
        person = self._person(tx, Address(incoming.address.channel, incoming.sender))
        start = HOME if person else JOIN
        state = from_json(kept.state) if kept else State(start, self._flows[start].first)
        state = self._inherited(state)
        flow = self._flows.get(state.flow)
        if flow is None or flow.step(state.step) is None or (person is None and state.flow != JOIN):
            # The place no longer exists (a newer version, a member removed): a known place, the same serial.
            state = State(start, self._flows[start].first, serial=state.serial)
        return Visit(
            address=incoming.address,
            person=person,
            state=state,
            now=now,
            house=self.house,
            private=incoming.private,
            sender_name=incoming.sender_name,
            # What people typed is no message of ours that could be changed.
            ref=None if isinstance(incoming.said, Typed) else incoming.ref,
        )

    def _inherited(self, state: State) -> State:
        """The state itself; where its dialogue or its step is gone, the place where a room takes over."""
        flow = self._flows.get(state.flow)
        if flow is not None and flow.step(state.step) is not None:
            return state
        heirs = (room.inherits(state.flow) for room in self.rooms if isinstance(room, Inherits))
        heir = state.flow if flow is not None else next(filter(None, heirs), None)
        if heir is None:
            return state
        data = {**state.data, "was": state.step}
        return State(heir, self._flows[heir].first, data=data, serial=state.serial, parent=state.parent)

    def _turn(
        self, tx: Connection, visit: Visit, incoming: Incoming, kept: conversations.Conversation | None
    ) -> _Turn:
        said = incoming.said
        if isinstance(said, Command):
            outside = self._shut_out(tx, visit) is not None
            outcome = self._command(tx, replace(visit, state=self._start(visit)) if outside else visit, said)
            if said.standing and (outcome.aside or outcome.card is not None):
                return _Turn(outcome, toast=outcome.say if outcome.aside else None)
            # Typed, there is no card to change and no toast to show: the answer stands above the screen.
            return _Turn(replace(outcome, aside=False))
        if isinstance(said, Forged):
            return _Turn(stay(t("engine.forged")))
        if not self._allowed(visit, self._flows[visit.state.flow].verb):
            return _Turn(enter(HOME if visit.person else JOIN, say=t("engine.not_allowed")))
        if shut_out := self._shut_out(tx, visit):
            return _Turn(enter(HOME, say=shut_out))
        if early := typed.too_early(visit, incoming, kept, self._flows[visit.state.flow].step(visit.state.step)):
            return _Turn(stay(early))
        return self._answer(tx, visit, incoming, kept)

    def _answer(
        self, tx: Connection, visit: Visit, incoming: Incoming, kept: conversations.Conversation | None
    ) -> _Turn:
        room, flow = self._room_of_flow[visit.state.flow], self._flows[visit.state.flow]
        view = room.load(tx, visit)
        if spoken := self._spoken(visit, incoming.said, view):
            return _Turn(self._command(tx, visit, spoken))
        turn = engine.advance(flow, visit.state, incoming.said, view, words_of(visit.language, self.house).bare)
        edits = incoming.ref if isinstance(incoming.said, Pressed) else None
        match turn:
            case engine.Stale():
                # The serial in view with a choice that is gone: the facts changed meanwhile, show them.
                gone = isinstance(incoming.said, Pressed) and incoming.said.serial == visit.state.serial
                if incoming.ref is not None and kept and incoming.ref == kept.screen_ref and not gone:
                    return _Turn(stay(), toast=t("engine.twice"), quiet=True)
                return _Turn(stay(t("engine.stale")))
            case engine.Refused() if flow.name == HOME and (meant := self._overheard(incoming.said)):
                return _Turn(self._command(tx, visit, meant))
            case engine.Refused(why=why):
                return self._otherwise(tx, visit, incoming, _Turn(stay(why), edits), kept)
            case engine.Left():
                return _Turn(finish(t("engine.left")), edits)
            case engine.AskedPerson() if visit.person is None:
                return _Turn(stay(t("engine.ask_stranger")), edits)
            case engine.AskedPerson():
                return _Turn(Outcome(enter=ASK, returning=True), edits)
            case engine.Moved(step=step):
                return _Turn(go(step), edits)
        return _Turn(room.answer(tx, visit, view, turn), edits)

    def _spoken(self, visit: Visit, said: Said, view: Any) -> Command | None:
        """The command that a whole message is; what the step itself offers under these words comes first."""
        spoken = command_anywhere(said.text) if isinstance(said, Typed) and visit.person else None
        if spoken is None or not isinstance(said, Typed) or spoken.name not in self._room_of_command:
            return None
        label_of = words_of(visit.language, self.house).bare
        own = engine.own_choice(self._flows[visit.state.flow], visit.state, said.text, view, label_of)
        return spoken if own is None else None

    def _otherwise(
        self,
        tx: Connection,
        visit: Visit,
        incoming: Incoming,
        refused: _Turn,
        kept: conversations.Conversation | None,
    ) -> _Turn:
        """What words that the step does not understand may mean besides: a command, a standing button's label."""
        said, step = incoming.said, self._flows[visit.state.flow].step(visit.state.step)
        if not isinstance(said, Typed) or step is None or step.takes in engine.TEXT_KINDS or visit.person is None:
            return refused
        spoken = command_else(said.text)
        if spoken is not None and spoken.name in self._room_of_command:
            return _Turn(self._command(tx, visit, spoken))
        meant = typed.labelled(tx, visit, said.text) if kept and kept.shown is not None else None
        if isinstance(meant, Command):
            return self._turn(tx, replace(visit, ref=None), replace(incoming, said=meant, ref=None), kept)
        return _Turn(stay(meant)) if meant is not None else refused

    def _overheard(self, said: Said) -> Command | None:
        """What words typed on the home screen mean to the first room that knows them."""
        if not isinstance(said, Typed):
            return None
        readings = (room.overhears(said.text) for room in self.rooms if isinstance(room, Overhears))
        return next((command for command in readings if command is not None), None)

    def _command(self, tx: Connection, visit: Visit, command: Command) -> Outcome:
        room = self._room_of_command.get(command.name)
        if room is None:
            return stay(t("engine.unknown_command"))
        if not self._allowed(visit, room.commands[command.name]):
            refused = t("engine.not_allowed" if visit.person else "engine.join_first")
            return aside(refused) if command.standing else stay(refused)
        return room.command(tx, visit, command)

    def _allowed(self, visit: Visit, verb: str | None) -> bool:
        if verb is None:
            return True
        return visit.person is not None and self._may(visit.person.member.roles, verb)

    def _shut_out(self, tx: Connection, visit: Visit) -> Phrase | None:
        """Why the visitor may not be where they stand, where that is for the room to say."""
        guard = self._guards.get(visit.state.flow)
        return guard.shut_out(tx, visit) if guard is not None else None

    def _follow(self, tx: Connection, visit: Visit, turn: _Turn, menu: str | None) -> None:
        """Post what the outcome says, show the screen it leads to, and keep the place."""
        outcome = turn.outcome
        for message in outcome.messages:
            post(tx, self.house, _to_where_they_speak(visit, message), visit.now)
            self._renew_menu(tx, message, visit.now)
        if outcome.renewed:
            visit = replace(visit, person=self._person(tx, visit.address))
        if outcome.card is not None:
            show_card(tx, visit, outcome.card, outcome.card_buttons)
        elif turn.toast is not None and visit.ref is None:
            # Typed where nothing can be pressed: what would fade there has to be said here.
            show_card(tx, visit, turn.toast, ())
        menu = set_menu(tx, visit.address, visit.language, self._menu_of(visit.person), self.house, menu, visit.now)
        if outcome.aside:
            conversations.save(tx, visit.address, to_json(visit.state), menu, visit.now)
            return
        state = self._next(tx, visit, outcome)
        if not self._allowed(visit, self._flows[state.flow].verb):
            # A right that has ended takes its screen with it, whatever was said there.
            state = self._start(visit)
        if shut_out := self._shut_out(tx, replace(visit, state=state)):
            state, outcome = self._start(visit), replace(outcome, say=shut_out)
        room, flow = self._room_of_flow[state.flow], self._flows[state.flow]
        there = replace(visit, state=state)
        view = room.load(tx, there)
        state, screen = engine.show(flow, _with_seen(room, view, state), view, outcome.say)
        # A screen edited in place would stand above what was just sent to this person.
        edits = None if _sends_to(visit, outcome) else turn.edits
        show_screen(tx, visit, state, screen, edits)
        conversations.save(tx, visit.address, to_json(state), menu, visit.now)

    def _renew_menu(self, tx: Connection, message: Message, now: datetime) -> None:
        """Whoever is told something may have got other rights by it (approved, a role): their menu follows."""
        reached = (
            [message.to]
            if isinstance(message.to, Address)
            else [account.address for account in accounts.of_member(tx, message.to)]
        )
        for address in reached:
            kept, person = conversations.load(tx, address), self._person(tx, address)
            if kept is None or person is None:
                continue
            menu = set_menu(tx, address, person.member.language, self._menu_of(person), self.house, kept.menu, now)
            conversations.set_menu(tx, address, menu)

    def _person(self, tx: Connection, address: Address) -> Person | None:
        """Who speaks from this address and is still on the roster; the settings say who is administrator."""
        found = accounts.speaker(tx, address)
        if found is None or found[0].removed_at is not None:
            return None
        member, cell, account = found
        if address in self.house.administrators:
            member = replace(member, roles=member.roles | {Role.ADMINISTRATOR})
        return Person(member, cell, account)

    def _next(self, tx: Connection, visit: Visit, outcome: Outcome) -> State:
        now, flow = visit.state, self._flows[visit.state.flow]
        if outcome.enter is not None:
            entered = self._flows[outcome.enter]
            parent = now if outcome.returning else None
            kept = {k: v for k, v in outcome.data.items() if v is not None}
            return State(entered.name, outcome.go or entered.first, data=kept, serial=now.serial, parent=parent)
        data = {k: v for k, v in {**now.data, **outcome.data}.items() if v is not None}
        moved = replace(now, data=data)
        if outcome.forward:
            view = self._room_of_flow[now.flow].load(tx, replace(visit, state=moved))
            following = flow.after(now.step, view)
            return replace(moved, step=following) if following else self._after_end(visit)
        if outcome.ends:
            return self._after_end(visit)
        return replace(moved, step=outcome.go or now.step)

    def _after_end(self, visit: Visit) -> State:
        if visit.state.parent is not None and visit.state.parent.flow in self._flows:
            return replace(visit.state.parent, serial=visit.state.serial)
        return self._start(visit)

    def _start(self, visit: Visit) -> State:
        place = HOME if visit.person else JOIN
        return State(place, self._flows[place].first, serial=visit.state.serial)

    def _menu_of(self, person: Person | None) -> tuple[str, ...]:
        """The commands that belong in this person's menu and that some room answers."""
        wished = self._menu(person.member.roles) if person else ("start",)
        return tuple(name for name in wished if name in self._room_of_command)

    def _hear_in_group(self, tx: Connection, incoming: Incoming, now: datetime) -> Heard:
        """In a group only commands count, and nothing personal is ever answered there."""
        said = incoming.said
        if not isinstance(said, Command):
            return Heard()
        visit = self._visit(tx, incoming, None, now)
        room = self._room_of_command.get(said.name)
        outcome = stay(t("engine.private_only"))
        if room and said.name in room.group_commands and self._allowed(visit, room.commands[said.name]):
            outcome = room.command(tx, visit, said)
        for message in outcome.messages:
            post(tx, self.house, message, now)
        if outcome.say is not None:
            post(tx, self.house, Message(incoming.address, paragraphs(outcome.say)), now)
        return Heard()

    def _gone(self, tx: Connection, incoming: Incoming, now: datetime) -> Heard:
        gone = isinstance(incoming.said, Gone) and not incoming.said.back
        accounts.set_trouble(tx, incoming.address, DeliveryTrouble.BLOCKED if gone else None, now)
        return Heard()


def _with_seen(room: Room[Any], view: Any, state: State) -> State:
    """The state with the mark of the facts that its screen is about to show, where the room compares them."""
    seen = room.seen(view, state.step) if isinstance(room, Compares) else None
    if seen == state.data.get("seen"):
        return state
    others = {name: value for name, value in state.data.items() if name != "seen"}
    return replace(state, data=others if seen is None else {**others, "seen": seen})


def _to_where_they_speak(visit: Visit, message: Message) -> Message:
    """An answer to the speaker goes to the account that they speak from, whichever one they prefer for the rest."""
    mine = visit.person is not None and message.to == visit.person.member.id
    return replace(message, to=visit.address) if mine else message


def _sends_to(visit: Visit, outcome: Outcome) -> bool:
    """Whether the outcome sends messages to the very person who is speaking."""
    member = visit.person.member.id if visit.person else None
    return any(message.to in (visit.address, member) for message in outcome.messages)
