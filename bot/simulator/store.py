"""All rows in memory, each change written through to the journal; bytes of files beside it."""

import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.simulator.journal import Journal
from bot.simulator.model import KINDS, NAMES, Chat, Message, Row, Setting, StoredFile, Update, User
from bot.simulator.replies import Json
from bot.simulator.zalo.model import ZaloAccount, ZaloEvent, ZaloMessage


class Store:
    """Tables of the simulated Telegram and Zalo. With a file: read at the start and kept up to date."""

    def __init__(self, file: Path | None = None, blobs: Path | None = None) -> None:
        self.users: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self.messages: dict[int, dict[int, Message]] = {}
        self.files: dict[str, StoredFile] = {}
        self.updates: dict[int, Update] = {}
        self.settings: dict[str, Setting] = {}
        self.zalo_accounts: dict[str, ZaloAccount] = {}
        self.zalo_of_person: dict[int, ZaloAccount] = {}
        self.zalo_messages: dict[str, dict[str, ZaloMessage]] = {}
        self.zalo_events: dict[int, ZaloEvent] = {}
        self._bytes: dict[str, bytes] = {}
        self._blobs = blobs
        self._journal = None if file is None else Journal(file)
        if self._journal is not None:
            try:
                for entry in self._journal.read():
                    self._replay(entry)
            except BaseException:
                self._journal.close()
                raise
            self._journal.rewrite(self._entries())

    def keep(self, row: Row) -> None:
        """Put a new or changed row in its table."""
        self._place(row)
        self._write({"kind": NAMES[type(row)], "row": asdict(row)})

    def confirm(self, below: int) -> None:
        """Forget the updates with a smaller id."""
        old = [update_id for update_id in self.updates if update_id < below]
        if old:
            for update_id in old:
                del self.updates[update_id]
            self._write({"kind": "confirmed", "row": {"below": below}})

    def forget_event(self, number: int) -> None:
        """Forget an event of Zalo that the bot has."""
        if self.zalo_events.pop(number, None) is not None:
            self._write({"kind": "zalo_given", "row": {"number": number}})

    def setting(self, name: str, default: Any = None) -> Any:
        """A named value."""
        found = self.settings.get(name)
        return default if found is None else found.value["is"]

    def set(self, name: str, value: Any) -> None:
        """Keep a named value; it must be JSON."""
        self.keep(Setting(name, {"is": value}))

    def put_bytes(self, path: str, content: bytes) -> None:
        """Keep the bytes of a file; on disk they appear in one step."""
        if self._blobs is None:
            self._bytes[path] = content
            return
        target = self._blobs / path
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_name(target.name + ".new")
        fresh.write_bytes(content)
        fresh.replace(target)

    def get_bytes(self, path: str) -> bytes | None:
        """The bytes of a file; none when they are lost."""
        if self._blobs is None:
            return self._bytes.get(path)
        target = self._blobs / path
        return target.read_bytes() if target.is_file() else None

    def clear(self, kept_settings: frozenset[str]) -> None:
        """Forget everything but the named settings."""
        tables: tuple[dict[Any, Any], ...] = (self.users, self.chats, self.messages, self.files, self.updates)
        zalo: tuple[dict[Any, Any], ...] = (
            self.zalo_accounts,
            self.zalo_of_person,
            self.zalo_messages,
            self.zalo_events,
        )
        for table in (*tables, *zalo, self._bytes):
            table.clear()
        self.settings = {name: row for name, row in self.settings.items() if name in kept_settings}
        if self._blobs is not None:
            shutil.rmtree(self._blobs, ignore_errors=True)
        if self._journal is not None:
            self._journal.rewrite(self._entries())

    def close(self) -> None:
        """Let go of the file."""
        if self._journal is not None:
            self._journal.close()

    def _place(self, row: Row) -> None:
        match row:
            case User():
                self.users[row.id] = row
            case Chat():
                self.chats[row.id] = row
            case Message():
                self.messages.setdefault(row.chat_id, {})[row.id] = row
            case StoredFile():
                self.files[row.id] = row
            case Update():
                self.updates[row.id] = row
            case Setting():
                self.settings[row.name] = row
            case ZaloAccount():
                self.zalo_accounts[row.id] = self.zalo_of_person[row.person] = row
            case ZaloMessage():
                self.zalo_messages.setdefault(row.chat_id, {})[row.id] = row
            case ZaloEvent():
                self.zalo_events[row.number] = row

    def _replay(self, entry: Json) -> None:
        if entry["kind"] == "confirmed":
            below = entry["row"]["below"]
            self.updates = {number: row for number, row in self.updates.items() if number >= below}
        elif entry["kind"] == "zalo_given":
            self.zalo_events.pop(entry["row"]["number"], None)
        else:
            self._place(KINDS[entry["kind"]](**entry["row"]))

    def _write(self, entry: Json) -> None:
        if self._journal is not None:
            self._journal.append(entry)

    def _entries(self) -> Iterator[Json]:
        tables: tuple[dict[Any, Any], ...] = (
            *(self.users, self.chats, self.files, self.updates, self.settings),
            *(self.zalo_accounts, self.zalo_events),
        )
        rows = [row for table in tables for row in table.values()]
        rows += [row for chat in self.messages.values() for row in chat.values()]
        rows += [row for talk in self.zalo_messages.values() for row in talk.values()]
        for row in rows:
            yield {"kind": NAMES[type(row)], "row": asdict(row)}
