"""People played through their phones, tap by tap: joining, approving, writing; for the demo, examples and tests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.simulator.driver import Phone, PhoneError, Seen, ZaloPhone, buttons_of
from handlers.texts import sentences

_ITEM = re.compile(r"\(mục ([^)]+)\)")
_MOST_TURNS = 120


@dataclass(frozen=True, slots=True)
class Script:
    """What somebody writes: words by the number of the form's item, a level for each, the grade they choose."""

    grade: str
    words: Mapping[str, str] = field(default_factory=dict)
    level: str = "good"
    otherwise: str = "Tôi chấp hành đúng chủ trương, nghị quyết; giữ gìn đoàn kết và hoàn thành việc được giao."


def ids_of(screen: Seen) -> set[str]:
    """The option ids of a screen's buttons."""
    return {data.rsplit(":", 1)[-1] for _, data in buttons_of(screen)}


async def join(phone: Phone, code: str) -> None:
    """Open the code's link, say that one is the person, read, agree."""
    await phone.says(f"/start {code}")
    for option in ("yes", "next", "agree"):
        await phone.presses(option)


async def join_by_zalo(phone: ZaloPhone, code: str) -> None:
    """Type the code, say that one is the person, read, agree: the same steps, each answered by typing."""
    await phone.says(code)
    for label in ("joining.who.yes", "joining.next", "joining.agree"):
        await phone.chooses(sentences("vi")[label])


async def approve(secretary: Phone, name: str) -> None:
    """Press "approve" on the card of that person; the card must be there."""
    card = await secretary.waits_for(name)
    label = next((label for label, data in buttons_of(card) if "!approve:" in data), None)
    if label is None:
        raise PhoneError(f"{secretary.name}: the card of {name} has no button to approve")
    await secretary.presses(label, card)


async def open_cycle(secretary: Phone, year: int, deadline: str) -> None:
    """Open a year's cycle today, with that last day and no meeting yet."""
    await secretary.says("/deadlines")
    await secretary.presses("year")
    await secretary.says(str(year))
    await secretary.presses("today")
    await secretary.says(deadline)
    await secretary.presses("none")
    await secretary.presses("yes")


async def write_review(phone: Phone, script: Script, *, most_turns: int = _MOST_TURNS) -> None:
    """Write the open self-assessment from wherever it stands and submit it; with fewer turns, stop half way."""
    await phone.says("/review")
    for _ in range(most_turns):
        screen = await phone.screen()
        if {"yes", "no"} <= ids_of(screen):
            await phone.presses("yes")
            return
        await _answer(phone, screen, script)


async def _answer(phone: Phone, screen: Seen, script: Script) -> None:
    ids = ids_of(screen)
    for way in ("submit", "begin", "continue", "fill"):
        if way in ids:
            await phone.presses(way)
            return
    item = _ITEM.search(screen["text"])
    if "completed" in ids:
        await phone.presses(script.grade)
    elif "average" in ids:
        await phone.presses(script.level)
    elif "next" in ids:
        await phone.presses("next")
    elif item and item[1] in script.words:
        await phone.says(script.words[item[1]])
    elif "none" in ids:
        await phone.presses("none")
    else:
        await phone.says(script.otherwise)


async def mark_points(phone: Phone, marks: Mapping[int, str]) -> None:
    """Tick off points by typing: ``{1: "xong", 3: "vướng: thiếu kinh phí"}``."""
    await phone.says("/checklist")
    for number, state in marks.items():
        await phone.says(f"{number} {state}")
