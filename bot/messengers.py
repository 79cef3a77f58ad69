"""The messengers: opened as far as they can be reached, tried again where they cannot, then listened to."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import structlog

from bot import hooks
from bot.channels.contract import Channel, DeliveryError, Keep, Webhook
from bot.settings import Settings, SettingsTrouble, setting_of
from bot.web import hook_path
from handlers.dialogue.room import Door

log = structlog.get_logger()

# Once one messenger is open, so long the others may take before the bot begins without them.
_GRACE_SECONDS = 3.0
# Between tries of one that cannot be reached; of one that refuses us, where only a person can help.
_PAUSES: Sequence[float] = (5, 10, 20, 40, 60)
_REFUSED_PAUSE = 300.0


class StoppedEarly(Exception):  # noqa: N818 - a condition with a name
    """The program was told to stop before it had begun."""


# A messenger refuses the token or the webhook, or cannot be reached.
Shut = DeliveryError | SettingsTrouble


class Messengers:
    """Every channel that the settings name. ``channels`` are all of them, by name, open or not.

    One that is open stays so, whatever happens to its server later: its polls and posts are tried again.
    """

    def __init__(self, channels: Iterable[Channel], settings: Settings) -> None:
        self.channels: Mapping[str, Channel] = {channel.name: channel for channel in channels}
        self._settings = settings
        self._open_since: dict[str, float] = {}
        self._why: dict[str, Shut] = {}

    @property
    def doors(self) -> tuple[Door, ...]:
        """Where people find the bot: on every messenger that is open, whose name for us is known by that."""
        opened = (c for c in self.channels.values() if self.is_open(c.name))
        return tuple(Door(c.name, c.username, c.invite_link, c.abilities.files) for c in opened)

    @property
    def shut(self) -> dict[str, str]:
        """What is not open, and why, in words for whoever runs the bot: the setting to look at comes first."""
        return {name: _words(name, self._why.get(name)) for name in self.channels if not self.is_open(name)}

    def is_open(self, name: str) -> bool:
        """Whether the messenger has let us in."""
        return name in self._open_since

    def open_since(self, name: str) -> float | None:
        """Loop time at which it let us in."""
        return self._open_since.get(name)

    async def open(self, stop: asyncio.Event | None = None) -> None:
        """Open whatever can be opened now. Raises what the first says where none can: DeliveryError with its
        ``channel``, or SettingsTrouble; StoppedEarly where ``stop`` was set meanwhile."""
        stopping = asyncio.create_task((stop or asyncio.Event()).wait(), name="stop")
        trying = {asyncio.create_task(self._open(c), name=f"open {c.name}"): c.name for c in self.channels.values()}
        try:
            await self._long_enough(set(trying), stopping)
        finally:
            for task in (stopping, *trying):
                task.cancel()
            await asyncio.gather(stopping, *trying, return_exceptions=True)
        for task, name in trying.items():
            failure = None if task.cancelled() else task.exception()
            if isinstance(failure, Shut):
                self._why[name] = failure
            elif failure is not None:
                raise failure
        if stop is not None and stop.is_set():
            raise StoppedEarly
        if not self._open_since:
            raise self._first_reason()
        for name, why in self.shut.items():
            log.error("messenger not open, the bot begins without it and tries again", channel=name, reason=why)

    async def _long_enough(self, trying: set[asyncio.Task[None]], stopping: asyncio.Task[Literal[True]]) -> None:
        """Wait until all have answered, or one is open and the others have had their time, or we are to stop."""
        loop, until = asyncio.get_running_loop(), math.inf
        while trying and not stopping.done() and loop.time() < until:
            if self._open_since:
                until = min(until, loop.time() + _GRACE_SECONDS)
            seconds = None if until == math.inf else until - loop.time()
            done, _ = await asyncio.wait({stopping, *trying}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            trying = {task for task in trying if task not in done}

    async def open_at_last(self, channel: Channel) -> None:
        """Try again, with growing pauses, until it is open."""
        tries = 0
        while not self.is_open(channel.name):
            why = self._why.get(channel.name)
            await asyncio.sleep(_REFUSED_PAUSE if _is_refusal(why) else _PAUSES[min(tries, len(_PAUSES) - 1)])
            tries += 1
            try:
                await self._open(channel)
            except (DeliveryError, SettingsTrouble) as still:
                self._why[channel.name] = still
                log.warning("messenger still not open", channel=channel.name, reason=_words(channel.name, still))
        log.info("messenger open", channel=channel.name, tries=tries)

    async def listen(self, channel: Channel, keep: Keep) -> None:
        """Have what people say there for ever: fetched, or brought to a webhook that is looked after."""
        webhook = self.webhook_of(channel)
        if webhook is None:
            await channel.poll(keep)
        else:
            await hooks.guard(channel, webhook)

    def webhook_of(self, channel: Channel) -> Webhook | None:
        """Where this channel's updates are brought; None where they are polled."""
        url, secret = self._settings.bot_webhook_url, self._settings.bot_webhook_secret
        if self._settings.bot_mode == "polling" or url is None or secret is None:
            return None
        return Webhook(url + hook_path(channel.name), secret.get_secret_value())

    async def close(self) -> None:
        """Close the connections of all."""
        for channel in self.channels.values():
            await channel.close()

    async def _open(self, channel: Channel) -> None:
        try:
            await channel.open()
            await self._expect(channel)
        except DeliveryError as refused:
            refused.channel = channel.name
            raise
        self._why.pop(channel.name, None)
        self._open_since[channel.name] = asyncio.get_running_loop().time()

    async def _expect(self, channel: Channel) -> None:
        try:
            await channel.expect(self.webhook_of(channel))
        except DeliveryError as refused:
            if self._settings.bot_mode == "polling" or refused.everywhere or refused.retry_after is not None:
                raise
            raise SettingsTrouble(f"BOT_WEBHOOK_URL: {refused}") from None

    def _first_reason(self) -> Shut:
        """Of all that hinder, the first that is worth stopping for: a refusal before a server out of reach."""
        reasons = [self._why[name] for name in self.channels]
        said = next((why for why in reasons if _is_refusal(why)), reasons[0])
        for name, why in self._why.items():
            if why is not said:
                log.error("messenger not open", channel=name, reason=_words(name, why))
        return said


def _is_refusal(why: Shut | None) -> bool:
    """Whether a person has to do something about it."""
    return isinstance(why, SettingsTrouble) or (why is not None and why.everywhere)


def _words(name: str, why: Shut | None) -> str:
    if isinstance(why, SettingsTrouble):
        return str(why)
    refused = why is not None and why.everywhere
    return f"{setting_of(name, token=refused)}: {why or 'no answer yet'}"
