"""The scene of this room, on a messenger with buttons and on one with words only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.assisting.scene import Scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path)
    yield made
    made.close()


@pytest.fixture(params=[(), ("telegram",)], ids=["buttons", "plain words"])
def both(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Scene]:
    made = Scene(tmp_path, plain=frozenset(request.param))
    yield made
    made.close()
