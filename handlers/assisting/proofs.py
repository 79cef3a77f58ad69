"""Voices, signatures and photographs of paper: looked at, kept as they were sent, refused in a sentence."""

from __future__ import annotations

import base64

from handlers.dialogue.flow import Refusal, refusal
from handlers.dialogue.room import Attachment, Visit
from handlers.dialogue.said import File, Sent
from handlers.notes.files import UPRIGHT, examine, is_shown, is_turned
from storage import evidence
from storage.assistances import Page
from storage.records import EvidenceId, EvidenceKind, MemberId
from storage.transaction import Connection

VOICE = frozenset({EvidenceKind.VOICE})
# A scan is as good as a photograph; the newer photographs of some telephones count as documents.
PAPER = frozenset({EvidenceKind.PICTURE, EvidenceKind.DOCUMENT})


def keep_proof(
    tx: Connection, visit: Visit, member: MemberId, sent: object, wanted: frozenset[EvidenceKind]
) -> EvidenceId | Refusal:
    """Keep what was sent as this member's evidence, where it is of a kind that is wanted here."""
    content = sent.content if isinstance(sent, Sent | File) else None
    if content is None:
        return refusal("assisting.proof.not_fetched")
    looked = examine(content, sent.name if isinstance(sent, Sent | File) else "")
    if isinstance(looked, Refusal):
        return looked
    if looked.kind not in wanted:
        return refusal("assisting.proof.voice_wanted" if wanted == VOICE else "assisting.proof.photo_wanted")
    name = f"{'xac-nhan' if wanted == VOICE else 'ban-giay'}-{visit.today:%Y%m%d}{looked.ending}"
    return evidence.keep(tx, member, None, looked.kind, name, content, looked.digest, visit.now)


def picture_of(sent: object) -> bytes | None:
    """The bytes of a photograph that was sent; None for anything else."""
    content = sent.content if isinstance(sent, Sent | File) else None
    return content if content is not None and _is_picture(content) else None


def _is_picture(content: bytes) -> bool:
    looked = examine(content)
    return not isinstance(looked, Refusal) and looked.kind is EvidenceKind.PICTURE


def attachment_of(page: Page) -> Attachment:
    """A photograph to be shown again, the right way up; what is no picture goes as the document that it is."""
    if not _is_picture(page.content):
        return Attachment(page.file_name, page.content)
    shown = is_shown(page.content)
    if not is_turned(page.content):
        return Attachment(page.file_name, page.content, picture=shown)
    data = {"content": base64.b64encode(page.content).decode()}
    return Attachment(page.file_name, picture=shown, recipe=UPRIGHT, data=data)
