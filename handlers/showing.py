"""What the desk shows to whoever speaks: the screen, a card that was pressed, the chat's command menu, as posts."""

from __future__ import annotations

from datetime import datetime

from handlers.dialogue.buttons import screen_data, standing_data
from handlers.dialogue.flow import Option, Screen, State
from handlers.dialogue.phrases import Phrase, t
from handlers.dialogue.room import House, Standing, Visit
from handlers.posting import words_of
from handlers.texts import Catalogue
from storage import outbox
from storage.records import Address, Button, Post
from storage.transaction import Connection

_NARROW_IN_A_ROW = 3


def show_screen(tx: Connection, visit: Visit, state: State, screen: Screen, edits: str | None) -> None:
    """Post the screen, in place of the message ``edits`` where there is one."""
    words = words_of(visit.language, visit.house)
    outbox.put(
        tx,
        Post(
            address=visit.address,
            text=str(words.write(screen.body)),
            buttons=_rows(screen.options, state.serial, words),
            edits=edits,
            screen=state.serial,
            numbered=screen.numbered,
            member_id=visit.person.member.id if visit.person else None,
        ),
        visit.now,
    )


def _rows(options: tuple[Option, ...], serial: int, words: Catalogue) -> tuple[tuple[Button, ...], ...]:
    """A wide option has a row of its own; narrow ones that follow each other share one, three at most."""
    rows: list[list[Button]] = []
    narrow_before = False
    for option in options:
        button = Button(words.bare(option.label), screen_data(serial, option.id))
        if narrow_before and not option.wide and len(rows[-1]) < _NARROW_IN_A_ROW:
            rows[-1].append(button)
        else:
            rows.append([button])
        narrow_before = not option.wide
    return tuple(map(tuple, rows))


def show_card(tx: Connection, visit: Visit, card: Phrase, standing: tuple[Standing, ...]) -> None:
    """Replace the message whose standing button was pressed."""
    words = words_of(visit.language, visit.house)
    buttons = tuple((Button(words.bare(s.label), standing_data(s.command, s.args)),) for s in standing)
    outbox.put(tx, Post(visit.address, str(words.write(card)), buttons, edits=visit.ref), visit.now)


def set_menu(
    tx: Connection,
    address: Address,
    language: str,
    names: tuple[str, ...],
    house: House,
    known: str | None,
    now: datetime,
) -> str:
    """Give the chat this command menu where it has another one (``known``); returns what it has now."""
    wanted = f"{language}:{','.join(names)}"[:120]
    if wanted != known:
        words = words_of(language, house)
        menu = tuple((name, words.bare(t(f"command.{name}"))) for name in names)
        outbox.put(tx, Post(address, "", menu=menu), now)
    return wanted
