"""Long polling: one poller at a time, the newer one ends the older one."""

import asyncio
from typing import TYPE_CHECKING

from bot.simulator.replies import Json, Reply, accepted, conflict

if TYPE_CHECKING:
    from bot.simulator.world import World

LONGEST_POLL = 50
OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_CAME = "terminated by setWebhook request"


class Poller:
    """The poll that waits, if any."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._waiting: asyncio.Future[str] | None = None
        world.listeners.append(self._on_event)

    def _on_event(self, event: Json) -> None:
        if event["type"] in {"update", "reset", "stop"}:
            self._wake("")
        elif event["type"] == "webhook":
            self._wake(WEBHOOK_CAME)

    def _wake(self, words: str) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(words)
        self._waiting = None

    async def get_updates(self, params: Json) -> Reply:
        """getUpdates with its waiting. 409 when a newer poll or a webhook comes meanwhile."""
        self._wake(OTHER_POLLER)
        reply = self._world.call("getUpdates", params)
        seconds = self._timeout(params)
        if reply.status != 200 or reply.payload["result"] or not seconds:
            return reply
        mine: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting = mine
        try:
            words = await asyncio.wait_for(mine, seconds)
        except TimeoutError:
            return accepted([])
        finally:
            if self._waiting is mine:
                self._waiting = None
        if words:
            return conflict(words).reply()
        # Several updates that a person's one act makes belong to one answer.
        await asyncio.sleep(0)
        return self._world.call("getUpdates", params)

    @staticmethod
    def _timeout(params: Json) -> float:
        try:
            return float(min(max(int(params.get("timeout") or 0), 0), LONGEST_POLL))
        except (TypeError, ValueError):
            return 0.0
