"""The Zalo channel: polling one update a call, the webhook, sending plain words and pictures by address."""

from __future__ import annotations

from bot.channels.contract import Abilities


class ZaloChannel:
    """One bot account of the Zalo Bot Platform."""

    name = "zalo"
    abilities = Abilities(
        buttons=False,
        edits=False,
        files=False,
        markup=False,
        menu=False,
        invite_links=False,
        typing=True,
        longest_text=2000,
        longest_caption=2000,
    )

    def __init__(self, token: str, api_url: str) -> None:
        self.username = ""
