"""What typed words mean where nothing can be pressed: codes of standing buttons, their labels, numbers too early.

Only a chat whose messenger lacks buttons was ever given codes, or has what it was shown kept beside its place.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from handlers.dialogue.buttons import read_data
from handlers.dialogue.engine import NUMBERED, number_in
from handlers.dialogue.flow import Step
from handlers.dialogue.fold import fold, fold_label, tidy
from handlers.dialogue.phrases import Phrase, t
from handlers.dialogue.room import Visit
from handlers.dialogue.said import Command, Incoming, Typed
from storage import choices
from storage.choices import TypedChoice
from storage.conversations import Conversation
from storage.transaction import Connection

_CODE = re.compile(r"([A-Za-z])\s*(\d{1,6})\s*[.):]?(?:\s+(\S.{0,119}))?")


def as_pressed(tx: Connection, incoming: Incoming) -> Incoming:
    """The same, as the press of a standing button where the words are a code that this chat was given ("B1").

    The line may be typed or copied with its label. There is no message that could be changed: ``ref`` is None.
    """
    if not isinstance(incoming.said, Typed) or not incoming.private:
        return incoming
    code = _CODE.fullmatch(tidy(incoming.said.text))
    found = choices.find(tx, incoming.address, _mark(code)) if code else None
    if code is None or found is None or (code[3] and fold(code[3]) != fold(found.label)):
        return incoming
    command = _command(found)
    return replace(incoming, said=command, ref=None) if command else incoming


def too_early(visit: Visit, incoming: Incoming, kept: Conversation | None, step: Step[Any] | None) -> Phrase | None:
    """Why a bare number answers nothing: it was sent before the choices that it would be counted in had arrived."""
    if kept is None or kept.shown is None or step is None or step.takes not in NUMBERED:
        return None
    number = number_in(incoming.said.text) if isinstance(incoming.said, Typed) else None
    if number is None:
        return None
    arrived = kept.screen_serial is not None and kept.screen_serial >= visit.state.serial
    if arrived and not (incoming.sent_at and kept.shown_at and incoming.sent_at < kept.shown_at):
        return None
    return t("channel.early", number=number)


def labelled(tx: Connection, visit: Visit, text: str) -> Command | Phrase | None:
    """What words mean that the step did not understand: a standing button by its label, or why by none."""
    wanted = fold(text)
    same = [c for c in choices.recent(tx, visit.address, visit.now) if c.label and fold_label(c.label) == wanted]
    if wanted and len(same) == 1:
        return _command(same[0])
    if wanted and same:
        return t("channel.which", marks=", ".join(choice.mark for choice in same))
    code = _CODE.fullmatch(tidy(text))
    if code and not code[3] and choices.any_given(tx, visit.address):
        return t("channel.unknown_code", mark=_mark(code))
    return None


def _mark(code: re.Match[str]) -> str:
    return f"{code[1].upper()}{int(code[2])}"


def _command(choice: TypedChoice) -> Command | None:
    said = read_data(choice.data)
    return said if isinstance(said, Command) else None
