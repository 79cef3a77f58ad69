"""Which column of a roster holds what: headings recognised by folded names, in any order."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from handlers.dialogue.fold import fold, tidy
from handlers.organisation.sheet import Raw, text_of
from storage.records import FormKind, Role, Status

_IN_BRACKETS = re.compile(r"[(\[].*?[)\]]", re.DOTALL)


class RosterField(StrEnum):
    """A column that the program knows; the names people give it are in roster.toml."""

    FULL_NAME = "full_name"
    FAMILY_NAME = "family_name"
    GIVEN_NAME = "given_name"
    PARTY_NUMBER = "party_number"
    BORN_ON = "born_on"
    ADMITTED_ON = "admitted_on"
    OFFICIAL_ON = "official_on"
    POSITION = "position"
    FORM = "form"
    STATUS = "status"
    PHONE = "phone"
    CELL = "cell"
    ROLE = "role"
    AWAY_FROM = "away_from"
    AWAY_TO = "away_to"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of roster.toml, looked up by their folded form."""

    titles: Mapping[RosterField, str]
    columns: Mapping[str, tuple[RosterField, int]]
    unremarkable: frozenset[str]
    letters: Mapping[int, Mapping[str, FormKind]]
    forms: Mapping[str, FormKind]
    statuses: Mapping[str, Status]
    away: frozenset[str]
    roles: Mapping[str, Role]
    shown: Mapping[Status | Role, str]


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each known column stands, what its heading says, and the headings nobody needs."""

    place: Mapping[RosterField, int]
    heading: Mapping[RosterField, str]
    ignored: tuple[str, ...]

    def title(self, field: RosterField) -> str:
        """The heading as the file has it, so that the person finds the column again."""
        return self.heading.get(field) or vocabulary().titles[field]

    @property
    def is_table(self) -> bool:
        """Whether this row can be the heading row: a name and at least one more column that we know."""
        named = RosterField.FULL_NAME in self.place or (
            RosterField.FAMILY_NAME in self.place and RosterField.GIVEN_NAME in self.place
        )
        return named and len(self.place) >= 2


@cache
def vocabulary() -> Vocabulary:
    """Read roster.toml once; raises KeyError or ValueError when the data file itself is wrong."""
    data = tomllib.loads(files(__package__).joinpath("roster.toml").read_text("utf-8"))
    columns: dict[str, tuple[RosterField, int]] = {}
    for key, column in data["columns"].items():
        for rank, name in enumerate([fold(column["title"]), *column["names"]]):
            columns.setdefault(name, (RosterField(key), rank))
    return Vocabulary(
        titles={RosterField(key): column["title"] for key, column in data["columns"].items()},
        columns=columns,
        unremarkable=frozenset(data["unremarkable"]["names"]),
        letters={
            int(year): {letter: FormKind(kind) for letter, kind in letters.items()}
            for year, letters in data["forms"].items()
        },
        forms=_reversed(data["form_words"], FormKind),
        statuses=_reversed(data["status_words"], Status),
        away=frozenset(data["away_words"]["names"]),
        roles=_reversed(data["role_words"], Role),
        shown={Status(key): word for key, word in data["shown"]["status"].items()}
        | {Role(key): word for key, word in data["shown"]["role"].items()},
    )


def _reversed(table: Mapping[str, Sequence[str]], kind: Any) -> Any:
    return {word: kind(key) for key, words in table.items() for word in words}


def heading_of(raw: Raw) -> str:
    """A heading without what stands in brackets, stars and line breaks, folded."""
    return fold(_IN_BRACKETS.sub(" ", text_of(raw)))


def recognise(row: Sequence[Raw]) -> Columns:
    """Match a row's cells with the known columns.

    Where two headings name the same column (a member number and a card number), the one that stands first in
    roster.toml is taken, and the other one is named among the ignored.
    """
    known = vocabulary()
    place: dict[RosterField, int] = {}
    rank: dict[RosterField, int] = {}
    for index, raw in enumerate(row):
        if (hit := known.columns.get(heading_of(raw))) is None:
            continue
        field, precedence = hit
        if field not in place or precedence < rank[field]:
            place[field], rank[field] = index, precedence
    taken = set(place.values())
    ignored = tuple(
        " ".join(tidy(text_of(raw)).split())
        for index, raw in enumerate(row)
        if index not in taken and (word := heading_of(raw)) and word not in known.unremarkable
    )
    heading = {field: " ".join(tidy(text_of(row[index])).split()) for field, index in place.items()}
    return Columns(place, heading, ignored)


def letter_of(kind: FormKind) -> str:
    """The letter that the newest forms print for this kind of person: ``2B``."""
    letters = vocabulary().letters
    newest = letters[max(letters)]
    return next(letter.upper() for letter, meant in newest.items() if meant is kind)


def kind_of(letter: str, year: int) -> FormKind | None:
    """Which kind of person fills the form of that letter in that year's set (newest table not after it)."""
    known = vocabulary().letters
    tables = [table for since, table in sorted(known.items()) if since <= year]
    return tables[-1].get(fold(letter)) if tables else None
