"""What is to be said: posts kept with the records that cause them, claimed once, settled with a result."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, exists, func, not_, or_, select, update

from storage.database import inserting
from storage.prepared import Prepared
from storage.records import Address, Button, Post, PostId, Urgency
from storage.tables import outbox

# Begun, and due at once, whatever happens to the clock: it need not be the time of anything.
_BEGUN = datetime(1970, 1, 1, tzinfo=UTC)
WAITING, SENDING, SENT, FAILED, MERGED = "waiting", "sending", "sent", "failed", "merged"


@dataclass(frozen=True, slots=True)
class Queued:
    """A post with its number, how often it was tried, and since when it waits."""

    id: PostId
    post: Post
    attempts: int
    posted_at: datetime


_PUT = inserting(
    outbox,
    *("channel", "chat", "member_id", "urgency", "kind", "payload", "file", "state", "attempts", "posted_at"),
    returning="id",
)
_MERGE = Prepared(
    lambda _: (
        update(outbox)
        .where(
            outbox.c.channel == bindparam("at"),
            outbox.c.chat == bindparam("chat_is"),
            outbox.c.settled_at.is_(None),
            outbox.c.state == WAITING,
            outbox.c.kind == bindparam("same"),
        )
        .values(state=MERGED, settled_at=bindparam("now"), payload={}, file=None)
    )
)


def put(tx: Connection, post: Post, now: datetime) -> PostId:
    """Keep a post for delivery; a newer edit of the same message replaces one that still waits."""
    if post.edits is not None:
        _MERGE.change(tx, at=post.address.channel, chat_is=post.address.chat, same=_kind(post), now=now)
    kept: Any = _PUT.row(tx, **_to_row(post), state=WAITING, attempts=0, posted_at=now)
    return PostId(kept.id)


_ahead = outbox.alias("ahead")
_begun, _ahead_begun = outbox.c.not_before.is_not(None), _ahead.c.not_before.is_not(None)
# What has to be settled first in the same chat: one on its way, one that was tried already, else whatever is more
# urgent, or as urgent and older. A reminder that waits for its turn must not keep an answer waiting behind it.
_BLOCKED = exists().where(
    _ahead.c.channel == outbox.c.channel,
    _ahead.c.chat == outbox.c.chat,
    _ahead.c.settled_at.is_(None),
    or_(
        _ahead.c.state == SENDING,
        and_(_ahead_begun, or_(not_(_begun), _ahead.c.id < outbox.c.id)),
        and_(not_(_begun), _ahead.c.urgency < outbox.c.urgency),
        and_(not_(_begun), _ahead.c.urgency == outbox.c.urgency, _ahead.c.id < outbox.c.id),
    ),
)
_DUE_ANYWHERE = (
    select(outbox.c.id, outbox.c.channel, outbox.c.chat, outbox.c.urgency)
    .where(
        outbox.c.settled_at.is_(None),
        outbox.c.state == WAITING,
        or_(outbox.c.not_before.is_(None), outbox.c.not_before <= bindparam("now")),
        not_(_BLOCKED),
    )
    .order_by(outbox.c.urgency, outbox.c.id)
    .limit(bindparam("most"))
)
_DUE = Prepared(lambda _: _DUE_ANYWHERE)
# Thousands that wait for one channel must not fill the limit of another, nor be looked through on its account.
_DUE_THERE = Prepared(lambda _: _DUE_ANYWHERE.where(outbox.c.channel == bindparam("there")))
_CHANNELS = Prepared(lambda _: select(outbox.c.channel).where(outbox.c.settled_at.is_(None)).distinct())
_TAKE = Prepared(
    lambda _: (
        update(outbox)
        .where(outbox.c.id == bindparam("this"), outbox.c.state == WAITING)
        .values(state=SENDING, attempts=outbox.c.attempts + 1)
        .returning(*outbox.c)
    )
)
_PUT_BACK = Prepared(
    lambda _: select(func.min(outbox.c.not_before).label("earliest")).where(
        outbox.c.settled_at.is_(None), outbox.c.not_before > bindparam("now")
    )
)
_SENT = Prepared(
    lambda _: (
        update(outbox)
        .where(outbox.c.id == bindparam("this"), outbox.c.state == SENDING)
        .values(state=SENT, ref=bindparam("known_as"), settled_at=bindparam("now"), payload={}, file=None)
    )
)


def claim(
    tx: Connection,
    now: datetime,
    limit: int,
    busy: Collection[Address] = (),
    *,
    calm: int | None = None,
    channel: str | None = None,
) -> tuple[Queued, ...]:
    """Take the most urgent due posts, at most one a chat and none of a busy chat, and mark them as being sent.

    Only those of one ``channel``, where one is named; ``busy`` need not name chats of others then.

    Within a chat the most urgent goes first, then the oldest, and one that was begun (it is on its way, was put
    back, or is a long text of which a part was said) holds back all the others until it is settled. At most
    ``calm`` of those taken are no answers (None: no such limit).
    """
    rows = _due(tx, now, limit + len(busy), channel)
    free = [row for row in rows if Address(row.channel, row.chat) not in busy]
    urgent = [row for row in free if row.urgency == Urgency.ANSWER]
    others = [row for row in free if row.urgency != Urgency.ANSWER]
    # Another process may have been quicker with one of them: only whoever changes the row may send it.
    taken = (_TAKE.row(tx, this=row.id) for row in (*urgent, *others[:calm])[:limit])
    found = [row for row in taken if row is not None]
    return tuple(Queued(PostId(row.id), _to_post(row), row.attempts, row.posted_at) for row in found)


def sent(tx: Connection, id: PostId, ref: str | None, now: datetime) -> None:
    """Settle a post that arrived; its words and file are no longer needed and go."""
    _SENT.change(tx, this=id, known_as=ref, now=now)


def failed(tx: Connection, id: PostId, trouble: str, now: datetime) -> bool:
    """Settle a post that will never arrive, with the reason; False where it was settled already."""
    return _settle(tx, id, state=FAILED, trouble=trouble, settled_at=now, payload={}, file=None)


def later(tx: Connection, id: PostId, not_before: datetime, trouble: str) -> None:
    """Put a post back, not to be tried before that time."""
    _settle(tx, id, state=WAITING, not_before=not_before, trouble=trouble)


def shorten(tx: Connection, id: PostId, rest: Post) -> None:
    """Put back what of a post is still to be said; its file stays where it is."""
    left = {"payload": _to_row(rest)["payload"], "kind": _kind(rest)}
    _settle(tx, id, state=WAITING, attempts=0, not_before=_BEGUN, **left)


def discard(tx: Connection, address: Address, now: datetime) -> int:
    """Settle what waits for an account that is nobody's any more: it was meant for a member, not for the phone."""
    waits = outbox.c.settled_at.is_(None), outbox.c.state == WAITING
    here = outbox.c.channel == address.channel, outbox.c.chat == address.chat
    gone = {"state": FAILED, "trouble": "unlinked", "settled_at": now, "payload": {}, "file": None}
    return tx.execute(update(outbox).where(*here, *waits).values(gone)).rowcount


def recover(tx: Connection) -> int:
    """After a start: what was being sent when the process died is tried again; returns how many.

    The try that was cut short does not count: it says nothing of the messenger and must lengthen no pause.
    """
    again = {"state": WAITING, "attempts": outbox.c.attempts - 1, "not_before": _BEGUN}
    cut_short = outbox.c.settled_at.is_(None), outbox.c.state == SENDING
    return tx.execute(update(outbox).where(*cut_short).values(again)).rowcount


def being_sent(tx: Connection, channel: str) -> int:
    """How many posts to that channel are on their way."""
    on_their_way = outbox.c.settled_at.is_(None), outbox.c.state == SENDING, outbox.c.channel == channel
    return int(tx.execute(select(func.count()).select_from(outbox).where(*on_their_way)).scalar_one())


def next_due(tx: Connection, now: datetime) -> datetime | None:
    """When the next post that was put back may be tried again; one whose time has come waits for its chat only."""
    found = _PUT_BACK.row(tx, now=now)
    return found.earliest if found else None


def answers_due(tx: Connection, now: datetime, channel: str) -> bool:
    """Whether there is an answer for that channel that nothing in the outbox holds back."""
    first = next(iter(_due(tx, now, 1, channel)), None)
    return first is not None and first.urgency == Urgency.ANSWER


def channels(tx: Connection) -> frozenset[str]:
    """The channels for which anything waits or is on its way."""
    return frozenset(row.channel for row in _CHANNELS.rows(tx))


def _due(tx: Connection, now: datetime, most: int, channel: str | None) -> Sequence[Any]:
    if channel is None:
        return _DUE.rows(tx, now=now, most=most)
    return _DUE_THERE.rows(tx, now=now, most=most, there=channel)


def backlog(tx: Connection) -> tuple[dict[Urgency, int], datetime | None]:
    """How many posts have not arrived yet, and when the oldest was posted; looks at none that is settled."""
    urgent = select(outbox.c.urgency, func.count(), func.min(outbox.c.id)).where(outbox.c.settled_at.is_(None))
    found = tx.execute(urgent.group_by(outbox.c.urgency)).all()
    oldest = select(func.min(outbox.c.posted_at)).where(outbox.c.id.in_([first for _, _, first in found]))
    return {Urgency(u): count for u, count, _ in found}, tx.execute(oldest).scalar() if found else None


def _settle(tx: Connection, id: PostId, **values: Any) -> bool:
    found = tx.execute(update(outbox).where(outbox.c.id == id, outbox.c.state == SENDING).values(**values))
    return found.rowcount > 0


def _kind(post: Post) -> str:
    if post.menu:
        return "menu"
    return f"edit:{post.edits}"[:80] if post.edits else "new"


def _to_row(post: Post) -> dict[str, Any]:
    return {
        "channel": post.address.channel,
        "chat": post.address.chat,
        "member_id": post.member_id,
        "urgency": int(post.urgency),
        "kind": _kind(post),
        "payload": {
            "text": post.text,
            "buttons": [[[b.label, b.data] for b in row] for row in post.buttons],
            "edits": post.edits,
            "screen": post.screen,
            "file_name": post.file_name,
            "picture": post.picture,
            "recipe": post.recipe,
            "data": post.data,
            "menu": [list(entry) for entry in post.menu],
            "numbered": post.numbered,
            "parts": post.parts,
            "movable": post.movable,
        },
        "file": post.file,
    }


def _to_post(row: Row[Any]) -> Post:
    kept = row.payload
    return Post(
        address=Address(row.channel, row.chat),
        text=kept["text"],
        buttons=tuple(tuple(Button(label, data) for label, data in line) for line in kept["buttons"]),
        urgency=Urgency(row.urgency),
        edits=kept["edits"],
        screen=kept["screen"],
        file_name=kept["file_name"],
        picture=kept["picture"],
        menu=tuple((name, words) for name, words in kept["menu"]),
        numbered=kept.get("numbered", False),  # rows of an older version have none of these
        parts=kept.get("parts"),
        movable=kept.get("movable", False),
        file=row.file,
        recipe=kept["recipe"],
        data=kept["data"],
        member_id=row.member_id,
    )
