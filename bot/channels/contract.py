"""What a messenger is to the rest of the bot: raw updates in, posts out, failures that say what to do next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from handlers.dialogue.said import Incoming
from storage.records import Address, DeliveryTrouble, Post, Raw

Keep = Callable[[Sequence[Raw]], Awaitable[None]]


class DeliveryError(Exception):
    """A post did not arrive. Exactly one of these says what to do next:

    ``trouble``: the person cannot be reached until they do something; ``retry_after``: seconds to wait, for this
    chat or (``everywhere``) for all; ``moved_to``: the chat has another id now; none of them: this post can
    never be sent. ``too_many``: the messenger was asked too often (a 429). ``lost``: the call went out and its
    answer was lost, so that the messenger may have taken the post. ``channel``: at a start, which one it is about.
    """

    def __init__(
        self,
        words: str,
        *,
        trouble: DeliveryTrouble | None = None,
        retry_after: float | None = None,
        everywhere: bool = False,
        moved_to: str | None = None,
        too_many: bool = False,
        lost: bool = False,
    ) -> None:
        super().__init__(words)
        self.trouble = trouble
        self.retry_after = retry_after
        self.everywhere = everywhere
        self.moved_to = moved_to
        self.too_many = too_many
        self.lost = lost
        self.channel = ""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a messenger can show; what it lacks, ``bot/channels/degrade.py`` puts into words.

    ``buttons``: under a message, pressed without typing; ``edits``: a message can be changed after it was sent;
    ``files``: bytes go along with a message (else by an address from which they are fetched); ``markup``: bold,
    italic, code; ``menu``: a list of commands beside the chat; ``invite_links``: an address opens the chat with a
    code already typed; ``typing``: that an answer is being prepared. ``longest_text`` and ``longest_caption`` are
    in UTF-16 code units.
    """

    buttons: bool
    edits: bool
    files: bool
    markup: bool
    menu: bool
    invite_links: bool
    typing: bool
    longest_text: int
    longest_caption: int

    @property
    def all(self) -> bool:
        """Whether a post can be shown as it is meant: then nothing has to be put into other words."""
        return self.buttons and self.edits and self.files and self.markup and self.menu


@dataclass(frozen=True, slots=True)
class Sent:
    """What one call achieved: the id of the message, and what of the post is still to be said (``rest``).

    A text that is longer than one message goes out a part at a time, so that a failure repeats no part and every
    part is counted by the limits. ``at`` is when the message came into the chat, by the messenger's own clock.
    """

    ref: str | None
    rest: Post | None = None
    at: datetime | None = None


class Unreadable(Exception):  # noqa: N818 - it is about the update, not about us
    """A raw update that cannot be understood; it is set aside and the next one is read."""


class Refused(Exception):  # noqa: N818 - it is about the delivery, not about us
    """A delivery to our webhook that is not what the messenger would send: nothing of it is kept.

    ``status`` is the HTTP status that says so: 401 for a wrong or missing secret, 400 for a body of another shape.
    """

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class NotKept(Exception):  # noqa: N818 - a condition with a name
    """Updates could not be kept just now, so nobody may be told that we have them; the words are a short reason."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a messenger is to bring its updates, and the secret by which we know that it was the messenger."""

    url: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class WebhookState:
    """What the messenger says of our webhook: where it brings updates (None: nowhere), how many wait, and the
    words and age in seconds of its last failure to bring one."""

    url: str | None
    waiting: int
    trouble: str | None = None
    trouble_age: float | None = None


class Channel(Protocol):
    """One messenger. Updates come in one of two ways: we fetch them (``poll``), or the messenger brings them to the
    web server, which hands over what it was brought as it is (``accept``). ``expect`` chooses the way.
    """

    name: str
    username: str
    abilities: Abilities

    async def open(self) -> None:
        """Introduce ourselves; raises DeliveryError with words for a person where that fails."""

    async def close(self) -> None:
        """Close connections. A webhook stays registered, so that the messenger keeps what comes meanwhile."""

    async def expect(self, webhook: Webhook | None) -> None:
        """Have updates brought to a webhook from now on, or (None) fetch them ourselves; the other way ends.

        What waits at the messenger waits on and comes by the new way. Raises DeliveryError.
        """

    async def poll(self, keep: Keep) -> None:
        """Fetch updates for ever; ``keep`` returns when they are safe, and only then are they acknowledged."""

    def accept(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Raw]:
        """What one delivery to our webhook brings; ``headers`` are found in any case. Raises Refused."""

    async def webhook_state(self) -> WebhookState:
        """What the messenger says of our webhook, if it has one. Raises DeliveryError."""

    def fetched_at(self) -> float | None:
        """Loop time of the last poll that was answered; None before the first."""

    def read(self, raw: Raw) -> Incoming | None:
        """Understand one raw update; None where there is nothing for us in it. Raises Unreadable."""

    async def send(self, post: Post) -> Sent:
        """Send a post, or its first part. Raises DeliveryError."""

    async def acknowledge(self, query: str, toast: str | None) -> None:
        """Tell the messenger that a pressed button was heard; too late is not an error."""

    async def show_typing(self, address: Address) -> None:
        """Show that an answer is being prepared, where the messenger can; never fails."""

    async def fetch(self, file_id: str) -> bytes:
        """Bytes of a document. Raises DeliveryError."""

    def is_group(self, address: Address) -> bool:
        """Whether an address is a group, which has limits of its own."""

    def invite_link(self, code: str) -> str | None:
        """The address that opens the chat with a code already typed; None where the messenger has no such links."""
