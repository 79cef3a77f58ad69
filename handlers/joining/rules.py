"""What a code is, when it opens, how wrong ones are slowed down, and who may decide a request; pure."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from handlers.dialogue.flow import Refusal, refusal
from storage.records import Account, Invitation, JoinAttempts, JoinRequest, Member, RequestState

# Nothing that looks like something else on paper or by telephone: no 0 and O, no 1, I and L.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 8
CODE_SPACE = len(ALPHABET) ** CODE_LENGTH
VALID_FOR = timedelta(days=14)
# A code for a further messenger is typed at once, by the person who asked for it.
LINK_VALID_FOR = timedelta(minutes=15)
# As long as the accounts that vouched have the last word: nobody is locked out by an account that is not theirs.
NEWCOMER_FOR = timedelta(hours=24)

# The fifth wrong code costs a quarter of an hour, each further one twice as much, a day at most; a week
# without any begins anew. Eight characters of 31 leave 8.5e11 codes: guessing is hopeless at that pace.
FREE_ATTEMPTS = 4
FIRST_WAIT = timedelta(minutes=15)
LONGEST_WAIT = timedelta(hours=24)
FORGOTTEN_AFTER = timedelta(days=7)

# Grows with every change of the sentences joining.readers.* and joining.consent.* (a test compares their hash).
CONSENT_VERSION = "2026-11"

_BETWEEN = re.compile(r"[\s\-‐‑‒–—−_.]+")
_CODE = re.compile(f"[{ALPHABET}]{{{CODE_LENGTH}}}")


class CodeState(StrEnum):
    """Whether a code opens, and if not, why."""

    OPEN = "open"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    USED = "used"
    REVOKED = "revoked"


def code_from(number: int) -> str:
    """The code of a random number below CODE_SPACE; raises ValueError outside of it."""
    if not 0 <= number < CODE_SPACE:
        raise ValueError("not a number of a code")
    letters = []
    for _ in range(CODE_LENGTH):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "".join(letters)


def shown(code: str) -> str:
    """A code as people read it out: ``ABCD-2345``."""
    return f"{code[:4]}-{code[4:]}"


def read_code(typed: str) -> str | None:
    """The code that was typed, in any case, with spaces and dashes anywhere; None where it cannot be one."""
    bare = _BETWEEN.sub("", unicodedata.normalize("NFKC", typed)).upper()
    return bare if _CODE.fullmatch(bare) else None


def meant_as_code(typed: str) -> bool:
    """Whether somebody tried to type a code: about as many letters and digits, and nothing else."""
    bare = _BETWEEN.sub("", unicodedata.normalize("NFKC", typed))
    return bare.isascii() and bare.isalnum() and abs(len(bare) - CODE_LENGTH) <= 2


def typed_as_code(typed: str) -> bool:
    """Whether somebody who is in already typed a code, and not words that happen to have eight letters."""
    return read_code(typed) is not None and (typed.isupper() or any(c.isdigit() or c in "-–—" for c in typed))


def code_hash(code: str, key: bytes) -> str:
    """What is kept instead of the code: 64 hexadecimal digits of HMAC-SHA256."""
    return hmac.new(key, code.encode(), hashlib.sha256).hexdigest()


def text_hash(*texts: str) -> str:
    """The hash that proves which words somebody agreed to: 64 hexadecimal digits of SHA-256."""
    return hashlib.sha256("\n\n".join(texts).encode()).hexdigest()


def state_of(invitation: Invitation | None, now: datetime) -> CodeState:
    """Whether this invitation opens at that moment."""
    if invitation is None:
        return CodeState.UNKNOWN
    if invitation.used_at:
        return CodeState.USED
    if invitation.revoked_at:
        return CodeState.REVOKED
    return CodeState.OPEN if now < invitation.expires_at else CodeState.EXPIRED


def locked_until(attempts: JoinAttempts | None, now: datetime) -> datetime | None:
    """Until when this account has to wait; None where it may try."""
    if attempts is None or attempts.locked_until is None or attempts.locked_until <= now:
        return None
    return attempts.locked_until


def after_wrong(attempts: JoinAttempts | None, now: datetime) -> JoinAttempts:
    """Count one more wrong code, with the wait that it costs."""
    remembered = attempts if attempts and now - attempts.last_at < FORGOTTEN_AFTER else JoinAttempts(0, now)
    wrong = remembered.wrong + 1
    if wrong <= FREE_ATTEMPTS:
        return JoinAttempts(wrong, now)
    # The exponent is bounded, so that a year of guessing cannot overflow the calendar.
    wait = min(FIRST_WAIT * 2 ** min(wrong - FREE_ATTEMPTS - 1, 10), LONGEST_WAIT)
    return JoinAttempts(wrong, now, now + wait)


def masked(full_name: str) -> str:
    """A name that its bearer knows again and a stranger does not learn: ``N. T. Lan``."""
    *before, given = full_name.split() or [full_name]
    return " ".join([*(f"{word[0]}." for word in before), given])


def may_end(which: Account, accounts: Sequence[Account], by: Account, now: datetime) -> Refusal | None:
    """Why whoever speaks from ``by`` may not take ``which`` of their ``accounts`` away; None where they may."""
    if len(accounts) < 2:
        return refusal("me.account.last")
    until = by.linked_at + NEWCOMER_FOR
    if which.linked_at < by.linked_at and now < until:
        return refusal("me.account.newcomer", until=until)
    return None


def may_decide(request: JoinRequest | None, member: Member | None, by: Member) -> Refusal | None:
    """Why this person may not settle this request; None where they may (their role is checked by the table)."""
    if request is None or member is None or member.cell_id != by.cell_id:
        return refusal("joining.request.unknown")
    if request.state is not RequestState.PENDING:
        return refusal("joining.request.settled")
    if member.removed_at is not None:
        return refusal("joining.request.removed", name=member.full_name)
    return None
