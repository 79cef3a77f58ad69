"""The queue of updates for the bot, and the two ways to fetch it: getUpdates and a webhook."""

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.simulator.model import Update
from bot.simulator.replies import Call, Json, bad_request, conflict

if TYPE_CHECKING:
    from bot.simulator.world import World

FIRST_UPDATE = 731_000_000
SECRET = re.compile(r"^[A-Za-z0-9_-]*$")
WEBHOOK_ACTIVE = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
NO_WEBHOOK: Json = {"url": "", "secret": "", "max_connections": 40, "error": "", "error_date": 0}


def push(world: "World", kind: str, content: Json) -> int | None:
    """Queue an update unless the bot does not want its kind; its id, or none."""
    allowed = world.store.setting("allowed_updates", [])
    if allowed and kind not in allowed:
        return None
    return push_raw(world, {kind: content})


def push_raw(world: "World", body: Json) -> int:
    """Queue any update, well-formed or not, under its own or the next id; the id."""
    last = world.store.setting("last_update_id", FIRST_UPDATE)
    given = body.get("update_id")
    number = given if isinstance(given, int) and given > last else last + 1
    world.store.set("last_update_id", number)
    world.store.keep(Update(number, {"update_id": number} | {k: v for k, v in body.items() if k != "update_id"}))
    world.emit({"type": "update", "update_id": number})
    return number


def get_updates(world: "World", call: Call) -> list[Json]:
    """getUpdates without the waiting: confirms what is below the offset, gives what stands at it and above."""
    if webhook(world)["url"]:
        raise conflict(WEBHOOK_ACTIVE)
    _keep_allowed(world, call.params)
    offset = call.params.get("offset", 0)
    waiting = sorted(world.store.updates)
    if offset < 0:
        world.store.confirm(waiting[offset] if -offset <= len(waiting) else 0)
    elif offset > 0:
        world.store.confirm(offset)
    limit = min(max(call.params.get("limit", 100), 1), 100)
    return [world.store.updates[number].body for number in sorted(world.store.updates)[:limit]]


def _keep_allowed(world: "World", params: Json) -> None:
    if "allowed_updates" in params:
        world.store.set("allowed_updates", list(params["allowed_updates"]))


def webhook(world: "World") -> Json:
    """The webhook as it is set; its ``url`` is empty when there is none."""
    found: Json = world.store.setting("webhook", NO_WEBHOOK)
    return found


def set_webhook(world: "World", call: Call) -> bool:
    """setWebhook: HTTPS only, or plain HTTP to this machine, as a Bot API server in local mode takes it."""
    url = call.params.get("url", "")
    if not url:
        return delete_webhook(world, call)
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    secret = call.params.get("secret_token", "")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if not SECRET.match(secret):
        raise bad_request("secret token contains unallowed characters")
    if call.params.get("drop_pending_updates"):
        world.store.confirm(world.store.setting("last_update_id", FIRST_UPDATE) + 1)
    _keep_allowed(world, call.params)
    most = min(max(call.params.get("max_connections", 40), 1), 100)
    world.store.set("webhook", NO_WEBHOOK | {"url": url, "secret": secret, "max_connections": most})
    world.emit({"type": "webhook"})
    return True


def delete_webhook(world: "World", call: Call) -> bool:
    """deleteWebhook."""
    if call.params.get("drop_pending_updates"):
        world.store.confirm(world.store.setting("last_update_id", FIRST_UPDATE) + 1)
    world.store.set("webhook", NO_WEBHOOK)
    world.emit({"type": "webhook"})
    return True


def webhook_info(world: "World", _call: Call) -> Json:
    """getWebhookInfo."""
    now = webhook(world)
    info: dict[str, Any] = {
        "url": now["url"],
        "has_custom_certificate": False,
        "pending_update_count": len(world.store.updates),
    }
    if now["url"]:
        info["max_connections"] = now["max_connections"]
    if now["error"]:
        info |= {"last_error_message": now["error"], "last_error_date": now["error_date"]}
    allowed = world.store.setting("allowed_updates", [])
    return info | ({"allowed_updates": allowed} if allowed else {})


def webhook_failed(world: "World", words: str) -> None:
    """Remember why the last delivery failed, for getWebhookInfo."""
    world.store.set("webhook", webhook(world) | {"error": words, "error_date": int(world.clock.now())})


METHODS = {
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": webhook_info,
}
