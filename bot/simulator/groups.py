"""How people stand to the bot: blocking it, leaving Telegram, forming and upgrading groups."""

from typing import TYPE_CHECKING

from bot.simulator import updates
from bot.simulator.model import GROUP, INSIDE, PRIVATE, SUPERGROUP, Chat, User
from bot.simulator.people import ControlError, heard, user_of
from bot.simulator.replies import Json

if TYPE_CHECKING:
    from bot.simulator.world import World

FIRST_GROUP = -4_700_000_000
FIRST_SUPERGROUP = -1_002_200_000_000


def set_blocked(world: "World", wish: Json) -> Json:
    """Block or unblock the bot. Keys: user, blocked."""
    person = user_of(world, wish)
    chat = world.store.chats[person.id]
    blocked = bool(wish.get("blocked", True))
    if chat.blocked == blocked:
        return {"update_id": None}
    chat.blocked = blocked
    old, new = ("member", "kicked") if blocked else ("kicked", "member")
    world.touch(chat)
    world.emit({"type": "phones"})
    return {"update_id": _standing(world, chat, person, old, new)}


def deactivate(world: "World", wish: Json) -> Json:
    """Delete a person's account; the bot is not told. Keys: user."""
    person = user_of(world, wish)
    person.deactivated = True
    world.store.keep(person)
    world.emit({"type": "phones"})
    return {}


def change_user(world: "World", wish: Json) -> Json:
    """Rename a person or change how the page shows the phone. Keys: user, and fields of a user."""
    person = user_of(world, wish)
    for name in ("first_name", "last_name", "username", "language_code", "label", "show", "app"):
        if name in wish:
            setattr(person, name, wish[name])
    world.store.keep(person)
    world.emit({"type": "phones"})
    return {"id": person.id}


def add_group(world: "World", wish: Json) -> Json:
    """A new group. Keys: title, members (user ids; the first one made it), bot?: false, true or "administrator"."""
    members = [user_of(world, {"user": number}).id for number in wish.get("members") or []]
    if not members or not str(wish.get("title") or "").strip():
        raise ControlError("title, members: must not be empty")
    number = min([FIRST_GROUP, *(i for i in world.store.chats if i > FIRST_SUPERGROUP)]) - 1
    chat = Chat(number, GROUP, title=str(wish["title"]).strip(), members=members, bot="left")
    world.store.keep(chat)
    world.emit({"type": "phones"})
    bot = wish.get("bot", True)
    standing = "administrator" if bot == "administrator" else "member"
    update = set_bot(world, {"user": members[0], "chat": number, "bot": standing})["update_id"] if bot else None
    return {"id": number, "update_id": update}


def set_bot(world: "World", wish: Json) -> Json:
    """Take the bot in or put it out. Keys: user, chat, bot: member, administrator, left or kicked."""
    person, chat = user_of(world, wish), _group(world, wish)
    old, new = chat.bot, str(wish.get("bot"))
    if new not in INSIDE | {"left", "kicked"}:
        raise ControlError("bot: must be member, administrator, left or kicked")
    chat.bot = new
    world.touch(chat)
    if old not in INSIDE and new in INSIDE:
        message = world.add_message(chat, person, {"new_chat_members": [world.me]})
        update = _standing(world, chat, person, old, new)
        updates.push(world, "message", message.body)
        return {"update_id": update}
    return {"update_id": _standing(world, chat, person, old, new) if old != new else None}


def join(world: "World", wish: Json) -> Json:
    """A person enters a group. Keys: user, chat."""
    person, chat = user_of(world, wish), _group(world, wish)
    if person.id in chat.members:
        return {"message_id": None, "update_id": None}
    chat.members.append(person.id)
    message = world.add_message(chat, person, {"new_chat_members": [person.shown()]})
    world.emit({"type": "phones"})
    seen = chat.bot in INSIDE or heard(world, chat, message)
    return {"message_id": message.id, "update_id": updates.push(world, "message", message.body) if seen else None}


def upgrade(world: "World", wish: Json) -> Json:
    """A group becomes a supergroup: another id, the old one refuses. Keys: chat."""
    old = _group(world, wish)
    if old.type != GROUP or old.upgraded_to:
        raise ControlError(f"chat {old.id}: is not a group that can be upgraded")
    number = min([FIRST_SUPERGROUP, *world.store.chats]) - 1
    fresh = Chat(number, SUPERGROUP, title=old.title, members=list(old.members), bot=old.bot)
    world.store.keep(fresh)
    maker = world.store.users[old.members[0]]
    went = world.add_message(old, maker, {"migrate_to_chat_id": number})
    came = world.add_message(fresh, maker, {"migrate_from_chat_id": old.id})
    old.upgraded_to = number
    world.touch(old)
    world.emit({"type": "phones"})
    if old.bot in INSIDE:
        updates.push(world, "message", went.body)
        updates.push(world, "message", came.body)
    return {"id": number}


def _group(world: "World", wish: Json) -> Chat:
    chat = world.store.chats.get(wish.get("chat") or 0)
    if chat is None or chat.type == PRIVATE:
        raise ControlError(f"chat {wish.get('chat')}: is not a group")
    return chat


def _standing(world: "World", chat: Chat, person: User, old: str, new: str) -> int | None:
    change = {
        "chat": world.describe(chat),
        "from": person.shown(),
        "date": int(world.clock.now()),
        "old_chat_member": _member(world, old),
        "new_chat_member": _member(world, new),
    }
    return updates.push(world, "my_chat_member", change)


def _member(world: "World", standing: str) -> Json:
    member: Json = {"user": world.me, "status": standing}
    if standing == "kicked":
        member["until_date"] = 0
    if standing == "administrator":
        rights = (
            "can_be_edited is_anonymous can_manage_chat can_delete_messages can_manage_video_chats "
            "can_restrict_members can_promote_members can_change_info can_invite_users can_post_stories "
            "can_edit_stories can_delete_stories"
        )
        member |= {right: right in {"can_manage_chat", "can_delete_messages"} for right in rights.split()}
    return member
