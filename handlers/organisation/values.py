"""Cells of a roster as values: dates, telephones, letters of forms, words; what cannot be read says why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TypeVar

from handlers.dialogue.flow import Refusal, refusal
from handlers.dialogue.fold import fold, tidy
from handlers.organisation.columns import vocabulary
from handlers.organisation.sheet import WINDOWS_EPOCH, Raw, text_of
from storage.records import FormKind, Role, Status

T = TypeVar("T")

OLDEST_YEAR = 1900
# What fits the columns of the database.
MOST_LETTERS = 200
MOST_NUMBER = 40
# Excel counts days: below this (1/1/1910) and beyond (2064) a number is no date of anybody's life.
_SERIALS = range(3654, 60000)
_ERRORS = frozenset({"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})

_DAY_FIRST = re.compile(r"(\d{1,2})\s*[/.\-\s]\s*(\d{1,2})\s*[/.\-\s]\s*(\d{4}|\d{2})")
_YEAR_FIRST = re.compile(r"(\d{4})[/.\-](\d{1,2})[/.\-](\d{1,2})")
_IN_WORDS = re.compile(r"(?:ngay )?(\d{1,2}) thang (\d{1,2}) nam (\d{4})")
_PARTIAL = re.compile(r"(?:\d{1,2}\s*[/.\-]\s*)?(?:19|20)\d\d")
_CLOCK = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")
_FORM = re.compile(r"(?:mau )?(?:so )?0?([12]) ?([abc])\b(.*)")
_YEAR = re.compile(r"\b(20\d\d)\b")


def read_words(raw: Raw) -> str | Refusal:
    """Words in one line, as they were typed; errors of a formula and very long cells are refused."""
    words = " ".join(tidy(text_of(raw)).split())
    if words in _ERRORS:
        return refusal("organisation.fault.formula", value=words)
    return _at_most(words, MOST_LETTERS)


def _at_most(words: str, most: int) -> str | Refusal:
    return words if len(words) <= most else refusal("organisation.fault.too_long", most=most)


def read_name(raw: Raw) -> str | Refusal:
    """A person's name as typed: any signs may stand in it, but some letter must."""
    words = read_words(raw)
    if isinstance(words, Refusal):
        return words
    if not words:
        return refusal("organisation.fault.name_missing")
    if not any(ch.isalpha() for ch in words):
        return refusal("organisation.fault.name_without_letters", value=words)
    return words


def read_number(raw: Raw) -> str | Refusal:
    """The member's number as text; a number so long that Excel rounded it is refused."""
    if isinstance(raw, int | float) and abs(raw) >= 10**15:
        return refusal("organisation.fault.number_rounded", value=f"{raw:g}")
    words = read_words(raw)
    if isinstance(words, Refusal):
        return words
    if not number_key(words):
        return refusal("organisation.fault.number_missing")
    return _at_most(words, MOST_NUMBER)


def number_key(party_number: str) -> str:
    """What makes two spellings the same number: no signs, no capitals, no zeros in front (Excel eats them)."""
    bare = fold(party_number).replace(" ", "")
    return bare.lstrip("0") or bare


def read_date(raw: Raw, latest_year: int, epoch: datetime = WINDOWS_EPOCH) -> date | Refusal | None:
    """A day: a date cell, a serial number, or words with the day first; None for an empty cell.

    A year of two digits means the last such year that is not after ``latest_year``.
    """
    if isinstance(raw, datetime):
        raw = raw.date()
    if isinstance(raw, date):
        return _sane(raw, raw.strftime("%d/%m/%Y"))
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return _from_number(raw, epoch)
    words = _CLOCK.sub("", " ".join(tidy(text_of(raw)).split())).strip()
    if not words or words in {"-", "—", "x", "X"}:
        return None
    if words.isascii() and words.isdigit() and len(words) <= 5:
        return _from_number(int(words), epoch)
    if _PARTIAL.fullmatch(words):
        return refusal("organisation.fault.date_partial", value=words)
    parts = _parts(words)
    if parts is None:
        return refusal("organisation.fault.date_unreadable", value=words[:40])
    day, month, year = parts
    try:
        found = date(_full_year(year, latest_year), month, day)
    except ValueError:
        return refusal("organisation.fault.date_impossible", value=words)
    return _sane(found, words)


def _parts(words: str) -> tuple[int, int, str] | None:
    if hit := _DAY_FIRST.fullmatch(words):
        return int(hit[1]), int(hit[2]), hit[3]
    if hit := _YEAR_FIRST.fullmatch(words):
        return int(hit[3]), int(hit[2]), hit[1]
    if hit := _IN_WORDS.fullmatch(fold(words)):
        return int(hit[1]), int(hit[2]), hit[3]
    return None


def _full_year(year: str, latest_year: int) -> int:
    """Two digits up to 2008 are 08 → 2008 and 09 → 1909."""
    if len(year) == 4:
        return int(year)
    full = latest_year // 100 * 100 + int(year)
    return full if full <= latest_year else full - 100


def _from_number(raw: float, epoch: datetime) -> date | Refusal:
    if OLDEST_YEAR <= raw <= 2100:
        return refusal("organisation.fault.date_partial", value=f"{raw:g}")
    if int(raw) not in _SERIALS:
        return refusal("organisation.fault.date_unreadable", value=f"{raw:g}")
    return (epoch + timedelta(days=int(raw))).date()


def _sane(found: date, words: str) -> date | Refusal:
    if found.year < OLDEST_YEAR:
        return refusal("organisation.fault.date_too_old", value=words)
    return found


def read_phone(raw: Raw) -> str | Refusal:
    """Telephone numbers as text with their leading zero; several are kept, joined by ``; ``."""
    words = read_words(raw)
    if isinstance(words, Refusal):
        return words
    numbers = [_phone(part) for part in re.split(r"[;,/\n]", words) if part.strip()]
    if None in numbers:
        return refusal("organisation.fault.phone", value=words)
    return _at_most("; ".join(number for number in numbers if number), MOST_NUMBER)


def _phone(part: str) -> str | None:
    digits = re.sub(r"[\s.\-()]", "", part)
    for abroad in ("+84", "0084"):
        digits = "0" + digits.removeprefix(abroad).lstrip("0") if digits.startswith(abroad) else digits
    if re.fullmatch(r"\+\d{8,15}", digits):
        return digits
    if re.fullmatch(r"84[35789]\d{8}", digits):
        digits = digits[2:]
    # Excel took the zero: nine digits of a mobile, ten of a landline (area code 2…).
    if re.fullmatch(r"[35789]\d{8}|2\d{9}", digits):
        digits = "0" + digits
    return digits if re.fullmatch(r"0\d{9,10}", digits) else None


def read_form(raw: Raw) -> FormKind | Refusal | None:
    """Which form: ``2B``, ``Mẫu 02B``, ``2B (2025)``, or the kind in words; None for an empty cell."""
    words = text_of(raw).strip()
    folded = fold(words)
    if not folded:
        return None
    known = vocabulary()
    if kind := known.forms.get(folded):
        return kind
    if hit := _FORM.fullmatch(folded):
        year = _YEAR.search(hit[3])
        letters = known.letters.get(int(year[1]) if year else max(known.letters), {})
        if kind := letters.get(hit[1] + hit[2]):
            return kind
    return refusal("organisation.fault.form", value=words[:40])


def read_status(raw: Raw) -> Status | Refusal | None:
    """The standing on the roster; None for an empty cell, and for "away", which is a matter of dates."""
    words = text_of(raw).strip()
    if not words or is_away(raw):
        return None
    return _looked_up(words, vocabulary().statuses, "organisation.fault.status")


def is_away(raw: Raw) -> bool:
    """Whether the status column says that the person is away, ill or on maternity leave."""
    return fold(text_of(raw)) in vocabulary().away


def read_roles(raw: Raw) -> frozenset[Role] | Refusal:
    """Roles beside being a member, one or several, divided by commas; an empty cell says nothing."""
    roles = set()
    for word in re.split(r"[;,+/&\n]", text_of(raw)):
        if not word.strip():
            continue
        role = _looked_up(word.strip(), vocabulary().roles, "organisation.fault.role")
        if isinstance(role, Refusal):
            return role
        roles.add(role)
    return frozenset(roles - {Role.MEMBER})


def _looked_up(words: str, table: Mapping[str, T], why: str) -> T | Refusal:
    found = table.get(fold(words))
    return refusal(why, value=words[:40]) if found is None else found
