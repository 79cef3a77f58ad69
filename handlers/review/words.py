"""What is no answer to a question that wants words, though it was typed there. Pure."""

from __future__ import annotations

from handlers.dialogue.engine import number_in
from handlers.dialogue.flow import Refusal, refusal
from handlers.dialogue.fold import fold

# Ways on and ways to change that a screen offers once something is written: typed before that (sent twice, or with
# another question's screen still in view) they would become the answer.
_WAYS = frozenset(
    {
        *("cau tiep theo", "tiep theo", "cau tiep", "tiep", "tiep tuc", "xong", "ve ban tong quat"),
        *("viet lai tu dau", "viet lai", "bo y cuoi", "lay lai"),
        *("next question", "next", "continue", "done", "to the overview"),
        *("write it again", "rewrite", "drop the last item", "drop last", "bring it back", "undo"),
    }
)
_LONGEST_WAY = 30  # characters: nothing longer is folded in vain


def parse_words(text: str) -> str | Refusal:
    """An answer in words, as it was typed; refused are a number alone, which was meant to
    choose, and a way on that is not there."""
    if number_in(text) is not None:
        return refusal("review.words.needed")
    if len(text) <= _LONGEST_WAY and fold(text) in _WAYS:
        return refusal("review.words.way", words=" ".join(text.split()))
    return text
