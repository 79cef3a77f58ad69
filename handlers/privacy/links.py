"""Ending the address of a file before its time: the person to whom it was given decides that."""

from __future__ import annotations

from handlers.dialogue.phrases import t
from handlers.dialogue.room import Outcome, Standing, Visit, aside
from storage import handouts
from storage.records import PostId
from storage.transaction import Connection

COMMAND = "revoke"


def end_line(post: PostId) -> Standing:
    """What stands under a message with a link, so that its reader can end it."""
    return Standing(t("handout.revoke"), COMMAND, str(post))


def end_link(tx: Connection, visit: Visit, number: str) -> Outcome:
    """End the link of a post; whose it is, is looked up anew: a number can be typed by anybody."""
    is_number = number.isascii() and number.isdigit() and len(number) < 16
    if is_number and handouts.revoke_one(tx, PostId(int(number)), visit.known.member.id, visit.now):
        return aside(t("handout.revoked"))
    return aside(t("handout.nothing_to_revoke"))
