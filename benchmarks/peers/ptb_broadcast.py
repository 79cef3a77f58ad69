"""python-telegram-bot with its own AIORateLimiter: a broadcast, and buttons that are answered meanwhile.

Arguments: the server's address, the first chat, how many chats, after how many seconds. Updates are handled at once
(concurrent_updates), so that only the limiter's queue, first in first out, lets a person wait.
"""

import asyncio
import sys

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    AIORateLimiter,
    Application,
    CallbackQueryHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

BUTTONS = InlineKeyboardMarkup([[InlineKeyboardButton("Bản kiểm điểm", callback_data="1:1:review")]])
BACK = InlineKeyboardMarkup([[InlineKeyboardButton("Để sau", callback_data="1:2:nav.leave")]])
_REMINDER = "Đồng chí chưa nộp bản kiểm điểm năm 2026. Hạn cuối của chi bộ còn 14 ngày."


async def menu(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    await update.message.reply_text("Đồng chí muốn làm việc gì?", reply_markup=BUTTONS)


async def tap(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    await update.callback_query.answer()
    home = update.callback_query.data.endswith("leave")
    await update.callback_query.edit_message_text("…", reply_markup=BUTTONS if home else BACK)


async def broadcast(application: Application, first: int, count: int, after: float) -> None:
    await asyncio.sleep(after)
    chats = range(first, first + count)
    await asyncio.gather(*(application.bot.send_message(chat, _REMINDER) for chat in chats))


def main(address: str, first: int, count: int, after: float) -> None:
    async def begin(application: Application) -> None:
        application.create_task(broadcast(application, first, count, after))

    application = (
        Application.builder()
        .token("123456:bench")
        .base_url(f"{address}/bot")
        .rate_limiter(AIORateLimiter(max_retries=5))
        .concurrent_updates(True)
        .post_init(begin)
        .build()
    )
    application.add_handler(MessageHandler(filters.TEXT, menu))
    application.add_handler(CallbackQueryHandler(tap))
    application.run_polling(allowed_updates=["message", "callback_query"])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
