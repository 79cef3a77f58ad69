"""From what a bot or a person wrote to text and entities: parsed, trimmed, measured, commands and links found."""

import re
from bisect import bisect_left
from typing import Any

from bot.simulator.html import Reader, units
from bot.simulator.replies import Json, bad_request

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
SOURCE_BYTES = 32_768

FOUND = (
    ("url", re.compile(r"(?:https?://|(?<![\w.@/])t\.me/)[^\s<>\"«»]*[^\s<>\"«».,;:!?)]")),
    ("bot_command", re.compile(r"(?<![\w/<>&@])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/])")),
    ("mention", re.compile(r"(?<![\w@/])@[A-Za-z]\w{3,31}\b")),
)


def spoken(text: str, parse_mode: str | None, entities: Any) -> tuple[str, list[Json]]:
    """Text and entities of what a bot sends, trimmed as Telegram trims. Raises ``ApiError`` 400."""
    if len(text.encode()) > SOURCE_BYTES:
        raise bad_request("text is too long")
    mode = (parse_mode or "").lower()
    if mode == "html":
        plain, marks = Reader(text).read()
    elif mode in {"", "none"}:
        plain, marks = text, [dict(e) for e in entities or []]
        _check_given(plain, marks)
    else:
        raise bad_request("unsupported parse_mode (the simulator knows HTML only)")
    plain, marks = trimmed(plain.replace("\r", ""), marks)
    return plain, with_found(plain, marks)


def _check_given(text: str, marks: list[Json]) -> None:
    size = units(text)
    for mark in marks:
        if mark["offset"] < 0 or mark["length"] <= 0 or mark["offset"] + mark["length"] > size:
            raise bad_request(f"entity beginning at UTF-16 offset {mark['offset']} ends after the end of the text")


def trimmed(text: str, marks: list[Json]) -> tuple[str, list[Json]]:
    """Without blanks at the end, and at the beginning up to the first entity."""
    text = text.rstrip()
    first = min((m["offset"] for m in marks), default=len(text))
    lead = min(len(text) - len(text.lstrip(" \n")), first)
    text = text[lead:]
    size = units(text)
    kept = []
    for mark in marks:
        begin = mark["offset"] - lead
        length = min(begin + mark["length"], size) - begin
        if length > 0:
            kept.append(mark | {"offset": begin, "length": length})
    return text, kept


def with_found(text: str, marks: list[Json]) -> list[Json]:
    """The entities and, where none of them forbids it, the links, commands and mentions of the text."""
    starts = [0]
    for char in text:
        starts.append(starts[-1] + (2 if char > "\uffff" else 1))
    found: list[Json] = []
    closed = [m for m in marks if m["type"] in {"code", "pre", "text_link"}]
    for kind, pattern in FOUND:
        for match in pattern.finditer(text):
            begin, end = starts[match.start()], starts[match.end()]
            if not any(m["offset"] < end and begin < m["offset"] + m["length"] for m in closed + found):
                found.append({"type": kind, "offset": begin, "length": end - begin})
    return sorted(marks + found, key=lambda m: (m["offset"], -m["length"]))


def piece(text: str, mark: Json) -> str:
    """What an entity covers."""
    starts = [0]
    for char in text:
        starts.append(starts[-1] + (2 if char > "\uffff" else 1))
    begin = bisect_left(starts, mark["offset"])
    return text[begin : bisect_left(starts, mark["offset"] + mark["length"])]


def message_text(params: Json) -> Json:
    """``text`` and ``entities`` of a message to be sent. Raises ``ApiError`` 400 when empty, too long or broken."""
    text, marks = spoken(params.get("text", ""), params.get("parse_mode"), params.get("entities"))
    if not params.get("text"):
        raise bad_request("message text is empty")
    if not text:
        raise bad_request("text must be non-empty")
    if units(text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return {"text": text, "entities": marks} if marks else {"text": text}


def message_caption(params: Json) -> Json:
    """``caption`` and ``caption_entities``; empty when there is none. Raises ``ApiError`` 400."""
    text, marks = spoken(params.get("caption", ""), params.get("parse_mode"), params.get("caption_entities"))
    if units(text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    if not text:
        return {}
    return {"caption": text, "caption_entities": marks} if marks else {"caption": text}
