"""A plain client of the Zalo Bot Platform for the tests: no library, no code of the bot's."""

from dataclasses import dataclass
from typing import Any

from tests.simulator.conftest import Served


@dataclass
class Client:
    """One bot's calls; ``post`` gives the HTTP status and the body."""

    served: Served
    token: str = ""

    async def post(self, method: str, **params: Any) -> tuple[int, Any]:
        token = self.token or self.served.world.settings.zalo_token
        address = f"{self.served.address}/zalo/bot{token}/{method}"
        async with self.served.session.post(address, json=params) as answer:
            return answer.status, await answer.json()

    async def result(self, method: str, **params: Any) -> Any:
        """What a call gives that must succeed."""
        status, body = await self.post(method, **params)
        assert (status, body["ok"]) == (200, True), body
        return body.get("result")

    async def refusal(self, method: str, **params: Any) -> tuple[int, str]:
        """Code and words of a call that must be refused, with HTTP 200."""
        status, body = await self.post(method, **params)
        assert (status, body["ok"]) == (200, False), body
        return body["error_code"], body["description"]

    async def polled(self, seconds: float = 2) -> Any:
        """The next event; None where there was none."""
        status, body = await self.post("getUpdates", timeout=seconds)
        if status == 408:
            assert body == {"ok": False, "error_code": 408, "description": "Request timeout"}
            return None
        assert (status, body["ok"]) == (200, True), body
        return body["result"]

    async def person(self, *words: str, **wish: Any) -> str:
        """A new person of Zalo who says this."""
        status, made = await self.served.control("zalo/users", **({"first_name": "Lan"} | wish))
        assert status == 200, made
        for text in words:
            await self.says(made["id"], text)
        return str(made["id"])

    async def says(self, user: str, text: str) -> Any:
        """A person types."""
        status, said = await self.served.control("zalo/send", user=user, text=text)
        assert status == 200, said
        return said

    async def seen(self, user: str) -> list[Any]:
        """What stands in the chat on the phone."""
        found: list[Any] = (await self.served.look(f"zalo/chats/{user}"))["messages"]
        return found
