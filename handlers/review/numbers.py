"""Numbers as Vietnamese people type them: points in tenths, counts with a dot between thousands; no floats."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

from handlers.dialogue.flow import Refusal, refusal
from handlers.dialogue.fold import fold
from storage.records import ScoreTenths

# Longer figures are no answer to any question here, and int() refuses thousands of digits.
_LONGEST = 24

_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]+)?")
_DECIMAL = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
_POINTS = re.compile(
    r"(?P<given>[-−–]?[0-9]+(?:[.,][0-9]+)?)(?: ?/ ?(?P<of>[0-9]+))?(?: ?(?:diem|d|points?|pts?))?"
)


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
    """Read points out of ``maximum`` (whole): ``29,5``, ``29.5``, ``29,5/30``, ``29 điểm``; in tenths.

    Refused with its own reason each: words, more than the maximum, below zero, finer than a tenth, another maximum.
    """
    found = _POINTS.fullmatch(fold_figures(text))
    if found is None or len(found["given"]) > _LONGEST:
        return refusal("review.points.words", max=maximum)
    if found["given"][0] in "-−–":
        return refusal("review.points.negative", max=maximum)
    if found["of"] is not None and found["of"].lstrip("0") != str(maximum):
        return refusal("review.points.other_maximum", max=maximum, given=found["of"][:6])
    tenths = Fraction(found["given"].replace(",", ".")) * 10
    if tenths > maximum * 10:
        return refusal("review.points.too_many", max=maximum)
    if tenths.denominator != 1:
        return refusal("review.points.too_fine", max=maximum)
    return ScoreTenths(int(tenths))


def fold_figures(text: str) -> str:
    """The text in small letters without marks, its signs kept: ``29,5 Điểm`` gives ``29,5 diem``."""
    return "".join((fold(sign) or sign) if sign.isalpha() else sign for sign in _bare(text))


def _bare(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
