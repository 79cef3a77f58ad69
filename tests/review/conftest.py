"""A scene for every test of this room."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.review.scene import Scene


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An upgraded database file without a row: copying it is faster than upgrading every time."""
    folder = tmp_path_factory.mktemp("empty")
    Scene(folder).close()
    return folder / "stage.db"


@pytest.fixture
def scene(tmp_path: Path, empty_database: Path) -> Iterator[Scene]:
    """A fresh database with the review's room."""
    shutil.copy(empty_database, tmp_path)
    made = Scene(tmp_path)
    yield made
    made.close()
