"""What a fault does to the wire: delays, lost answers, torn and truncated ones."""

import asyncio
import json
from typing import Any

from aiohttp import web

from bot.simulator.faults import Fault
from bot.simulator.replies import Reply

LOST_SECONDS = 300.0


def answer(reply: Reply) -> web.Response:
    """A reply as HTTP."""
    return web.json_response(reply.payload, status=reply.status)


async def before(request: web.Request, fault: Fault) -> bool:
    """What a fault does before the call; false when the call is not to be done."""
    if fault.kind == "slow":
        await asyncio.sleep(fault.seconds)
    if fault.kind not in {"timeout", "reset"} or fault.after:
        return True
    if fault.kind == "timeout":
        await _hold(request, fault.seconds)
    return False


async def after(request: web.Request, fault: Fault | None, reply: Reply) -> web.StreamResponse:
    """What a fault does to the answer of a call that was done."""
    kind = fault.kind if fault is not None else ""
    if kind in {"timeout", "reset"} and fault is not None:
        if kind == "timeout":
            await _hold(request, fault.seconds)
        return torn(request)
    if kind == "truncate":
        return await _truncated(request, reply)
    if kind == "notjson":
        return web.Response(text="<html><body><h1>Bad gateway</h1></body></html>", content_type="text/html")
    return answer(reply)


def hung_up(request: web.Request) -> bool:
    """Whether the other side has gone."""
    return request.transport is None or request.transport.is_closing()


async def _hold(request: web.Request, seconds: float) -> None:
    """Say nothing for a while, or until the other side gives up."""
    end = asyncio.get_running_loop().time() + min(seconds, LOST_SECONDS)
    # Asked again and again, since aiohttp does not tell a handler that the other side has gone.
    while asyncio.get_running_loop().time() < end and request.transport is not None:  # noqa: ASYNC110
        await asyncio.sleep(0.05)


def torn(request: web.Request) -> web.StreamResponse:
    """Cut the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _truncated(request: web.Request, reply: Reply) -> web.StreamResponse:
    body: Any = json.dumps(reply.payload).encode()
    response = web.StreamResponse(status=reply.status, headers={"Content-Length": str(len(body))})
    response.content_type = "application/json"
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
