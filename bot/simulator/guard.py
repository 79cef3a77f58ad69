"""Keeps other web pages out: the page and the control answer only to this machine's own address."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


def _host_of(authority: str) -> str:
    return urlsplit(f"//{authority}").hostname or ""


def refused(request: web.Request) -> str:
    """Why a request is not let in; empty when it is. The Host guards against rebinding, Origin against forgery."""
    listening = request.transport.get_extra_info("sockname") if request.transport is not None else None
    own = LOCAL | ({str(listening[0])} if listening else set())
    if _host_of(request.host) not in own:
        return "Host: not an address of this machine"
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"{request.scheme}://{request.host}":
        return "Origin: another site"
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return "Sec-Fetch-Site: another site"
    return ""


@web.middleware
async def only_from_here(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Guards all but the two Bot APIs themselves, where the token does; marks the page's answers as fenced in."""
    if request.path.startswith(("/bot", "/file/bot", "/zalo/")):
        return await handler(request)
    words = refused(request)
    if words:
        return web.json_response({"error": words}, status=403)
    response = await handler(request)
    if not response.prepared:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
    return response
