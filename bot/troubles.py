"""What is wrong with the database or a folder, as one line for the person who runs the bot, and what to do."""

from __future__ import annotations

from storage.database import DatabaseTrouble
from storage.lock import file_of

_SENTENCES = {
    "owned": "{file} is in use by a bot that is running ({detail}). Only one program may write to it: stop that one"
    " first, or choose another file",
    "locked": "{file} is locked by another program, perhaps one that shows databases. Close it and start again",
    "newer": "{file} was written by a newer version of this bot ({detail}). Install that version, or restore an"
    " older backup: python -m bot restore FILE",
    "read_only": "{file} cannot be written to ({detail}). Give the bot's user the right to write to the file and"
    " to its folder",
    "folder": "{file} is a folder, not a file. Name a file in it, for example {file}/chibo.db",
    "full": "there is no room left for {file}, or its disk fails ({detail}). Make room, then start again",
    "damaged": "{file} is damaged ({detail}). It was left as it is; put the newest backup in its place:"
    " python -m bot restore FILE",
    "foreign": "{file} is a database, but not one of this bot ({detail}). Name another file",
    "missing": "{file} cannot be opened ({detail}). See whether its folder is there and may be entered",
    "unreachable": "the database server does not answer ({detail}). See whether it runs and the address is right",
}


def in_words(trouble: DatabaseTrouble, where: str) -> str:
    """One line on what is wrong with ``where`` (a file's name), in plain words, with what to do."""
    sentence = _SENTENCES.get(trouble.kind, "{file} cannot be used ({detail})")
    return " ".join(sentence.format(file=where, detail=trouble.detail or trouble.kind).split())


def of_setting(trouble: DatabaseTrouble, url: str) -> str:
    """The same, beginning with the setting that names the database; no password of a server is in it."""
    return f"DATABASE_URL: {in_words(trouble, str(file_of(url) or 'the database'))}"
