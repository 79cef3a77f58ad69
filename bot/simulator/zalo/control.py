"""The control interface's part for Zalo, shaped like that of ``bot/simulator/control.py``. All under ``/control``.

    POST zalo/users         person (whose phone), or first_name, last_name?, label?, show? of a new one; id?
                            -> {id, person}; a person has one account
    POST zalo/send          user, caption?, one of: text | photo | voice (true, or {name, content_base64}) |
                            sticker | unsupported -> {message_id, event}
    POST zalo/block         user, blocked: the bot is not told
    POST zalo/events        any JSON object, queued as it is -> {event}
    GET, POST zalo/delivery mode: once | repeat; times, seconds: how often and when given out ones come again;
                            body: wrapped | flat | alternate
    GET zalo/chats/{user}   ?after=REVISION &wait=SECONDS
    GET zalo/calls          ?method= &since=SECONDS: the bot's calls, oldest first; status is 200 or the error_code

Faults are asked for and withdrawn as Telegram's, with methods ``zalo/sendMessage``, ``zalo/*``.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.simulator.control import Act, acting, changed, looking, patience, refused, some_calls
from bot.simulator.zalo import people

if TYPE_CHECKING:
    from bot.simulator.world import World

ACTS: dict[str, Act] = {
    "users": people.add_account,
    "send": people.send,
    "block": people.set_blocked,
    "events": people.push_raw,
    "delivery": people.set_delivery,
}


def add_routes(app: web.Application, world: "World") -> None:
    """Everything under ``/control/zalo``."""
    for name, act in ACTS.items():
        app.router.add_post(f"/control/zalo/{name}", acting(world, act))
    looks: dict[str, Callable[[World, web.Request], Any]] = {
        "calls": lambda world, request: {"calls": some_calls(world.zalo.calls, request)},
        "delivery": lambda world, _request: world.zalo.delivery,
    }
    for name, look in looks.items():
        app.router.add_get(f"/control/zalo/{name}", looking(world, look))

    def revision(user: str) -> int | None:
        account = world.store.zalo_accounts.get(user)
        return None if account is None else account.revision

    async def chat(request: web.Request) -> web.Response:
        user = request.match_info["user"]
        try:
            await changed(world, lambda: revision(user), *patience(request))
            return web.json_response(people.chat(world, user))
        except ValueError as error:
            return refused(error)

    app.router.add_get("/control/zalo/chats/{user}", chat)
