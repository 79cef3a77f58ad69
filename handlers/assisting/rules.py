"""Typing for a member: who may be asked, what a confirmation needs, codes; pure functions over records."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from handlers.dialogue.flow import Refusal, refusal
from storage.assistances import Assistance, Ended
from storage.records import CycleId, Member, MemberId

VALID_FOR = timedelta(days=1)
CODE_DIGITS = 6
MOST_WRONG = 5
_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that looks like something else on paper
_SIGNATURE = 6
_BETWEEN = re.compile(r"[\s\-‐‑‒–—−_.]+")
CHANGED = refusal("assisting.confirm.changed")
_PAPER = re.compile(rf"(\d{{1,9}})-(\d{{1,9}})-([{_SIGNS}]{{{_SIGNATURE}}})", re.ASCII)


def may_be_asked(helper: Member, member: Member) -> Refusal | None:
    """Why this person cannot type for that one; nobody is anybody's helper outside the cell, or their own."""
    if helper.removed_at is not None or helper.cell_id != member.cell_id:
        return refusal("assisting.refused.other_cell")
    if helper.id == member.id:
        return refusal("assisting.refused.self")
    return None


def may_confirm(found: Assistance, answers_digest: str | None, now: datetime) -> Refusal | None:
    """Why the member cannot make the typed words theirs now: ended, nothing offered, or changed since."""
    if not found.open_at(now):
        return refusal(f"assisting.confirm.{found.ended_how or Ended.EXPIRED}")
    if found.offered_at is None or found.digest != answers_digest:
        return CHANGED
    return None


def digest_of(answers: Mapping[str, Any]) -> str:
    """The mark of a whole draft: 64 hexadecimal digits, equal only for the very same words and figures."""
    written = json.dumps(answers, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(written.encode()).hexdigest()


def code_from(number: int) -> str:
    """The code of a random number below 1,000,000, with its zeros."""
    return f"{number:0{CODE_DIGITS}}"


def shown_code(code: str) -> str:
    """A code as people read it out: ``483 921``."""
    return f"{code[:3]} {code[3:]}"


def read_code(typed: str) -> str | Refusal:
    """Six figures, with spaces anywhere."""
    bare = _BETWEEN.sub("", unicodedata.normalize("NFKC", typed))
    if bare.isascii() and bare.isdigit() and len(bare) == CODE_DIGITS:
        return bare
    return refusal("assisting.code.shape")


def code_hash(key: bytes, assistance: int, code: str) -> str:
    """What is kept instead of the code; of no use for another assistance."""
    return _sign(key, f"assistance:{assistance}:{code}")


def paper_number(key: bytes, cycle: CycleId, member: MemberId) -> str:
    """What stands on a printed form: two numbers of our own and a signature, nothing that names anybody."""
    return f"{cycle}-{member}-{_signature(key, cycle, member)}"


def read_paper_number(typed: str) -> str | Refusal:
    """A number as it is typed from paper, in any case, with spaces for dashes; its signature is checked later."""
    bare = _BETWEEN.sub("-", unicodedata.normalize("NFKC", typed).strip()).upper()
    parts = bare.split("-", 2)
    bare = "-".join([*parts[:2], *(part.replace("-", "") for part in parts[2:])])
    return bare if _PAPER.fullmatch(bare) else refusal("assisting.number.shape")


def whose_paper(key: bytes, number: str) -> tuple[CycleId, MemberId] | None:
    """The cycle and the member that a number was signed for; None where the signature is not ours."""
    found = _PAPER.fullmatch(number)
    if found is None:
        return None
    cycle, member = CycleId(int(found[1])), MemberId(int(found[2]))
    same = hmac.compare_digest(found[3], _signature(key, cycle, member))
    return (cycle, member) if same else None


def _signature(key: bytes, cycle: CycleId, member: MemberId) -> str:
    number = int(_sign(key, f"paper:{cycle}:{member}"), 16)
    signs = []
    for _ in range(_SIGNATURE):
        number, place = divmod(number, len(_SIGNS))
        signs.append(_SIGNS[place])
    return "".join(signs)


def _sign(key: bytes, what: str) -> str:
    return hmac.new(key, what.encode(), hashlib.sha256).hexdigest()
