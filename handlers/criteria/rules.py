"""Criteria as typed: lines read, put to those that are there, and what their sum means for the counting; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from handlers.dialogue.flow import Refusal
from handlers.dialogue.fold import fold, tidy
from handlers.dialogue.phrases import Phrase, Plain, Points, lines, t

MOST_LINES = 40
MOST_LABEL = 300

Line = tuple[str, int]

# "2. Chấp hành nghị quyết – 5 điểm": the last sign before the figure parts the two; numbers in front are left out.
_LINE = re.compile(
    r"(?:\d{1,2}[.)]\s+|[-–•+*]\s+)?(?P<label>\S.*\S|\S)\s*[-–—:|=(]\s*"
    r"(?:tối đa\s*)?(?P<points>\d{1,4}(?:[.,]\d+)?)\s*(?:điểm|đ|diem|d)?\s*\)?\s*[.;,]?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Wrong:
    """A line that cannot be taken: its number, its words, and which sentence says why."""

    number: int
    words: str
    why: str


def read_lines(text: str) -> tuple[Line, ...] | Refusal:
    """Read typed lines "Nội dung – điểm"; all of them, or a refusal that names those that are not understood."""
    found: list[Line] = []
    wrong: list[Wrong] = []
    for number, words in enumerate((line for line in text.splitlines() if line.strip()), 1):
        hit = _LINE.fullmatch(tidy(words.replace("\t", " | ")))
        line = checked(hit["label"], hit["points"]) if hit else None
        if isinstance(line, tuple):
            found.append(line)
        else:
            wrong.append(Wrong(number, words, line or "unread"))
    if wrong:
        return Refusal(t("criteria.refused.lines", lines=lines(*map(wrong_line, wrong[:5]))))
    return tuple(found) if found else Refusal(t("criteria.refused.unread"))


def checked(label: str, points: str) -> Line | str:
    """A label with its points in tenths, or the name of what is wrong with it."""
    tenths = Fraction(points.replace(",", ".")) * 10
    label = " ".join(label.split()).rstrip(" .;:")
    if len(label) > MOST_LABEL or not label:
        return "long" if label else "unread"
    if tenths.denominator != 1:
        return "fine"
    return (label, int(tenths)) if tenths > 0 else "zero"


def wrong_line(wrong: Wrong) -> Phrase:
    """The line in few words, and why it is not taken."""
    words = wrong.words if len(wrong.words) <= 40 else f"{wrong.words[:38]} …"
    why = t(f"criteria.wrong.{wrong.why}", most=MOST_LABEL)
    return t("criteria.wrong", number=wrong.number, words=Plain(words), why=why)


def put_to(old: Iterable[Line], new: Iterable[Line]) -> tuple[Line, ...] | Refusal:
    """The old lines with the new ones behind them; a label that is there already gets its new points."""
    found = {fold(label): (label, points) for label, points in old}
    for label, points in new:
        known = found.get(fold(label))
        found[fold(label)] = (known[0] if known else label, points)
    if len(found) > MOST_LINES:
        return Refusal(t("criteria.refused.many", most=MOST_LINES))
    return tuple(found.values())


def sum_of(found: Iterable[Line]) -> int:
    """The sum of the greatest points, in tenths."""
    return sum(points for _, points in found)


def standing(found: tuple[Line, ...], maximum: int) -> Phrase:
    """What the criteria of a question of ``maximum`` whole points mean for the counting."""
    total = sum_of(found)
    if not found:
        return t("criteria.none", max=maximum)
    if total == maximum * 10:
        return t("criteria.used", count=len(found), max=maximum)
    key = "criteria.short" if total < maximum * 10 else "criteria.over"
    return t(key, total=Points(total), max=maximum, difference=Points(abs(maximum * 10 - total)))
