"""What a Word file holds besides words, looked at before any of it is opened: archives, macros, links, pictures.

What a layout must not have: more than a page of words can need, programs, anything from outside, anything embedded.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree
from PIL import Image

MOST = 5 * 1024 * 1024
_UNPACKED = 40 * 1024 * 1024
_PARTS = 400
_RATIO, _RATIO_FROM = 150, 1024 * 1024
_PIXELS = 30_000_000
_PICTURES = ("PNG", "JPEG", "GIF")
_BEFORE = b"\xef\xbb\xbf\xfe\xff\x00 \t\r\n"  # marks of an encoding, spaces
_OLD_WORD = b"\xd0\xcf\x11\xe0"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# What a relationship leads to that is a program or another file; the last word of its type.
_FOREIGN = frozenset(
    {
        "oleObject",
        "package",
        "attachedTemplate",
        "aFChunk",
        "frame",
        "subDocument",
        "control",
        "activeXControlBinary",
    }
)
# The codes of fields that only count, name or date; others fetch, ask or start something.
_CODES = frozenset({"PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "DATE", "TIME", "SYMBOL", "TOC", "PAGEREF"})


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a file is refused: the sentence ``templates.fault.<kind>``, what it names, the words of its line."""

    kind: str
    what: str = ""
    words: str = ""


Parts = Mapping[str, bytes]


def examine(content: bytes) -> Fault | None:
    """Why this is no file to be taken as a layout; None where nothing speaks against opening it."""
    parts = unpacked(content)
    if isinstance(parts, Fault):
        return parts
    return next(_faults(parts), None)


def unpacked(content: bytes) -> Parts | Fault:
    """The parts of a Word file, never more than fits into memory."""
    if len(content) > MOST:
        return Fault("too_large")
    if content.startswith(_OLD_WORD):
        return Fault("old_word")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            names = [entry.filename for entry in entries]
            if _is_bomb(entries):
                return Fault("bomb")
            if len(set(names)) != len(names) or any(entry.flag_bits & 1 for entry in entries):
                return Fault("damaged")
            parts = {entry.filename: archive.read(entry) for entry in entries if not entry.is_dir()}
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        return Fault("not_word")
    return parts if "[Content_Types].xml" in parts else Fault("not_word")


def _is_bomb(entries: list[zipfile.ZipInfo]) -> bool:
    known = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
    return (
        len(entries) > _PARTS
        or sum(entry.file_size for entry in entries) > _UNPACKED
        or any(entry.compress_type not in known for entry in entries)
        or any(e.file_size > _RATIO_FROM and e.file_size > _RATIO * max(1, e.compress_size) for e in entries)
    )


def _faults(parts: Parts) -> Iterator[Fault]:
    kinds = parts["[Content_Types].xml"].decode("utf-8", "replace")
    if "macroEnabled" in kinds or "vbaProject" in kinds or any("vbaproject" in name.lower() for name in parts):
        yield Fault("macro")
    if _MAIN not in kinds:
        yield Fault("not_word")
    for name, content in parts.items():
        # What a part is, its content type says, not its name: Word reads a "document.dat" as it reads XML.
        if name.lower().endswith((".xml", ".rels")) or content.lstrip(_BEFORE)[:1] == b"<":
            yield from _in_xml(name, content)
        if name.startswith(("word/embeddings/", "word/activeX/")) or "/afchunk" in name.lower():
            yield Fault("embedded", name.rpartition("/")[2])
        elif name.startswith("word/media/"):
            yield from _in_picture(name, content)


def _in_xml(name: str, content: bytes) -> Iterator[Fault]:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        yield Fault("entities")
        return
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        yield Fault("damaged")
        return
    if root.getroottree().docinfo.internalDTD is not None:  # in another encoding it passes the first look
        yield Fault("entities")
    elif name.endswith(".rels"):
        yield from _links(root)
    else:
        yield from _codes(root)


def _links(root: etree._Element) -> Iterator[Fault]:
    for relation in root:
        kind = str(relation.get("Type", "")).rpartition("/")[2]
        if str(relation.get("TargetMode", "")).lower() == "external":
            yield Fault("link", str(relation.get("Target", ""))[:120])
        elif kind in _FOREIGN or "vbaproject" in kind.lower():
            yield Fault("embedded", kind)


def _codes(root: etree._Element) -> Iterator[Fault]:
    """Fields of Word's own that reach outside; a code may be cut into pieces."""
    codes: list[str] = []
    for element in root.iter(f"{_W}fldChar", f"{_W}instrText", f"{_W}fldSimple"):
        if element.tag == f"{_W}fldSimple":
            yield from _code(str(element.get(f"{_W}instr", "")))
        elif element.tag == f"{_W}instrText":
            codes[-1:] = [(codes[-1] if codes else "") + (element.text or "")]
        elif element.get(f"{_W}fldCharType") == "begin":
            codes.append("")
        elif codes:
            yield from _code(codes[-1])
            if element.get(f"{_W}fldCharType") == "end":
                codes.pop()
    for left in codes:
        yield from _code(left)


def _code(written: str) -> Iterator[Fault]:
    word = re.match(r"\s*([^\s\\]*)", written)
    name = word[1].upper() if word else ""
    if name and name not in _CODES:
        yield Fault("code", name[:40])


def _in_picture(name: str, content: bytes) -> Iterator[Fault]:
    try:
        with Image.open(io.BytesIO(content), formats=_PICTURES) as picture:
            if picture.width * picture.height > _PIXELS:
                yield Fault("picture", name.rpartition("/")[2])
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        yield Fault("picture", name.rpartition("/")[2])
