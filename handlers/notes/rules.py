"""What a note may hold, how a file is named, and which draft a note makes; pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from handlers.dialogue.flow import Refusal, refusal
from handlers.dialogue.fold import tidy
from storage.records import Evidence, EvidenceKind, Note

MEGABYTE = 1024 * 1024
MOST_WORDS = 8000
_LONGEST_NAME = 60
_ENDS = ".!?…:;"


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much evidence is taken: bytes of a file, files of a note, bytes of a member's notes of one year."""

    file: int = 5 * MEGABYTE
    files: int = 10
    year: int = 60 * MEGABYTE


def refused_for_room(bounds: Bounds, size: int, kept: Iterable[Evidence], used: int) -> Refusal | None:
    """Why a file of ``size`` bytes is not taken beside those that a note has; ``used``: bytes of the whole year."""
    if size > bounds.file:
        return refusal("notes.file.too_large", most=bounds.file // MEGABYTE)
    if len(tuple(kept)) >= bounds.files:
        return refusal("notes.file.too_many", most=bounds.files)
    if used + size > bounds.year:
        return refusal("notes.file.year_full", most=bounds.year // MEGABYTE)
    return None


def together(written: str, words: str) -> str | Refusal:
    """A note's text with more words under it."""
    both = "\n".join(filter(None, (written, words)))
    if len(both) > MOST_WORDS:
        return refusal("notes.too_long", most=MOST_WORDS)
    return both


def name_of(sent: str, ending: str, kind: EvidenceKind, number: int) -> str:
    """A safe name: what the sender called the file, with the ending that its content has, or ``anh-2.jpg``."""
    bare = PurePosixPath(tidy(sent).replace("\\", "/")).name
    stem = "".join(sign for sign in bare if unicodedata.category(sign)[0] != "C" and sign not in '<>:"|?*')
    if stem.lower().endswith(ending) or "." in stem:
        stem = stem.rpartition(".")[0]
    stem = stem.strip(" .")[:_LONGEST_NAME].strip(" .")
    plain = {EvidenceKind.PICTURE: "anh", EvidenceKind.VOICE: "ghi-am", EvidenceKind.DOCUMENT: "tep"}
    return f"{stem or f'{plain[kind]}-{number}'}{ending}"


def draft_of(note: Note) -> str:
    """The sentence that a note makes in a self-assessment: on one line, with a capital and a full stop."""
    words = " ".join(note.text.split())
    if not words:
        return ""
    words = words[0].upper() + words[1:]
    return words if words[-1] in _ENDS else f"{words}."
