"""Long texts in parts: between lines, then sentences, then words, never inside a tag."""

from __future__ import annotations

import re

_TAG = re.compile(r"<(/?)(b|i|code)>")
_BREAKS = (re.compile(r"\n\n+"), re.compile(r"\n"), re.compile(r"(?<=[.;:])\s"), re.compile(r"\s"))


def length(html: str) -> int:
    """Length in UTF-16 code units, as Telegram counts, of the markup too: a safe upper bound."""
    return len(html.encode("utf-16-le")) // 2


def split_html(html: str, most: int) -> list[str]:
    """Parts of at most ``most`` units; bold, italic and code that span a cut are closed and opened again."""
    if length(html) <= most:
        return [html]
    room = most - 32  # for the tags that a cut closes and opens
    parts: list[str] = []
    rest, opened = html, ""
    while length(rest) > room:
        cut = _cut(rest, room)
        head, rest = rest[:cut].rstrip(), rest[cut:].lstrip()
        still_open = _open_tags(opened + head)
        parts.append(opened + head + "".join(f"</{tag}>" for tag in reversed(still_open)))
        opened = "".join(f"<{tag}>" for tag in still_open)
    return [*parts, opened + rest]


def split_plain(text: str, most: int) -> tuple[str, str]:
    """The first part of a text without markup, at most ``most`` units, and what is left of it ("" where it fits).

    Splitting what is left goes on where the whole text would have been cut next.
    """
    if length(text) <= most:
        return text, ""
    cut = _cut(text, most, plain=True)
    return text[:cut].rstrip(), text[cut:].lstrip()


def _cut(text: str, room: int, *, plain: bool = False) -> int:
    fits = len(text.encode("utf-16-le")[: room * 2].decode("utf-16-le", "ignore"))
    for breaks in _BREAKS:
        places = [m.end() for m in breaks.finditer(text, 0, fits) if m.end() > fits // 3]
        if places:
            return places[-1]
    if plain:
        # A word longer than the room is cut where the room ends; a shorter one begins the next part.
        before = [m.end() for m in _BREAKS[-1].finditer(text, 0, fits)]
        end = next((m.start() for m in _BREAKS[-1].finditer(text, fits)), len(text))
        return before[-1] if before and length(text[before[-1] : end]) <= room else fits
    # One endless word: cut it, but not inside a tag or an entity.
    last = max(text.rfind("<", 0, fits), text.rfind("&", 0, fits))
    whole = text.find(">" if last >= 0 and text[last] == "<" else ";", last, fits) >= 0
    return fits if last < 0 or whole or fits - last > 10 else last


def _open_tags(html: str) -> list[str]:
    found: list[str] = []
    for closing, tag in _TAG.findall(html):
        if closing and tag in found:
            found.remove(tag)
        elif not closing:
            found.append(tag)
    return found
