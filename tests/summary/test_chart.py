"""The picture: real PNG bytes, wide enough, the same every time, whatever the names and numbers are."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from PIL import Image

from handlers.dialogue.phrases import Phrase
from handlers.summary import drawing
from handlers.summary.chart import _ALARM_INK, _COLOURS, Bar, Panel, Part, Picture, Tone, _lengths, draw
from handlers.summary.paper import INNER, Paper
from handlers.summary.recipes import CHART, RECIPES, picture_to_send
from handlers.summary.report import Counts
from handlers.summary.rules import Figures, figures_of
from handlers.texts import catalogue
from storage.records import CellId, ChecklistItem, ItemId, ItemState, Mark, RosterLine
from tests.summary.build import CYCLE, HANOI, graded, look, member

NOW = datetime(2026, 12, 22, 2, 0, tzinfo=UTC)


def words(phrase: Phrase) -> str:
    return catalogue("vi", HANOI).bare(phrase)


def figures(excellent: int, good: int, items: int = 7) -> Figures:
    listed = [ChecklistItem(ItemId(n), CellId(1), 2026, n, f"Việc số {n}") for n in range(1, items + 1)]
    lines = graded(excellent, good)
    marks = [Mark(ItemId(1), line.member.id, ItemState.DONE) for line in lines[::2]]
    return figures_of(look(lines, items=listed, marks=marks))


def plan(cell: str, counted: Figures) -> Picture:
    return drawing.plan(Counts(cell, CYCLE, counted, NOW), words)


@pytest.mark.parametrize("sizes", [(0, 0), (1, 2), (2, 6), (9, 32), (30, 120), (400, 1600)])
def test_a_picture_for_cells_of_every_size(sizes: tuple[int, int]) -> None:
    picture = plan("Chi bộ Một", figures(*sizes))
    image = Image.open(io.BytesIO(draw(picture)))
    assert image.format == "PNG"
    assert image.width == 1080
    assert 400 < image.height < 2400
    colours = image.convert("RGB").getcolors(1 << 24)
    assert colours is not None
    assert len(colours) > 20, "something is drawn"


def test_the_same_picture_has_the_same_bytes_also_after_a_rest_as_data() -> None:
    picture = plan("Chi bộ Một", figures(2, 6))
    kept = json.loads(json.dumps(picture_to_send("a.png", picture).data))
    assert draw(picture) == RECIPES[CHART](kept)


@pytest.mark.parametrize(
    "cell",
    [
        "Chi bộ $1$ <b>& \\frac{1}{2}",
        "Chi bộ 🎉 漢字 \n\t",
        "Chi bộ " + "Phòng Quản lý đào tạo và Nghiên cứu khoa học " * 4,
        "Chi_bộ^hai" * 20,
        "",
    ],
)
def test_any_name_can_be_drawn(cell: str) -> None:
    image = Image.open(io.BytesIO(draw(plan(cell, figures(1, 2)))))
    assert image.width == 1080


def test_nobody_has_reviewed() -> None:
    picture = plan("Chi bộ Một", figures_of(look([RosterLine(member(1))])))
    assert [panel.empty for panel in picture.panels if panel.empty]
    assert not any("%" in bar.end for panel in picture.panels for bar in panel.bars)


def test_what_is_printed_on_the_bars() -> None:
    picture = plan("Chi bộ Một", figures(9, 32))
    reviews, grades, points = picture.panels
    assert reviews.heading == "Đã kiểm điểm: 41/41 đồng chí"
    assert [(bar.label, bar.end) for bar in grades.bars] == [
        ("Xuất sắc", "9 · 22,0%"),
        ("Tốt", "32 · 78,0%"),
        ("Hoàn thành", "0 · 0,0%"),
        ("Không hoàn thành", "0 · 0,0%"),
    ]
    assert points.bars[0].end == "21/41"
    assert sum(part.value for part in points.bars[0].parts) == points.bars[0].whole == 41


def test_a_bar_is_never_longer_than_the_picture_and_no_number_is_squeezed_out() -> None:
    sheet = Paper()
    parts = tuple(Part(value, Tone.PALE) for value in (1, 9_999, 1, 1))
    lengths = list(_lengths(sheet, Bar("", parts, 10_002), INNER, numbers=True))
    assert sum(length for _, _, length in lengths) <= INNER + 0.01
    for part, _, length in lengths:
        assert length >= sheet.width_of(str(part.value), 30, bold=True)


def test_words_are_wrapped_inside_the_margins() -> None:
    sheet = Paper()
    words_ = "Kiểm tra, giám sát; tự phê bình và phê bình theo kế hoạch năm 2026 của cấp ủy"
    for line in sheet._wrapped(words_, 30, 400, bold=False):
        assert sheet.width_of(line, 30) <= 400


def test_a_panel_without_bars_or_words() -> None:
    empty = Picture("", "", (Panel("", ()),))
    assert draw(replace(empty, title="Chi bộ")).startswith(b"\x89PNG")


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_numbers_can_be_read_on_every_colour() -> None:
    assert all(contrast(fill, ink) >= 4.5 for fill, ink in _COLOURS.values())
    assert contrast(_ALARM_INK, "#FFFFFF") >= 4.5


def test_colours_of_one_bar_differ_in_grey_too() -> None:
    for panel in plan("Chi bộ Một", figures(2, 6)).panels:
        shades = sorted(luminance(_COLOURS[tone][0]) for tone, _ in panel.legend)
        assert all(darker * 1.25 < lighter for darker, lighter in pairwise(shades))
