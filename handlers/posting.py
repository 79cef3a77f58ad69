"""Putting something said into a reader's language and into the outbox: the one way from a phrase to a post."""

from __future__ import annotations

from datetime import datetime

from handlers.dialogue.buttons import standing_data
from handlers.dialogue.phrases import Phrase
from handlers.dialogue.room import House, Message
from handlers.texts import Catalogue, catalogue
from storage import accounts, outbox
from storage.records import Address, Button, MemberId, Post, PostId
from storage.transaction import Connection


def post(tx: Connection, house: House, message: Message, now: datetime) -> PostId | None:
    """Write a message in its reader's language and keep it for delivery; None where the reader has no account."""
    composed = compose(tx, house, message)
    return outbox.put(tx, composed, now) if composed else None


def compose(tx: Connection, house: House, message: Message) -> Post | None:
    """Write a message in its reader's language without keeping it; None where the reader has no account."""
    address, language, member = _reader(tx, message.to)
    if address is None:
        return None
    words = catalogue(language, house.zone)
    file = message.attachment
    return Post(
        address=address,
        text=str(words.write(message.body)),
        buttons=tuple((Button(words.bare(b.label), standing_data(b.command, b.args)),) for b in message.buttons),
        urgency=message.urgency,
        file_name=file.name if file else None,
        picture=bool(file and file.picture),
        file=file.content if file else None,
        recipe=file.recipe if file else None,
        data=dict(file.data) if file and file.recipe else None,
        member_id=member,
        movable=member is not None and message.to == member,
    )


def written(phrase: Phrase, language: str, house: House) -> str:
    """A phrase without markup, in a language: for spreadsheets and pictures."""
    return words_of(language, house).bare(phrase)


def words_of(language: str, house: House) -> Catalogue:
    """The catalogue of a language in the house's zone."""
    return catalogue(language, house.zone)


def _reader(tx: Connection, to: MemberId | Address) -> tuple[Address | None, str, MemberId | None]:
    if isinstance(to, Address):
        found = accounts.speaker(tx, to)
        return to, found[0].language if found else "vi", found[0].id if found else None
    reached = next(iter(accounts.of_member(tx, to)), None)
    return (reached.address if reached else None), accounts.language_of(tx, to), to
