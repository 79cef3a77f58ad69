"""What the simulated Telegram remembers: people, chats, messages, files."""

from dataclasses import dataclass, field

from bot.simulator.replies import Json
from bot.simulator.zalo.model import ZaloAccount, ZaloEvent, ZaloMessage

PRIVATE, GROUP, SUPERGROUP = "private", "group", "supergroup"
INSIDE = frozenset({"member", "administrator"})


@dataclass
class User:
    """A person with a telephone.

    ``label`` and ``show``: how, and whether, the page shows it; ``app``: which messenger is open (telegram, zalo).
    """

    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language_code: str = "vi"
    label: str = ""
    show: bool = False
    deactivated: bool = False
    app: str = "telegram"

    def shown(self) -> Json:
        """A Bot API ``User``."""
        names = {"last_name": self.last_name, "username": self.username, "language_code": self.language_code}
        return {"id": self.id, "is_bot": False, "first_name": self.first_name} | {
            name: value for name, value in names.items() if value
        }

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name or ''}".strip()


@dataclass
class Chat:
    """A private chat (its id is the user's) or a group. ``bot``: the bot's standing there.

    ``revision`` grows with each change that a phone can see.
    """

    id: int
    type: str
    title: str = ""
    members: list[int] = field(default_factory=list)
    started: bool = False
    blocked: bool = False
    bot: str = "member"
    upgraded_to: int | None = None
    last_message_id: int = 0
    revision: int = 0
    menu_button: Json = field(default_factory=lambda: {"type": "commands"})


@dataclass
class Message:
    """One message as the Bot API writes it, in ``body``."""

    chat_id: int
    id: int
    from_bot: bool
    body: Json
    deleted: bool = False
    edits: int = 0


@dataclass
class StoredFile:
    """Metadata of a file; ``path`` as in getFile, which also names the blob."""

    id: str
    unique_id: str
    kind: str
    name: str
    mime: str
    size: int
    path: str
    width: int = 0
    height: int = 0


@dataclass
class Update:
    """One update that waits for the bot."""

    id: int
    body: Json


@dataclass
class Setting:
    """One named value: counters, webhook, commands, names of the bot."""

    name: str
    value: Json


@dataclass
class OpenQuery:
    """A press that still waits for its answer."""

    user_id: int
    chat_id: int
    pressed_at: float


Row = User | Chat | Message | StoredFile | Update | Setting | ZaloAccount | ZaloMessage | ZaloEvent
KINDS: dict[str, type[Row]] = {
    "user": User,
    "chat": Chat,
    "message": Message,
    "file": StoredFile,
    "update": Update,
    "setting": Setting,
    "zalo_account": ZaloAccount,
    "zalo_message": ZaloMessage,
    "zalo_event": ZaloEvent,
}
NAMES = {kind: name for name, kind in KINDS.items()}


def shown(message: Message) -> Json:
    """A message as a phone shows it: the Bot API's fields and, beside them, whose it is."""
    return message.body | {"from_bot": message.from_bot, "edits": message.edits}
