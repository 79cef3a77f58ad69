"""Server-Sent Events: each change in the simulated Telegram, told to every open page."""

import asyncio
import json
from typing import TYPE_CHECKING

from aiohttp import web

from bot.simulator.replies import Json

if TYPE_CHECKING:
    from bot.simulator.world import World

MOST_WAITING = 2000
HEARTBEAT_SECONDS = 15.0
Stream = asyncio.Queue[Json]


class Hub:
    """The open streams."""

    def __init__(self, world: "World") -> None:
        self._streams: set[Stream] = set()
        self._closed = False
        world.listeners.append(self._tell)

    def _tell(self, event: Json) -> None:
        self._closed = self._closed or event["type"] == "stop"
        for stream in list(self._streams):
            try:
                stream.put_nowait(event)
            except asyncio.QueueFull:
                # A page that does not keep up is cut off; it loads everything anew when it comes back.
                self._streams.discard(stream)

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """GET /control/events."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        mine: Stream = asyncio.Queue(MOST_WAITING)
        self._streams.add(mine)
        try:
            await response.write(b"retry: 1000\n\n")
            while mine in self._streams and not self._closed:
                await self._write_next(response, mine)
        except ConnectionError:
            pass
        finally:
            self._streams.discard(mine)
        return response

    async def _write_next(self, response: web.StreamResponse, mine: Stream) -> None:
        try:
            event = await asyncio.wait_for(mine.get(), HEARTBEAT_SECONDS)
        except TimeoutError:
            await response.write(b": still here\n\n")
            return
        await response.write(f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode())
