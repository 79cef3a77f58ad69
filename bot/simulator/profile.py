"""What the bot says about itself, the command menu, and what it may know of a chat."""

import re
from typing import TYPE_CHECKING

from bot.simulator.access import known_chat
from bot.simulator.model import PRIVATE, Chat
from bot.simulator.replies import Call, Json, bad_request

if TYPE_CHECKING:
    from bot.simulator.world import World

MOST_COMMANDS = 100
COMMAND = re.compile(r"^[a-z0-9_]{1,32}$")
LANGUAGE = re.compile(r"^([a-z]{2})?$")
LIMITS = {"name": 64, "description": 512, "short_description": 120}


def get_me(world: "World", _call: Call) -> Json:
    """getMe."""
    abilities = {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }
    return world.me | abilities


def _scope_key(world: "World", scope: Json | None) -> str:
    """A scope as one word: "default", "all_private_chats", "chat:42". Raises ``ApiError`` 400."""
    scope = scope or {"type": "default"}
    kind = scope.get("type")
    if kind in {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"}:
        return str(kind)
    if kind not in {"chat", "chat_administrators", "chat_member"}:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    known_chat(world, scope["chat_id"])
    return ":".join(str(part) for part in (kind, scope["chat_id"], scope.get("user_id")) if part is not None)


def _language(call: Call) -> str:
    code: str = call.params.get("language_code", "")
    if not LANGUAGE.match(code):
        raise bad_request("invalid language code specified")
    return code


def set_commands(world: "World", call: Call) -> bool:
    """setMyCommands: an empty list deletes, as with Telegram."""
    commands = [
        {"command": c["command"].strip().removeprefix("/"), "description": c["description"].strip()}
        for c in call.params["commands"]
    ]
    if len(commands) > MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        _check_command(command["command"], command["description"])
    _write_commands(world, call, commands)
    return True


def _check_command(name: str, description: str) -> None:
    if not name:
        raise bad_request("command must be non-empty")
    if len(name) > 32:
        raise bad_request("command length must not exceed 32")
    if not description:
        raise bad_request("command description must be non-empty")
    if len(description) > 256:
        raise bad_request("command description length must not exceed 256")
    if not COMMAND.match(name):
        raise bad_request("BOT_COMMAND_INVALID")


def delete_commands(world: "World", call: Call) -> bool:
    """deleteMyCommands."""
    _write_commands(world, call, [])
    return True


def _write_commands(world: "World", call: Call, commands: list[Json]) -> None:
    key = f"{_scope_key(world, call.params.get('scope'))}/{_language(call)}"
    everything = {k: v for k, v in world.store.setting("commands", {}).items() if k != key}
    world.store.set("commands", everything | ({key: commands} if commands else {}))
    world.emit({"type": "commands"})


def get_commands(world: "World", call: Call) -> list[Json]:
    """getMyCommands: exactly this scope and language, no falling back."""
    key = f"{_scope_key(world, call.params.get('scope'))}/{_language(call)}"
    found: list[Json] = world.store.setting("commands", {}).get(key, [])
    return found


def menu(world: "World", chat: Chat, user_id: int) -> list[Json]:
    """The commands that a person sees in a chat: the narrowest scope wins, their language before none."""
    language = world.store.users[user_id].language_code[:2]
    if chat.type == PRIVATE:
        scopes = [f"chat:{chat.id}", "all_private_chats", "default"]
    else:
        scopes = [f"chat_member:{chat.id}:{user_id}", f"chat:{chat.id}", "all_group_chats", "default"]
    kept = world.store.setting("commands", {})
    for scope in scopes:
        for code in (language, ""):
            found: list[Json] | None = kept.get(f"{scope}/{code}")
            if found:
                return found
    return []


def _set_words(world: "World", call: Call, name: str) -> bool:
    text = call.params.get(name, "")
    if len(text) > LIMITS[name]:
        raise bad_request(
            f"BOT_{'TITLE' if name == 'name' else 'ABOUT' if name[0] == 's' else 'DESCRIPTION'}_INVALID"
        )
    world.store.set(name, world.store.setting(name, {}) | {_language(call): text})
    world.emit({"type": "phones"})
    return True


def _get_words(world: "World", call: Call, name: str) -> Json:
    words = world.store.setting(name, {})
    fallback = world.settings.bot_name if name == "name" else ""
    return {name: words.get(_language(call)) or words.get("") or fallback}


def get_chat(world: "World", call: Call) -> Json:
    """getChat: the required part of ``ChatFullInfo``."""
    chat = known_chat(world, call.params["chat_id"])
    gifts = dict.fromkeys(
        ["unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"],
        False,
    )
    return world.describe(chat) | {
        "accent_color_id": abs(chat.id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": gifts,
    }


def set_menu_button(world: "World", call: Call) -> bool:
    """setChatMenuButton, for one private chat or for all new ones."""
    button = call.params.get("menu_button") or {"type": "default"}
    if "chat_id" in call.params:
        chat = known_chat(world, call.params["chat_id"])
        chat.menu_button = button
        world.touch(chat)
    else:
        world.store.set("menu_button", button)
    return True


def get_menu_button(world: "World", call: Call) -> Json:
    """getChatMenuButton."""
    if "chat_id" in call.params:
        return known_chat(world, call.params["chat_id"]).menu_button
    default: Json = world.store.setting("menu_button", {"type": "commands"})
    return default


METHODS = {
    "getMe": get_me,
    "getChat": get_chat,
    "setMyCommands": set_commands,
    "deleteMyCommands": delete_commands,
    "getMyCommands": get_commands,
    "setMyName": lambda world, call: _set_words(world, call, "name"),
    "getMyName": lambda world, call: _get_words(world, call, "name"),
    "setMyDescription": lambda world, call: _set_words(world, call, "description"),
    "getMyDescription": lambda world, call: _get_words(world, call, "description"),
    "setMyShortDescription": lambda world, call: _set_words(world, call, "short_description"),
    "getMyShortDescription": lambda world, call: _get_words(world, call, "short_description"),
    "setChatMenuButton": set_menu_button,
    "getChatMenuButton": get_menu_button,
}
