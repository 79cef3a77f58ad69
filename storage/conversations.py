"""Where every conversation stands: one small state an address, and the message that shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from storage.database import upsert
from storage.prepared import Prepared
from storage.records import Address
from storage.tables import conversations


@dataclass(frozen=True, slots=True)
class Conversation:
    """The state as JSON, and which message carries the newest screen that has arrived.

    ``shown`` is what that screen said, kept only where a messenger cannot show everything (None elsewhere), and
    ``shown_at`` when it came into the chat by the messenger's own clock.
    """

    state: Mapping[str, Any]
    screen_ref: str | None = None
    menu: str | None = None
    screen_serial: int | None = None
    shown: Mapping[str, Any] | None = None
    shown_at: datetime | None = None


_HERE = conversations.c.channel == bindparam("at"), conversations.c.chat == bindparam("chat_is")
_LOAD = Prepared(lambda _: select(conversations).where(*_HERE))
_ARRIVED = Prepared(
    lambda _: (
        update(conversations)
        .where(
            *_HERE,
            (conversations.c.screen_serial.is_(None)) | (conversations.c.screen_serial <= bindparam("arrived")),
        )
        .values(screen_ref=bindparam("shown"), screen_serial=bindparam("arrived"))
    )
)


def load(tx: Connection, address: Address) -> Conversation | None:
    """The conversation at this address; None where there was none."""
    row = _LOAD.row(tx, at=address.channel, chat_is=address.chat)
    if row is None:
        return None
    return Conversation(row.state, row.screen_ref, row.menu, row.screen_serial, row.shown, row.shown_at)


def save(tx: Connection, address: Address, state: Mapping[str, Any], menu: str | None, now: datetime) -> None:
    """Keep where the conversation stands, and which command menu the chat has."""
    upsert(
        tx,
        conversations,
        ("channel", "chat"),
        {
            "channel": address.channel,
            "chat": address.chat,
            "state": dict(state),
            "menu": menu,
            "updated_at": now,
        },
    )


def set_menu(tx: Connection, address: Address, menu: str) -> None:
    """Remember which command menu the chat has."""
    tx.execute(update(conversations).where(*_at(address)).values(menu=menu))


def forget(tx: Connection, address: Address) -> None:
    """Drop the conversation's place (not what was written): the next word starts at home."""
    tx.execute(delete(conversations).where(*_at(address)))


def screen_arrived(tx: Connection, address: Address, serial: int, ref: str) -> None:
    """Remember which message shows the screen; a late report of an older screen changes nothing."""
    _ARRIVED.change(tx, at=address.channel, chat_is=address.chat, arrived=serial, shown=ref)


def keep_shown(
    tx: Connection, address: Address, shown: Mapping[str, Any], serial: int | None, at: datetime | None
) -> None:
    """Remember what was said last where not everything can be shown; ``serial`` and ``at`` are a screen's."""
    values: dict[str, Any] = {"shown": dict(shown)}
    where = [*_at(address)]
    if serial is not None:
        values["shown_at"] = at
        where.append((conversations.c.screen_serial.is_(None)) | (conversations.c.screen_serial <= serial))
    tx.execute(update(conversations).where(*where).values(values))


def _at(address: Address) -> tuple[Any, Any]:
    return conversations.c.channel == address.channel, conversations.c.chat == address.chat
