"""The simulator refuses what Telegram refuses: rules as tables, the real python-telegram-bot, a browser."""
