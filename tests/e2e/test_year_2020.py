"""The year 2020 of two real schools, played over HTTP by 44 phones: the published figures come out."""

from pathlib import Path

import pytest

from docs.examples.installation import Figure
from docs.examples.year_2020 import bac_kan, vinh_phuc

pytestmark = pytest.mark.process


def wrong(figures: list[Figure]) -> list[Figure]:
    return [figure for figure in figures if not figure.right]


async def test_forty_one_members_of_five_cells(tmp_path: Path) -> None:
    figures = await vinh_phuc(tmp_path)
    assert len(figures) >= 12
    assert wrong(figures) == []


async def test_the_seven_points_of_one_cell(tmp_path: Path) -> None:
    assert wrong(await bac_kan(tmp_path)) == []
