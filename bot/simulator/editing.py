"""The methods that change or remove what was said."""

from typing import TYPE_CHECKING

from bot.simulator.access import writable_chat
from bot.simulator.entities import message_caption, message_text
from bot.simulator.markup import inline_markup
from bot.simulator.model import PRIVATE, Chat, Message
from bot.simulator.replies import Call, Json, bad_request

if TYPE_CHECKING:
    from bot.simulator.world import World

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
MEDIA = frozenset({"photo", "document", "voice", "video"})
DELETABLE_SECONDS = 48 * 3600


def edit_text(world: "World", call: Call) -> Json:
    """editMessageText: without reply_markup the buttons go, as with Telegram."""
    if "text" not in call.params:
        raise bad_request("message text is empty")
    content = message_text(call.params)
    chat, message = _own(world, call)
    if "text" not in message.body:
        raise bad_request("there is no text in the message to edit")
    return _change(world, call, chat, message, {"text": None, "entities": None} | content)


def edit_caption(world: "World", call: Call) -> Json:
    """editMessageCaption."""
    content = message_caption(call.params)
    chat, message = _own(world, call)
    if not MEDIA & message.body.keys():
        raise bad_request("there is no caption in the message to edit")
    return _change(world, call, chat, message, {"caption": None, "caption_entities": None} | content)


def edit_markup(world: "World", call: Call) -> Json:
    """editMessageReplyMarkup."""
    chat, message = _own(world, call)
    return _change(world, call, chat, message, {})


def _own(world: "World", call: Call) -> tuple[Chat, Message]:
    """The chat and the bot's own message. Raises ``ApiError`` 400 or 403."""
    if "message_id" not in call.params:
        raise bad_request("message identifier is not specified")
    chat = writable_chat(world, call.params.get("chat_id"))
    message = world.message(chat, call.params["message_id"], "message to edit")
    if not message.from_bot:
        raise bad_request("message can't be edited")
    return chat, message


def _change(world: "World", call: Call, chat: Chat, message: Message, content: Json) -> Json:
    fresh = message.body | content | {"reply_markup": inline_markup(call.params.get("reply_markup"))}
    fresh = {name: value for name, value in fresh.items() if value is not None}
    world.admit(chat, call.method)
    if fresh == message.body:
        raise bad_request(NOT_MODIFIED)
    world.change_message(message, fresh)
    return message.body


def delete_message(world: "World", call: Call) -> bool:
    """deleteMessage: up to 48 hours; in groups only the bot's own unless it is an administrator."""
    chat = writable_chat(world, call.params["chat_id"])
    message = world.message(chat, call.params["message_id"], "message to delete")
    too_old = world.clock.now() - message.body["date"] > DELETABLE_SECONDS
    foreign = not message.from_bot and chat.type != PRIVATE and chat.bot != "administrator"
    if too_old or foreign:
        raise bad_request("message can't be deleted")
    message.deleted = True
    world.store.keep(message)
    world.touch(chat)
    world.emit({"type": "delete", "chat": chat.id, "message_id": message.id})
    return True


METHODS = {
    "editMessageText": edit_text,
    "editMessageCaption": edit_caption,
    "editMessageReplyMarkup": edit_markup,
    "deleteMessage": delete_message,
}
