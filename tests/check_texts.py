"""The catalogues, checked: every sentence there in both languages, well formed, asked for by the code, polite."""

from __future__ import annotations

import ast
import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from handlers.texts import LANGUAGES, sentences

ROOT = Path(__file__).parent.parent
_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
_TAGS = re.compile(r"</?(?:b|i|code)>")
_ANY_TAG = re.compile(r"<[^>]*>")
# Words that blame or shout have no place in what a member reads.
_IMPOLITE = ("!", "bắt buộc phải", "vi phạm quy định của bot", "lỗi của đồng chí", "sai rồi")


def main() -> int:
    """Print every fault; exit status 1 where there are any."""
    found = list(faults())
    for fault in found:
        print(fault)  # noqa: T201
    print(f"texts: {len(sentences('vi'))} sentences, {len(found)} faults")  # noqa: T201
    return 1 if found else 0


def faults() -> Iterator[str]:
    """Everything that is wrong with the catalogues."""
    by_language = {language: sentences(language) for language in LANGUAGES}
    source = by_language["vi"]
    for language, texts in by_language.items():
        yield from (f"{language}: {id} is missing" for id in sorted(source.keys() - texts.keys()))
        yield from (f"vi: {id} is missing" for id in sorted(texts.keys() - source.keys()))
        for id, text in texts.items():
            yield from (f"{language}: {id}: {fault}" for fault in _of_sentence(text))
            if id in source and _fields(text) != _fields(source[id]):
                yield f"{language}: {id}: other placeholders than in Vietnamese"
    asked, beginnings = used_ids()
    yield from (f"the code asks for {id}, which no catalogue has" for id in sorted(asked - source.keys()))
    unused = {id for id in source.keys() - asked if not any(id.startswith(b) for b in beginnings)}
    yield from (f"{id} is asked for nowhere" for id in sorted(unused))


def _of_sentence(text: str) -> Iterator[str]:
    if not text.strip():
        yield "empty"
    if unicodedata.normalize("NFC", text) != text:
        yield "not NFC"
    if "  " in text or text != text.strip():
        yield "stray spaces"
    if _TAGS.sub("", text) != _ANY_TAG.sub("", text):
        yield "markup other than <b>, <i>, <code>"
    for tag in ("b", "i", "code"):
        if text.count(f"<{tag}>") != text.count(f"</{tag}>"):
            yield f"<{tag}> is not closed"
    yield from (f"impolite: {word}" for word in _IMPOLITE if word in text.lower())


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def used_ids() -> tuple[set[str], set[str]]:
    """Ids that stand in the code as literals, and the fixed beginnings of those that it puts together."""
    asked: set[str] = set()
    beginnings: set[str] = {"command.", "home.door."}
    for file in [*ROOT.glob("bot/**/*.py"), *ROOT.glob("handlers/**/*.py")]:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                start = str(node.values[0].value)
                if re.fullmatch(r"[a-z_]+(\.[a-z0-9_]+)*\.([a-z0-9_]*)", start):
                    beginnings.add(start)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _ID.fullmatch(node.value):
                asked.add(node.value)
    for page in ROOT.glob("bot/simulator/page/*.*"):
        # The page asks for its sentences without the room's name, some by a beginning and a reason.
        text = page.read_text()
        asked |= {f"simulator.{id}" for id in re.findall(r"""["'`]([a-z]+(?:\.[a-z0-9_]+)+)["'`]""", text)}
        beginnings |= {f"simulator.{start}" for start in re.findall(r"`([a-z]+(?:\.[a-z]+)*\.)\$\{", text)}
    beginnings.discard("simulator.simulator.")
    known = set(sentences("vi"))
    families = {id.partition(".")[0] for id in known}
    looks_like_text = {id for id in asked if id in known or _is_asked(id, families)}
    return looks_like_text, beginnings


def _is_asked(id: str, families: set[str]) -> bool:
    """Whether a dotted literal is meant as a sentence: it begins like one, and is no module or file name."""
    return id.partition(".")[0] in families and not id.endswith((".po", ".toml", ".py"))


if __name__ == "__main__":
    sys.exit(main())
