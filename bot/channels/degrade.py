"""What a messenger cannot show, put into words: the one place where a post becomes plain text. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from bot.channels.contract import Abilities
from bot.channels.split import length, split_plain
from handlers.dialogue.phrases import Phrase, t
from storage.records import Button, Post

_TAG = re.compile(r"</?(?:b|i|code)>")
_SCREEN_BUTTON = re.compile(r"1:\d+:(.+)")
_OWN_NUMBER = re.compile(r"(\W*)(\d{1,3})\. ")
_NUMBERING = 12  # units kept free for "(12/34)" and a line break
_MOST_FIRST = 3  # lines of the first paragraph
_FEW = 4  # so many choices are said again rather than referred to
_MOST_REPEATS = 3  # after so many screens of which only the changes were said, the whole is far up

Say = Callable[[Phrase], str]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a screen says in full: lines, choices (option id, label), and how often only changes were said of it."""

    lines: tuple[str, ...]
    choices: tuple[tuple[str, str], ...] = ()
    numbered: bool = False
    repeats: int = 0

    def to_json(self) -> dict[str, Any]:
        """As it is kept while the screen is in view."""
        return {
            "lines": list(self.lines),
            "choices": [list(choice) for choice in self.choices],
            "numbered": self.numbered,
            "repeats": self.repeats,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Shown | None:
        """What ``to_json`` made; None where nothing is known of what stands above."""
        if not kept.get("lines"):
            return None
        choices = tuple((id, label) for id, label in kept["choices"])
        return cls(tuple(kept["lines"]), choices, kept["numbered"], kept["repeats"])


@dataclass(frozen=True, slots=True)
class Linked:
    """Where a post's file is fetched; ``address`` is None where there is no way to hand it out."""

    address: str | None
    minutes: int


@dataclass(frozen=True, slots=True)
class Fitted:
    """A post as the messenger can show it, and what a screen says in full (None for other posts)."""

    post: Post
    shown: Shown | None = None


def degrade(
    post: Post,
    abilities: Abilities,
    say: Say,
    *,
    marks: Mapping[str, str] | None = None,
    linked: Linked | None = None,
    before: Shown | None = None,
) -> Fitted:
    """Put a post into plain words for a messenger that lacks something; choices become lines to answer by typing.

    ``say`` writes in the reader's language. ``marks`` are the codes of standing buttons by button data, ``linked``
    is where the file of the post is fetched, ``before`` the screen that stands right above in the same chat: then
    only what changed is said, where that can be understood.
    """
    shown = _shown(post) if post.screen is not None else None
    if abilities.buttons:
        text = plain_text(post.text)
    elif shown is not None:
        changes = _changes(before, shown, say) if before else None
        if before and changes:
            shown = replace(shown, repeats=before.repeats + 1)
        text = changes or _whole(shown, say)
    else:
        text = _blocks(plain_text(post.text), _coded(post, marks or {}, say))
    fitted = replace(post, text=text, edits=post.edits if abilities.edits else None)
    if not abilities.buttons:
        fitted = replace(fitted, buttons=())
    if not abilities.files:
        fitted = _without_file(fitted, linked, say)
    return Fitted(replace(fitted, parts=len(_parts(fitted.text, abilities.longest_text, numbered=False))), shown)


def plain_text(marked: str) -> str:
    """Our HTML as the words that it shows."""
    return html.unescape(_TAG.sub("", marked)).strip()


def standing(post: Post) -> tuple[Button, ...]:
    """The buttons of a post that stay good, in their order."""
    return tuple(b for row in post.buttons for b in row if not _SCREEN_BUTTON.fullmatch(b.data))


def _shown(post: Post) -> Shown:
    read = [(_SCREEN_BUTTON.fullmatch(b.data), b.label) for row in post.buttons for b in row]
    choices = tuple((found[1], label) for found, label in read if found)
    return Shown(tuple(plain_text(post.text).split("\n")), choices, post.numbered)


def _whole(shown: Shown, say: Say) -> str:
    return _blocks("\n".join(shown.lines), _listed(shown, say))


def _listed(shown: Shown, say: Say) -> str:
    """The choices of a screen: one a line, and the ways out that every screen has on one line at the end."""
    if not shown.choices:
        return ""
    ways = [(n, label) for n, (id, label) in enumerate(shown.choices, 1) if id.startswith("nav.")]
    first = [(n, label) for n, (id, label) in enumerate(shown.choices, 1) if not id.startswith("nav.")]
    if shown.numbered:
        ending = " · ".join(f"{n}. {label.lstrip('← ')}" for n, label in ways)
        return _lines(say(t("channel.pick")), *(_numbered(n, label) for n, label in first), ending)
    ending = "  ".join(f"• {label.lstrip('← ')}" for _, label in ways)
    return _lines(say(t("channel.pick_words")), *(f"• {label}" for _, label in first), ending)


def _numbered(number: int, label: str) -> str:
    """A line with its number; a label that carries the very number in itself ("✅ 3. …") is not numbered twice."""
    own = _OWN_NUMBER.match(label)
    if own and int(own[2]) == number:
        label = f"{own[1]}{label[own.end() :]}"
    return f"{number}. {label}"


def _coded(post: Post, marks: Mapping[str, str], say: Say) -> str:
    buttons = [b for b in standing(post) if b.data in marks]
    if not buttons:
        return ""
    return _lines(
        say(t("channel.codes", mark=marks[buttons[0].data])), *(f"{marks[b.data]}. {b.label}" for b in buttons)
    )


def _changes(before: Shown, now: Shown, say: Say) -> str | None:
    """What of the screen is new since the one above; None where the whole is clearer."""
    same_choices = [id for id, _ in before.choices] == [id for id, _ in now.choices]
    if before.repeats >= _MOST_REPEATS or before.numbered != now.numbered or not same_choices:
        return None
    lines = _new_lines(before.lines, now.lines)
    pairs = zip(before.choices, now.choices, strict=True)
    changed = [_numbered(n, new[1]) for n, (old, new) in enumerate(pairs, 1) if old != new]
    if lines is None or not (lines or changed) or len(changed) * 2 > len(now.choices):
        return None
    # What stands first is said of the last answer, or names the screen: it is never left out.
    first = _first_lines(now.lines)
    more = lines[len(first) :] if lines[: len(first)] == first else lines
    body = _blocks("\n".join(first), "\n".join(more))
    if not now.numbered or len(now.choices) <= _FEW:
        return _blocks(body, _listed(now, say))
    last = t("channel.as_above" if changed else "channel.as_before", last=len(now.choices))
    return _blocks(body, _lines(*changed, say(last)))


def _first_lines(lines: tuple[str, ...]) -> list[str]:
    return list(lines[: lines.index("")] if "" in lines else lines[:1])[:_MOST_FIRST]


def _new_lines(old: tuple[str, ...], new: tuple[str, ...]) -> list[str] | None:
    """The paragraphs in which a line was not there; None where most is new, or where something is gone.

    Whole paragraphs, because a heading like "41 letters so far:" would be read with the new lines only.
    """
    fresh: set[int] = set()
    for what, begins, ends, at, to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what in {"insert", "replace"}:
            fresh |= set(range(at, to))
        # What stood first was said of the last answer; anything else that is gone has to be seen to be gone.
        if begins > 0 and ends - begins > to - at and any(line.strip() for line in old[begins:ends]):
            return None
    found = [line for place, line in enumerate(new) if line.strip() and fresh & _paragraph(new, place)]
    return found if len(found) * 2 <= sum(bool(line.strip()) for line in new) else None


def _paragraph(lines: tuple[str, ...], place: int) -> set[int]:
    """The places of the lines that stand together with this one."""
    first = next((at + 1 for at in range(place, -1, -1) if not lines[at].strip()), 0)
    end = next((at for at in range(place, len(lines)) if not lines[at].strip()), len(lines))
    return set(range(first, end))


def _without_file(post: Post, linked: Linked | None, say: Say) -> Post:
    if linked is None:
        return replace(post, file=None, file_name=None, picture=False, recipe=None, data=None)
    name = post.file_name or ""
    bare = replace(post, file=None, file_name=None, recipe=None, data=None)
    if post.picture and linked.address is not None:
        return replace(bare, data={"url": linked.address})
    if linked.address is None:
        words = say(t("channel.no_file", name=name))
    else:
        words = say(t("channel.file", name=name, address=linked.address, minutes=linked.minutes))
    return replace(bare, text=_blocks(post.text, words), picture=False)


def _blocks(*texts: str) -> str:
    return "\n\n".join(text for text in texts if text)


def _lines(*texts: str) -> str:
    return "\n".join(text for text in texts if text)


def next_part(post: Post, abilities: Abilities) -> tuple[str, Post | None]:
    """The next message of a post that was put into plain words: its text, and what is still to be said after it.

    A picture (``post.picture`` with ``post.data["url"]``) goes with the last message, the one after which nothing
    is left, and the text is its caption then ("" where the words did not fit beside it).
    """
    parts = _parts(post.text, abilities.longest_text, numbered=(post.parts or 1) > 1)
    total = post.parts or len(parts)
    left = parts[1:]
    text = f"({total - len(left)}/{total})\n{parts[0]}" if total > 1 and parts[0] else parts[0]
    if left:
        # What is left is cut again next time, from its beginning: the same places as in the whole.
        return text, replace(post, text=_after(post.text, abilities.longest_text), parts=total)
    if has_picture(post) and text and length(text) > abilities.longest_caption:
        return text, replace(post, text="", parts=total)
    return text, None


def has_picture(post: Post) -> bool:
    """Whether a picture goes along by its address."""
    return post.picture and post.data is not None and "url" in post.data


def _parts(text: str, most: int, *, numbered: bool) -> list[str]:
    if length(text) <= most and not numbered:
        return [text]
    parts: list[str] = []
    rest = text.strip()
    while rest or not parts:
        part, rest = split_plain(rest, most - _NUMBERING)
        parts.append(part)
    return parts


def _after(text: str, most: int) -> str:
    return split_plain(text, most - _NUMBERING)[1]
