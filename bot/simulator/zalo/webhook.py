"""Delivery of Zalo's events to the bot's webhook: each chat in order, repeated until it is answered with 2xx."""

import asyncio
import itertools
import json
from typing import TYPE_CHECKING

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.simulator.replies import Json
from bot.simulator.zalo.world import ALTERNATE, WRAPPED

if TYPE_CHECKING:
    from bot.simulator.world import World

SECRET_HEADER = "X-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
ANSWER_SECONDS = 30


class Postman:
    """One round for each chat that has something to bring; a chat that is refused holds up no other."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._rounds: dict[str, asyncio.Task[None]] = {}
        self._turn = itertools.count()

    async def deliver(self) -> None:
        """Run for ever."""
        news = asyncio.Event()
        self._world.listeners.append(
            lambda event: news.set() if event["type"] in {"zalo_event", "zalo_webhook"} else None
        )
        async with ClientSession(timeout=ClientTimeout(total=ANSWER_SECONDS)) as session:
            try:
                while True:
                    news.clear()
                    self._begin(session)
                    await news.wait()
            finally:
                for task in self._rounds.values():
                    task.cancel()
                await asyncio.gather(*self._rounds.values(), return_exceptions=True)

    def _begin(self, session: ClientSession) -> None:
        if not self._world.zalo.webhook["url"]:
            return
        for chat in {event.chat for event in self._world.store.zalo_events.values()}:
            task = self._rounds.get(chat)
            if task is None or task.done():
                self._rounds[chat] = asyncio.create_task(self._round(session, chat), name=f"zalo {chat}")

    async def _round(self, session: ClientSession, chat: str) -> None:
        pause = 0.0
        while target := self._world.zalo.webhook:
            events = self._world.store.zalo_events.values()
            event = min((e for e in events if e.chat == chat), key=lambda e: e.number, default=None)
            if event is None or not target["url"]:
                return
            if await self._post(session, target, self._world.zalo.wire(event)):
                self._world.zalo.drop(event)
                pause = 0.0
                continue
            pause = min(max(pause * 2, FIRST_PAUSE), LONGEST_PAUSE)
            await asyncio.sleep(pause)

    async def _post(self, session: ClientSession, target: Json, event: Json) -> bool:
        shape = self._world.zalo.delivery["body"]
        wrapped = next(self._turn) % 2 == 0 if shape == ALTERNATE else shape == WRAPPED
        body = {"ok": True, "result": event} if wrapped else event
        headers = {"Content-Type": "application/json", SECRET_HEADER: target["secret"]}
        try:
            async with session.post(target["url"], data=json.dumps(body), headers=headers) as answer:
                await answer.read()
                return 200 <= answer.status < 300
        except (ClientError, OSError, TimeoutError):
            return False
