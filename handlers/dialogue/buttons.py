"""The data behind a button: short, versioned, never trusted."""

from __future__ import annotations

import re

from handlers.dialogue.said import Command, Forged, Pressed

_SCREEN = re.compile(r"1:(\d{1,9}):([A-Za-z0-9_.\-]{1,48})", re.ASCII)
_STANDING = re.compile(r"1!([a-z_]{1,24}):([A-Za-z0-9_.\-:]{0,36})", re.ASCII)
_LONGEST_NUMBER = 18


def screen_data(serial: int, option: str) -> str:
    """Data of a button that is good for one screen only; at most 64 bytes."""
    return _checked(f"1:{serial}:{option}", _SCREEN)


def standing_data(command: str, args: str = "") -> str:
    """Data of a button that stays good (a reminder's, an approval's): a command with its arguments."""
    return _checked(f"1!{command}:{args}", _STANDING)


def read_data(data: str) -> Pressed | Command | Forged:
    """Read what a press brought; anything that this version did not write is ``Forged``."""
    if screen := _SCREEN.fullmatch(data):
        return Pressed(int(screen[1]), screen[2])
    if standing := _STANDING.fullmatch(data):
        return Command(standing[1], standing[2], standing=True)
    return Forged()


def read_number(args: str) -> int | None:
    """The number of a row that a command names; None for anything else, and for more than a database holds."""
    return int(args) if args.isascii() and args.isdigit() and len(args) <= _LONGEST_NUMBER else None


def _checked(data: str, shape: re.Pattern[str]) -> str:
    if not shape.fullmatch(data) or len(data) > 64:
        raise ValueError(f"button data out of shape: {data!r}")
    return data
