"""The picture of a code: a QR that opens the chat with the code already typed."""

from __future__ import annotations

import io

import segno

from handlers.dialogue.room import Attachment


def qr_picture(link: str) -> Attachment:
    """A PNG of about 300 points a side, readable from paper and from another phone's screen."""
    out = io.BytesIO()
    segno.make(link, error="m", micro=False).save(out, kind="png", scale=8, border=4)
    return Attachment("ma-tham-gia.png", out.getvalue(), picture=True)
