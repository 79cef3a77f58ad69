"""What people type and paste, made fit for paper: every word stays, what cannot be shown goes. Pure.

Word's own signs (manual line break, page break, end of a cell), tabs, marks of writing direction, halves of emoji
and whatever XML forbids come in with what is pasted; a file that holds them does not open, or lacks words.
"""

from __future__ import annotations

import re
import unicodedata

# Where Word, a browser or a phone breaks a line or a page, and Word's end of a table's row (two cell ends).
_BREAKS = re.compile("\r\n|\x07\x07|[\r\x0b\x0c\x1c\x1d\x85\u2028\u2029]")
_CELL_END = "\x07"
# Signs of Word's symbol fonts that stand for a bullet or a tick, and its hyphen that does not break.
_SYMBOLS = str.maketrans(
    {
        "\x1e": "-",
        "\uf0b7": "•",
        "\uf0a7": "•",
        "\uf0d8": "•",
        "\uf0e8": "→",
        "\uf0e0": "→",
        "\uf0fc": "✓",
        "\uf0fe": "☒",
        "\uf0a8": "☐",
        "\uf06f": "☐",
    }
)
# Signs without a look of their own, but for those that make one emoji of several. What this Python does not know
# yet ("Cn") is next year's emoji, and stays.
_JOINERS = frozenset("\u200c\u200d") | frozenset(map(chr, range(0xE0020, 0xE0080)))
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_PLACEHOLDER = "\ufffc"  # where a picture was, in what was copied
_SPACES = re.compile(r"[^\S\n]+")
_LIST_MARK = re.compile(r"(?:[-–—•+*]|\d{1,3}[.)]|[a-zđ][.)])$", re.IGNORECASE)
_STARTS_LIKE_AN_ITEM = re.compile(r"(?:[-–—•+*✓→☐☒]|\d{1,3}[.)](?!\d))\s*\S")


def paragraphs(typed: str) -> tuple[str, ...]:
    """The lines of a text in order, each fit for paper; lines that show nothing are left out."""
    text = _BREAKS.sub("\n", whole(typed)).translate(_SYMBOLS)
    return tuple(filter(None, map(_line, text.split("\n"))))


def one_line(typed: str) -> str:
    """The same in one line, for names and table headings."""
    return " ".join(paragraphs(typed.replace("\t", " ").replace(_CELL_END, " ")))


def whole(typed: str) -> str:
    """The text in NFC, with the two halves of an emoji put together; a half that stands alone cannot be shown."""
    joined = typed.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return unicodedata.normalize("NFC", joined)


def is_marked(line: str) -> bool:
    """Whether the member put a dash, a bullet or a number before these words."""
    return _STARTS_LIKE_AN_ITEM.match(line) is not None


def printable(text: str) -> str:
    """The signs of a text that paper and XML can hold; the last net, words are never lost in it."""
    if text.isprintable() and _PLACEHOLDER not in text:
        return text  # nearly always, and quick
    return "".join(sign for sign in text if sign in "\n\t" or _shows(sign))


def _line(line: str) -> str:
    """One line: a table's cells side by side with a bar between, single spaces, no sign that cannot be shown."""
    cells = [_cell(cell) for cell in line.replace(_CELL_END, "\t").split("\t")]
    while cells and not cells[0]:
        cells.pop(0)  # indented with tabs
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) > 1 and _LIST_MARK.match(cells[0]):
        cells[:2] = [f"{cells[0]} {cells[1]}".strip()]  # "1.", tab, words: Word's numbering
    return " | ".join(cells)


def _cell(cell: str) -> str:
    return _SPACES.sub(" ", printable(cell)).strip()


def _shows(sign: str) -> bool:
    if sign in _JOINERS:
        return True
    nothing = sign == _PLACEHOLDER or ord(sign) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(sign) <= 0xFDEF
    return not nothing and unicodedata.category(sign) not in _HIDDEN
