"""Looking at a file that somebody sent as evidence: its kind by its content, and a copy the right way up."""

from __future__ import annotations

import base64
import hashlib
import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PIL import ExifTags, Image, ImageOps

from handlers.dialogue.flow import Refusal, refusal
from storage.records import EvidenceKind

# A picture of more dots than any telephone takes is a bomb: small as a file, gigabytes when it is opened.
MOST_DOTS = 60_000_000
UPRIGHT = "upright_picture"  # the recipe that ``upright`` is
# What messengers show as a picture in the chat; others go out as documents.
_LONGEST_SIDES, _STEEPEST = 10_000, 20

_PICTURES = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif"}
_PICTURE_MARKS = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8")
_VOICES = (
    (b"OggS", ".ogg"),
    (b"ID3", ".mp3"),
    (b"#!AMR", ".amr"),
    (b"\xff\xf1", ".aac"),
    (b"\xff\xf9", ".aac"),
    (b"\xff\xfb", ".mp3"),
    (b"\xff\xf3", ".mp3"),
)
_DOCUMENTS = ((b"%PDF-", ".pdf"), (b"{\\rtf", ".rtf"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".doc"))
_OFFICE = ((b"word/", ".docx"), (b"xl/", ".xlsx"), (b"ppt/", ".pptx"))
_OLD_OFFICE = frozenset({".doc", ".xls", ".ppt"})
_HEIF = frozenset({b"heic", b"heix", b"mif1", b"hevc"})


@dataclass(frozen=True, slots=True)
class Looked:
    """What a file is: its kind, the ending that belongs to its content, and the SHA-256 of its bytes."""

    kind: EvidenceKind
    ending: str
    digest: str


def examine(content: bytes, name: str = "") -> Looked | Refusal:
    """Say what a file is by what is inside it; the name only tells apart what looks alike (.doc and .xls)."""
    found = _kind_of(content, name)
    if isinstance(found, Refusal):
        return found
    return Looked(*found, hashlib.sha256(content).hexdigest())


def _kind_of(content: bytes, name: str) -> tuple[EvidenceKind, str] | Refusal:
    if not content:
        return refusal("notes.file.empty")
    if content.startswith(_PICTURE_MARKS) or content[8:12] == b"WEBP":
        return _picture(content)
    voice = _voice(content)
    if voice is not None:
        return EvidenceKind.VOICE, voice
    document = _document(content, name)
    return (EvidenceKind.DOCUMENT, document) if document else refusal("notes.file.kind")


def _picture(content: bytes) -> tuple[EvidenceKind, str] | Refusal:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=tuple(_PICTURES)) as picture:
                ending = _PICTURES[_format_of(picture)]
                if picture.width * picture.height > MOST_DOTS:
                    return refusal("notes.file.bomb")
                picture.verify()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        return refusal("notes.file.bomb")
    except Exception:  # whatever is wrong with it, Pillow has many ways to say so
        return refusal("notes.file.broken_picture")
    return EvidenceKind.PICTURE, ending


def _voice(content: bytes) -> str | None:
    if content[4:8] == b"ftyp" and content[8:11] in {b"M4A", b"M4B"}:
        return ".m4a"
    if content.startswith(b"RIFF") and content[8:12] == b"WAVE":
        return ".wav"
    return next((ending for mark, ending in _VOICES if content.startswith(mark)), None)


def _document(content: bytes, name: str) -> str | None:
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF:
        return ".heic"  # kept as it is: nothing here can open the newer photos of some telephones
    if content.startswith(b"PK\x03\x04"):
        if b"[Content_Types].xml" not in content:
            return ".odt" if content[30:38] == b"mimetype" and b"opendocument.text" in content[:120] else None
        return next((ending for mark, ending in _OFFICE if mark in content), None)
    ending = next((ending for mark, ending in _DOCUMENTS if content.startswith(mark)), None)
    if ending == ".doc":
        own = f".{name.lower().rpartition('.')[2]}"
        return own if own in _OLD_OFFICE else ending
    return ending or (".txt" if _is_text(content) else None)


def _is_text(content: bytes) -> bool:
    """Whether it is plain text: UTF-8 without signs that no text has; a page or a script would pass for one."""
    if content.lstrip().startswith((b"<", b"#!")):
        return False
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return all(sign.isprintable() or sign in "\r\n\t" for sign in text)


def is_shown(content: bytes) -> bool:
    """Whether a messenger shows this picture in the chat itself."""
    with Image.open(io.BytesIO(content), formats=tuple(_PICTURES)) as picture:
        sides = picture.size
        still = _format_of(picture) in {"JPEG", "PNG"}
    return still and sum(sides) <= _LONGEST_SIDES and max(sides) <= _STEEPEST * min(sides)


def _format_of(picture: Image.Image) -> str:
    """Telephones put several pictures into one JPEG (MPO): what is seen is the first, and that is a JPEG."""
    return "JPEG" if picture.format == "MPO" else str(picture.format)


def is_turned(content: bytes) -> bool:
    """Whether the camera noted that it was held another way, so that the picture has to be turned to be seen."""
    try:
        with Image.open(io.BytesIO(content), formats=tuple(_PICTURES)) as picture:
            if picture.format == "PNG" and "exif" not in picture.info:
                return False  # Pillow would unfold the whole picture to look behind it
            return bool(picture.getexif().get(ExifTags.Base.Orientation, 1) != 1)
    except (OSError, ValueError, SyntaxError):
        return False


def upright(data: Mapping[str, Any]) -> bytes:
    """Recipe: a copy of a picture (``content`` in base64) the right way up; kept is what was sent."""
    return turned(base64.b64decode(data["content"]))


def turned(content: bytes) -> bytes:
    """A copy of a picture the right way up, in the same format; for showing and for printing."""
    with Image.open(io.BytesIO(content), formats=tuple(_PICTURES)) as picture:
        kind = _format_of(picture)
        out = io.BytesIO()
        right = ImageOps.exif_transpose(picture)
        right.save(out, kind, quality=90) if kind in {"JPEG", "WEBP"} else right.save(out, kind)
        return out.getvalue()
