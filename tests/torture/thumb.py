"""The hand that writes a plan: how words are said and buttons pressed, hurried or not, once or twice."""

from __future__ import annotations

import random

from handlers.review.rulebook import Form
from tests.torture.acts import Act, Kinds, Stretch
from tests.torture.model import Model
from tests.torture.words import Words, as_some_keyboards

BACK_WORDS = ("quay lại", "quay lai", "← Quay lại")


class Thumb:
    """Adds acts to a plan; what comes of them is for others to say."""

    def __init__(self, rng: random.Random, form: Form, owner: str) -> None:
        self.model = Model(form)
        self._rng = rng
        self._words = Words(rng, owner)
        self._acts: list[Act] = []
        self._stretch = Stretch(0, review=False, ordered=True)
        # Of a burst over a road without order: what its messages may go to without minding the order.
        self._burst = ""

    def _left(self) -> int:
        return self._stretch.messages - sum(act.messages for act in self._acts)

    def _act(self, kind: Kinds, what: str = "", **more: bool) -> None:
        self._acts.append(Act(kind, what, **more))
        self._burst = ""

    def _say(self, text: str, *, hurry: bool | None = None, burst: str = "") -> None:
        """Type; ``burst`` names what such messages may overtake each other in, where the road keeps no order."""
        if hurry is None:
            hurry = self._rng.random() < 0.45
        if not self._stretch.ordered:
            hurry = hurry and bool(burst) and burst == self._burst
        self._acts.append(Act(Kinds.SAY, as_some_keyboards(text, self._rng), hurry=hurry))
        self._burst = burst

    def _press(self, option: str, typed: tuple[str, ...] = ()) -> None:
        """Choose by the button, sometimes twice, or by typing."""
        if typed and self._rng.random() < 0.5:
            self._say(self._rng.choice(typed))
        elif self._stretch.ordered and self._rng.random() < 0.15 and self._left() > 3:
            self._act(Kinds.TWICE, option)
            self._settle()
        else:
            self._act(Kinds.PRESS, option)

    def _settle(self) -> None:
        self._acts.append(Act(Kinds.SAY, f"/{self._words.sign()}", settles=True))
        self._burst = ""
