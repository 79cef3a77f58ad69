"""The pages by which a file is fetched: one button for a person, the bytes for a messenger's server."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import secrets
from string import Template
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web
from markupsafe import escape

from bot.handouts import DOCUMENT, PICTURE, Ended, Given, Handouts, Offer
from handlers.dialogue.phrases import t
from handlers.texts import catalogue
from storage.database import DatabaseTrouble

log = structlog.get_logger()

_COOKIE = "chibo_tep"
_MOST_BODY = 4096
_LONGEST_COOKIE = 64
_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_STYLE = (
    "body{margin:0;padding:24px 20px;font:20px/1.5 system-ui,sans-serif;color:#1b1b1b;background:#fff;"
    "overflow-wrap:anywhere}main{max-width:34rem;margin:0 auto}h1{font-size:26px;line-height:1.3;margin:0 0 16px}"
    "button{display:block;width:100%;min-height:64px;margin:24px 0;padding:12px;border:0;border-radius:12px;"
    "background:#a61c1c;color:#fff;font:600 24px/1.2 system-ui,sans-serif}"
    "button:focus{outline:4px solid #1b1b1b;outline-offset:3px}section+section{margin-top:32px}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_PAGE = Template(
    '<!doctype html><html lang="$language"><head><meta charset="utf-8"><title>$title</title>'
    '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">'
    f"<style>{_STYLE}</style></head><body><main>$inside</main></body></html>"
)
_QUIET = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_PAGE_RULES = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_FILE_RULES = "default-src 'none'; sandbox; frame-ancestors 'none'"


class Downloads:
    """Routes for what ``handouts`` keeps: ``/tep/<token>`` is a page for a person, ``/anh/<token>`` a picture.

    Whatever leads nowhere is answered alike, in status, headers and words.
    """

    def __init__(self, handouts: Handouts, zone: ZoneInfo) -> None:
        self._handouts = handouts
        self._zone = zone
        outside = urlsplit(handouts.public_url or "")
        self._below = outside.path.rstrip("/")
        self._secure = outside.scheme == "https"

    def routes(self) -> tuple[web.RouteDef, ...]:
        """What the web server serves; HEAD is answered like GET, and counts as nothing."""
        return (
            web.get(f"/{DOCUMENT}/{{token}}", self._page),
            web.post(f"/{DOCUMENT}/{{token}}", self._take),
            web.get(f"/{DOCUMENT}/{{token}}/{{ticket}}", self._document),
            web.get(f"/{PICTURE}/{{token}}", self._picture),
        )

    async def _page(self, request: web.Request) -> web.Response:
        token, browser = request.match_info["token"], _browser(request)
        try:
            found = await self._handouts.offer(token, browser)
        except DatabaseTrouble as trouble:
            return self._not_now(trouble)
        if isinstance(found, Ended):
            return self._ended()
        answer = _html(self._offer(found), found.language)
        # Given before anything is taken: whoever presses twice at once is the same browser both times.
        self._remember(answer, token, browser)
        return answer

    async def _take(self, request: web.Request) -> web.Response:
        if (request.content_length or 0) > _MOST_BODY:
            refused = web.Response(status=413, headers=_QUIET)
            refused.force_close()
            return refused
        token, browser = request.match_info["token"], _browser(request)
        try:
            ticket = await self._handouts.admit(token, browser)
        except DatabaseTrouble as trouble:
            return self._not_now(trouble)
        if isinstance(ticket, Ended):
            return self._ended()
        # An address of its own, fetched by GET: the downloader of a telephone asks again, and knows no POST.
        answer = web.Response(status=303, headers=_QUIET | {"Location": f"{token}/{ticket}"})
        self._remember(answer, token, browser)
        return answer

    async def _document(self, request: web.Request) -> web.Response:
        token, ticket = request.match_info["token"], request.match_info["ticket"]
        try:
            given = await self._handouts.document(token, ticket, count=request.method != "HEAD")
        except DatabaseTrouble as trouble:
            return self._not_now(trouble)
        return self._ended() if isinstance(given, Ended) else _file(given, "attachment")

    async def _picture(self, request: web.Request) -> web.Response:
        try:
            given = await self._handouts.picture(request.match_info["token"], count=request.method != "HEAD")
        except DatabaseTrouble as trouble:
            return self._not_now(trouble)
        return self._ended() if isinstance(given, Ended) else _file(given, "inline")

    def _offer(self, found: Offer) -> str:
        words = catalogue(found.language, self._zone)
        return (
            f"<h1>{escape(found.file_name)}</h1><p>{words.write(t('handout.until', at=found.expires_at))}</p>"
            f'<form method="post"><button>{words.write(t("handout.take"))}</button></form>'
            f"<p>{words.write(t('handout.yours'))}</p>"
        )

    def _ended(self) -> web.Response:
        """The same for everybody who comes in vain; in both languages, because nobody is known."""
        return _html(self._both("handout.ended"), "vi", status=404)

    def _not_now(self, trouble: DatabaseTrouble) -> web.Response:
        log.error("link cannot be looked up", trouble=trouble.kind)
        answer = _html(self._both("handout.later"), "vi", status=503)
        answer.headers["Retry-After"] = "10"
        return answer

    def _both(self, what: str) -> str:
        return "".join(
            f'<section lang="{language}"><h1>{words.write(t(what))}</h1>'
            f"<p>{words.write(t('handout.again'))}</p></section>"
            for language, words in ((code, catalogue(code, self._zone)) for code in ("vi", "en"))
        )

    def _remember(self, answer: web.Response, token: str, browser: str) -> None:
        answer.set_cookie(
            _COOKIE,
            browser,
            path=f"{self._below}/{DOCUMENT}/{token}",
            max_age=self._handouts.minutes * 60,
            httponly=True,
            secure=self._secure,
            samesite="Lax",
        )


def _browser(request: web.Request) -> str:
    """The mark by which a browser is known again; a new one where it brings none."""
    brought = request.cookies.get(_COOKIE, "")
    return brought if 0 < len(brought) <= _LONGEST_COOKIE else secrets.token_urlsafe(24)


def _html(inside: str, language: str, *, status: int = 200) -> web.Response:
    title = catalogue(language, ZoneInfo("UTC")).bare(t("handout.title"))
    page = _PAGE.substitute(language=language, title=escape(title), inside=inside)
    headers = _QUIET | {"Content-Security-Policy": _PAGE_RULES}
    return web.Response(text=page, status=status, content_type="text/html", headers=headers)


def _file(given: Given, manner: str) -> web.Response:
    guessed = mimetypes.guess_type(given.file_name)[0] or "application/octet-stream"
    kind = guessed if manner == "attachment" or guessed in _PICTURES else "application/octet-stream"
    # Both forms: the plain one for old downloaders, the other (RFC 6266) for the name as it is written.
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_. ") else "_" for c in given.file_name)
    name = quote(given.file_name, safe="")
    headers = _QUIET | {
        "Content-Security-Policy": _FILE_RULES,
        "Content-Disposition": f"{manner}; filename=\"{plain}\"; filename*=UTF-8''{name}",
        "Accept-Ranges": "none",
    }
    return web.Response(body=given.content, content_type=kind, headers=headers)
