"""Every sentence a person can read: one catalogue a language, a file a room, and the writing of figures."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from importlib import resources
from typing import assert_never
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup, escape

from handlers.dialogue.phrases import (
    Lines,
    Number,
    Param,
    Percent,
    Phrase,
    Plain,
    Points,
    Strong,
    Text,
    Weekday,
)

LANGUAGES = ("vi", "en")
_LOCALES = {"vi": "vi_VN", "en": "en_GB"}


class Catalogue:
    """The sentences of one language; ``write`` turns a phrase into HTML with what people typed escaped."""

    def __init__(self, language: str, zone: ZoneInfo) -> None:
        self.language = language
        self._locale = _LOCALES[language]
        self._zone = zone
        self._sentences = sentences(language)
        self._labels: dict[str, str] = {}

    def write(self, phrase: Phrase) -> Markup:
        """The phrase in this language; raises KeyError for an id that the catalogue does not have."""
        match phrase:
            case Text(id=id, params=params):
                # Every parameter is escaped already; Markup.format would look into all of them once more.
                return Markup(self._sentences[id].format(**{name: self._param(p) for name, p in params}))  # noqa: S704
            case Plain(words=words):
                return escape(words)
            case Strong(inner=inner):
                return Markup(f"<b>{self.write(inner)}</b>")  # noqa: S704
            case Lines(parts=parts, gap=gap):
                return Markup(gap.join([self.write(part) for part in parts]))  # noqa: S704
        assert_never(phrase)

    def bare(self, phrase: Phrase) -> str:
        """The phrase without markup, for a button's label or a spreadsheet's cell."""
        if not isinstance(phrase, Text) or phrase.params:
            return self._bare(phrase)
        if phrase.id not in self._labels:  # most labels never change, and every screen needs a handful
            self._labels[phrase.id] = self._bare(phrase)
        return self._labels[phrase.id]

    def _bare(self, phrase: Phrase) -> str:
        return "\n".join(Markup(line).striptags() for line in str(self.write(phrase)).split("\n"))  # noqa: S704

    def _param(self, param: Param) -> Markup:
        match param:
            case Number(value=value):
                return escape(_figure(value, self._locale))
            case Points(tenths=tenths):
                return escape(format_decimal(Decimal(tenths) / 10, format="0.#", locale=self._locale))
            case Percent(share=share):
                return escape(self._percent(share.numerator, share.denominator))
            case Weekday(day=day):
                return escape(format_date(day, "EEEE, dd/MM/yyyy", locale=self._locale))
            case datetime():
                return escape(param.astimezone(self._zone).strftime("%H:%M %d/%m/%Y"))
            case date():
                return escape(param.strftime("%d/%m/%Y"))
            case str() | int():
                return escape(str(param))
        return self.write(param)

    def _percent(self, part: int, whole: int) -> str:
        # Half up in integers first: a float could fall on the wrong side of an exact half.
        tenths = (part * 2000 + whole) // (whole * 2)
        return format_percent(Decimal(tenths) / 1000, format="0.0%", locale=self._locale)


@lru_cache(maxsize=1024)
def _figure(value: int, locale: str) -> str:
    """Limits and page numbers come back with every screen."""
    return format_decimal(value, locale=locale)


@lru_cache
def sentences(language: str) -> dict[str, str]:
    """Every sentence of a language by id, read once from the room's files; an id may stand in one file only."""
    found: dict[str, str] = {}
    for file in sorted((resources.files(__name__) / language).iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".po"):
            continue
        with file.open("rb") as stream:
            for message in read_po(stream):
                if not message.id:
                    continue
                key = str(message.id)
                if key in found:
                    raise ValueError(f"{language}/{file.name}: {key} stands twice")
                found[key] = str(message.string)
    return found


@lru_cache
def catalogue(language: str, zone: ZoneInfo) -> Catalogue:
    """The catalogue of a language, Vietnamese where the language is unknown."""
    return Catalogue(language if language in LANGUAGES else "vi", zone)
