"""A stage for room tests: a real database file, the real desk, a clock that stands, and people who speak."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, partial
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, create_engine, event, insert, select

from handlers.desk import Desk
from handlers.dialogue.buttons import read_data
from handlers.dialogue.fold import fold
from handlers.dialogue.room import Door, House, Room
from handlers.dialogue.said import Command, Incoming, Said, Typed
from handlers.home.actions import HomeRoom
from handlers.organisation.permissions import Verb, commands_for, may
from storage import accounts, conversations, outbox, tables
from storage.migrations import upgrade
from storage.records import Address, CellId, FormKind, MemberId, Post, PostId, Role, Status
from tests import plain_phone
from tests.plain_phone import typed_for

T = TypeVar("T")
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True)
class Seen:
    """One thing on a phone: words, button labels, and the message's id.

    ``choices`` are what the message offers, whether there are buttons to press or only words to type.
    """

    text: str
    buttons: tuple[tuple[str, str], ...]
    ref: str
    post: Post
    choices: tuple[tuple[str, str], ...] = ()


@dataclass
class Phone:
    """A person's account: what they say goes through the desk, what they were sent is read from the outbox."""

    stage: Stage
    address: Address
    member: MemberId | None = None
    messages: list[Seen] = field(default_factory=list)
    fresh: list[Seen] = field(default_factory=list)
    heard: list[Seen] = field(default_factory=list)

    @property
    def screen(self) -> Seen:
        """The newest message that has buttons (or the newest at all)."""
        return next((m for m in reversed(self.messages) if m.choices), self.messages[-1])

    def says(self, text: str) -> list[Seen]:
        """Type words."""
        return self.hears(Typed(text))

    def commands(self, line: str) -> list[Seen]:
        """Type a command: ``/review``, ``/start CODE``."""
        name, _, args = line.removeprefix("/").partition(" ")
        return self.hears(Command(name, args))

    def presses(self, wanted: str, message: Seen | None = None) -> list[Seen]:
        """Press a button of the screen (or of a message), by its label or by the end of its data.

        Where there are no buttons, what a person reads beside the choice is typed.
        """
        seen = message or self.screen
        for place, (label, data) in enumerate(seen.choices, 1):
            if fold(label) == fold(wanted) or data.endswith(f":{wanted}") or data == wanted:
                if seen.buttons:
                    return self.hears(read_data(data), ref=seen.ref)
                texts = [m.text for m in self.messages]
                return self.says(typed_for(data, label, place, seen.post.numbered, texts, seen.text))
        raise AssertionError(f"no choice {wanted!r} among {[label for label, _ in seen.choices]}")

    def hears(self, said: Said, ref: str | None = None) -> list[Seen]:
        """Let anything be said by this account; returns what its phone was sent in this turn."""
        at = self.stage.now if self.stage.is_plain(self.address) else None
        incoming = Incoming(self.address, self.address.chat, said, ref=ref, sender_name="Test", sent_at=at)
        self.stage.hear(incoming)
        return self.stage.delivered(self)


# Statements compiled for one stage serve the next: their engines differ in nothing but the file.
_COMPILED: dict[Any, Any] = {}


@lru_cache
def empty_database() -> bytes:
    """A database file with the newest schema and nothing in it, made once by the migrations."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "empty.db"
        engine = create_engine(f"sqlite:///{file}")
        with engine.begin() as tx:
            upgrade(tx)
        engine.dispose()
        return file.read_bytes()


class Stage:
    """Plays conversations against the real desk; ``now`` stands until a test moves it.

    ``channel`` is where people are unless a test says otherwise; the phones of ``plain`` channels show plain words.
    """

    def __init__(
        self,
        folder: Path,
        rooms: Iterable[Room[Any]] = (),
        bot_doors: tuple[Door, ...] = (Door("telegram", "chibo_bot", "https://t.me/chibo_bot?start={}".format),),
        administrators: frozenset[Address] = frozenset(),
        channel: str = "telegram",
        plain: frozenset[str] = frozenset(),
    ) -> None:
        self._channel = channel
        self._plain = plain
        if not (folder / "stage.db").exists():  # a second stage in the same folder is a restart
            (folder / "stage.db").write_bytes(empty_database())
        self._engine = create_engine(f"sqlite:///{folder / 'stage.db'}").execution_options(compiled_cache=_COMPILED)
        # No power is cut on a stage: waiting for the disk at every turn would only make the tests slow.
        event.listen(self._engine, "connect", lambda made, _: made.execute("PRAGMA synchronous=OFF"))
        self.house = House(zone=ZONE, doors=bot_doors, administrators=administrators)
        others = tuple(rooms)
        present = {name for room in others for name in room.commands}

        def doors(roles: frozenset[Role]) -> tuple[str, ...]:
            return tuple(name for name in commands_for(roles) if name in present)

        self.desk = Desk(
            (HomeRoom(doors), *others), self.house, lambda roles, verb: may(roles, Verb(verb)), commands_for
        )
        self.now = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
        self._refs = count(1)
        self._begun: dict[PostId, Post] = {}
        self._people: list[Phone] = []

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run storage functions in one transaction."""
        with self._engine.begin() as tx:
            return work(tx)

    def close(self) -> None:
        """Close the database file."""
        self._engine.dispose()

    def wait(self, **delta: float) -> None:
        """Move the clock: ``stage.wait(days=1)``."""
        self.now += timedelta(**delta)

    def cell(self, name: str = "Chi bộ Một") -> CellId:
        """A cell of that name, made at first use."""

        def work(tx: Connection) -> CellId:
            found = tx.execute(select(tables.cells.c.id).where(tables.cells.c.name == name)).scalar()
            if found is None:
                statement = insert(tables.cells).values(name=name, settings={}).returning(tables.cells.c.id)
                found = tx.execute(statement).scalar_one()
            return CellId(found)

        return self.write(work)

    def member(
        self,
        name: str,
        *roles: Role,
        cell: str = "Chi bộ Một",
        number: str | None = None,
        form: FormKind = FormKind.NON_LEADER,
        status: Status = Status.OFFICIAL,
        admitted_on: date | None = date(2010, 5, 19),
        joined: bool = True,
        **more: Any,
    ) -> Phone:
        """Put somebody on the roster, with a linked phone unless ``joined`` is False."""
        cell_id = self.cell(cell)

        def work(tx: Connection) -> MemberId:
            row = {
                "cell_id": cell_id,
                "party_number": number or f"P{next(self._refs):05}",
                "full_name": name,
                "form": form,
                "status": status,
                "admitted_on": admitted_on,
                "position": "",
                "phone": "",
                "language": "vi",
            } | more
            member = tx.execute(insert(tables.members).values(row).returning(tables.members.c.id)).scalar_one()
            for role in roles:
                tx.execute(insert(tables.roles).values(member_id=member, role=role, granted_at=self.now))
            return MemberId(member)

        member = self.write(work)
        phone = self.stranger(str(1000 + member))
        phone.member = member
        if joined:
            self.write(lambda tx: accounts.link(tx, phone.address, member, self.now))
        return phone

    def stranger(self, chat: str, channel: str | None = None) -> Phone:
        """An account that nobody knows."""
        phone = Phone(self, Address(channel or self._channel, chat))
        self._people.append(phone)
        return phone

    def hear(self, incoming: Incoming) -> str | None:
        """One turn through the desk, then deliver everything that waits; returns the toast."""
        heard = self.write(lambda tx: self.desk.hear(tx, incoming, self.now))
        self.deliver()
        return heard.toast

    def deliver(self) -> None:
        """Put every waiting post on its phone, as the messenger would."""
        while queued := self.write(lambda tx: outbox.claim(tx, self.now + timedelta(days=3650), 50)):
            for item in queued:
                if item.post.recipe is not None:
                    made = self.desk.cook(item.post.recipe, item.post.data or {})
                    post = replace(
                        item.post,
                        file=made.content,
                        file_name=made.name or item.post.file_name,
                        text=f"{item.post.text}\n\n{made.note}" if made.note else item.post.text,
                    )
                    item = replace(item, post=post)  # noqa: PLW2901
                if self.is_plain(item.post.address):
                    self._deliver_plain(item)
                    continue
                ref = item.post.edits or f"m{next(self._refs)}"
                self._show(item.post, ref)
                self.write(partial(self._settle, item=item, ref=ref))

    def is_plain(self, address: Address) -> bool:
        """Whether the phones there show plain words only."""
        return address.channel in self._plain

    def _deliver_plain(self, item: outbox.Queued) -> None:
        ref = f"m{next(self._refs)}"
        arrival = self.write(lambda tx: plain_phone.send(tx, item, ref, self.now))
        if arrival is not None:
            post = self._begun.setdefault(item.id, item.post)  # what is left of a long one has no choices any more
            choices = _choices(post) if arrival.whole else ()
            self._put(item.post.address, Seen(arrival.text, (), ref, post, choices))

    def _settle(self, tx: Connection, *, item: outbox.Queued, ref: str) -> None:
        outbox.sent(tx, item.id, ref, self.now)
        if item.post.screen is not None:
            conversations.screen_arrived(tx, item.post.address, item.post.screen, ref)

    def _show(self, post: Post, ref: str) -> None:
        if post.menu:
            return
        buttons = _choices(post)
        self._put(post.address, Seen(post.text, buttons, ref, post, buttons))

    def _put(self, address: Address, seen: Seen) -> None:
        phone = next((p for p in self._people if p.address == address), None)
        if phone is None:
            phone = self.stranger(address.chat, address.channel)
        phone.messages = [m for m in phone.messages if m.ref != seen.ref] + [seen]
        phone.fresh.append(seen)

    def delivered(self, phone: Phone) -> list[Seen]:
        """What this phone was sent since it was last asked."""
        fresh, phone.fresh = phone.fresh, []
        return fresh


def _choices(post: Post) -> tuple[tuple[str, str], ...]:
    return tuple((b.label, b.data) for row in post.buttons for b in row)
