"""What a member types about a point: "3 xong", "viec 3: vướng, thiếu kinh phí", "done 3".

Letters are compared without diacritics and without case, so that tone placement ("hoà", "hòa") and the
encoding (NFC, NFD) make no difference; what the member wrote after the state is kept as typed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from storage.records import ItemState


class Doubt(StrEnum):
    """Why a typed mark cannot be taken as it stands."""

    NEEDS_REASON = "needs_reason"
    BEGUN_OR_NOT = "begun_or_not"


@dataclass(frozen=True, slots=True)
class TypedMark:
    """One point and the state that was typed; ``remark`` is the reason (blocked) or a note, as typed."""

    number: int
    state: ItemState
    remark: str = ""


@dataclass(frozen=True, slots=True)
class UnclearMark:
    """A point was named, but the message must not be taken for a state; the flow asks one question."""

    number: int
    doubt: Doubt
    remark: str = ""


Reading = TypedMark | UnclearMark

# Folded phrases and the meaning they carry; of several that fit, the longest wins.
_PHRASES: dict[str, ItemState | Doubt] = {
    **dict.fromkeys(
        ("xong", "da xong", "lam xong", "da lam xong", "hoan thanh", "da hoan thanh", "hoan tat", "da hoan tat",
         "done", "finished", "completed", "complete", "ok", "x", "✅", "✔", "✓", "☑"),
        ItemState.DONE,
    ),
    **dict.fromkeys(
        ("dang lam", "dang", "dang thuc hien", "dang trien khai", "dang tien hanh", "lam do", "dang do",
         "in progress", "doing", "started", "ongoing", "working"),
        ItemState.IN_PROGRESS,
    ),
    **dict.fromkeys(
        ("vuong", "bi vuong", "vuong mac", "dang vuong", "gap vuong mac", "tac", "bi tac",
         "kho khan", "gap kho", "gap kho khan", "dang gap kho khan", "blocked", "stuck"),
        ItemState.BLOCKED,
    ),
    **dict.fromkeys(
        ("chua", "chua lam", "chua bat dau", "chua thuc hien", "chua trien khai", "not started", "todo", "to do"),
        ItemState.NOT_STARTED,
    ),
    **dict.fromkeys(
        ("khong ap dung", "ko ap dung", "k ap dung", "khong phai lam", "mien", "not applicable", "n/a", "na"),
        ItemState.NOT_APPLICABLE,
    ),
    # "not finished" says nothing about whether it was begun: ask, never guess, above all never "done".
    **dict.fromkeys(
        ("chua xong", "chua hoan thanh", "chua hoan tat", "chua lam xong",
         "not done", "not finished", "unfinished"),
        Doubt.BEGUN_OR_NOT,
    ),
}  # fmt: skip

_PHRASE = "|".join(re.escape(phrase) for phrase in sorted(_PHRASES, key=len, reverse=True))
_PREFIX = r"(?:(?:viec|muc|diem|so|item|point|number|no\.?|\#)\s*)"
_NUMBER = rf"{_PREFIX}{{0,3}}\d{{1,2}}"
_NUMBERS = rf"(?P<numbers>{_NUMBER}(?:(?:\s*(?:,|\+|&|\bva\b|\band\b)\s*|\s+){_NUMBER})*)"
_GAP = r"[\s:.,;)\]=>→–—-]*"
_POLITE = r"(?:\s+(?:roi|a|nhe|nha|het|luon|da))*"
_END = r"[\s.!…]*"

# Number first, "3 xong", "viec 3: vuong ...": something may follow. State first, "done 3": nothing may.
_NUMBER_FIRST = re.compile(
    rf"{_NUMBERS}{_GAP}(?P<phrase>{_PHRASE})(?!\w){_POLITE}(?P<mark>\s*[:,;(–—-]\s*|{_END})(?P<rest>.*)"
)
_STATE_FIRST = re.compile(rf"(?P<phrase>{_PHRASE})(?!\w){_GAP}{_NUMBERS}{_POLITE}{_END}")
_BULLET = re.compile(r"[\W_]*")
# Some keyboards write 3 as a key (3 + two invisible signs) and a tick with a sign that asks for colours.
_INVISIBLE = dict.fromkeys((0xFE0F, 0x20E3, 0x200B), None)


def fold(text: str) -> str:
    """The text in small base letters, sign for sign (same length if it is NFC): "Vướng" gives "vuong"."""
    return "".join(_base(sign) for sign in text)


def read_marks(message: str) -> tuple[Reading, ...]:
    """All the marks that a message consists of, in its order; empty unless the *whole* message is marks.

    Several points may share a state ("1, 2 xong"), and several marks may stand on lines of their own, behind a
    semicolon, or one after the other ("3 xong 4 chưa"). A question ("3 xong chưa?") is never a mark.
    """
    readings: list[Reading] = []
    for line in unicodedata.normalize("NFC", message.translate(_INVISIBLE)).splitlines():
        if not line.strip():
            continue
        found = _read_line(line.strip())
        if not found:
            return ()
        readings += found
    return tuple(readings)


def _read_line(line: str) -> tuple[Reading, ...]:
    start = _BULLET.match(line)
    text = line[start.end() :] if start and line[start.end() : start.end() + 1].isalnum() else line
    folded = fold(text)
    if state_first := _STATE_FIRST.fullmatch(folded):
        return _marks(state_first["numbers"], state_first["phrase"], "")
    match = _NUMBER_FIRST.fullmatch(folded)
    if match is None:
        return ()
    rest, separated = text[match.start("rest") :].strip(), bool(match["mark"].strip(" .!…"))
    return _with_rest(match["numbers"], match["phrase"], rest, separated=separated)


def _with_rest(numbers: str, phrase: str, rest: str, *, separated: bool) -> tuple[Reading, ...]:
    if not any(sign.isalnum() for sign in rest):
        return () if "?" in rest else _marks(numbers, phrase, "")
    if more := _read_line(rest):
        return _marks(numbers, phrase, "") + more
    own, _, after = rest.partition(";")
    if after and (more := _read_line(after.strip())):
        return _with_rest(numbers, phrase, own, separated=separated) + more
    free = _PHRASES[phrase] in (ItemState.BLOCKED, Doubt.BEGUN_OR_NOT)
    question = rest.endswith("?") and not (free and separated)
    if question or not (free or separated):
        return ()
    return _marks(numbers, phrase, _unwrapped(rest))


def _marks(numbers: str, phrase: str, remark: str) -> tuple[Reading, ...]:
    meaning = _PHRASES[phrase]
    found = dict.fromkeys(int(digits) for digits in re.findall(r"\d+", numbers))
    if isinstance(meaning, Doubt):
        return tuple(UnclearMark(number, meaning, remark) for number in found)
    if meaning is ItemState.BLOCKED and not remark:
        return tuple(UnclearMark(number, Doubt.NEEDS_REASON) for number in found)
    return tuple(TypedMark(number, meaning, remark) for number in found)


def _unwrapped(rest: str) -> str:
    """The remark without the bracket that the separator opened: "3 xong (đã nộp)" keeps "đã nộp"."""
    return rest[:-1].strip() if rest.endswith(")") and rest.count(")") > rest.count("(") else rest


def _base(sign: str) -> str:
    if sign in "đĐ":
        return "d"
    base = unicodedata.normalize("NFD", sign)[0].lower()
    return base if len(base) == 1 else sign
