"""``check-forms``: whether the forms of each year are complete and can be printed; needs no settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from handlers.papers.checking import check_folder
from handlers.review.forms import folders

INCOMPLETE = 1


def look_at_forms(folder: Path | None, say: Callable[[str], None]) -> int:
    """Say what is missing and what is not confirmed, year by year. Returns the exit status."""
    found = [finding for one in ([folder] if folder else folders()) for finding in check_folder(one)]
    for finding in found:
        say(f"{'FAULT' if finding.fault else 'note '}  {finding.about}: {finding.what}")
    faults = sum(finding.fault for finding in found)
    say(f"{faults} faults, {len(found) - faults} notes on what is not confirmed")
    return INCOMPLETE if faults else 0
