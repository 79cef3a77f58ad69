from pathlib import Path

import pytest

from bot.app import make_rooms
from tests.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path, make_rooms()[1:])
