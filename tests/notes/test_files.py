"""Files by their content: what is kept, what is refused, and pictures that were taken another way up."""

from __future__ import annotations

import hashlib
import io

import pytest
from PIL import Image

from handlers.dialogue.flow import Refusal
from handlers.notes.files import Looked, examine, is_shown, is_turned, turned
from handlers.notes.rules import name_of
from storage.records import EvidenceKind
from tests.notes import samples


@pytest.mark.parametrize(
    ("content", "name", "kind", "ending"),
    [
        (samples.picture("JPEG"), "", EvidenceKind.PICTURE, ".jpg"),
        (samples.picture("PNG"), "x.exe", EvidenceKind.PICTURE, ".png"),
        (samples.picture("WEBP"), "", EvidenceKind.PICTURE, ".webp"),
        (samples.picture("GIF"), "", EvidenceKind.PICTURE, ".gif"),
        (samples.VOICE, "", EvidenceKind.VOICE, ".ogg"),
        (b"\xff\xf1" + bytes(30), "", EvidenceKind.VOICE, ".aac"),
        (b"\x00\x00\x00\x20ftypM4A " + bytes(30), "", EvidenceKind.VOICE, ".m4a"),
        (samples.PDF, "quyết định.pdf", EvidenceKind.DOCUMENT, ".pdf"),
        (samples.word(), "", EvidenceKind.DOCUMENT, ".docx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(30), "bảng.xls", EvidenceKind.DOCUMENT, ".xls"),
        ("Biên bản họp".encode(), "a.bin", EvidenceKind.DOCUMENT, ".txt"),
    ],
)
def test_the_content_says_what_it_is(content: bytes, name: str, kind: EvidenceKind, ending: str) -> None:
    assert examine(content, name) == Looked(kind, ending, hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "notes.file.empty"),
        (samples.bomb(), "notes.file.bomb"),
        (samples.bomb(9000), "notes.file.bomb"),
        (samples.picture("JPEG")[:40], "notes.file.broken_picture"),
        (samples.picture("PNG")[:-20], "notes.file.broken_picture"),
        (b"\x89PNG" + bytes(100), "notes.file.broken_picture"),
        (b"MZ\x90\x00" + bytes(50), "notes.file.kind"),
        (samples.archive(), "notes.file.kind"),
        (b"<html><script>1</script>", "notes.file.kind"),
        (b"#!/bin/sh\nrm -rf /\n", "notes.file.kind"),
        (b"\x00\x00\x00\x20ftypisom" + bytes(50), "notes.file.kind"),
    ],
)
def test_what_is_not_kept_is_said(content: bytes, why: str) -> None:
    found = examine(content, "ảnh.jpg")
    assert isinstance(found, Refusal)
    assert found.why.id == why


@pytest.mark.parametrize(("orientation", "corner"), [(3, "blue"), (6, "red"), (8, "blue")])
def test_a_photo_upside_down_is_shown_the_right_way_up(orientation: int, corner: str) -> None:
    sent = samples.picture(orientation=orientation)
    assert is_turned(sent)
    copy = turned(sent)
    with Image.open(io.BytesIO(copy)) as image:
        assert image.size == ((40, 20) if orientation == 3 else (20, 40))
        red, _, blue = image.convert("RGB").getpixel((2, 2))  # type: ignore[misc]
    assert (red > 200, blue > 200) == (corner == "red", corner == "blue")
    assert not is_turned(copy)
    assert not is_turned(samples.picture())


def test_what_no_messenger_shows_goes_out_as_a_document() -> None:
    assert is_shown(samples.picture())
    assert not is_shown(samples.picture(size=(900, 20)))
    assert not is_shown(samples.picture("WEBP"))


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("Giấy khen 2026.jpeg", "Giấy khen 2026.jpg"),
        ("", "anh-3.jpg"),
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\ảnh\\a.exe", "a.jpg"),
        ("a\u202egpj.exe", "agpj.jpg"),
        ("x" * 200 + ".jpg", "x" * 60 + ".jpg"),
        ("...", "anh-3.jpg"),
        (".jpg", "anh-3.jpg"),
    ],
)
def test_names_are_safe_and_end_as_the_content_does(sent: str, name: str) -> None:
    assert name_of(sent, ".jpg", EvidenceKind.PICTURE, 3) == name


def test_several_pictures_in_one_as_telephones_make_them_are_a_photo() -> None:
    out = io.BytesIO()
    first = Image.new("RGB", (40, 30), "white")
    first.save(out, "MPO", save_all=True, append_images=[Image.new("RGB", (40, 30), "black")])
    content = out.getvalue()
    assert is_shown(content)
    assert not is_turned(content)
    with Image.open(io.BytesIO(turned(content))) as copy:
        assert copy.format == "JPEG"
