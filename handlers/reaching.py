"""Where somebody with several accounts is reached, in plain words: for themselves and for their secretary."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.dialogue.phrases import Lines, Phrase, lines, t
from storage.records import Account


def channel_name(channel: str) -> str:
    """How a messenger is called: ``Zalo``."""
    return channel.title()


def reached_by(accounts: Sequence[Account]) -> Phrase | None:
    """Which messengers somebody uses, and which of them takes nothing; None where there is only one.

    ``accounts``: all of a member's, the one where they are reached first.
    """
    if len(accounts) < 2:
        return None
    names = Lines(tuple(t("reaching.name", channel=channel_name(a.address.channel)) for a in accounts), gap=", ")
    return lines(t("reaching.all", channels=names), passed_over(accounts))


def passed_over(accounts: Sequence[Account]) -> Phrase | None:
    """Which messengers take nothing, why, and which one is used instead; None where none is passed over."""
    lost = [account for account in accounts if account.trouble is not None]
    if not lost or len(lost) == len(accounts):
        return None
    via = channel_name(accounts[0].address.channel)
    return lines(
        *(
            t(
                "reaching.instead",
                channel=channel_name(account.address.channel),
                why=t(f"reminders.why.{account.trouble}"),
                via=via,
            )
            for account in lost
        )
    )
