"""A start that does no more than it has to: no search for garbage where nothing dies, no library for colours."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def lean_start() -> Iterator[None]:
    """Import a large part of the program inside of this.

    What is imported stays for good. To look for garbage in it takes a fifth of the start, and again a tenth of a
    second at every full collection later, in which nobody is answered: it is left out of both.
    """
    modules: dict[str, Any] = sys.modules
    # typer needs rich for its help; structlog and httpx load all of it as soon as it is there, and we draw nothing.
    # None says to Python that it is not installed.
    hidden = "rich" not in modules
    if hidden:
        modules["rich"] = None
    gc.disable()
    try:
        yield
    finally:
        if hidden:
            del modules["rich"]
        gc.freeze()
        gc.enable()
