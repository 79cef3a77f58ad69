"""The control interface: act as people, move the clock, ask for faults, look at the phones. JSON over HTTP.

POST bodies are JSON objects; answers are JSON, 200, or 400 {"error": "…"} with the reason. All under ``/control``.

    POST users              first_name, last_name?, username?, language_code?, label?, show?, start?, id? -> {id}
    POST users/change       user, and any of first_name, last_name, username, language_code, label, show,
                            app (telegram, zalo: which of them the phone shows) -> {id}
    POST send               user, chat?, reply_to?, caption?, one of: text | document | photo | sticker | voice |
                            video (true, or {name, content_base64}) | location | contact |
                            forward {text, from_user? | from_name?} -> {message_id, update_id}
    POST press              user, chat?, message_id, data (any) | button (its label) -> {query_id, update_id}
    POST edit               user, chat?, message_id, text -> {message_id, update_id}
    POST block              user, blocked -> {update_id}
    POST deactivate         user
    POST groups             title, members [user], bot? (true, false, "administrator") -> {id, update_id}
    POST groups/upgrade     chat -> {id}: the supergroup's
    POST groups/join        user, chat -> {message_id, update_id}
    POST groups/bot         user, chat, bot: member | administrator | left | kicked -> {update_id}
    POST updates            any JSON object, queued as it is but for its update_id -> {update_id}
    GET, POST, DELETE faults
                            kind: 429 | 500 | 502 | timeout | reset | truncate | notjson | slow; method?,
                            times? (1; null: always), probability?, seed?, seconds?, after? (timeout and reset:
                            the call is done, only its answer lost); DELETE withdraws all
    GET phones              those that the page shows; ?all=1: all people
    GET chats/{chat}        ?user= &after=REVISION &wait=SECONDS: waits until it has changed since that revision
    GET events              Server-Sent Events, see view.py
    GET calls               ?method= &since=SECONDS: the bot's calls, oldest first, at most 5000
    GET files/{file_id}     the bytes, for the page
    GET, POST clock         advance_seconds | to: ISO 8601 (without zone: UTC), or "next" -> {now, seconds, offset}
    POST reset              forget everything

What is said and seen in Zalo lies under ``/control/zalo``; see zalo/control.py.
"""

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from aiohttp import web

from bot.simulator import groups, people, updates, view
from bot.simulator.events import Hub
from bot.simulator.faults import Fault
from bot.simulator.people import ControlError
from bot.simulator.replies import Json
from bot.simulator.timetravel import move
from bot.simulator.world import World

Act = Callable[[World, Json], Any]
ACTS: dict[str, Act] = {
    "users": lambda world, wish: {"id": people.add_user(world, wish).id},
    "users/change": groups.change_user,
    "send": people.send,
    "press": people.press,
    "edit": people.edit,
    "block": groups.set_blocked,
    "deactivate": groups.deactivate,
    "groups": groups.add_group,
    "groups/upgrade": groups.upgrade,
    "groups/join": groups.join,
    "groups/bot": groups.set_bot,
    "updates": lambda world, wish: {"update_id": updates.push_raw(world, wish)},
    "faults": lambda world, wish: {"faults": world.faults.add(Fault(**wish))},
    "reset": lambda world, _wish: world.reset(),
}
LONGEST_WAIT = 60.0
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


def add_routes(app: web.Application, world: World, hub: Hub) -> None:
    """Everything under ``/control``."""
    router = app.router
    for name, act in ACTS.items():
        router.add_post(f"/control/{name}", acting(world, act))
    router.add_get("/control/events", hub.stream)
    looks: dict[str, Callable[[World, web.Request], Any]] = {
        "phones": _phones,
        "calls": _calls,
        "clock": lambda world, _request: view.clock(world),
        "faults": lambda world, _request: {"faults": world.faults.listed()},
    }
    for name, look in looks.items():
        router.add_get(f"/control/{name}", looking(world, look))
    router.add_get("/control/chats/{chat}", _waiting(world))
    router.add_get("/control/files/{file}", _file(world))

    async def clear(_request: web.Request) -> web.Response:
        world.faults.clear()
        return web.json_response({"faults": []})

    async def clock(request: web.Request) -> web.Response:
        try:
            return web.json_response(await move(world, await wish_of(request)))
        except ValueError as error:
            return refused(error)

    router.add_delete("/control/faults", clear)
    router.add_post("/control/clock", clock)


async def wish_of(request: web.Request) -> Json:
    """The JSON object of a POST. Raises ``ValueError``."""
    body = await request.read()
    given = json.loads(body) if body.strip() else {}
    if not isinstance(given, dict):
        raise ControlError("a JSON object is expected")
    return given


def patience(request: web.Request) -> tuple[int, float]:
    """``after`` and ``wait`` of a look at a chat. Raises ``ValueError``."""
    seconds = min(float(request.query.get("wait", 0)), LONGEST_WAIT)
    return int(request.query.get("after", -1)), seconds


def refused(error: Exception) -> web.Response:
    """400 with the reason."""
    return web.json_response({"error": str(error)}, status=400)


def acting(world: World, act: Act) -> Callable[[web.Request], Any]:
    """A POST that does something."""

    async def handler(request: web.Request) -> web.Response:
        try:
            return web.json_response(act(world, await wish_of(request)))
        except (ValueError, TypeError) as error:
            return refused(error)

    return handler


def looking(world: World, look: Callable[[World, web.Request], Any]) -> Callable[[web.Request], Any]:
    """A GET that tells something."""

    async def handler(request: web.Request) -> web.Response:
        try:
            return web.json_response(look(world, request))
        except ValueError as error:
            return refused(error)

    return handler


def _phones(world: World, request: web.Request) -> Json:
    return view.phones(world, everyone=bool(request.query.get("all")))


def _calls(world: World, request: web.Request) -> Json:
    return {"calls": some_calls(world.calls, request)}


def some_calls(calls: Iterable[Json], request: web.Request) -> list[Json]:
    """Of one ``method``, and ``since`` a moment, as the query says. Raises ``ValueError``."""
    method, since = request.query.get("method"), float(request.query.get("since", 0))
    return [c for c in calls if c["at"] >= since and method in {None, c["method"]}]


def _waiting(world: World) -> Callable[[web.Request], Any]:
    """GET chats/{chat}: at once, or when the chat has changed since ``after``."""

    async def handler(request: web.Request) -> web.Response:
        try:
            number = int(request.match_info["chat"])
            person = int(request.query["user"]) if "user" in request.query else None
            await changed(world, _revision(world, number), *patience(request))
            return web.json_response(view.chat(world, number, person))
        except ValueError as error:
            return refused(error)

    return handler


async def changed(world: World, revision: Callable[[], int | None], after: int, seconds: float) -> None:
    """Wait, at most so long, until a chat is newer than a revision, is gone, or the server ends."""
    now = revision()
    if now is None or now > after or seconds <= 0:
        return
    news = asyncio.Event()

    def listen(event: Json) -> None:
        now = revision()
        if now is None or now > after or event["type"] == "stop":
            news.set()

    world.listeners.append(listen)
    try:
        await asyncio.wait_for(news.wait(), seconds)
    except TimeoutError:
        pass
    finally:
        world.listeners.remove(listen)


def _revision(world: World, number: int) -> Callable[[], int | None]:
    def look() -> int | None:
        chat = world.store.chats.get(number)
        return None if chat is None else chat.revision

    return look


def _file(world: World) -> Callable[[web.Request], Any]:
    """GET files/{file}: pictures inline, everything else as a download, so that no document runs in the page."""

    async def handler(request: web.Request) -> web.Response:
        file = world.store.files.get(request.match_info["file"])
        content = None if file is None else world.store.get_bytes(file.path)
        if file is None or content is None:
            return web.json_response({"error": "file: unknown"}, status=404)
        picture = file.mime in PICTURES and "download" not in request.query
        kind = "inline" if picture else "attachment"
        headers = {"Content-Disposition": f"{kind}; filename*=UTF-8''{quote(file.name)}"}
        mime = file.mime if picture else "application/octet-stream"
        return web.Response(body=content, content_type=mime, headers=headers)

    return handler
