"""What the simulated Zalo remembers: accounts of people, their chats with the bot, events that wait for it."""

from dataclasses import dataclass

from bot.simulator.replies import Json


@dataclass
class ZaloAccount:
    """A person's account and, under the same id, the private chat with the bot. ``person``: whose phone.

    ``started``: the person has written, so that the bot knows the chat. ``revision`` grows with each change that a
    phone can see.
    """

    id: str
    person: int
    started: bool = False
    blocked: bool = False
    revision: int = 0


@dataclass
class ZaloMessage:
    """One message as the platform writes it, in ``body``; ``file_id`` is the picture that came with it."""

    chat_id: str
    id: str
    from_bot: bool
    body: Json
    file_id: str | None = None


@dataclass
class ZaloEvent:
    """One event for the bot. ``given``: how often it was given out; ``due``: when next (seconds since 1970)."""

    number: int
    body: Json
    given: int = 0
    due: float = 0.0

    @property
    def chat(self) -> str:
        """The chat that it is about; empty for an event of another shape."""
        message = self.body.get("message")
        chat = message.get("chat") if isinstance(message, dict) else None
        return str(chat.get("id") or "") if isinstance(chat, dict) else ""

    @property
    def message_id(self) -> str | None:
        """The message that it is about."""
        message = self.body.get("message")
        return message.get("message_id") if isinstance(message, dict) else None
