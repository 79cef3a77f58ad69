"""Folding of typed Vietnamese, so that ``2``, ``hoan thanh tot`` and ``Hoàn thành tốt`` can be one answer."""

from __future__ import annotations

import re
import unicodedata

_UNSEEN = frozenset({"Cf", "Cc", "Zs", "Zl", "Zp", "Mn"})
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")


def tidy(typed: str) -> str:
    """Put what was typed into NFC without control characters; words and line breaks stay as they are."""
    text = unicodedata.normalize("NFC", typed.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(ch for ch in text if ch in "\n\t" or unicodedata.category(ch) != "Cc").strip()


def is_visible(text: str) -> bool:
    """Whether there is anything to be seen: spaces and signs without width alone are no answer."""
    return any(unicodedata.category(ch) not in _UNSEEN for ch in text)


def fold(typed: str) -> str:
    """Lower case, no diacritics, no tone marks, single spaces: equal for NFC and NFD."""
    # Without its marks a word no longer shows where the tone stood: hoá and hóa are both hoa.
    decomposed = unicodedata.normalize("NFD", typed.casefold().replace("đ", "d"))
    bare = "".join(ch for ch in decomposed if not unicodedata.combining(ch))
    return _NOT_A_WORD.sub(" ", bare).strip()
