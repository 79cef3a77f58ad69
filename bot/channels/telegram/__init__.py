"""Telegram by python-telegram-bot: nothing outside this folder imports ``telegram``."""

import os

# python-telegram-bot 22 gives the seconds of a 429 as timedelta only where this is set, and warns otherwise.
os.environ.setdefault("PTB_TIMEDELTA", "1")

from bot.channels.telegram.channel import TelegramChannel

__all__ = ["TelegramChannel"]
