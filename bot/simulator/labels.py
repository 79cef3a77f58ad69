"""The page's words, read from the text catalogue beside the program by path."""

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

CATALOGUE = Path(__file__).parents[2] / "handlers" / "texts"
LANGUAGES = ("vi", "en")


@cache
def labels(language: str) -> dict[str, str]:
    """Text id to sentence; Vietnamese for any language that is not kept."""
    chosen = language if language in LANGUAGES else LANGUAGES[0]
    with (CATALOGUE / chosen / "simulator.po").open("rb") as file:
        catalogue = read_po(file)
    return {str(entry.id): str(entry.string) for entry in catalogue if entry.id}
