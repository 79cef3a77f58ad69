"""What can be typed in place of pressing a standing button, where a messenger has none: "B1", for ever the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from storage.records import Address, Button, PostId
from storage.tables import typed_choices

# Letters that nobody takes for a figure or for one another. No vowel and no D: a keyboard that writes Vietnamese by
# figures (VNI) makes "A1" into "Á" and "D9" into "Đ".
LETTERS = "BCGHKMNPRSTVX"
IN_A_ROW = 10
# How long words that equal a button's label still mean that button; after it the label, often a name, is forgotten.
RECENT = timedelta(days=14)
_MARK = re.compile(rf"([{LETTERS}])([1-9]\d{{0,5}})")


@dataclass(frozen=True, slots=True)
class TypedChoice:
    """A code, the button data that it stands for, and the words that stood beside it ("" when long ago)."""

    mark: str
    data: str
    label: str


def marks(slot: int, count: int) -> tuple[str, ...]:
    """The codes of so many choices, beginning with a slot: a letter and ten numbers each, none used twice."""
    found = []
    for place in range(count):
        at = slot + place // IN_A_ROW
        found.append(f"{LETTERS[at % len(LETTERS)]}{at // len(LETTERS) * IN_A_ROW + place % IN_A_ROW + 1}")
    return tuple(found)


def slot_of(mark: str) -> int:
    """Which slot a code belongs to. Raises ValueError for what is no code."""
    found = _MARK.fullmatch(mark)
    if found is None:
        raise ValueError(f"no code: {mark!r}")
    return (int(found[2]) - 1) // IN_A_ROW * len(LETTERS) + LETTERS.index(found[1])


def give(
    tx: Connection, address: Address, post: PostId, buttons: Iterable[Button], now: datetime
) -> dict[str, str]:
    """A code for each button of a post, by button data; the same again where the post has its codes already."""
    rows = tx.execute(
        select(typed_choices.c.data, typed_choices.c.mark).where(*_at(address), typed_choices.c.post_id == post)
    )
    given = {row.data: row.mark for row in rows}
    wanted = {button.data: button.label for button in buttons}
    if given or not wanted:
        return given
    used = tx.execute(select(typed_choices.c.mark).where(*_at(address))).scalars()
    slot = max((slot_of(mark) for mark in used), default=-1) + 1
    codes = dict(zip(wanted, marks(slot, len(wanted)), strict=True))
    new = [
        {
            "channel": address.channel,
            "chat": address.chat,
            "mark": codes[data],
            "post_id": post,
            "data": data,
            "label": label[:120],
            "made_at": now,
        }
        for data, label in wanted.items()
    ]
    tx.execute(insert(typed_choices), new)
    old = typed_choices.c.made_at < now - RECENT, typed_choices.c.label != ""
    tx.execute(update(typed_choices).where(*_at(address), *old).values(label=""))
    return codes


def find(tx: Connection, address: Address, mark: str) -> TypedChoice | None:
    """What a code means in this chat; None where it was never given there."""
    row = tx.execute(select(typed_choices).where(*_at(address), typed_choices.c.mark == mark)).first()
    return TypedChoice(row.mark, row.data, row.label) if row else None


def any_given(tx: Connection, address: Address) -> bool:
    """Whether this chat was ever given codes."""
    return tx.execute(select(typed_choices.c.mark).where(*_at(address)).limit(1)).first() is not None


def recent(tx: Connection, address: Address, now: datetime) -> Sequence[TypedChoice]:
    """The codes that this chat was given lately, the newest first."""
    new = typed_choices.c.made_at >= now - RECENT
    rows = tx.execute(
        select(typed_choices)
        .where(*_at(address), new)
        .order_by(typed_choices.c.post_id.desc(), typed_choices.c.mark)
    )
    return [TypedChoice(row.mark, row.data, row.label) for row in rows]


def _at(address: Address) -> tuple[Any, Any]:
    return typed_choices.c.channel == address.channel, typed_choices.c.chat == address.chat
