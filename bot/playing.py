"""People played through their phones, tap by tap: joining, approving, writing; for the demo, examples and tests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.simulator.driver import Phone, PhoneError, Seen, ZaloPhone, buttons_of, choices_of
from handlers.texts import sentences

_ITEM = re.compile(r"\(mục ([^)]+)\)")
_MOST_TURNS = 120
_OF_SCREEN = re.compile(r"1:\d+:.+")
# Options of a self-assessment by what is written beside them where there is nothing to press.
_LABELS = {
    **{f"review.option.{way}": way for way in ("begin", "continue", "fill", "submit", "next", "none")},
    **{f"review.grade.{grade}": grade for grade in ("excellent", "good", "completed", "not_completed")},
    **{f"review.level.{level}": level for level in ("excellent", "good", "average", "poor")},
    **{f"review.remedy.{remedy}": remedy for remedy in ("done", "ongoing", "not_yet")},
    "review.option.walk": "walk",
    "review.option.no_note": "list",
    "review.option.not_yet": "no",
    "review.option.overview": "next",
    "review.option.empty": "none",
}


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


async def approve(secretary: Phone | ZaloPhone, name: str) -> None:
    """Choose "approve" on the card of that person; the card must be there."""
    card = await secretary.waits_for(name)
    if isinstance(secretary, ZaloPhone):
        wanted = sentences("vi")["joining.request.approve"]
        code = next((typed for typed, label in choices_of(card) if label == wanted), None)
        if code is not None:
            await secretary.says(code)
            return
    else:
        label = next((label for label, data in buttons_of(card) if "!approve:" in data), None)
        if label is not None:
            await secretary.presses(label, card)
            return
    raise PhoneError(f"{secretary.name}: the card of {name} offers no way to approve")


async def open_cycle(secretary: Phone, year: int, deadline: str) -> None:
    """Open a year's cycle today, with that last day and no meeting yet."""
    await secretary.says("/deadlines")
    await secretary.presses("year")
    await secretary.says(str(year))
    await secretary.presses("today")
    await secretary.says(deadline)
    await secretary.presses("none")
    await secretary.presses("yes")


async def write_review(phone: Phone | ZaloPhone, script: Script, *, most_turns: int = _MOST_TURNS) -> None:
    """Write the open self-assessment from wherever it stands and submit it; with fewer turns, stop half way."""
    await phone.says(spoken(phone, "/review", "kiem diem"))
    await write_on(phone, script, most_turns=most_turns)


async def write_on(phone: Phone | ZaloPhone, script: Script, *, most_turns: int = _MOST_TURNS) -> None:
    """Write the self-assessment that stands on the phone, one's own or that of somebody for whom one types."""
    for _ in range(most_turns):
        screen = await screen_on(phone)
        if {"yes", "no"} <= screen.ways.keys():
            await choose(phone, screen, "yes")
            return
        await _answer(phone, screen, script)


async def _answer(phone: Phone | ZaloPhone, screen: Screen, script: Script) -> None:
    item = _ITEM.search(screen.words)
    written = script.words.get(item[1]) if item else None
    option = next((way for way in ("submit", "begin", "continue", "fill") if way in screen.ways), None)
    if option is None and "completed" in screen.ways:
        option = script.grade
    elif option is None and "average" in screen.ways:
        option = script.level
    elif option is None and "next" in screen.ways:
        option = "next"
    elif option is None and written is None and "none" in screen.ways:
        option = "none"
    if option is not None:
        await choose(phone, screen, option)
    else:
        await phone.says(written or script.otherwise)


@dataclass(frozen=True, slots=True)
class Screen:
    """What stands on a phone and waits for an answer: its words, and by option id what chooses it there."""

    words: str
    ways: Mapping[str, str]
    message: Seen


async def screen_on(phone: Phone | ZaloPhone) -> Screen:
    """The newest screen of a dialogue; cards that came in between (an invitation, a reminder) are none."""
    if isinstance(phone, ZaloPhone):
        heads = [sentences("vi")[head] for head in ("channel.pick", "channel.pick_words")]
        seen = await phone.answers_with(*heads)
        words = str(seen.get("text") or seen.get("caption"))
        below = re.split("|".join(map(re.escape, heads)), words)[-1]
        option_of = {sentences("vi")[label]: option for label, option in _LABELS.items()}
        listed = choices_of({**seen, "text": below})
        ways = {option_of[label]: typed for typed, label in listed if label in option_of}
        if {"submit", "no"} <= ways.keys():  # asked whether to submit, the same word says yes
            ways["yes"] = ways.pop("submit")
        return Screen(words, ways, seen)
    found = [m for m in await phone.messages() if any(_OF_SCREEN.fullmatch(data) for _, data in buttons_of(m))]
    if not found:
        raise PhoneError(f"{phone.name}: there is no screen yet")
    return Screen(found[-1]["text"], {option: option for option in ids_of(found[-1])}, found[-1])


async def choose(phone: Phone | ZaloPhone, screen: Screen, option: str) -> None:
    """Choose one of a screen's ways, by its button or by typing what stands beside it."""
    if isinstance(phone, ZaloPhone):
        await phone.says(screen.ways[option])
    else:
        await phone.presses(option, screen.message)


async def mark_points(phone: Phone | ZaloPhone, marks: Mapping[int, str]) -> None:
    """Tick off points by typing: ``{1: "xong", 3: "vướng: thiếu kinh phí"}``."""
    await phone.says(spoken(phone, "/checklist", "bay viec"))
    for number, state in marks.items():
        await phone.says(f"{number} {state}")


def spoken(phone: Phone | ZaloPhone, command: str, words: str) -> str:
    """A command as it is given on this phone: Zalo has no list of them, so there it is said in words."""
    return words if isinstance(phone, ZaloPhone) else command
