"""docs/nam-cua-thu-ky.md says what stands on the screens: its labels, its commands and its pictures are there."""

from __future__ import annotations

import re
from pathlib import Path

from handlers.dialogue.spoken import command_anywhere, command_else
from handlers.organisation.permissions import COMMANDS
from handlers.texts import sentences

GUIDE = Path(__file__).parent.parent / "docs" / "nam-cua-thu-ky.md"
WORDS = GUIDE.read_text(encoding="utf-8")
LARGEST_PICTURE = 150_000
_HOLE = re.compile(r"\{[^}]*\}")
_FIXED_LETTERS = 4  # a sentence of holes alone would fit anything


def test_every_label_stands_in_the_vietnamese_catalogues() -> None:
    labels = {re.sub(r"\s+", " ", label) for label in re.findall("“([^”]+)”", WORDS)}
    assert len(labels) > 40
    known = [_pattern(sentence) for sentence in sentences("vi").values() if _fixed(sentence) >= _FIXED_LETTERS]
    assert not {label for label in labels if not any(one.fullmatch(label) for one in known)}


def _fixed(sentence: str) -> int:
    return sum(letter.isalpha() for letter in _HOLE.sub("", sentence))


def _pattern(sentence: str) -> re.Pattern[str]:
    """The sentence with anything in its holes; a number in brackets at its end may be left out."""
    words = ".+".join(map(re.escape, _HOLE.split(sentence)))
    return re.compile(words.removesuffix(r"\ \(.+\)") + r"( \(.+\))?" if words.endswith(r"\(.+\)") else words)


def test_every_picture_is_there_and_small() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", WORDS)
    assert len(pictures) > 8
    assert not [name for name in pictures if not 0 < (GUIDE.parent / name).stat().st_size < LARGEST_PICTURE]


def test_every_command_and_every_word_leads_somewhere() -> None:
    rows = re.findall(r"^\| [^|]+ \| `/(\w+)` \| `([^`]+)`", WORDS, re.MULTILINE)
    assert len(rows) > 8
    public = {name for name, _ in COMMANDS} | {"reviews"}
    assert {slash for slash, _ in rows} <= public
    for slash, spoken in rows:
        found = command_anywhere(spoken) or command_else(spoken)
        assert found is not None, spoken
        assert found.name == ("review" if slash == "reviews" else slash)
