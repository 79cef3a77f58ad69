"""What people do on their phones: write, press, send files, block, form groups. Each makes updates for the bot."""

import base64
import binascii
import mimetypes
import re
from typing import TYPE_CHECKING, Any

from bot.simulator import updates
from bot.simulator.entities import with_found
from bot.simulator.files import described, take_in
from bot.simulator.html import units
from bot.simulator.model import INSIDE, PRIVATE, Chat, Message, OpenQuery, StoredFile, User
from bot.simulator.pictures import plain_picture
from bot.simulator.replies import Json, Upload

if TYPE_CHECKING:
    from bot.simulator.world import World

FIRST_USER = 5_100_000_000
TEXT_LIMIT = 4096
# The smallest files of their kinds, for a person who sends "some sticker" or "some voice".
SMALLEST: dict[str, tuple[str, str, bytes]] = {
    "photo": ("photo.png", "image/png", plain_picture()),
    "sticker": ("sticker.webp", "image/webp", base64.b64decode("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")),
    "voice": ("voice.ogg", "audio/ogg", b"OggS\x00\x02" + bytes(22)),
    "video": ("video.mp4", "video/mp4", b"\x00\x00\x00\x18ftypmp42" + bytes(12)),
    "document": ("ghi-chu.txt", "text/plain", b"ghi chu\n"),
}


class ControlError(ValueError):
    """A wish that cannot be fulfilled: unknown person, chat or message, or a person who may not do it."""


def add_user(world: "World", wish: Json) -> User:
    """A new person. Keys: first_name, last_name?, username?, language_code?, label?, show?, start?, id?."""
    first = str(wish.get("first_name") or "").strip()
    if not first:
        raise ControlError("first_name: must not be empty")
    number = wish.get("id") or max([FIRST_USER, *world.store.users]) + 1
    if number in world.store.users:
        raise ControlError(f"user {number}: exists already")
    person = User(
        id=int(number),
        first_name=first,
        last_name=wish.get("last_name"),
        username=wish.get("username"),
        language_code=wish.get("language_code") or "vi",
        label=wish.get("label") or "",
        show=bool(wish.get("show")),
        app="zalo" if wish.get("app") == "zalo" else "telegram",
    )
    world.store.keep(person)
    world.store.keep(Chat(person.id, PRIVATE))
    if wish.get("start"):
        send(world, {"user": person.id, "text": "/start"})
    world.emit({"type": "phones"})
    return person


def user_of(world: "World", wish: Json) -> User:
    """The person who acts. Raises ``ControlError``."""
    person = world.store.users.get(wish.get("user") or 0)
    if person is None:
        raise ControlError(f"user {wish.get('user')}: unknown")
    if person.deactivated:
        raise ControlError(f"user {person.id}: the account is deactivated")
    return person


def _chat_of(world: "World", wish: Json, person: User) -> Chat:
    number = int(wish.get("chat") or person.id)
    chat = world.store.chats.get(number)
    if chat is None or (chat.type == PRIVATE and chat.id != person.id):
        raise ControlError(f"chat {wish.get('chat')}: unknown to user {person.id}")
    if chat.type != PRIVATE and (person.id not in chat.members or chat.upgraded_to):
        raise ControlError(f"chat {chat.id}: user {person.id} cannot write there")
    if chat.blocked:
        raise ControlError(f"user {person.id}: has blocked the bot, unblock first")
    return chat


def send(world: "World", wish: Json) -> Json:
    """Write in a chat. Keys: user, chat?, reply_to?, caption?, and one of text, document, photo, sticker, voice,
    video, location, contact, forward. Gives message_id and update_id (none when the bot does not get to see it).
    """
    person = user_of(world, wish)
    chat = _chat_of(world, wish, person)
    content = _content(world, wish)
    if wish.get("reply_to"):
        replied = world.store.messages.get(chat.id, {}).get(wish["reply_to"])
        if replied is None:
            raise ControlError(f"message {wish['reply_to']}: unknown")
        content["reply_to_message"] = {k: v for k, v in replied.body.items() if k != "reply_to_message"}
    if chat.type == PRIVATE and not chat.started:
        chat.started = True
        world.emit({"type": "phones"})
    message = world.add_message(chat, person, content)
    update = updates.push(world, "message", message.body) if heard(world, chat, message) else None
    return {"message_id": message.id, "update_id": update}


def _content(world: "World", wish: Json) -> Json:
    if "text" in wish:
        return _said(str(wish["text"]))
    if "location" in wish:
        place = wish["location"] if isinstance(wish["location"], dict) else {}
        return {"location": {"latitude": 21.0285, "longitude": 105.8542} | place}
    if "contact" in wish:
        given = wish["contact"] if isinstance(wish["contact"], dict) else {}
        return {"contact": {"phone_number": "+84900000000", "first_name": "Nguyễn"} | given}
    if "forward" in wish:
        return _forwarded(world, wish["forward"])
    for kind in SMALLEST:
        if wish.get(kind):
            return _with_file(world, kind, wish[kind], str(wish.get("caption") or ""))
    raise ControlError("nothing to send: give text, document, photo, sticker, voice, video, location or forward")


def _said(text: str) -> Json:
    text = text.strip()
    if not text:
        raise ControlError("text: must not be empty")
    if units(text) > TEXT_LIMIT:
        raise ControlError("text: a phone sends at most 4096 characters in one message")
    marks = with_found(text, [])
    return {"text": text, "entities": marks} if marks else {"text": text}


def _forwarded(world: "World", given: Any) -> Json:
    wish: Json = given if isinstance(given, dict) else {"text": str(given)}
    author = world.store.users.get(wish.get("from_user") or 0)
    origin: Json = {"date": int(wish.get("date") or world.clock.now() - 3600)}
    if author is not None:
        origin |= {"type": "user", "sender_user": author.shown()}
    else:
        origin |= {"type": "hidden_user", "sender_user_name": str(wish.get("from_name") or "Người khác")}
    return _said(str(wish.get("text") or "")) | {"forward_origin": origin}


def taken_in(world: "World", kind: str, given: Any) -> StoredFile:
    """The file that a wish describes (``name``, ``content_base64``), else the smallest of its kind."""
    name, mime, content = SMALLEST[kind]
    if isinstance(given, dict):
        name = str(given.get("name") or name)
        mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
        try:
            content = base64.b64decode(given.get("content_base64") or "", validate=True)
        except binascii.Error:
            raise ControlError(f"{kind}.content_base64: not base64") from None
    return take_in(world, kind, Upload(name, content, mime))


def _with_file(world: "World", kind: str, given: Any, caption: str) -> Json:
    file = taken_in(world, kind, given)
    marks = with_found(caption, [])
    words: Json = {"caption": caption} if caption else {}
    return described(file) | words | ({"caption_entities": marks} if marks else {})


def heard(world: "World", chat: Chat, message: Message) -> bool:
    """Does the bot get to see it? In a group only commands, replies to it and mentions, unless administrator."""
    if chat.type == PRIVATE or chat.bot == "administrator":
        return True
    if chat.bot not in INSIDE:
        return False
    text = str(message.body.get("text") or message.body.get("caption") or "")
    name = world.settings.bot_username.lower()
    command = re.match(r"^/[A-Za-z0-9_]+(?:@(\w+))?", text)
    if command and (command[1] or name).lower() == name:
        return True
    replied = message.body.get("reply_to_message", {}).get("from", {}).get("id")
    return replied == world.settings.bot_id or f"@{name}" in text.lower()


def edit(world: "World", wish: Json) -> Json:
    """Change one's own text. Keys: user, chat?, message_id, text."""
    person = user_of(world, wish)
    chat = _chat_of(world, wish, person)
    message = _message(world, chat, wish)
    if message.from_bot or message.body["from"]["id"] != person.id or "text" not in message.body:
        raise ControlError(f"message {message.id}: not a text of user {person.id}")
    body = {k: v for k, v in message.body.items() if k != "entities"} | _said(str(wish.get("text") or ""))
    world.change_message(message, body)
    update = updates.push(world, "edited_message", message.body) if heard(world, chat, message) else None
    return {"message_id": message.id, "update_id": update}


def _message(world: "World", chat: Chat, wish: Json) -> Message:
    message = world.store.messages.get(chat.id, {}).get(wish.get("message_id") or 0)
    if message is None or message.deleted:
        raise ControlError(f"message {wish.get('message_id')}: unknown in chat {chat.id}")
    return message


def press(world: "World", wish: Json) -> Json:
    """Press a button. Keys: user, chat?, message_id, and data (any, also forged) or button (its label).

    With data the message may be gone, as on a phone that has not caught up yet. Gives update_id and query_id.
    """
    person = user_of(world, wish)
    chat = _chat_of(world, wish, person)
    data = wish.get("data")
    if data is None:
        data = _data_of(_message(world, chat, wish), str(wish.get("button") or ""))
    number = world.store.setting("last_query_id", 4_100_000_000_000_000_000) + 1
    world.store.set("last_query_id", number)
    world.queries[str(number)] = OpenQuery(person.id, chat.id, world.clock.real())
    message = world.store.messages.get(chat.id, {}).get(wish.get("message_id") or 0)
    gone = {"chat": world.describe(chat), "message_id": wish.get("message_id") or 0, "date": 0}
    query = {
        "id": str(number),
        "from": person.shown(),
        "message": gone if message is None or message.deleted else message.body,
        "chat_instance": str(7_000_000_000 + chat.id),
        "data": str(data),
    }
    return {"query_id": str(number), "update_id": updates.push(world, "callback_query", query)}


def _data_of(message: Message, label: str) -> str:
    rows = message.body.get("reply_markup", {}).get("inline_keyboard", [])
    for button in (b for row in rows for b in row):
        if button["text"] == label and "callback_data" in button:
            return str(button["callback_data"])
    raise ControlError(f"message {message.id}: has no button {label!r} to press")
