"""The methods of the Zalo Bot Platform: which parameters each takes, and what is refused beforehand."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bot.simulator.html import units
from bot.simulator.replies import ApiError, Json, bad_request

LONGEST_TEXT = 2000
SECRET_LENGTHS = range(8, 257)
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
ACTIONS = frozenset({"typing"})
PARSE_MODES = frozenset({"markdown", "html"})


@dataclass(frozen=True)
class Method:
    """The names of the parameters that must be there, and of those that may."""

    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()


METHODS = {
    "getMe": Method(),
    "getUpdates": Method(takes=("timeout",)),
    "setWebhook": Method(needs=("url", "secret_token")),
    "deleteWebhook": Method(),
    "getWebhookInfo": Method(),
    "sendMessage": Method(needs=("chat_id", "text"), takes=("parse_mode", "text_styles")),
    "sendPhoto": Method(needs=("chat_id", "photo"), takes=("caption",)),
    "sendSticker": Method(needs=("chat_id", "sticker")),
    "sendVoice": Method(needs=("chat_id", "voice_url")),
    "sendChatAction": Method(needs=("chat_id", "action")),
}


def checked(name: str, params: Json, *, strict: bool) -> Json:
    """The parameters as the method takes them. Raises ``ApiError``.

    The platform leaves unknown parameters unread; ``strict`` refuses them, so that a bot that counts on buttons
    here is told.
    """
    method = METHODS.get(name)
    if method is None:
        raise ApiError(404, "Not Found: method not found")
    unknown = sorted(set(params) - set(method.needs) - set(method.takes))
    if unknown and strict:
        raise bad_request(f"{unknown[0]} is not a parameter of {name}")
    right = {key: value for key, value in params.items() if key not in unknown and value is not None}
    for key in method.needs:
        if key not in right:
            raise bad_request(f"{key} is required")
    for key in set(right) - {"timeout", "text_styles"}:
        if not isinstance(right[key], str):
            raise bad_request(f"{key} must be a string")
    return right


def check_words(words: str, name: str) -> str:
    """A text or a caption, trimmed. Raises ``ApiError`` outside 1 to 2,000 characters (counted in UTF-16 units)."""
    trimmed = words.strip()
    if not 1 <= units(trimmed) <= LONGEST_TEXT:
        raise bad_request(f"{name} must have 1 to {LONGEST_TEXT} characters")
    return trimmed


def check_choice(value: str, known: frozenset[str], name: str) -> None:
    """Raises ``ApiError`` for a word that the platform does not know."""
    if value not in known:
        raise bad_request(f"{name} is not supported")


def check_webhook(url: str, secret: str) -> None:
    """HTTPS only, or plain HTTP to this machine; a secret of 8 to 256 signs. Raises ``ApiError``."""
    parts = urlsplit(url)
    if not parts.hostname or not (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    ):
        raise bad_request("url must be an HTTPS address")
    if len(secret) not in SECRET_LENGTHS:
        raise bad_request("secret_token must have 8 to 256 characters")


def seconds_of(params: Json, otherwise: float, longest: float) -> float:
    """The ``timeout`` of a poll: the platform's table says string, its example gives a number."""
    given: Any = params.get("timeout")
    try:
        return min(max(float(otherwise if given is None else given), 0.0), longest)
    except (TypeError, ValueError):
        return otherwise
