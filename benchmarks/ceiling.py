"""A client that does nothing but send, 32 calls at once: what server and aiohttp allow at most."""

import asyncio
import sys

import aiohttp


async def main(address: str, calls: int) -> None:
    """Send so many messages and end."""
    left = iter(range(calls))
    async with aiohttp.ClientSession() as session:

        async def send() -> None:
            for number in left:
                body = {
                    "chat_id": str(number),
                    "text": "Đã lưu. Đồng chí viết tiếp được, hoặc bấm nút để sang câu sau.",
                }
                async with session.post(f"{address}/bot123456:bench/sendMessage", data=body) as answer:
                    await answer.read()

        await asyncio.gather(*(send() for _ in range(32)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
