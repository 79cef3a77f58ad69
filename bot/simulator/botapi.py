"""The Bot API's addresses: reads a call from JSON, a form, a multipart body or the query, and answers it."""

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiohttp import BodyPartReader, web

from bot.simulator import spoiling
from bot.simulator.faults import TRANSPORT
from bot.simulator.files import UPLOAD_LIMIT
from bot.simulator.polling import Poller
from bot.simulator.replies import ApiError, Json, Reply, Upload, bad_request
from bot.simulator.settings import TOKEN_SHAPE
from bot.simulator.spec import known_methods
from bot.simulator.spoiling import answer

if TYPE_CHECKING:
    from bot.simulator.world import World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def add_routes(app: web.Application, world: "World", poller: Poller) -> None:
    """``/bot<TOKEN>/<method>`` and ``/file/bot<TOKEN>/<path>``."""

    async def method(request: web.Request) -> web.StreamResponse:
        name = known_methods().get(request.match_info["method"].lower(), request.match_info["method"])
        fault = world.faults.take(name, TRANSPORT)
        if fault is not None and not await spoiling.before(request, fault):
            return spoiling.torn(request)
        reply = await _answer(world, poller, request, name)
        return await spoiling.after(request, fault, reply)

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
