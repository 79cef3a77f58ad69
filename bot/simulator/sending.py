"""The methods that put something new before a person: messages, pictures, documents, "is typing"."""

from typing import TYPE_CHECKING

from bot.simulator.access import writable_chat
from bot.simulator.entities import message_caption, message_text
from bot.simulator.files import described, get_file, sent_file
from bot.simulator.markup import sent_markup
from bot.simulator.model import Chat
from bot.simulator.replies import Call, Json, bad_request

if TYPE_CHECKING:
    from bot.simulator.world import World

ACTIONS = frozenset({"typing", "choose_sticker", "find_location"}) | {
    f"{verb}_{thing}"
    for verb in ("record", "upload")
    for thing in ("photo", "video", "voice", "document", "video_note")
} - {"record_photo", "record_document"}


def send_message(world: "World", call: Call) -> Json:
    """sendMessage."""
    content = message_text(call.params)
    markup = sent_markup(call.params.get("reply_markup"))
    chat = writable_chat(world, call.params["chat_id"])
    return _post(world, call, chat, content, markup)


def send_photo(world: "World", call: Call) -> Json:
    """sendPhoto."""
    return _send_file(world, call, "photo")


def send_document(world: "World", call: Call) -> Json:
    """sendDocument."""
    return _send_file(world, call, "document")


def _send_file(world: "World", call: Call, field: str) -> Json:
    caption = message_caption(call.params)
    markup = sent_markup(call.params.get("reply_markup"))
    chat = writable_chat(world, call.params["chat_id"])
    file = sent_file(world, call, field)
    return _post(world, call, chat, described(file) | caption, markup)


def _post(world: "World", call: Call, chat: Chat, content: Json, markup: Json | None) -> Json:
    replied = _replied(world, chat, call.params.get("reply_parameters"))
    world.admit(chat, call.method)
    if call.params.get("protect_content"):
        content["has_protected_content"] = True
    if markup:
        content["reply_markup"] = markup
    return world.add_message(chat, None, content | replied).body


def _replied(world: "World", chat: Chat, parameters: Json | None) -> Json:
    if not parameters:
        return {}
    found = world.store.messages.get(chat.id, {}).get(parameters["message_id"])
    if found is None or found.deleted:
        if parameters.get("allow_sending_without_reply"):
            return {}
        raise bad_request("message to be replied not found")
    return {"reply_to_message": {k: v for k, v in found.body.items() if k != "reply_to_message"}}


def send_chat_action(world: "World", call: Call) -> bool:
    """sendChatAction."""
    if call.params["action"] not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat = writable_chat(world, call.params["chat_id"])
    world.emit({"type": "action", "chat": chat.id, "action": call.params["action"]})
    return True


METHODS = {
    "sendMessage": send_message,
    "sendPhoto": send_photo,
    "sendDocument": send_document,
    "sendChatAction": send_chat_action,
    "getFile": get_file,
}
