"""What the page and the tests get to see: phones, chats with their messages, the clock, as JSON.

Events (of ``/control/events``), each with a ``type``: ``message`` and ``edit`` {chat, message}, ``delete`` {chat,
message_id}, ``action`` {chat, action} (a chat of Zalo has a string for its id), ``answer`` {user, chat, query_id,
text, alert}, ``clock`` {now, offset}, ``commands``, ``phones``, ``reset``, ``update`` {update_id}, ``webhook``,
``zalo_event`` {number}, ``zalo_webhook``, ``stop`` (the server ends).
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.simulator.model import INSIDE, PRIVATE, Chat, User, shown
from bot.simulator.people import ControlError
from bot.simulator.profile import menu
from bot.simulator.replies import Json

if TYPE_CHECKING:
    from bot.simulator.world import World


def clock(world: "World") -> Json:
    """The demo's clock: ``now`` as ISO 8601 UTC and in seconds since 1970, ``offset`` in seconds."""
    moment = world.clock.now()
    iso = datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")
    return {"now": iso, "seconds": moment, "offset": world.clock.offset}


def phones(world: "World", *, everyone: bool = False) -> Json:
    """The phones that the page shows, or everyone's, in the order in which they were made."""
    shown = [person for person in world.store.users.values() if person.show or everyone]
    groups = [c for c in world.store.chats.values() if c.type != PRIVATE and not c.upgraded_to]
    return {
        "bot": world.me,
        "zalo": world.zalo.me,
        "clock": clock(world),
        "phones": [_phone(world, p, groups) for p in shown],
    }


def _phone(world: "World", person: User, groups: list[Chat]) -> Json:
    """One phone: its person and the chats on it, the bot's first."""
    private = world.store.chats[person.id]
    return {
        "user": person.id,
        "name": person.name,
        "username": person.username,
        "language": person.language_code,
        "label": person.label,
        "show": person.show,
        "app": person.app,
        "zalo": _zalo(world, person),
        "started": private.started,
        "blocked": private.blocked,
        "deactivated": person.deactivated,
        "chats": [{"id": private.id, "type": PRIVATE, "title": world.me["first_name"]}]
        + [
            {"id": c.id, "type": c.type, "title": c.title, "members": len(c.members)}
            for c in groups
            if person.id in c.members
        ],
    }


def _zalo(world: "World", person: User) -> Json | None:
    """The Zalo on a phone; none before it is opened for the first time."""
    account = world.store.zalo_of_person.get(person.id)
    if account is None:
        return None
    return {"id": account.id, "started": account.started, "blocked": account.blocked}


def chat(world: "World", chat_id: int, user_id: int | None = None) -> Json:
    """A chat as it stands on a phone now: messages with buttons, oldest first, and the command menu.

    ``user_id``: whose phone, for the menu in a group. Raises ``ControlError`` for an unknown chat.
    """
    found = world.store.chats.get(chat_id)
    if found is None:
        raise ControlError(f"chat {chat_id}: unknown")
    messages = [shown(m) for m in world.store.messages.get(chat_id, {}).values() if not m.deleted]
    return {
        "chat": world.describe(found),
        "revision": found.revision,
        "started": found.started or found.type != PRIVATE,
        "blocked": found.blocked,
        "bot": found.bot,
        "upgraded_to": found.upgraded_to,
        "commands": _menu(world, found, user_id),
        "messages": messages,
    }


def _menu(world: "World", found: Chat, user_id: int | None) -> list[Json]:
    person = user_id or (found.id if found.type == PRIVATE else next(iter(found.members), None))
    if person not in world.store.users or found.bot not in INSIDE:
        return []
    return menu(world, found, person)
