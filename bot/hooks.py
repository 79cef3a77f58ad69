"""Seeing to it that a messenger goes on bringing updates to us: whoever has the token can send them elsewhere."""

from __future__ import annotations

import asyncio

import structlog

from bot.channels.contract import Channel, DeliveryError, Webhook, WebhookState

log = structlog.get_logger()

_LOOK_SECONDS = 300.0
RECENT_SECONDS = 600.0


async def guard(channel: Channel, webhook: Webhook, every: float = _LOOK_SECONDS) -> None:
    """Look for ever, every so many seconds; a webhook that is gone is registered again."""
    while True:
        await asyncio.sleep(every)
        try:
            state = await channel.webhook_state()
            if state.url != webhook.url:
                log.error("the webhook was taken away, registering it again", channel=channel.name)
                await channel.expect(webhook)
            elif words := failing(state):
                log.warning("updates cannot be brought", channel=channel.name, words=words, waiting=state.waiting)
        except DeliveryError as refused:
            log.warning("webhook not looked at", channel=channel.name, reason=str(refused))


def failing(state: WebhookState) -> str | None:
    """The messenger's words where updates wait and the last try to bring one failed lately."""
    recent = state.trouble_age is not None and state.trouble_age < RECENT_SECONDS
    return state.trouble if state.waiting and recent else None
