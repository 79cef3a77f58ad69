"""The Bot Platform over HTTP: one aiohttp session; no error and no log carries the URL, which has the token."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

_CONNECT_SECONDS = 10.0
_READ_SECONDS = 20.0
# A server that takes or gives a byte now and then would otherwise hold a call, and its chat, for ever.
_TRANSFER_SECONDS = 30.0
_CONNECTIONS = 128
_LONGEST_WORDS = 200
_MOST_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_UNAUTHORIZED = 401


class Unreachable(Exception):  # noqa: N818 - a condition with a name
    """No answer of Zalo's came: no network, a proxy's page, half a body. The words say which, never where.

    ``lost``: the call may have reached Zalo all the same.
    """

    def __init__(self, words: str, *, lost: bool = True) -> None:
        super().__init__(words)
        self.lost = lost


class Refusal(Exception):  # noqa: N818 - it is Zalo that refuses
    """Zalo said no. ``code`` is its own error code, or the HTTP status, or 0; ``wait`` are seconds, where it names
    some."""

    def __init__(self, code: int, words: str, wait: float | None = None) -> None:
        super().__init__(words)
        self.code = code
        self.words = words
        self.wait = wait


class Unfit(Exception):  # noqa: N818 - it is about the address, not about us
    """What lies at an address is not to be fetched: too large, or reached by another way than Zalo's own."""


class ZaloClient:
    """Calls methods at ``<api_url>/bot<token>/<method>``; aiohttp's own exceptions name the URL, so none of them
    stays in the chain of what is raised here."""

    def __init__(self, token: str, api_url: str) -> None:
        self._token = token
        self._api_url = api_url
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Open the session."""
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=_CONNECTIONS))

    async def close(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def call(self, method: str, given: dict[str, Any] | None = None, *, reading: float | None = None) -> Any:
        """The ``result`` of one call; ``reading``: seconds to wait for an answer. Raises Refusal or Unreachable."""
        if self._session is None:
            raise Unreachable("the session is not open", lost=False)
        seconds = _READ_SECONDS if reading is None else reading
        try:
            # A redirect is not Zalo's, and would take the token somewhere else.
            async with self._session.post(
                f"{self._api_url}/bot{self._token}/{method}",
                data=json.dumps(given or {}).encode(),
                headers={"Content-Type": "application/json"},
                timeout=_timeout(seconds),
                allow_redirects=False,
            ) as answer:
                status, wait, body = answer.status, answer.headers.get("Retry-After"), await answer.read()
        except TimeoutError as late:
            failure = Unreachable("timed out", lost=not isinstance(late, aiohttp.ConnectionTimeoutError))
        except (aiohttp.ClientError, OSError, ValueError) as broken:
            unsent = isinstance(broken, aiohttp.ClientConnectorError | aiohttp.InvalidURL)
            failure = Unreachable(type(broken).__name__, lost=not unsent)
        else:
            return self._result(status, wait, body)
        raise failure  # here, and not above: an exception remembers the one that was being handled

    def _result(self, status: int, wait: str | None, body: bytes) -> Any:
        """What an answer says. Only Zalo's own envelope counts: a page comes from something on the way, and its 403
        says nothing of a person. A 401 means the token, whoever says it."""
        found = _object(body)
        said = found.get("ok") if found is not None else None
        if found is None or not isinstance(said, bool):
            if status == _UNAUTHORIZED:
                raise Refusal(status, "unauthorized")
            what = "no JSON object" if found is None else "no answer of Zalo's"
            raise Unreachable(f"{status}, and {what}")
        if said:
            if not 200 <= status <= 299:
                raise Unreachable(f"{status}, and an answer that is none")
            return found.get("result")
        code = found.get("error_code")
        if not isinstance(code, int) or isinstance(code, bool):
            code = status if status >= 400 else 0
        raise Refusal(code, self._clean(found.get("description")), _seconds(found, wait))

    def _clean(self, words: Any) -> str:
        """The server's words as they may stand in a log: on one line, short, without the token."""
        said = words if isinstance(words, str) and words else "no words"
        for secret in (self._token, self._token.partition(":")[2]):
            said = said.replace(secret, "…") if secret else said
        return "".join(sign if sign.isprintable() else " " for sign in said)[:_LONGEST_WORDS]

    async def download(self, address: str, most: int) -> bytes:
        """What lies at an address that Zalo gave, at most so many bytes. Raises Unfit, Refusal or Unreachable.

        In the clear only where the Bot Platform itself is reached in the clear, and redirects keep to that.
        """
        if self._session is None:
            raise Unreachable("the session is not open", lost=False)
        schemes = {"https", urlsplit(self._api_url).scheme}
        try:
            url = URL(address)
            for _ in range(_MOST_REDIRECTS + 1):
                if url.scheme not in schemes or not url.host:
                    raise Unfit("an address that is not fetched from")
                async with self._session.get(url, timeout=_timeout(_READ_SECONDS), allow_redirects=False) as answer:
                    if answer.status not in _REDIRECTS:
                        return await _content(answer, most)
                    url, schemes = url.join(URL(answer.headers.get("Location", ""))), {url.scheme}
            failure = "too many redirects"
        except TimeoutError:
            failure = "timed out"
        except (aiohttp.ClientError, OSError, ValueError) as broken:
            failure = type(broken).__name__
        raise Unreachable(failure)


async def _content(answer: aiohttp.ClientResponse, most: int) -> bytes:
    if answer.status != 200:
        raise Refusal(answer.status, "not to be had")
    content = bytearray()
    async for piece in answer.content.iter_chunked(65536):
        content += piece
        if len(content) > most:
            raise Unfit("file is too big")
    return bytes(content)


def _timeout(reading: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        total=_CONNECT_SECONDS + reading + _TRANSFER_SECONDS, sock_connect=_CONNECT_SECONDS, sock_read=reading
    )


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body.decode(errors="replace"))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _seconds(found: dict[str, Any], header: str | None) -> float | None:
    """How long to wait, if anybody says so; Zalo's documentation names no place for it."""
    parameters = found.get("parameters")
    named = parameters.get("retry_after") if isinstance(parameters, dict) else found.get("retry_after")
    if isinstance(named, int | float) and not isinstance(named, bool) and 0 < named < 86400:
        return float(named)
    return float(header) if header is not None and header.isdecimal() and 0 < int(header[:6]) < 86400 else None
