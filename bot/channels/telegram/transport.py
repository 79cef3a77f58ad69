"""python-telegram-bot's HTTP seam over aiohttp: faster than its default when many calls run at once."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

import aiohttp
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

_CONNECT_SECONDS = 10.0
_READ_SECONDS = 20.0
# A server that takes or gives a byte now and then would otherwise hold a call, and its chat, for ever.
_TRANSFER_SECONDS = 30.0
_FILE_SECONDS = 300.0


class _Answer(dict[str, Any]):
    """A JSON object in which the library looks for ``result``; where it is missing, that is the server's fault."""

    def __missing__(self, key: str) -> Any:
        raise NetworkError(f"an answer without {key}")


class AiohttpRequest(BaseRequest):
    """One aiohttp session; errors are python-telegram-bot's own and never carry the URL, which has the token.

    aiohttp's exceptions do carry it, so none of them stays in the chain of what is raised here.
    """

    def __init__(self, connections: int = 64) -> None:
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """Seconds to wait for an answer where the caller names none."""
        return _READ_SECONDS

    async def initialize(self) -> None:
        """Open the session."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._connections)
            self._session = aiohttp.ClientSession(connector=connector, headers={"User-Agent": self.USER_AGENT})

    async def shutdown(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """One call. Raises TimedOut and NetworkError as python-telegram-bot promises."""
        if self._session is None:
            raise NetworkError("the session is not open")
        given = read_timeout is not BaseRequest.DEFAULT_NONE and read_timeout is not None
        reading = read_timeout if given else _READ_SECONDS
        # A GET fetches a file.
        large = method == "GET" or (request_data is not None and request_data.contains_files)
        timeout = aiohttp.ClientTimeout(
            total=_CONNECT_SECONDS + reading + (_FILE_SECONDS if large else _TRANSFER_SECONDS),
            sock_connect=_CONNECT_SECONDS,
            sock_read=reading,
        )
        body, headers = _body(request_data)
        failure: TelegramError
        try:
            # A redirect is not Telegram's, and would take the token somewhere else.
            async with self._session.request(
                method, url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                return _understandable(answer.status, await answer.read())
        except TimeoutError:
            failure = TimedOut()
        except (aiohttp.ClientError, OSError, ValueError) as broken:
            failure = NetworkError(type(broken).__name__)
        raise failure  # here, and not above: an exception remembers the one that was being handled

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """The answer's JSON object. Raises NetworkError; unlike the library's own, this logs no body."""
        try:
            found = json.loads(payload.decode(errors="replace"))
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict):
            return _Answer(found)
        raise NetworkError("an answer that is no JSON object")


def _understandable(status: int, body: bytes) -> tuple[int, bytes]:
    """The answer, where the Bot API can have said it. Raises NetworkError.

    The Bot API explains every refusal in JSON. A page in its stead comes from something on the way: its 403 does
    not mean that a person has blocked us, nor its 400 that a post can never be sent.
    """
    if not HTTPStatus.OK <= status <= 299:
        try:
            AiohttpRequest.parse_json_payload(body)
        except NetworkError:
            raise NetworkError(f"{status}, and no JSON object") from None
    return status, body


def _body(data: RequestData | None) -> tuple[bytes | aiohttp.FormData | None, dict[str, str]]:
    """The body and its headers: JSON, which is quick to write, and a form where files go along."""
    if data is None or not data.parameters:
        return None, {}
    if not data.contains_files:
        return json.dumps(data.parameters).encode(), {"Content-Type": "application/json"}
    form = aiohttp.FormData(quote_fields=False)
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in data.multipart_data.items():
        # The name of a cell may have brought a line break into it, which a header cannot have.
        plain = "".join(sign if sign.isprintable() else " " for sign in filename)
        form.add_field(name, content, filename=plain, content_type=mime)
    return form, {}
