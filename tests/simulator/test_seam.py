"""The world behind python-telegram-bot's ``BaseRequest`` seam: the same rules without HTTP."""

import json
from typing import Any

import pytest
from telegram import Bot
from telegram.error import Forbidden
from telegram.request import BaseRequest, RequestData

from bot.simulator import groups
from bot.simulator.replies import Upload
from bot.simulator.world import World
from tests.simulator.conftest import Stage


class Seam(BaseRequest):
    """Hands each call to a world."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    @property
    def read_timeout(self) -> float:
        return 1.0

    async def initialize(self) -> None:
        pass

    async def shutdown(self) -> None:
        pass

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **__: Any
    ) -> tuple[int, bytes]:
        params: dict[str, Any] = request_data.json_parameters if request_data else {}
        parts: dict[str, Any] = (request_data.multipart_data if request_data else None) or {}
        files = {name: Upload(part[0], part[1], part[2]) for name, part in parts.items()}
        reply = self._world.call(url.rsplit("/", 1)[1], params, files)
        return reply.status, json.dumps(reply.payload).encode()


async def test_the_same_rules_without_http(stage: Stage) -> None:
    token = stage.world.settings.token
    async with Bot(token, request=Seam(stage.world), get_updates_request=Seam(stage.world)) as bot:
        assert (await bot.get_updates())[0].message is not None
        sent = await bot.send_document(stage.user, b"abc", filename="a.txt", caption="<b>a</b>", parse_mode="HTML")
        assert sent.document is not None
        assert (sent.document.file_name, sent.document.file_size, sent.caption) == ("a.txt", 3, "a")
        groups.set_blocked(stage.world, {"user": stage.user, "blocked": True})
        with pytest.raises(Forbidden, match="bot was blocked by the user"):
            await bot.send_message(stage.user, "x")
