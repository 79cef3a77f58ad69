"""Delivery of updates to the bot's webhook: in order, repeated until it is answered with 2xx."""

import asyncio
import json
from typing import TYPE_CHECKING

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.simulator.replies import Json
from bot.simulator.updates import webhook, webhook_failed

if TYPE_CHECKING:
    from bot.simulator.world import World

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
ANSWER_SECONDS = 60


async def deliver(world: "World") -> None:
    """Run for ever: post each waiting update while a webhook is set."""
    news = asyncio.Event()
    world.listeners.append(lambda event: news.set() if event["type"] in {"update", "webhook"} else None)
    pause = 0.0
    async with ClientSession(timeout=ClientTimeout(total=ANSWER_SECONDS)) as session:
        while True:
            waiting = min(world.store.updates, default=None)
            if waiting is None or not webhook(world)["url"]:
                news.clear()
                await news.wait()
                continue
            problem = await _post(session, webhook(world), world.store.updates[waiting].body)
            if not problem:
                pause = 0.0
                world.store.confirm(waiting + 1)
                continue
            if webhook(world)["url"]:
                webhook_failed(world, problem)
            pause = min(max(pause * 2, FIRST_PAUSE), LONGEST_PAUSE)
            await asyncio.sleep(pause)


async def _post(session: ClientSession, target: Json, update: Json) -> str:
    """Post one update; empty when it was taken, else Telegram's words for what went wrong."""
    headers = {"Content-Type": "application/json"}
    if target["secret"]:
        headers[SECRET_HEADER] = target["secret"]
    try:
        async with session.post(target["url"], data=json.dumps(update), headers=headers) as answer:
            await answer.read()
            if 200 <= answer.status < 300:
                return ""
            return f"Wrong response from the webhook: {answer.status} {answer.reason}"
    except TimeoutError:
        return "Read timeout expired"
    except (ClientError, OSError):
        return "Connection refused"
