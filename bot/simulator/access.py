"""May the bot speak in this chat: Telegram's refusals in their order."""

from typing import TYPE_CHECKING, Any

from bot.simulator.model import GROUP, INSIDE, PRIVATE, Chat
from bot.simulator.replies import ApiError, bad_request, forbidden

if TYPE_CHECKING:
    from bot.simulator.world import World


def known_chat(world: "World", chat_id: Any) -> Chat:
    """A chat that the bot has met. Raises ``ApiError`` 400 "chat not found"."""
    if chat_id is None:
        raise bad_request("chat_id is empty")
    chat = world.store.chats.get(chat_id) if isinstance(chat_id, int) else None
    if chat is None or (chat.type == PRIVATE and not chat.started):
        raise bad_request("chat not found")
    return chat


def writable_chat(world: "World", chat_id: Any) -> Chat:
    """A chat where the bot may send and edit. Raises ``ApiError`` 400 or 403 in Telegram's words."""
    if chat_id is None:
        raise bad_request("chat_id is empty")
    chat = world.store.chats.get(chat_id) if isinstance(chat_id, int) else None
    if chat is None:
        raise bad_request("chat not found")
    if chat.type == PRIVATE:
        _check_person(world, chat)
    else:
        _check_group(chat)
    return chat


def _check_person(world: "World", chat: Chat) -> None:
    if world.store.users[chat.id].deactivated:
        raise forbidden("user is deactivated")
    if not chat.started:
        raise forbidden("bot can't initiate conversation with a user")
    if chat.blocked:
        raise forbidden("bot was blocked by the user")


def _check_group(chat: Chat) -> None:
    if chat.upgraded_to is not None:
        words = "Bad Request: group chat was upgraded to a supergroup chat"
        raise ApiError(400, words, {"migrate_to_chat_id": chat.upgraded_to})
    kind = "group" if chat.type == GROUP else "supergroup"
    if chat.bot == "kicked":
        raise forbidden(f"bot was kicked from the {kind} chat")
    if chat.bot not in INSIDE:
        raise forbidden(f"bot is not a member of the {kind} chat")
