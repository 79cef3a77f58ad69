"""Folding of typed Vietnamese, so that ``2``, ``hoan thanh tot`` and ``Hoàn thành tốt`` can be one answer."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_UNSEEN = frozenset({"Cf", "Cc", "Zs", "Zl", "Zp", "Mn"})
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all of category Cc but tab and new line
# Word's line and page breaks come along with what is pasted: without them two words would become one.
_BREAK = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_COMMON = 0x2000
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")


class _Marks(dict[int, int | None]):
    """For ``str.translate``: marks go, everything else stays; the signs of Vietnamese are looked up once."""

    def __missing__(self, code: int) -> int | None:
        found = None if unicodedata.combining(chr(code)) else code
        if code < _COMMON:  # and not everything that anybody ever types
            self[code] = found
        return found


_WITHOUT_MARKS = _Marks()


def tidy(typed: str) -> str:
    """Put what was typed into NFC without control characters; words and line breaks stay as they are."""
    text = unicodedata.normalize("NFC", _BREAK.sub("\n", typed))
    return _CONTROL.sub("", text).strip()


def is_visible(text: str) -> bool:
    """Whether there is anything to be seen: spaces and signs without width alone are no answer."""
    return any(unicodedata.category(ch) not in _UNSEEN for ch in text)


def fold(typed: str) -> str:
    """Lower case, no diacritics, no tone marks, single spaces: equal for NFC and NFD."""
    # Without its marks a word no longer shows where the tone stood: hoá and hóa are both hoa.
    decomposed = unicodedata.normalize("NFD", typed.casefold().replace("đ", "d"))
    return _NOT_A_WORD.sub(" ", decomposed.translate(_WITHOUT_MARKS)).strip()


@lru_cache(maxsize=2048)
def fold_label(label: str) -> str:
    """The same for words of our own, which are folded again and again; nothing that people typed is held here."""
    return fold(label)
