"""Numbers as Vietnamese people type them: points in tenths, counts with a dot between thousands; no floats."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

from handlers.dialogue.flow import Refusal, refusal
from handlers.dialogue.fold import fold
from handlers.dialogue.phrases import Points
from storage.records import ScoreTenths

# Longer figures are no answer to any question here, and int() refuses thousands of digits.
_LONGEST = 24

_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]+)?")
_DECIMAL = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
_POINTS = re.compile(
    r"(?P<given>[-−–]?[0-9]+(?:[.,][0-9]+)?)(?P<half> ruoi)?(?: ?(?:/|tren) ?(?P<of>[0-9]+(?:[.,][0-9])?))?"
    r"(?: ?(?:diem|d|points?|pts?))?(?P<half_after> ruoi)?"
)
_SPOKEN = {
    **dict.fromkeys(["mot"], 1),
    **dict.fromkeys(["hai"], 2),
    **dict.fromkeys(["ba"], 3),
    **dict.fromkeys(["bon", "tu"], 4),
    **dict.fromkeys(["nam", "lam", "nham"], 5),
    **dict.fromkeys(["sau"], 6),
    **dict.fromkeys(["bay"], 7),
    **dict.fromkeys(["tam"], 8),
    **dict.fromkeys(["chin"], 9),
}


def parse_number(text: str) -> Fraction | None:
    """Read a figure: ``2157``, ``2.157``, ``2 157``, ``135,7%``, ``12.5``; None where it is none.

    A dot before exactly three digits separates thousands ("2.157" is 2157), any other dot is taken for a comma.
    """
    bare = _bare(text).removesuffix("%").rstrip()
    bare = re.sub(r"(?<=[0-9]) (?=[0-9]{3}(?![0-9]))", "", bare)
    if len(bare) > _LONGEST:
        return None
    if _THOUSANDS.fullmatch(bare):
        return Fraction(bare.replace(".", "").replace(",", "."))
    return Fraction(bare.replace(",", ".")) if _DECIMAL.fullmatch(bare) else None


def parse_count(text: str, most: int = 9_999) -> int | Refusal:
    """Read how many: a whole number from 0 to ``most``; the refusal shows how to type it."""
    if _bare(text)[:1] in {"-", "−", "–"}:
        return refusal("review.count.negative")
    number = parse_number(text)
    if number is None:
        return refusal("review.count.words")
    if number.denominator != 1:
        return refusal("review.count.whole")
    if number > most:
        return refusal("review.count.too_many", most=most)
    return int(number)


def parse_points(text: str, maximum: int) -> ScoreTenths | Refusal:
    """Read points out of ``maximum`` (whole): ``29,5``, ``29.5``, ``29,5/30``, ``29 điểm``, ``tám rưỡi``: tenths.

    Refused with its own reason each: words, more than the maximum, below zero, finer than a tenth, another maximum.
    """
    return _points_within(text, maximum * 10, "points", maximum)


def parse_part_points(text: str, most: ScoreTenths) -> ScoreTenths | Refusal:
    """Read the points of one criterion, at most ``most`` tenths; read and refused as by ``parse_points``."""
    return _points_within(text, most, "part_points", Points(most))


def looks_like_points(text: str) -> bool:
    """Whether words may be points at all: they hold a figure, or are one that is spoken."""
    folded = fold_figures(text)
    return any(sign.isdigit() for sign in folded) or _in_figures(folded) != folded


def _points_within(text: str, most: int, family: str, shown: int | Points) -> ScoreTenths | Refusal:
    found = _POINTS.fullmatch(_in_figures(fold_figures(text)))
    if found is None or len(found["given"]) > _LONGEST:
        return refusal(f"review.{family}.words", max=shown)
    if found["given"][0] in "-−–":
        return refusal(f"review.{family}.negative", max=shown)
    if found["of"] is not None and Fraction(found["of"].replace(",", ".")) * 10 != most:
        return refusal(f"review.{family}.other_maximum", max=shown, given=found["of"][:6])
    tenths = Fraction(found["given"].replace(",", ".")) * 10
    tenths += 5 if found["half"] or found["half_after"] else 0
    if tenths > most:
        return refusal(f"review.{family}.too_many", max=shown)
    if tenths.denominator != 1:
        return refusal(f"review.{family}.too_fine", max=shown)
    return ScoreTenths(int(tenths))


def _in_figures(folded: str) -> str:
    """Spoken points in figures ("tam phay nam" is "8,5", "hai muoi ruoi" is "20 ruoi"); other words as they are."""
    words = folded.removesuffix(" diem").split()
    half = words[-1:] == ["ruoi"]
    whole, comma, rest = " ".join(words[: len(words) - half]).partition(" phay ")
    number = _spoken(whole.split())
    tenth = _SPOKEN.get(rest)
    if number is None or (comma and (tenth is None or half)):
        return folded
    return f"{number}{f',{tenth}' if comma else ''}{' ruoi' if half else ''}"


def _spoken(words: list[str]) -> int | None:
    """A spoken whole number below a hundred: ``tam``, ``muoi lam``, ``hai muoi tu``; None for others."""
    if "muoi" not in words:
        return _SPOKEN.get(words[0]) if len(words) == 1 else None
    at = words.index("muoi")
    before, after = words[:at], words[at + 1 :]
    if len(before) > 1 or len(after) > 1 or not all(word in _SPOKEN for word in (*before, *after)):
        return None
    return (_SPOKEN[before[0]] if before else 1) * 10 + (_SPOKEN[after[0]] if after else 0)


def fold_figures(text: str) -> str:
    """The text in small letters without marks, its signs kept: ``29,5 Điểm`` gives ``29,5 diem``."""
    return "".join((fold(sign) or sign) if sign.isalpha() else sign for sign in _bare(text))


def _bare(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
