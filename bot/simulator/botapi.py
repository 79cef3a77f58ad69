"""The Bot API's addresses: reads a call from JSON, a form, a multipart body or the query, and answers it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import BodyPartReader, web

from bot.simulator.faults import TRANSPORT, Fault
from bot.simulator.files import UPLOAD_LIMIT
from bot.simulator.polling import Poller
from bot.simulator.replies import ApiError, Json, Reply, Upload, bad_request
from bot.simulator.settings import TOKEN_SHAPE
from bot.simulator.spec import known_methods

if TYPE_CHECKING:
    from bot.simulator.world import World

LOST_SECONDS = 300.0
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def add_routes(app: web.Application, world: "World", poller: Poller) -> None:
    """``/bot<TOKEN>/<method>`` and ``/file/bot<TOKEN>/<path>``."""

    async def method(request: web.Request) -> web.StreamResponse:
        name = known_methods().get(request.match_info["method"].lower(), request.match_info["method"])
        fault = world.faults.take(name, TRANSPORT)
        if fault is not None and not await _before(request, fault):
            return _torn(request)
        reply = await _answer(world, poller, request, name)
        return await _after(request, fault, reply)

    async def file(request: web.Request) -> web.StreamResponse:
        _check_token(world, request.match_info["token"])
        content = world.store.get_bytes(_path(world, request.match_info["path"]))
        if content is None:
            return answer(ApiError(404, "Not Found").reply())
        return web.Response(body=content, content_type="application/octet-stream")

    async def guarded_file(request: web.Request) -> web.StreamResponse:
        try:
            return await file(request)
        except ApiError as refusal:
            return answer(refusal.reply())

    app.router.add_route("GET", "/bot{token}/{method}", method)
    app.router.add_route("POST", "/bot{token}/{method}", method)
    app.router.add_get("/file/bot{token}/{path:.+}", guarded_file)


def _path(world: "World", asked: str) -> str:
    """Only a path that getFile gave out: nothing is read by a name of the caller's making."""
    for known in world.store.files.values():
        if known.path == asked:
            return known.path
    raise ApiError(404, "Not Found")


def _check_token(world: "World", token: str) -> None:
    if token != world.settings.token:
        raise ApiError(401, "Unauthorized") if TOKEN_SHAPE.match(token) else ApiError(404, "Not Found")


def answer(reply: Reply) -> web.Response:
    """A reply as HTTP."""
    return web.json_response(reply.payload, status=reply.status)


async def _answer(world: "World", poller: Poller, request: web.Request, name: str) -> Reply:
    try:
        _check_token(world, request.match_info["token"])
        params, files = await read_call(request)
    except ApiError as refusal:
        return refusal.reply()
    if name == "getUpdates":
        return await poller.get_updates(params)
    return world.call(name, params, files)


async def read_call(request: web.Request) -> tuple[Json, dict[str, Upload]]:
    """Parameters and uploads of a call. Raises ``ApiError`` 400 for a broken body, 413 above 50 MB."""
    params: Json = dict(request.query)
    if request.content_type == "multipart/form-data":
        return await _read_multipart(request, params)
    if request.content_type == "application/json":
        try:
            given = json.loads(await request.read() or b"{}")
        except ValueError:
            raise bad_request("can't parse JSON object") from None
        if not isinstance(given, dict):
            raise bad_request("object expected")
        return params | given, {}
    return params | dict(await request.post()), {}


async def _read_multipart(request: web.Request, params: Json) -> tuple[Json, dict[str, Upload]]:
    files: dict[str, Upload] = {}
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name is None:
                continue
            if part.filename is None:
                params[part.name] = await part.text(encoding="utf-8")
            else:
                mime = part.headers.get("Content-Type", "application/octet-stream")
                files[part.name] = Upload(part.filename, await _limited(part), mime)
    except (ValueError, UnicodeDecodeError):
        raise bad_request("can't parse multipart body") from None
    return params, files


async def _limited(part: BodyPartReader) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(262_144):
        content += chunk
        if len(content) > UPLOAD_LIMIT:
            raise ApiError(413, "Request Entity Too Large")
    return bytes(content)


async def _before(request: web.Request, fault: Fault) -> bool:
    """What a fault does before the call; false when the call is not to be done."""
    if fault.kind == "slow":
        await asyncio.sleep(fault.seconds)
    if fault.kind not in {"timeout", "reset"} or fault.after:
        return True
    if fault.kind == "timeout":
        await _hold(request, fault.seconds)
    return False


async def _after(request: web.Request, fault: Fault | None, reply: Reply) -> web.StreamResponse:
    """What a fault does to the answer of a call that was done."""
    kind = fault.kind if fault is not None else ""
    if kind in {"timeout", "reset"} and fault is not None:
        if kind == "timeout":
            await _hold(request, fault.seconds)
        return _torn(request)
    if kind == "truncate":
        return await _truncated(request, reply)
    if kind == "notjson":
        return web.Response(text="<html><body><h1>Bad gateway</h1></body></html>", content_type="text/html")
    return answer(reply)


async def _hold(request: web.Request, seconds: float) -> None:
    """Say nothing for a while, or until the other side gives up."""
    end = asyncio.get_running_loop().time() + min(seconds, LOST_SECONDS)
    # Asked again and again, since aiohttp does not tell a handler that the other side has gone.
    while asyncio.get_running_loop().time() < end and request.transport is not None:  # noqa: ASYNC110
        await asyncio.sleep(0.05)


def _torn(request: web.Request) -> web.StreamResponse:
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
