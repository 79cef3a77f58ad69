"""Zalo by its Bot Platform: a small client of our own, because no library of it can be kept (decision 0011)."""

from bot.channels.zalo.channel import ZaloChannel

__all__ = ["ZaloChannel"]
