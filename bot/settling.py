"""Posts in the database around their being sent: taken for it, given to another chat, to another account."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from html import escape

import structlog

from storage import accounts, groups, outbox, reminders
from storage.outbox import Queued
from storage.records import Address
from storage.transaction import Connection

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Share:
    """What may go out over one messenger at one moment: so many posts, so many of them calm, to no busy chat."""

    channel: str
    room: int
    calm: int
    busy: frozenset[Address]

    def claim(self, tx: Connection, now: datetime) -> tuple[Queued, ...]:
        """Take them."""
        return outbox.claim(tx, now, self.room, self.busy, calm=self.calm, channel=self.channel)


def take_elsewhere(tx: Connection, queued: Queued, now: datetime) -> None:
    """Put what a member's account will never take for another of theirs that works; in one transaction with the
    failure, so that it is said there once. A file with a recipe is made anew, for the messenger that it goes to."""
    post, member = queued.post, queued.post.member_id
    if not post.movable or member is None:
        return
    address = accounts.elsewhere(tx, member, post.address)
    if address is None:
        return
    if post.parts is not None:  # a part of it was said there, and what is left has lost its markup
        post = replace(post, text=escape(post.text, quote=False), parts=None)
    moved = outbox.put(tx, replace(post, address=address), now)
    reminders.carried_on(tx, member, queued.id, moved)
    log.info("post goes to another account", post=queued.id, to=address.channel)


def move(tx: Connection, queued: Queued, to: Address, now: datetime) -> None:
    """A group became another one (Telegram's "supergroup"): the cell goes with it, and so does the post."""
    groups.move(tx, queued.post.address, to)
    outbox.failed(tx, queued.id, f"moved to {to.chat}", now)
    outbox.put(tx, replace(queued.post, address=to), now)
