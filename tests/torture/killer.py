"""Kills at random instants of a busy bot, many of them aimed: right after a poll or a send, or at the start."""

from __future__ import annotations

import asyncio
import contextlib
import random

from tests.torture.process import Keeper
from tests.torture.server import POSTS, Call, Messenger

_AIMS = ("any", "any", "poll", "poll", "send", "send", "sent")
_READY = frozenset({"getUpdates", "setWebhook"})
_PATIENCE = 3.0
_LONGEST_START = 60.0


class Killer:
    """Spreads ``kills`` over ``messages``; people wait at ``gate`` so that the bot is busy at every one of them."""

    def __init__(
        self, keeper: Keeper, messenger: Messenger, rng: random.Random, kills: int, messages: int, ahead: int
    ) -> None:
        self.done = 0
        self._keeper = keeper
        self._messenger = messenger
        self._rng = rng
        self._at = sorted(rng.randrange(int(messages * 0.97) + 1) for _ in range(kills))
        self._ahead = ahead
        self._progress = asyncio.Event()
        self._ready = asyncio.Event()
        self._aim = ""
        self._over = False
        self._hit = asyncio.Event()
        messenger.heeds.append(self._heed)

    async def gate(self) -> None:
        """Wait while more was said than the next kill allows."""
        while (
            not self._over
            and self.done < len(self._at)
            and self._messenger.sent >= self._at[self.done] + self._ahead
        ):
            self._progress.clear()
            await self._progress.wait()
        await asyncio.sleep(0)

    async def run(self) -> None:
        """Do all of it; people need not wait any more when it has ended, however that was."""
        try:
            await self._all()
        finally:
            self._over = True
            self._progress.set()

    async def _all(self) -> None:
        for at in self._at:
            while self._messenger.sent < at:  # noqa: ASYNC110 - thousands of messages, one who asks
                await asyncio.sleep(0.005)
            await self._one(at_start=self.done > 0 and self._rng.random() < 0.12)
            self.done += 1
            self._progress.set()

    def begun(self) -> None:
        """A new process was started."""
        self._ready.clear()

    def delivered(self) -> None:
        """The bot has answered a webhook's delivery."""
        self._struck("poll")

    async def _one(self, *, at_start: bool) -> None:
        while True:
            if at_start:
                await asyncio.sleep(self._rng.uniform(0.02, 1.5))
            else:
                with contextlib.suppress(TimeoutError):  # a start that hangs deserves to be killed, too
                    await asyncio.wait_for(self._ready.wait(), _LONGEST_START)
                await self._aimed(self._rng.choice(_AIMS))
            if len(self._keeper.kills) > self.done or self._keeper.kill():
                self._ready.clear()  # of the process that is gone; the next one has not begun yet
                return
            at_start = True

    async def _aimed(self, aim: str) -> None:
        """Wait for the instant; where it does not come, kill all the same."""
        if aim == "any":
            await asyncio.sleep(self._rng.uniform(0, 0.4))
            return
        self._aim = aim
        self._hit.clear()
        try:
            await asyncio.wait_for(self._hit.wait(), _PATIENCE)
        except TimeoutError:
            self._aim = ""

    def _heed(self, call: Call) -> None:
        if call.method in _READY and call.life == self._keeper.life:
            self._ready.set()
        if call.method == "getUpdates" and call.words:
            self._struck("poll")
        elif call.method in POSTS and call.arrived:
            self._struck("post")

    def _struck(self, what: str) -> None:
        """The instant has come: the bot dies before the answer leaves us ("send"), or a moment after it."""
        if not self._aim or (what == "poll") != (self._aim == "poll"):
            return
        aim, self._aim = self._aim, ""
        if aim == "send":
            self._keeper.kill()
            self._hit.set()
            return
        later = self._rng.uniform(0, 0.02 if aim == "poll" else 0.006)
        asyncio.get_running_loop().call_later(later, self._fire)

    def _fire(self) -> None:
        self._keeper.kill()
        self._hit.set()
