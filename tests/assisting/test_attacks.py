"""What a stranger who reviewed this found: words confirmed unseen, a right that ended, a picture that is broken."""

import struct
import zlib

from handlers.dialogue.said import File
from storage import assistances, reviews
from storage.transaction import Connection
from tests.assisting.scene import Scene, card_with, id_of


def broken_png() -> bytes:
    """A picture whose head is right and whose pixels are missing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 100, 100, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 50)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_nobody_confirms_words_that_were_changed_since_they_read_them(scene: Scene) -> None:
    scene.offered(scene.lan, scene.binh)
    scene.lan.presses("Xem và xác nhận", card_with(scene.lan, "Xem và xác nhận"))
    while any(data.endswith(":more") for _, data in scene.lan.screen.choices):
        scene.lan.presses("more")
    read = scene.lan.screen

    def change(tx: Connection) -> None:
        review = reviews.find(tx, scene.cycle.id, id_of(scene.lan))
        assert review is not None
        reviews.write(tx, review, "conduct", "Chữ khác hẳn mà Lan chưa đọc", scene.now)
        assistances.wrote(tx, scene.assistance(scene.lan).id)

    scene.write(change)
    scene.hand_over(scene.lan, scene.binh)
    scene.lan.presses("yes", read)
    review = scene.review(scene.lan)
    assert review is not None
    assert review.version == 0


def test_a_print_is_refused_in_words_where_the_right_to_help_has_ended(scene: Scene) -> None:
    scene.open_for(scene.lan, scene.binh)
    number = scene.assistance(scene.lan).id
    for phone, last in ((scene.binh, "write"), (scene.secretary, "end")):
        phone.commands("/assist")
        phone.presses(f"a{number}")
        phone.presses(last)
    assert scene.binh.commands("/in")


def test_a_broken_picture_of_a_page_holds_up_nothing(scene: Scene) -> None:
    bad = broken_png()
    scene.secretary.commands("/bangiay")
    scene.secretary.says(scene.number(scene.lan))
    scene.secretary.hears(File("x", "a.png", len(bad), content=bad))
    scene.secretary.presses("done")
    scene.secretary.presses("me")
    assert scene.secretary.presses("photos")
