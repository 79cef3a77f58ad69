"""One picture of a cell's figures, to be read at arm's length on a phone: bars with their numbers printed on them.

The words come in ready, in the reader's language. Same picture in, same bytes out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from handlers.summary.paper import INK, INNER, MARGIN, QUIET, WIDTH, Paper

_LEAST_BESIDE = 260


class Tone(StrEnum):
    """What a part of a bar means to the eye; the colours tell apart for colour-blind readers and in grey."""

    STRONG = "strong"
    LIGHT = "light"
    MIDDLE = "middle"
    ALARM = "alarm"
    PALE = "pale"


# Fill and letters, after Okabe and Ito; the lightness differs as well as the hue.
_COLOURS: dict[Tone, tuple[str, str]] = {
    Tone.STRONG: ("#0072B2", "#FFFFFF"),
    Tone.LIGHT: ("#8CCBF0", "#000000"),
    Tone.MIDDLE: ("#E8BE00", "#000000"),
    Tone.ALARM: ("#F0803C", "#000000"),
    Tone.PALE: ("#E4E4E4", "#000000"),
}
# The alarm's fill is too light for letters on white.
_ALARM_INK = "#A84300"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a bar: how many, and what it means."""

    value: int
    tone: Tone


@dataclass(frozen=True, slots=True)
class Bar:
    """One line: its label, its parts, the number the whole width stands for, and what is printed at its end."""

    label: str
    parts: tuple[Part, ...]
    whole: int
    end: str = ""
    alarm: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """A block of bars under a heading; ``beside`` puts short labels left of the bars instead of above them.

    ``legend`` names the tones; ``empty`` stands where there is nothing to draw.
    """

    heading: str
    bars: tuple[Bar, ...]
    legend: tuple[tuple[Tone, str], ...] = ()
    beside: bool = False
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """All that is to be drawn, from top to bottom."""

    title: str
    subtitle: str
    panels: tuple[Panel, ...]


def draw(picture: Picture) -> bytes:
    """Draw the picture as PNG, 1080 pixels wide and as high as it needs; no letter is smaller than 28 pixels."""
    sheet = Paper()
    sheet.words(picture.title, 46, bold=True)
    sheet.words(picture.subtitle, 30, colour=QUIET)
    for panel in picture.panels:
        _panel(sheet, panel)
    sheet.down(20)
    return sheet.png()


def _panel(sheet: Paper, panel: Panel) -> None:
    sheet.rule()
    sheet.words(panel.heading, 36, bold=True)
    sheet.down(6)
    if panel.empty and not panel.bars:
        sheet.words(panel.empty, 30, colour=QUIET)
    left = max((sheet.width_of(bar.label, 30) for bar in panel.bars), default=0) + 28
    right = max((sheet.width_of(bar.end, 32, bold=True) for bar in panel.bars), default=0) + 28
    beside = panel.beside and INNER - left - right >= _LEAST_BESIDE
    for bar in panel.bars:
        if beside:
            _bar_beside(sheet, bar, left, right)
        else:
            _bar_below(sheet, bar)
    if panel.legend:
        _legend(sheet, panel.legend)


def _bar_below(sheet: Paper, bar: Bar) -> None:
    end = sheet.width_of(bar.end, 32, bold=True) if bar.end else 0
    if bar.label or bar.end:
        sheet.down(8)
        if bar.end:
            colour = _ALARM_INK if bar.alarm else INK
            sheet.put(bar.end, WIDTH - MARGIN - end, 32, bold=True, colour=colour)
        if bar.label:
            sheet.words(bar.label, 30, width=INNER - end - 24)
        else:
            sheet.down(40)
        sheet.down(4)
    _stretch(sheet, bar, MARGIN, INNER, 46)
    sheet.down(46 + 16)


def _bar_beside(sheet: Paper, bar: Bar, left: float, right: float) -> None:
    sheet.down(8)
    sheet.put(bar.label, MARGIN, 30, middle=56)
    sheet.put(bar.end, WIDTH - MARGIN - right + 28, 32, bold=True, middle=56)
    _stretch(sheet, bar, MARGIN + left, INNER - left - right, 56, numbers=False)
    sheet.down(56 + 14)


def _stretch(sheet: Paper, bar: Bar, left: float, width: float, height: float, *, numbers: bool = True) -> None:
    sheet.box(left, width, height, "#F4F4F4")
    for part, start, length in _lengths(sheet, bar, width, numbers=numbers):
        fill, ink = _COLOURS[part.tone]
        sheet.box(left + start, length, height, fill)
        if numbers:
            sheet.put(str(part.value), left + start, 30, bold=True, colour=ink, middle=height, centred=length)


def _lengths(sheet: Paper, bar: Bar, width: float, *, numbers: bool) -> Iterator[tuple[Part, float, float]]:
    """Where each part starts and how long it is: to scale, but never too short for its number."""
    parts = [part for part in bar.parts if part.value > 0]
    if not parts or bar.whole <= 0:
        return
    least = [sheet.width_of(str(p.value), 30, bold=True) + 12 if numbers else 6.0 for p in parts]
    lengths = [max(width * p.value / bar.whole, small) for p, small in zip(parts, least, strict=True)]
    surplus = sum(lengths) - width
    if surplus > 0:
        spare = [length - small for length, small in zip(lengths, least, strict=True)]
        room = sum(spare) or 1.0
        lengths = [length - surplus * s / room for length, s in zip(lengths, spare, strict=True)]
    start = 0.0
    for part, length in zip(parts, lengths, strict=True):
        yield part, start, length
        start += length


def _legend(sheet: Paper, legend: tuple[tuple[Tone, str], ...]) -> None:
    x, step = float(MARGIN), 44
    for tone, name in legend:
        length = 30 + 10 + sheet.width_of(name, 28) + 34
        if x > MARGIN and x + length - 34 > WIDTH - MARGIN:
            sheet.down(step)
            x = MARGIN
        sheet.box(x, 30, 30, _COLOURS[tone][0], edge=True)
        sheet.put(name, x + 40, 28, middle=30)
        x += length
    sheet.down(step)
