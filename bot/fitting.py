"""Posts for a messenger that cannot show everything: what has to be known and kept to put them into words."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.channels.contract import Abilities, Sent
from bot.channels.degrade import Fitted, Linked, Shown, degrade, standing
from handlers.texts import catalogue
from storage import accounts, choices, conversations
from storage.outbox import Queued
from storage.records import Address, Post, PostId
from storage.transaction import Connection

# After so long a person no longer has the screen above before their eyes.
_IN_VIEW = timedelta(minutes=30)
_ANY_ZONE = ZoneInfo("UTC")  # no sentence of a fitting tells a time


class HandsOut(Protocol):
    """Who makes addresses of files (``bot.handouts``): good for ``minutes``, None where there is none."""

    minutes: int

    def hand_out(self, tx: Connection, post_id: PostId, post: Post, now: datetime) -> str | None:
        """The address of the post's file; the same post again has the same address."""


class Fitting:
    """Works inside the caller's transaction; without ``files`` no file can be handed out."""

    def __init__(self, files: HandsOut | None = None) -> None:
        self._files = files

    def fit(self, tx: Connection, queued: Queued, abilities: Abilities, now: datetime) -> Fitted:
        """Put a post into what the messenger can show; tried again it comes out the same, with the same codes."""
        post = queued.post
        if post.parts is not None:  # it is in plain words already, and a part was said
            return Fitted(post if abilities.files else _without_bytes(post))
        found = accounts.speaker(tx, post.address)
        words = catalogue(found[0].language if found else "vi", _ANY_ZONE)
        marks = {} if abilities.buttons else choices.give(tx, post.address, queued.id, standing(post), now)
        return degrade(
            post,
            abilities,
            words.bare,
            marks=marks,
            linked=self._link(tx, queued, now) if post.file_name and not abilities.files else None,
            before=_in_view(tx, post.address, queued.posted_at) if post.screen is not None else None,
        )

    def _link(self, tx: Connection, queued: Queued, now: datetime) -> Linked:
        if self._files is None:
            return Linked(None, 0)
        return Linked(self._files.hand_out(tx, queued.id, queued.post, now), self._files.minutes)


def arrived(tx: Connection, post: Post, shown: Shown | None, sent: Sent) -> None:
    """Keep what a chat has before its eyes now: the screen that has arrived whole, else nothing to refer to."""
    said = shown.to_json() if shown is not None else {}
    conversations.keep_shown(tx, post.address, said, post.screen, sent.at)


def _in_view(tx: Connection, address: Address, posted_at: datetime) -> Shown | None:
    """The screen that stood above when the post was made, not when it is sent: a second try must read the same."""
    kept = conversations.load(tx, address)
    if kept is None or kept.shown is None or kept.shown_at is None or abs(posted_at - kept.shown_at) > _IN_VIEW:
        return None
    return Shown.from_json(kept.shown)


def _without_bytes(post: Post) -> Post:
    return replace(post, file=None)
