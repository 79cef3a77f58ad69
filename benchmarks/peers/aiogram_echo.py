"""aiogram 3's bare echo: every text comes back. Arguments: the server's address, tasks (0: one by one)."""

import asyncio
import sys

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message

dispatcher = Dispatcher()


@dispatcher.message()
async def echo(message: Message) -> None:
    await message.answer(message.text or "")


async def main(address: str, tasks: int) -> None:
    bot = Bot("123456:bench", session=AiohttpSession(api=TelegramAPIServer.from_base(address)))
    await dispatcher.start_polling(
        bot, handle_as_tasks=tasks > 0, tasks_concurrency_limit=tasks or None, polling_timeout=10
    )


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
