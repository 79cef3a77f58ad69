"""What differs between two versions of a form, question by question, sentence by sentence; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher

from handlers.dialogue.phrases import Phrase, Plain, Strong, Text, lines, paragraphs, t
from handlers.review.changes import Change, Piece
from handlers.review.facts import Answers
from handlers.review.reading import answer_blocks
from handlers.review.rulebook import Form, Kind, Question
from handlers.review.screens import clip, units

# A sentence ends where its mark is followed by space and by something that can begin one, or where the line ends.
_END = re.compile(r"(?<=[.!?…;])\s+(?=[\"“‘(\[+*–—-]*[\w])|\s*\n+\s*")
# "TP. Hồ Chí Minh", "GS. TS. An", "đ/c. An", and the number of a list before its words end nothing.
_ABBREVIATION = re.compile(r"(?:^|\s)(?:[A-ZĐ]{1,3}|Tp|ThS|\w/\w)\.$|^(?:\d{1,2}|[ivxIVX]{1,5})\.$")
_LONGEST_ABBREVIATION = 8
_LETTERS = re.compile(r"\w+")
# How much two sentences must share to be one sentence reworded, and how far apart such two are looked for.
_ALIKE = 0.5
_NEAR = 8
# UTF-16 units of one page in a chat, and of one sentence shown there.
_PAGE = 2600
_SHOWN = 600
_SHORT = frozenset({Kind.SCORE, Kind.LEVEL, Kind.GRADE, Kind.TASKS})

Say = Callable[[Phrase], str]


def differences(form: Form, old: Answers, new: Answers, say: Say) -> tuple[Change, ...]:
    """Every question answered differently, in the form's order; ``say`` puts phrases into the reader's words."""
    found = []
    for question in form.questions:
        was, now = _pieces_of(question, old, say), _pieces_of(question, new, say)
        if was != now:
            found.append(Change(question, tuple(_matched(question, was, now))))
    return tuple(found)


def sentences(text: str) -> tuple[str, ...]:
    """A Vietnamese text cut into its sentences; nothing of it but the space between them is lost."""
    found: list[str] = []
    begins = 0
    for gap in _END.finditer(text):
        tail = text[max(begins, gap.start() - _LONGEST_ABBREVIATION) : gap.start()]
        if "\n" not in gap[0] and _ABBREVIATION.search(tail):
            continue
        found.append(text[begins : gap.start()].strip())
        begins = gap.end()
    found.append(text[begins:].strip())
    return tuple(sentence for sentence in found if sentence)


def summary_of(change: Change) -> Text:
    """One line in plain words: what happened to this question."""
    name = t(
        "review.option.question", number=change.question.number, short=t(f"review.short.{change.question.key}")
    )
    if _is_short(change):
        [piece] = change.pieces
        return t("review.difference.short", part=name, was=piece.was or "", now=piece.now or "")
    unit = "sentences" if change.question.kind is Kind.TEXT else "items"
    counted = [(change.added, "added"), (change.removed, "removed"), (change.reworded, "reworded")]
    told = [t(f"review.difference.{unit}.{what}", count=count) for count, what in counted if count]
    joined: Phrase = told[0]
    for part in told[1:]:
        joined = t("review.difference.and", first=joined, second=part)
    return t("review.difference.words", part=name, what=joined)


def pages(changes: Sequence[Change]) -> tuple[Phrase, ...]:
    """The differences for a chat: a line for each question, under it what was changed, cut to messages."""
    found: list[list[Phrase]] = [[]]
    room = _PAGE
    for length, phrase in _blocks(changes):
        if length > room and found[-1]:
            found.append([])
            room = _PAGE
        found[-1].append(phrase)
        room -= length + 2
    return tuple(paragraphs(*page) for page in found)


def _blocks(changes: Sequence[Change]) -> Iterator[tuple[int, Phrase]]:
    for change in changes:
        yield 160, Strong(summary_of(change))
        if _is_short(change):
            continue
        for piece in change.pieces:
            if piece.was != piece.now:
                yield min(units(piece.was or ""), _SHOWN) + min(units(piece.now or ""), _SHOWN) + 40, _told(piece)


def _told(piece: Piece) -> Phrase:
    was = Plain(clip(piece.was, _SHOWN)) if piece.was is not None else None
    now = Plain(clip(piece.now, _SHOWN)) if piece.now is not None else None
    if was is not None and now is not None:
        return lines(t("review.difference.was", words=was), t("review.difference.now", words=now))
    if now is not None:
        return t("review.difference.added", words=now)
    return t("review.difference.removed", words=was or Plain(""))


def _is_short(change: Change) -> bool:
    return change.question.kind in _SHORT and len(change.pieces) == 1 and change.reworded == 1


def _pieces_of(question: Question, answers: Answers, say: Say) -> tuple[str, ...]:
    given = answers.get(question.key)
    if given and question.kind is Kind.TEXT:
        return sentences(given)
    if given and question.kind is Kind.LIST:
        return tuple(given)
    if given and question.kind is Kind.REMEDIATION:
        return tuple(_fault(fault, say) for fault in given)
    return tuple(say(phrase) for _, phrase in answer_blocks(question, answers))


def _fault(fault: dict[str, str | None], say: Say) -> str:
    state = say(t(f"review.remedy.{fault['state'] or 'open'}"))
    return ". ".join(part for part in (fault["text"], state, fault["note"]) if part)


def _matched(question: Question, was: tuple[str, ...], now: tuple[str, ...]) -> Iterator[Piece]:
    if question.kind in _SHORT and len(was) == len(now) == 1:
        yield Piece(was[0], now[0])
        return
    for what, a, b, c, d in SequenceMatcher(None, was, now).get_opcodes():
        if what == "equal":
            yield from (Piece(one, one) for one in now[c:d])
        else:
            yield from _paired(was[a:b], now[c:d])


def _paired(was: Sequence[str], now: Sequence[str]) -> Iterator[Piece]:
    """Put together what is the same sentence in other words, in order; the rest came or went."""
    taken = 0
    for words in now:
        near = range(taken, min(taken + _NEAR, len(was)))
        best = max(near, key=lambda place: _alike(was[place], words), default=None)
        if best is None or _alike(was[best], words) < _ALIKE:
            yield Piece(None, words)
            continue
        yield from (Piece(gone, None) for gone in was[taken:best])
        yield Piece(was[best], words)
        taken = best + 1
    yield from (Piece(gone, None) for gone in was[taken:])


def _alike(one: str, other: str) -> float:
    """The share of words that two sentences have in common, 0 to 1."""
    ours, theirs = set(_LETTERS.findall(one.casefold())), set(_LETTERS.findall(other.casefold()))
    return 2 * len(ours & theirs) / max(len(ours) + len(theirs), 1)
