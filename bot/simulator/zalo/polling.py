"""getUpdates: one event a call, without offset or acknowledgement; an idle poll ends in a 408."""

import asyncio
from typing import TYPE_CHECKING

from bot.simulator.faults import REPLIES, as_refusal
from bot.simulator.replies import ApiError, Json, Reply, accepted, bad_request
from bot.simulator.zalo import calls

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.simulator.world import World

USUAL_SECONDS = 30.0
LONGEST_SECONDS = 60.0
LOOK_SECONDS = 0.25
METHOD = "getUpdates"


async def get_updates(world: "World", params: Json, gone: "Callable[[], bool]") -> Reply:
    """One event, or 408. ``gone``: whether the other side has hung up: nothing is given out to nobody."""
    zalo = world.zalo
    event = None
    try:
        fault = world.faults.take(f"zalo/{METHOD}", REPLIES)
        if fault is not None:
            raise as_refusal(fault)
        right = calls.checked(METHOD, params, strict=world.settings.strict)
        await _wait(world, calls.seconds_of(right, USUAL_SECONDS, LONGEST_SECONDS), gone)
        if zalo.webhook["url"]:
            raise bad_request("getUpdates does not work while a webhook is set")
        event = None if gone() else zalo.take()
        if event is None:
            raise ApiError(408, "Request timeout")
        reply = accepted(zalo.wire(event))
    except ApiError as refusal:
        reply = refusal.reply()
    zalo.log(METHOD, params, reply, event)
    return reply


async def _wait(world: "World", seconds: float, gone: "Callable[[], bool]") -> None:
    """Until there is an event to give out, a webhook, nobody to tell any more, or the time is over."""
    loop = asyncio.get_running_loop()
    end, stopped = loop.time() + seconds, False
    news = asyncio.Event()

    def listen(event: Json) -> None:
        nonlocal stopped
        stopped = stopped or event["type"] in {"stop", "reset"}
        if stopped or event["type"] in {"zalo_event", "zalo_webhook"}:
            news.set()

    world.listeners.append(listen)
    try:
        while not (stopped or gone() or world.zalo.webhook["url"] or (left := end - loop.time()) <= 0):
            due = world.zalo.next_due()
            if due == 0:
                return
            # Looked at again and again, since aiohttp does not tell a handler that the other side has gone.
            pause = min(left, LOOK_SECONDS, due if due is not None else left)
            try:
                await asyncio.wait_for(news.wait(), pause)
            except TimeoutError:
                continue
            news.clear()
    finally:
        world.listeners.remove(listen)
