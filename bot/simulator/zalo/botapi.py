"""The Zalo Bot Platform's addresses: ``/zalo/bot<TOKEN>/<method>``, and the files that people have sent.

Refusals come as JSON with HTTP 200 and their code in ``error_code``; only an idle poll is an HTTP 408, and a server
in trouble answers with its own status.
"""

from typing import TYPE_CHECKING

from aiohttp import web

from bot.simulator import spoiling
from bot.simulator.botapi import read_call
from bot.simulator.faults import TRANSPORT
from bot.simulator.replies import ApiError, Reply
from bot.simulator.zalo.polling import METHOD, get_updates

if TYPE_CHECKING:
    from bot.simulator.world import World

AS_STATUS = frozenset({408, 500, 502})


def add_routes(app: web.Application, world: "World") -> None:
    """Everything under ``/zalo``."""

    async def method(request: web.Request) -> web.StreamResponse:
        world.zalo.address = f"{request.scheme}://{request.host}"
        name = request.match_info["method"]
        fault = world.faults.take(f"zalo/{name}", TRANSPORT)
        if fault is not None and not await spoiling.before(request, fault):
            return spoiling.torn(request)
        reply = await _answer(world, request, name)
        return await spoiling.after(request, fault, outward(reply))

    async def file(request: web.Request) -> web.StreamResponse:
        found = world.store.files.get(request.match_info["file"])
        content = None if found is None else world.store.get_bytes(found.path)
        if found is None or content is None:
            return web.Response(status=404)
        return web.Response(body=content, content_type=found.mime, headers={"X-Content-Type-Options": "nosniff"})

    app.router.add_route("GET", "/zalo/bot{token}/{method}", method)
    app.router.add_route("POST", "/zalo/bot{token}/{method}", method)
    app.router.add_get("/zalo/files/{file}", file)


def outward(reply: Reply) -> Reply:
    """A reply with the HTTP status under which it goes out."""
    return reply if reply.status in AS_STATUS else Reply(200, reply.payload)


async def _answer(world: "World", request: web.Request, name: str) -> Reply:
    try:
        if request.match_info["token"] != world.settings.zalo_token:
            raise ApiError(401, "Unauthorized")
        params, _files = await read_call(request)
    except ApiError as refusal:
        return refusal.reply()
    if name == METHOD:
        return await get_updates(world, params, lambda: spoiling.hung_up(request))
    return await world.zalo.call(name, params)
