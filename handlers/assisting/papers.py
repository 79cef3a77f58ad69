"""The number on a printed form: made, drawn as a QR code, and read again from a photograph."""

from __future__ import annotations

import io

import segno
import zxingcpp
from PIL import Image

from handlers.assisting import rules
from handlers.dialogue.flow import Refusal
from storage import invitations
from storage.records import CycleId, MemberId
from storage.transaction import Connection

# Pixels: what a phone's camera makes; a picture that unfolds to more is not opened.
_LARGEST = 60_000_000
_SIDE = 2200


def paper_number(tx: Connection, cycle: CycleId, member: MemberId) -> str:
    """The number to print on this member's form of that cycle, under the QR code and in it; nothing is kept."""
    return rules.paper_number(invitations.key(tx), cycle, member)


def paper_qr(number: str) -> bytes:
    """A PNG of the number's QR code, about 200 points a side, that survives a crease and a poor photograph."""
    out = io.BytesIO()
    segno.make(number, error="q", micro=False).save(out, kind="png", scale=7, border=4)
    return out.getvalue()


def whose(tx: Connection, number: str) -> tuple[CycleId, MemberId] | None:
    """The cycle and the member of a number as it stands on paper; None where it is not one of ours."""
    return rules.whose_paper(invitations.key(tx), number)


def number_in_picture(content: bytes) -> str | None:
    """The number of the first QR code in a photograph that looks like ours; None where none can be read."""
    try:
        with Image.open(io.BytesIO(content)) as picture:
            # Only a JPEG can be opened smaller than it is.
            if picture.width * picture.height > (_LARGEST if picture.format == "JPEG" else _LARGEST // 4):
                return None
            picture.draft("L", (_SIDE, _SIDE))
            grey = picture.convert("L")
            grey.thumbnail((_SIDE, _SIDE))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None
    found = zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]))
    numbers = (rules.read_paper_number(code.text) for code in found)
    return next((number for number in numbers if not isinstance(number, Refusal)), None)
