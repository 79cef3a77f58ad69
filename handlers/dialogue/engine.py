"""The one pure function of every dialogue: what somebody said, at this step, means this."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from handlers.dialogue.flow import (
    ASK,
    BACK,
    LEAVE,
    SKIP,
    Flow,
    Option,
    Refusal,
    Screen,
    State,
    Step,
    Takes,
    as_typed,
)
from handlers.dialogue.fold import fold, fold_label, is_visible, tidy
from handlers.dialogue.phrases import Number, Phrase, paragraphs, t
from handlers.dialogue.said import Edited, File, Forwarded, Pressed, Said, Sent, Typed, is_evidence, with_things

# Where words are an answer as they stand, and where they are an answer once they are read.
TEXT_KINDS = frozenset({Takes.LONG_TEXT, Takes.LINE, Takes.LIST, Takes.EVIDENCE})
_READ_KINDS = TEXT_KINDS | {Takes.NUMBER, Takes.DATE}
# Where a typed number means one of the choices; elsewhere it is an answer itself.
NUMBERED = frozenset({Takes.CHOICE, Takes.FILE, Takes.EVIDENCE})
_NUMBER = re.compile(r"(?:(?:chọn|chon)\s+)?(?:(?:số|so)\s*)?([0-9]{1,3})\s*[.)]*", re.IGNORECASE)
_NUMERALS = ("mot", "hai", "ba", "bon", "nam", "sau", "bay", "tam", "chin", "muoi")
_LINE = re.compile(r"([1-9]\d{0,2})[.)]\s+(\S.*)")


@dataclass(frozen=True, slots=True)
class Answer:
    """A step answered: by one of its options, or by a value that its reader made of the words."""

    step: str
    option: str | None = None
    value: object = None


@dataclass(frozen=True, slots=True)
class Moved:
    """The person goes to another step of the same flow without answering (back, skip)."""

    step: str
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class Left:
    """The person leaves the flow; everything written so far is kept."""


@dataclass(frozen=True, slots=True)
class AskedPerson:
    """The person wants a human being."""


@dataclass(frozen=True, slots=True)
class Stale:
    """A button of an older screen, or one that the current screen does not have: nothing is done."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing changes; the sentence says why and what to do."""

    why: Phrase


LabelOf = Callable[[Phrase], str]
Turn = Answer | Moved | Left | AskedPerson | Stale | Refused


def advance(flow: Flow[Any], state: State, said: Said, view: Any, label_of: LabelOf) -> Turn:
    """Say what ``said`` means at the current step. Pure: equal arguments give an equal turn.

    ``label_of`` puts an option's label into the words that the person sees, so that typing it is choosing it.
    Raises KeyError where the flow has no such step: the caller led the conversation to a place that exists.
    """
    step = flow.step(state.step)
    if step is None:
        raise KeyError(f"{flow.name} has no step {state.step}")
    options = all_options(flow, step, view)
    match said:
        case Pressed(serial=serial, option=option):
            if serial != state.serial or option not in {o.id for o in options}:
                return Stale()
            return _chosen(flow, step, option, view)
        case Typed(text=text):
            return _typed(flow, state, step, options, tidy(text), view, label_of)
        case File() | Sent() | Forwarded(sent=File() | Sent()):
            return _sent(step, with_things(said))
        case Edited():
            return Refused(t("engine.wrong.edited"))
        case Forwarded():
            return Refused(t("engine.wrong.forwarded"))
        case _:
            return Stale()


def _sent(step: Step[Any], sent: Sent | File | None) -> Turn:
    """A thing is an answer where the step takes its kind and it can be fetched at all."""
    if (step.takes is Takes.FILE and isinstance(sent, File)) or (
        step.takes is Takes.EVIDENCE and sent is not None and is_evidence(sent)
    ):
        return Answer(step.id, value=sent)
    return Refused(t(f"engine.wrong.{sent.thing}") if isinstance(sent, Sent) else t("engine.wrong.file"))


def _typed(
    flow: Flow[Any],
    state: State,
    step: Step[Any],
    options: tuple[Option, ...],
    text: str,
    view: Any,
    label_of: LabelOf,
) -> Turn:
    if option := choose(text, options, state.shown, label_of, numbers=step.takes in NUMBERED):
        return _chosen(flow, step, option, view)
    takes_words = step.takes in _READ_KINDS
    if not is_visible(text):
        return Refused(t("engine.wrong.empty"))
    if takes_words and len(text) > step.most:
        return Refused(t("engine.wrong.too_long", most=Number(step.most), given=Number(len(text))))
    read = step.read or (as_typed if takes_words else None)
    value = read(text) if read else None
    if isinstance(value, Refusal):
        return Refused(value.why)
    if value is None and step.takes in NUMBERED and (option := _numeral(text, options, state.shown)):
        return _chosen(flow, step, option, view)
    if value is None:
        return Refused(t("engine.wrong.file_asked" if step.takes is Takes.FILE else "engine.wrong.choose"))
    return Answer(step.id, value=value)


def _chosen(flow: Flow[Any], step: Step[Any], option: str, view: Any) -> Turn:
    if option == LEAVE:
        return Left()
    if option == ASK:
        return AskedPerson()
    if option == BACK:
        return Moved(step.back or flow.before(step.id, view) or flow.first)
    if option == SKIP:
        return Moved(flow.after(step.id, view) or flow.first, skipped=True)
    return Answer(step.id, option=option)


def choose(
    text: str, options: tuple[Option, ...], shown: tuple[str, ...], label_of: LabelOf, *, numbers: bool
) -> str | None:
    """Find the option that typed words mean: its number as shown, its label or one of its words, folded.

    Where folding makes several labels equal, only the label as it is written decides.
    """
    known = {option.id for option in options}
    place = number_in(text) if numbers else None
    if place and place <= len(shown) and shown[place - 1] in known:
        return shown[place - 1]
    if numbers and (line := _LINE.fullmatch(text.strip())):
        # A whole line, as it stands where choices are lines: "9. Để sau".
        beside = [o for o in options if o.id in shown[int(line[1]) - 1 : int(line[1])]]
        if beside and fold(line[2]) == fold_label(label_of(beside[0].label)):
            return beside[0].id
    wanted = fold(text)
    if not wanted:
        return None
    found = [o for o in options if wanted in {fold_label(label_of(o.label)), *map(fold_label, o.words)}]
    written = [o for o in found if label_of(o.label).casefold() == tidy(text).casefold()]
    # An and Ân are two people: typed without its marks, the name means neither.
    if not written and sum(fold_label(label_of(o.label)) == wanted for o in found) > 1:
        return None
    return next((o.id for o in (*written, *found)), None)


def _numeral(text: str, options: tuple[Option, ...], shown: tuple[str, ...]) -> str | None:
    """The option whose number is written in letters ("một"): asked last, because people are called Ba and Năm."""
    bare = fold(text).removeprefix("so ")
    place = _NUMERALS.index(bare) if bare in _NUMERALS else len(shown)
    return next((id for id in shown[place : place + 1] if id in {option.id for option in options}), None)


def number_in(text: str) -> int | None:
    """The number that words are: ``2``, ``2.``, ``2)``, ``số 2``; three figures at most."""
    found = _NUMBER.fullmatch(text.strip())
    return int(found[1]) if found else None


def own_choice(flow: Flow[Any], state: State, text: str, view: Any, label_of: LabelOf) -> str | None:
    """The option of the current step that typed words mean; None where they mean none. Pure, like ``advance``."""
    step = flow.step(state.step)
    if step is None:
        return None
    options = all_options(flow, step, view)
    return choose(tidy(text), options, state.shown, label_of, numbers=step.takes in NUMBERED)


def all_options(flow: Flow[Any], step: Step[Any], view: Any) -> tuple[Option, ...]:
    """The step's own options and, after them, the ways out that every step has."""
    ways = []
    if step.back or (flow.linear and flow.before(step.id, view)):
        ways.append(Option(BACK, t("engine.back"), ("quay lai", "back", "lui"), wide=False))
    if step.optional:
        ways.append(Option(SKIP, t("engine.skip"), ("bo qua", "skip"), wide=False))
    if LEAVE in flow.ways:
        ways.append(Option(LEAVE, t("engine.leave"), ("de sau", "thoat", "nghi", "leave", "later"), wide=False))
    if ASK in flow.ways:
        ways.append(Option(ASK, t("engine.ask"), ("hoi nguoi", "ask a person", "ask"), wide=False))
    return (*step.options(view), *ways)


def show(flow: Flow[Any], state: State, view: Any, say: Phrase | None = None) -> tuple[State, Screen]:
    """Build the screen of the current step and the state that remembers what was shown."""
    step = flow.step(state.step)
    if step is None:
        raise KeyError(f"{flow.name} has no step {state.step}")
    options = all_options(flow, step, view)
    body = step.says(view) if say is None else paragraphs(say, step.says(view))
    seen = replace(state, version=flow.version, serial=state.serial + 1, shown=tuple(o.id for o in options))
    return seen, Screen(body, options, numbered=step.takes in NUMBERED)
