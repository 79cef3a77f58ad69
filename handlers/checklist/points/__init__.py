"""The list that a cell starts from, read from the data file beside this module."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class DefaultList:
    """A ready list: ``labels`` in order (point 1 first), the year it was set for, and where it comes from."""

    year: int
    source: str
    labels: tuple[str, ...]


@cache
def default_list() -> DefaultList:
    """The list offered to a cell that has none; raises ``ValueError`` if the data file is out of order."""
    raw = tomllib.loads((resources.files(__package__) / "default.toml").read_text(encoding="utf-8"))
    numbers = [point["number"] for point in raw["points"]]
    if numbers != list(range(1, len(numbers) + 1)):
        raise ValueError(f"points out of order: {numbers}")
    return DefaultList(raw["year"], raw["source"], tuple(point["label"] for point in raw["points"]))
