"""Golden conversations: what is said, what is answered, what is kept; written once, read by a person, replayed.

A file has ``cast`` (who is on the roster: ``id``, ``name``, ``roles``, and any argument of ``Stage.member``),
``cycles`` (opened before the first word, where the conversation is not about that), ``turns`` and ``kept``. A turn
is ``{"who", "say" | "press" | "file"}`` or ``{"wait": {"days": 1}}`` or ``{"ring": true}``; ``capture`` keeps what
a pattern finds in the answer under a name, for use as ``{NAME}`` later on; ``in`` names the group where a command
is typed; ``for_file`` marks what leads to a file, which a person on a messenger that takes none does on another of
theirs. ``hear`` maps each person to what their phone was sent. ``GOLDEN=write`` writes it and ``kept`` anew.
"""

from __future__ import annotations

import base64
import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select, true

from bot.app import make_rooms
from handlers.dialogue.said import Command, File, Incoming, Sent, Thing
from handlers.reminders import actions as reminders
from storage import accounts, cycles, tables
from storage.records import FormKind, Role, Status
from tests.stage import Phone, Seen, Stage

FOLDER = Path(__file__).parent / "dialogues"

# What is compared at the end: table, columns. Ids and times of day are left out where they carry no meaning.
_KEPT: dict[str, tuple[str, ...]] = {
    "reviews": ("member_id", "form", "state", "self_grade", "version"),
    "review_answers": ("key", "value"),
    "marks": ("item_id", "member_id", "state", "reason", "note"),
    "cycles": ("year", "rules", "opens_on", "deadline_on", "state"),
    "review_returns": ("kind", "version", "questions", "reason", "until_on", "outcome"),
    "cycle_turns": ("turn", "reason", "by_id"),
    "extensions": ("member_id", "deadline_on"),
    "accounts": ("chat", "member_id"),
    "consents": ("member_id", "version"),
    "join_requests": ("member_id", "state"),
    "notes": ("member_id", "year", "text", "item_id", "task_id"),
    "evidence": ("member_id", "kind", "file_name", "digest"),
    "tasks": ("member_id", "year", "title", "product", "due_on", "state"),
    "improvements": ("member_id", "year", "fault", "due_on", "state"),
    "questions": ("member_id", "words", "answer"),
    "snoozes": ("member_id", "until"),
    "assistances": ("member_id", "helper_id", "source", "version", "confirmed_by", "ended_how"),
    "audit": ("who", "what", "subject"),
}


class Play:
    """One file, played on a stage."""

    def __init__(self, folder: Path, script: dict[str, Any], channel: str = "telegram") -> None:
        plain = frozenset({"zalo"})
        self.stage = Stage(folder, make_rooms()[1:], channel=channel, plain=plain)
        self.channel = channel
        self.others: dict[str, Phone] = {}
        self.said: list[dict[str, Any]] = []
        self.stage.now = datetime.fromisoformat(script.get("now", "2026-11-22T02:00:00+00:00"))
        self.captured: dict[str, str] = {}
        self.people: dict[str, Phone] = {who["id"]: self._cast(dict(who)) for who in script["cast"]}
        for cycle in script.get("cycles", ()):
            self._open(**cycle)

    def _cast(self, who: dict[str, Any]) -> Phone:
        who.pop("id")
        if "chat" in who:
            return self.stage.stranger(who["chat"])
        roles = [Role(role) for role in who.pop("roles", [])]
        for name, make in (("form", FormKind), ("status", Status), ("admitted_on", date.fromisoformat)):
            if name in who:
                who[name] = make(who[name])
        return self.stage.member(who.pop("name"), *roles, **who)

    def _open(self, year: int, rules: str, opens_on: str, deadline_on: str, cell: str = "Chi bộ Một") -> None:
        cell_id, now = self.stage.cell(cell), self.stage.now
        days = date.fromisoformat(opens_on), date.fromisoformat(deadline_on)
        self.stage.write(lambda tx: cycles.create(tx, cell_id, year, rules, *days, None, now.date(), now))

    def turn(self, turn: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        """Play one turn; returns what each phone was sent."""
        if "wait" in turn:
            self.stage.wait(**turn["wait"])
        elif "ring" in turn:
            self._ring()
        else:
            self._speak(self._phone(turn), turn)
            self.said.append(turn)
        heard = {id: list(map(self._shown, phone.heard)) for id, phone in self._fresh() if phone.heard}
        for name, pattern in turn.get("capture", {}).items():
            texts = "\n".join(m["text"] for sent in heard.values() for m in sent)
            found = re.search(pattern if self.channel == "telegram" else re.sub("</?code>", "", pattern), texts)
            assert found, f"nothing like {pattern} in {texts}"
            self.captured[name] = found[1]
        return json.loads(self._hide(json.dumps(heard, ensure_ascii=False)))  # type: ignore[no-any-return]

    def _phone(self, turn: dict[str, Any]) -> Phone:
        """The phone of whoever speaks; what leads to a file is said on a messenger that takes files."""
        phone = self.people[turn["who"]]
        if not turn.get("for_file") or phone.address.channel == "telegram":
            return phone
        if turn["who"] not in self.others:
            other = self.stage.stranger(phone.address.chat, "telegram")
            member = phone.member
            assert member is not None
            self.stage.write(lambda tx: accounts.link(tx, other.address, member, self.stage.now))
            self.stage.write(lambda tx: accounts.prefer(tx, member, phone.address))
            self.others[turn["who"]] = other
            for said in self.said:
                if said["who"] == turn["who"]:
                    self._speak(other, said)
        return self.others[turn["who"]]

    def _speak(self, phone: Phone, turn: dict[str, Any]) -> None:
        if "in" in turn:
            name, _, args = turn["say"].removeprefix("/").partition(" ")
            group = self.people[turn["in"]].address
            self.stage.hear(Incoming(group, phone.address.chat, Command(name, args), private=False))
        elif "press" in turn:
            phone.heard = phone.presses(turn["press"])
        elif "photo" in turn:
            content = base64.b64decode(turn["photo"])
            phone.heard = phone.hears(Sent(Thing.PHOTO, "p", caption=turn.get("caption", ""), content=content))
        elif "file" in turn:
            content = base64.b64decode(turn["file"]["base64"])
            phone.heard = phone.hears(File("f", turn["file"]["name"], len(content), content))
        else:
            words = turn["say"].format(**self.captured)
            if self.stage.is_plain(phone.address):
                words = words.removeprefix("/start ")  # no link types the code there
            phone.heard = phone.commands(words) if words.startswith("/") else phone.says(words)

    def _fresh(self) -> list[tuple[str, Phone]]:
        for phone in self.people.values():
            phone.heard = [*phone.heard, *self.stage.delivered(phone)]
        return list(self.people.items())

    def _ring(self) -> None:
        for cell in self.stage.write(lambda tx: reminders.cells_to_ring(tx, self.stage.now)):
            self.stage.write(lambda tx, cell=cell: reminders.ring(tx, self.stage.house, cell, self.stage.now))  # type: ignore[misc]
        self.stage.deliver()

    def _shown(self, seen: Seen) -> dict[str, Any]:
        shown: dict[str, Any] = {"text": seen.text}
        if seen.buttons:
            shown["buttons"] = [label for label, _ in seen.buttons]
        if seen.post.file_name:
            shown["file"] = seen.post.file_name
        return shown

    def _hide(self, text: str) -> str:
        for name, value in self.captured.items():
            text = text.replace(value, "{" + name + "}")
        return text

    def kept(self) -> dict[str, list[list[Any]]]:
        """What stands in the tables now, without what changes from run to run."""
        found = {}
        for name, columns in _KEPT.items():
            table = tables.metadata.tables[name]
            there = table.c.channel == self.channel if name == "accounts" else true()
            rows = self.stage.write(
                lambda tx, table=table, columns=columns, there=there: tx.execute(  # type: ignore[misc]
                    select(*(table.c[c] for c in columns)).where(there).order_by(*table.primary_key.columns)
                ).all()
            )
            if rows:
                found[name] = [[_plain(value) for value in row] for row in rows]
        return found


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def forget(heard_by: dict[str, Phone]) -> None:
    """Begin the next turn with nothing heard."""
    for phone in heard_by.values():
        phone.heard = []
