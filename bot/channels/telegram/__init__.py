"""Telegram by python-telegram-bot: nothing outside this folder imports ``telegram``."""

from bot.channels.telegram.channel import TelegramChannel

__all__ = ["TelegramChannel"]
