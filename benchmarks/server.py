"""A lean Bot API server for measuring: it feeds updates, answers calls and keeps the only clock that counts.

It checks nothing: `bot/simulator` does that. It does the same for every client, and is asked to prove that it is
not what limits them (`python -m benchmarks` measures it with a bare aiohttp client first).
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import signal
import time
from collections import Counter, deque
from typing import Any
from urllib.parse import unquote_plus

from aiohttp import web

from benchmarks.plans import People, make_people
from bot.simulator.rates import COUNTED, Limiter

_BOT = {"id": 123456, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
_ME = _BOT | {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
_COUNTED = frozenset(map(str.lower, COUNTED))
_FIRST_SENT = 10_000_000
_JSON = {"Content-Type": "application/json"}


class Server:
    """One bot's side of Telegram; ``plan`` says who talks to it and how (see plans.py)."""

    def __init__(self) -> None:
        self.reset({})

    def reset(self, plan: dict[str, Any]) -> None:
        """Forget everything and begin with this plan."""
        self.people: People = make_people(plan)
        self.delay = float(plan.get("delay", 0))
        self.limiter = Limiter(float(plan.get("rates", 0)))
        self.calls: Counter[str] = Counter()
        self.refused = 0
        self.sends: list[float] = []
        self.first_poll: float | None = None
        self._waiting: deque[dict[str, Any]] = deque()
        self._update = 0
        self._sent = _FIRST_SENT
        self._news = asyncio.Event()

    async def handle(self, request: web.BaseRequest) -> web.Response:
        """Every call of the bot, and the harness's own under ``/bench``."""
        path = request.path
        if path.startswith("/bench/"):
            return await self._control(request, path.removeprefix("/bench/"))
        # Telegram does not mind how a method's name is written.
        method = path.rpartition("/")[2].lower()
        params = await _params(request)
        self.calls[method] += 1
        if method == "getupdates":
            return _answer(await self._updates(params))
        if method == "getme":
            return _answer(_ME)
        if method in _COUNTED:
            return await self._send(method, params)
        if method == "answercallbackquery":
            self.people.pressed(params.get("callback_query_id", ""), time.perf_counter())
        await self._rest()
        return _answer(True)

    async def _send(self, method: str, params: dict[str, str]) -> web.Response:
        now, chat = time.perf_counter(), int(params["chat_id"])
        wait = self.limiter.admit(chat, now)
        if wait:
            self.refused += 1
            return _refused(wait)
        self.sends.append(now)
        if "message_id" in params:
            number = int(params["message_id"])
        else:
            self._sent += 1
            number = self._sent
        if self.people.hear(method, params, chat, number, now):
            self._news.set()
        await self._rest()
        return _answer(
            {
                "message_id": number,
                "date": 1_790_000_000,
                "chat": {"id": chat, "type": "private", "first_name": "Người"},
                "from": _BOT,
                "text": params.get("text", ""),
            }
        )

    async def _rest(self) -> None:
        if self.delay:
            await asyncio.sleep(self.delay)

    async def _updates(self, params: dict[str, str]) -> list[dict[str, Any]]:
        """What stands at the offset and above, at most 100, waiting for something to be there."""
        now = time.perf_counter()
        self.first_poll = now if self.first_poll is None else self.first_poll
        offset, limit = int(params.get("offset", 0)), min(int(params.get("limit", 100)), 100)
        while self._waiting and self._waiting[0]["update_id"] < offset:
            self._waiting.popleft()
        until = now + float(params.get("timeout", 0))
        while True:
            self._collect(limit)
            now = time.perf_counter()
            if self._waiting or now >= until:
                return [self._waiting[place] for place in range(min(limit, len(self._waiting)))]
            self._news.clear()
            following = self.people.next_at(now)
            rest = min(until, following if following is not None else until) - now
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), max(rest, 0.001))

    def _collect(self, limit: int) -> None:
        for said in self.people.speak(limit - len(self._waiting), time.perf_counter()):
            self._update += 1
            self._waiting.append({"update_id": self._update, **said})

    async def _control(self, request: web.BaseRequest, name: str) -> web.Response:
        if name == "start":
            self.reset(json.loads(await request.read()))
            return _answer(True)
        if name == "go":
            # A plan whose people wait for the word: the bot is up and idle by then.
            self.people = make_people(json.loads(await request.read()))
            self.sends.clear()
            self._news.set()
            return _answer(True)
        if name == "state":
            return _answer({"done": self.people.done, "first_poll": self.first_poll, "count": self.people.count})
        report = {"sends": self.sends, "calls": dict(self.calls), "refused": self.refused}
        return _answer(report | self.people.report() | {"first_poll": self.first_poll, "now": time.perf_counter()})


async def _params(request: web.BaseRequest) -> dict[str, str]:
    if not request.body_exists:
        return {}
    if request.content_type == "multipart/form-data":
        return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    if request.content_type == "application/json":
        given = json.loads(await request.read())
        return {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}
    pairs = (pair.partition("=") for pair in (await request.read()).decode().split("&"))
    return {name: unquote_plus(value) for name, _, value in pairs}


def _dump(answer: object) -> bytes:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


def _answer(result: object) -> web.Response:
    return web.Response(body=_dump({"ok": True, "result": result}), headers=_JSON)


def _refused(wait: int) -> web.Response:
    words = f"Too Many Requests: retry after {wait}"
    body = {"ok": False, "error_code": 429, "description": words, "parameters": {"retry_after": wait}}
    return web.Response(status=429, body=_dump(body), headers=_JSON)


async def main() -> None:
    """Serve on a free port, print it, and end with SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    runner = web.ServerRunner(web.Server(Server().handle, access_log=None))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await stop.wait()


if __name__ == "__main__":
    try:
        importlib.import_module("uvloop").run(main())
    except ModuleNotFoundError:
        asyncio.run(main())
