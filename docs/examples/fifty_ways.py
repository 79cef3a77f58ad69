"""What the fifty do on their phones: fill a form, keep a year's notes, ask for help, give a form back."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.playing import choose, screen_on, spoken
from bot.simulator.driver import Phone, PhoneError, Seen, buttons_of
from docs.examples.either import AnyPhone
from docs.examples.fifty_people import CRITERIA, Part, notes_of, tasks_of
from handlers.review import forms

_QUESTION = re.compile(r"Câu (\d+)/\d+\.")
_MOST_TURNS = 150
_WAYS_ON = ("submit", "begin", "walk", "continue", "fill")
RETURNED_PART, RETURNED_QUESTION = "p1", "duties"


async def fill(
    phone: AnyPhone, form: str, said: Mapping[str, tuple[str, ...]], *, opens: bool = True, most_turns: int = 0
) -> None:
    """Answer the open form question by question, and submit; with ``most_turns`` stop half way.

    A question without words is left open where it may be; ``opens`` False: the form is on the screen already.
    """
    questions = forms.form(form).questions
    left = {key: list(words) for key, words in said.items()}
    key = ""
    if opens:
        await phone.says(spoken(phone, "/review", "kiem diem"))
    for _ in range(most_turns or _MOST_TURNS):
        screen = await screen_on(phone)
        if {"yes", "no"} <= screen.ways.keys():
            await choose(phone, screen, "yes")
            return
        found = _QUESTION.search(screen.words)
        key = questions[int(found[1]) - 1].key if found else key
        words = left.get(key)
        way = next((way for way in _WAYS_ON if way in screen.ways), None)
        if way is None and words:
            wanted = words.pop(0)
            if not wanted.startswith("!"):
                await phone.says(wanted)
                continue
            way = wanted[1:]
        way = way or next((way for way in ("next", "none") if way in screen.ways), None)
        if way is None or way not in screen.ways:
            raise PhoneError(f"{phone.name}: {way!r} at {key!r} of {form}: {screen.words}")
        await choose(phone, screen, way)
    if not most_turns:
        raise PhoneError(f"{phone.name}: the form does not end")


async def set_criteria(secretary: Phone) -> None:
    """The committee's own criteria for the general points of 2B."""
    await secretary.says("/criteria")
    await secretary.presses(await _label(secretary, "02B: Nhóm tiêu chí chung"))
    await secretary.says("\n".join(CRITERIA))
    await secretary.says("/menu")


async def ask_to_help(secretary: Phone, name: str, helper: str) -> None:
    """Have one member type for another."""
    await secretary.says("/assist")
    await secretary.presses("new")
    for wanted in (name, helper):
        await secretary.says(wanted)
        await secretary.presses(await _label(secretary, wanted))


async def give_back(secretary: Phone, name: str) -> None:
    """Return one question of a submitted form, or open it again after the deadline, with a reason."""
    await secretary.says("/reviews")
    while not any(label.startswith(name) for label, _ in buttons_of(await secretary.screen())):
        await secretary.presses("more")
    await secretary.presses(await _label(secretary, name))
    for option in ("return", RETURNED_PART, "done"):
        await secretary.presses(option)
    await secretary.says("Xin ghi rõ minh chứng.")
    await secretary.presses((await _days(secretary))[-1])
    await secretary.presses("yes")


async def keep_a_year(phone: Phone, part: Part) -> None:
    """Two notes, one of them tied to the first point of the list; tasks and how they ended."""
    for place, note in enumerate(notes_of(part)):
        await phone.says(f"/note {note}")
        await phone.presses("none" if place else await _label(phone, "1. "))
    tasks = tasks_of(part)
    await phone.says("/tasks")
    await phone.says("\n".join(tasks))
    for task, ended in tasks.items():
        await phone.presses(await _label(phone, task.split(" – ")[0], anywhere=True))
        await phone.presses(ended)


async def promise(phone: Phone) -> None:
    """Give a day to each shortcoming that was admitted."""
    await phone.presses("promises")
    while days := await _days(phone):
        await phone.presses(days[0])


async def _days(phone: Phone) -> list[str]:
    """The days that a screen offers, by their option ids."""
    options = [data.rsplit(":", 1)[-1] for _, data in buttons_of((await screen_on(phone)).message)]
    return [option for option in options if re.fullmatch(r"d[\d-]{8,10}", option)]


async def _label(phone: Phone, words: str, *, anywhere: bool = False) -> str:
    """The label of the screen's button that begins with these words."""
    screen: Seen = (await screen_on(phone)).message
    for label, _ in buttons_of(screen):
        if label.startswith(words) or (anywhere and words in label):
            return label
    raise PhoneError(f"{phone.name}: nothing to choose with {words!r} among {buttons_of(screen)}")
