"""What a messenger is to the rest of the bot: raw updates in, posts out, failures that say what to do next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from handlers.dialogue.said import Incoming
from storage.records import Address, DeliveryTrouble, Post, Raw

Keep = Callable[[Sequence[Raw]], Awaitable[None]]


class DeliveryError(Exception):
    """A post did not arrive. Exactly one of these says what to do next:

    ``trouble``: the person cannot be reached until they do something; ``retry_after``: seconds to wait, for this
    chat or (``everywhere``) for all; ``moved_to``: the chat has another id now; none of them: this post can
    never be sent.
    """

    def __init__(
        self,
        words: str,
        *,
        trouble: DeliveryTrouble | None = None,
        retry_after: float | None = None,
        everywhere: bool = False,
        moved_to: str | None = None,
    ) -> None:
        super().__init__(words)
        self.trouble = trouble
        self.retry_after = retry_after
        self.everywhere = everywhere
        self.moved_to = moved_to


@dataclass(frozen=True, slots=True)
class Sent:
    """What one call achieved: the id of the message, and what of the post is still to be said (``rest``).

    A text that is longer than one message goes out a part at a time, so that a failure repeats no part and every
    part is counted by the limits.
    """

    ref: str | None
    rest: Post | None = None


class Unreadable(Exception):  # noqa: N818 - it is about the update, not about us
    """A raw update that cannot be understood; it is set aside and the next one is read."""


class Channel(Protocol):
    """One messenger."""

    name: str
    username: str

    async def open(self) -> None:
        """Introduce ourselves; raises DeliveryError with words for a person where that fails."""

    async def close(self) -> None:
        """Close connections."""

    async def poll(self, keep: Keep) -> None:
        """Fetch updates for ever; ``keep`` returns when they are safe, and only then are they acknowledged."""

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
