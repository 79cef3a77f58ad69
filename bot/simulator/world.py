"""The simulated Telegram, pure and synchronous: people, chats, messages, updates, and one bot."""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from bot.simulator import editing, profile, queries, sending, spec, updates
from bot.simulator.clock import Clock
from bot.simulator.faults import REPLIES, Faults, as_refusal
from bot.simulator.model import PRIVATE, Chat, Message, OpenQuery, User, shown
from bot.simulator.rates import COUNTED, Limiter
from bot.simulator.replies import ApiError, Call, Json, Reply, Upload, accepted, bad_request, too_many
from bot.simulator.settings import SimulatorSettings, rate_factor
from bot.simulator.store import Store
from bot.simulator.zalo.world import Zalo

LOG_LENGTH = 5000
# What a reset keeps: an update id that came twice would be taken for a repetition by the bot.
SURVIVORS = frozenset({"last_update_id", "last_query_id"})

Handler = Callable[["World", Call], Any]
METHODS: dict[str, Handler] = {
    **sending.METHODS,
    **editing.METHODS,
    **queries.METHODS,
    **profile.METHODS,
    **updates.METHODS,
}


class World:
    """One simulated Telegram. ``call`` is what the bot does; the functions of ``people`` are what people do.

    ``listeners`` are told each change as a JSON event; see ``view`` for the shapes.
    """

    def __init__(self, settings: SimulatorSettings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.store = Store(settings.data_file, settings.files_folder)
        self.clock = clock or Clock(file=settings.clock_file)
        self.limiter = Limiter(rate_factor(settings.rates))
        self.faults = Faults()
        self.calls: deque[Json] = deque(maxlen=LOG_LENGTH)
        self.queries: dict[str, OpenQuery] = {}
        self.listeners: list[Callable[[Json], None]] = []
        self.zalo = Zalo(self)
        self.clock.set_offset(self.store.setting("clock_offset", self.clock.offset))

    def call(self, method: str, params: Mapping[str, Any], files: Mapping[str, Upload] | None = None) -> Reply:
        """One method call of the bot. Never raises; getUpdates answers at once, whatever its timeout."""
        uploads = dict(files or {})
        name = spec.known_methods().get(method.lower())
        try:
            if name is None:
                raise ApiError(404, "Not Found: method not found")
            fault = self.faults.take(name, REPLIES)
            if fault is not None:
                raise as_refusal(fault)
            right = spec.checked(name, dict(params), set(uploads), strict=self.settings.strict)
            reply = accepted(METHODS[name](self, Call(name, right, uploads)))
        except ApiError as refusal:
            reply = refusal.reply()
        self._log(name or method, params, uploads, reply)
        return reply

    def _log(self, method: str, params: Mapping[str, Any], files: dict[str, Upload], reply: Reply) -> None:
        self.calls.append(
            {
                "at": self.clock.real(),
                "demo_at": self.clock.now(),
                "method": method,
                "params": dict(params),
                "files": {name: {"name": u.name, "size": len(u.content)} for name, u in files.items()},
                "status": reply.status,
                "description": reply.payload.get("description"),
                "result": reply.payload.get("result") if method != "getUpdates" else None,
            }
        )

    @property
    def me(self) -> Json:
        """The bot as a Bot API ``User``."""
        name = self.store.setting("name", {}).get("") or self.settings.bot_name
        return {
            "id": self.settings.bot_id,
            "is_bot": True,
            "first_name": name,
            "username": self.settings.bot_username,
        }

    def describe(self, chat: Chat) -> Json:
        """A Bot API ``Chat``."""
        if chat.type != PRIVATE:
            return {"id": chat.id, "type": chat.type, "title": chat.title}
        person = self.store.users[chat.id].shown()
        return {"id": chat.id, "type": PRIVATE} | {
            name: person[name] for name in ("first_name", "last_name", "username") if name in person
        }

    def add_message(self, chat: Chat, sender: User | None, content: Json) -> Message:
        """Put a new message in a chat; no sender means the bot. The caller tells the bot about it."""
        chat.last_message_id += 1
        body = {
            "message_id": chat.last_message_id,
            "from": self.me if sender is None else sender.shown(),
            "chat": self.describe(chat),
            "date": int(self.clock.now()),
        } | content
        message = Message(chat.id, chat.last_message_id, sender is None, body)
        self.store.keep(message)
        self.touch(chat)
        self.emit({"type": "message", "chat": chat.id, "message": shown(message)})
        return message

    def change_message(self, message: Message, body: Json) -> None:
        """Replace what a message says, as edited now."""
        message.body = body | {"edit_date": int(self.clock.now())}
        message.edits += 1
        self.store.keep(message)
        self.touch(self.store.chats[message.chat_id])
        self.emit({"type": "edit", "chat": message.chat_id, "message": shown(message)})

    def touch(self, chat: Chat) -> None:
        """Keep a chat whose look on the phone has changed."""
        chat.revision += 1
        self.store.keep(chat)

    def emit(self, event: Json) -> None:
        """Tell everyone who listens."""
        for listener in list(self.listeners):
            listener(event)

    def admit(self, chat: Chat, method: str) -> None:
        """Count a send or an edit. Raises ``ApiError`` 429 above Telegram's rates."""
        wait = self.limiter.admit(chat.id, self.clock.real()) if method in COUNTED else 0
        if wait:
            raise too_many(wait)

    def message(self, chat: Chat, message_id: Any, words: str) -> Message:
        """A message that still stands. Raises ``ApiError`` 400 "<words> not found"."""
        found = self.store.messages.get(chat.id, {}).get(message_id)
        if found is None or found.deleted:
            raise bad_request(f"{words} not found")
        return found

    def move_clock(self, offset: float) -> None:
        """Set the demo clock's offset in seconds. Raises ``ValueError`` for years outside 1970 to 9000."""
        self.clock.set_offset(offset)
        self.store.set("clock_offset", offset)
        self.emit({"type": "clock", "now": self.clock.now(), "offset": offset})

    def reset(self) -> Json:
        """Begin anew: no people, no chats, real time, Telegram's rates; update ids go on rising."""
        self.store.clear(SURVIVORS)
        self.faults.clear()
        self.calls.clear()
        self.zalo.calls.clear()
        self.queries.clear()
        self.limiter = Limiter(rate_factor(self.settings.rates))
        self.clock.set_offset(0.0)
        self.emit({"type": "reset"})
        return {}

    def close(self) -> None:
        """Let go of the files."""
        self.store.close()
