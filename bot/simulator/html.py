"""Telegram's HTML, read the way its server reads it: the same tags, the same refusals with byte offsets."""

import re
from dataclasses import dataclass

from bot.simulator.replies import ApiError, Json, bad_request

KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
REFERENCE = re.compile(r"&(?:#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))|([A-Za-z]+));?")
TAG_NAME = re.compile(r"[^\s>]*")
ATTRIBUTE_NAME = re.compile(r"[^\s=>/\"']*")
BARE_VALUE = re.compile(r"[A-Za-z0-9.-]*")


@dataclass
class Open:
    """A start tag that waits for its end: where it began in the plain text, in UTF-16 units and in characters."""

    tag: str
    attributes: dict[str, str]
    offset: int
    begin: int


def units(text: str) -> int:
    """Length in UTF-16 code units, Telegram's measure of everything."""
    return len(text) + sum(char > "\uffff" for char in text)


def decode(match: re.Match[str]) -> str:
    """A character reference as its character; an unknown one stays as it was typed."""
    if match[3]:
        return NAMED.get(match[3], match[0])
    code = int(match[1], 16) if match[1] else int(match[2])
    if code == 0 or code >= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return match[0]
    return chr(code)


class Reader:
    """One pass over one text."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.plain = ""
        self.length = 0
        self.open: list[Open] = []
        self.entities: list[Json] = []

    def read(self) -> tuple[str, list[Json]]:
        """Plain text and entities. Raises ``ApiError`` 400 "can't parse entities: …"."""
        while self.at < len(self.source):
            cut = self.source.find("<", self.at)
            end = len(self.source) if cut < 0 else cut
            self._add(REFERENCE.sub(decode, self.source[self.at : end]))
            self.at = end
            if cut >= 0 and self.source.startswith("</", cut):
                self._end_tag(cut)
            elif cut >= 0:
                self._start_tag(cut)
        if self.open:
            raise broken(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        return self.plain, sorted(self.entities, key=lambda e: (e["offset"], -e["length"]))

    def _add(self, text: str) -> None:
        self.plain += text
        self.length += units(text)

    def _bytes(self, position: int) -> int:
        return len(self.source[:position].encode())

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.source, self.at)
        taken = match[0] if match else ""
        self.at += len(taken)
        return taken

    def _here(self) -> str:
        return self.source[self.at : self.at + 1]

    def _skip_spaces(self) -> None:
        while self._here().isspace():
            self.at += 1

    def _start_tag(self, begin: int) -> None:
        self.at = begin + 1
        tag = self._take(TAG_NAME).lower()
        if not self._here():
            raise broken(f"Unclosed start tag at byte offset {self._bytes(begin)}")
        if tag not in KINDS:
            raise broken(f'Unsupported start tag "{tag}" at byte offset {self._bytes(begin)}')
        attributes: dict[str, str] = {}
        self._skip_spaces()
        while self._here() != ">":
            name, value = self._attribute(tag, begin)
            attributes[name] = value
            self._skip_spaces()
        self.at += 1
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise broken(f'Tag "span" must have class "tg-spoiler" at byte offset {self._bytes(begin)}')
        self.open.append(Open(tag, attributes, self.length, len(self.plain)))

    def _attribute(self, tag: str, begin: int) -> tuple[str, str]:
        name = self._take(ATTRIBUTE_NAME)
        if not name and not self._here():
            raise broken(f'Unclosed start tag "{tag}" at byte offset {self._bytes(begin)}')
        if not name:
            raise broken(f'Empty attribute name in the tag "{tag}" at byte offset {self._bytes(begin)}')
        self._skip_spaces()
        if self._here() != "=":
            if not self._here():
                raise broken(f'Unclosed start tag "{tag}" at byte offset {self._bytes(begin)}')
            return name, ""
        self.at += 1
        self._skip_spaces()
        return name, self._value(tag, begin)

    def _value(self, tag: str, begin: int) -> str:
        quote = self._here()
        if not quote:
            raise broken(f'Unclosed start tag "{tag}" at byte offset {self._bytes(begin)}')
        if quote in "\"'":
            close = self.source.find(quote, self.at + 1)
            if close < 0 or close + 1 == len(self.source):
                raise broken(f"Unclosed start tag at byte offset {self._bytes(begin)}")
            value = REFERENCE.sub(decode, self.source[self.at + 1 : close])
            self.at = close + 1
            return value
        token_at = self.at
        value = self._take(BARE_VALUE).lower()
        if self._here() != ">" and not self._here().isspace():
            raise broken(f"Unexpected end of name token at byte offset {self._bytes(token_at)}")
        return value

    def _end_tag(self, begin: int) -> None:
        if not self.open:
            raise broken(f"Unexpected end tag at byte offset {self._bytes(begin)}")
        self.at = begin + 2
        tag = self._take(TAG_NAME).lower()
        self._skip_spaces()
        if self._here() != ">":
            raise broken(f"Unclosed end tag at byte offset {self._bytes(begin)}")
        self.at += 1
        last = self.open.pop()
        if tag and tag != last.tag:
            where = self._bytes(begin)
            raise broken(f'Unmatched end tag at byte offset {where}, expected "</{last.tag}>", found "</{tag}>"')
        if self.length > last.offset:
            self._finish(last)

    def _finish(self, last: Open) -> None:
        entity: Json = {"type": KINDS[last.tag], "offset": last.offset, "length": self.length - last.offset}
        if last.tag == "a":
            self._link(entity, last.attributes.get("href") or self.plain[last.begin :])
            return
        if last.tag == "tg-emoji":
            if not last.attributes.get("emoji-id", "").isdigit():
                raise broken("Invalid custom emoji identifier specified")
            entity["custom_emoji_id"] = last.attributes["emoji-id"]
        elif last.tag == "tg-time":
            if not last.attributes.get("unix", "").isdigit():
                return
            entity["unix_time"] = int(last.attributes["unix"])
        elif last.tag == "blockquote" and "expandable" in last.attributes:
            entity["type"] = "expandable_blockquote"
        elif last.tag in {"pre", "code"} and self._joined(entity, last):
            return
        self.entities.append(entity)

    def _joined(self, entity: Json, last: Open) -> bool:
        """<pre><code class="language-x"> is one entity: "pre" with a language."""
        language = last.attributes.get("class", "").removeprefix("language-") if last.tag == "code" else ""
        inner = self.entities[-1] if self.entities else None
        same = inner is not None and all(inner[k] == entity[k] for k in ("offset", "length"))
        if last.tag == "pre" and same and inner is not None and inner["type"] == "code" and "language" in inner:
            inner["type"] = "pre"
            return True
        if language and self.open and self.open[-1].tag == "pre":
            entity["language"] = language
        return False

    def _link(self, entity: Json, url: str) -> None:
        if "://" not in url and not url.startswith(("tg:", "mailto:", "tel:")):
            url = f"http://{url}" if re.match(r"^[\w-]+(\.[\w-]+)+", url) else ""
        if re.match(r"^(https?|ftp|tg|ton|mailto|tel):", url):
            self.entities.append(entity | {"url": url})


def broken(words: str) -> ApiError:
    """The refusal of a text whose tags do not hold."""
    return bad_request(f"can't parse entities: {words}")
