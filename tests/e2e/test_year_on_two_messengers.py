"""One cell's year on Telegram, and again half of it on Zalo: the same figures, over HTTP."""

from pathlib import Path

import pytest

from docs.examples.year_on_two_messengers import figures

pytestmark = pytest.mark.process


async def test_the_messenger_changes_no_figure(tmp_path: Path) -> None:
    found = await figures(tmp_path)
    assert len(found) >= 12
    assert [figure.line for figure in found if not figure.right] == []
