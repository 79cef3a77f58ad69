"""What people do in Zalo: open an account, write, send pictures, stickers and voices, block the bot."""

import secrets
from typing import TYPE_CHECKING

from bot.simulator.model import StoredFile
from bot.simulator.people import ControlError, add_user, taken_in
from bot.simulator.replies import Json
from bot.simulator.zalo.model import ZaloAccount
from bot.simulator.zalo.world import ALTERNATE, FLAT, ONCE, REPEAT, WRAPPED

if TYPE_CHECKING:
    from bot.simulator.world import World

# What a phone can send is more than what the bot may send back.
LONGEST = 4000
EVENTS = {"text": "text", "photo": "image", "sticker": "sticker", "voice": "voice", "unsupported": "unsupported"}


def add_account(world: "World", wish: Json) -> Json:
    """A person's Zalo. Keys: person (one who is there), or those of a new user; id?. Gives id and person.

    A person has one account: asked again, it is the same. A new person's phone shows Zalo first.
    """
    if wish.get("person"):
        person = world.store.users.get(wish["person"])
        if person is None:
            raise ControlError(f"person {wish['person']}: unknown")
    else:
        person = add_user(world, {k: v for k, v in wish.items() if k not in {"id", "start"}} | {"app": "zalo"})
    account = account_of(world, person.id)
    if account is None:
        number = str(wish.get("id") or secrets.token_hex(10))
        if number in world.store.zalo_accounts:
            raise ControlError(f"user {number}: exists already")
        account = ZaloAccount(number, person.id)
        world.store.keep(account)
    world.emit({"type": "phones"})
    return {"id": account.id, "person": person.id}


def account_of(world: "World", person: int) -> ZaloAccount | None:
    """The Zalo account of a person, if there is one."""
    return world.store.zalo_of_person.get(person)


def _account(world: "World", wish: Json) -> ZaloAccount:
    found = world.store.zalo_accounts.get(str(wish.get("user") or ""))
    if found is None:
        raise ControlError(f"user {wish.get('user')}: unknown")
    return found


def send(world: "World", wish: Json) -> Json:
    """Write to the bot. Keys: user, caption?, and one of text, photo, sticker, voice, unsupported.

    Gives message_id, and the number of the event that was made.
    """
    account = _account(world, wish)
    if account.blocked:
        raise ControlError(f"user {account.id}: has blocked the bot, unblock first")
    kind = next((kind for kind in EVENTS if wish.get(kind)), None)
    if kind is None:
        raise ControlError("nothing to send: give text, photo, sticker, voice or unsupported")
    content, file = _content(world, kind, wish)
    if not account.started:
        account.started = True
        world.emit({"type": "phones"})
    message = world.zalo.add_message(account, content, file, from_bot=False)
    number = world.zalo.push({"event_name": f"message.{EVENTS[kind]}.received", "message": message.body})
    return {"message_id": message.id, "event": number}


def _content(world: "World", kind: str, wish: Json) -> tuple[Json, StoredFile | None]:
    match kind:
        case "text":
            text = str(wish["text"]).strip()
            if not 1 <= len(text) <= LONGEST:
                raise ControlError(f"text: must have 1 to {LONGEST} characters")
            return {"text": text}, None
        case "photo" | "voice":
            file = taken_in(world, kind, wish[kind])
            name = "photo" if kind == "photo" else "voice_url"
            words = {"caption": str(wish["caption"])} if wish.get("caption") and kind == "photo" else {}
            return {name: f"/zalo/files/{file.id}"} | words, file
        case "sticker":
            given = wish["sticker"]
            return {"sticker": given if isinstance(given, str) else "5b1b3c2f1e6af734ae7b"}, None
        case _:
            return {}, None


def set_blocked(world: "World", wish: Json) -> Json:
    """Block or unblock the bot; Zalo does not tell it. Keys: user, blocked."""
    account = _account(world, wish)
    account.blocked = bool(wish.get("blocked", True))
    world.zalo.touch(account)
    world.emit({"type": "phones"})
    return {}


def push_raw(world: "World", wish: Json) -> Json:
    """Queue any event, well-formed or not, as it is. Gives its number."""
    return {"event": world.zalo.push(wish)}


def set_delivery(world: "World", wish: Json) -> Json:
    """How events reach the bot. Keys, all optional: mode, times, seconds, body; see ``Zalo.delivery``."""
    manner = world.zalo.delivery | {k: v for k, v in wish.items() if k in {"mode", "times", "seconds", "body"}}
    if manner["mode"] not in {ONCE, REPEAT} or manner["body"] not in {WRAPPED, FLAT, ALTERNATE}:
        raise ControlError("mode: once or repeat; body: wrapped, flat or alternate")
    manner |= {"times": int(manner["times"]), "seconds": float(manner["seconds"])}
    world.store.set("zalo_delivery", manner)
    world.emit({"type": "zalo_event", "number": None})
    return manner


def chat(world: "World", user: str) -> Json:
    """A chat as it stands on the phone now, oldest message first. Raises ``ControlError`` for an unknown one."""
    account = _account(world, {"user": user})
    messages = world.store.zalo_messages.get(account.id, {}).values()
    return {
        "chat": world.zalo.describe(account)["chat"],
        "revision": account.revision,
        "started": account.started,
        "blocked": account.blocked,
        "messages": [world.zalo.shown(message) for message in messages],
    }
