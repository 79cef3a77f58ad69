"""Buttons under a message: what Telegram lets through."""

from typing import Any

from bot.simulator.replies import Json, bad_request

MOST_BUTTONS = 100
DATA_BYTES = 64
ACTIONS = ("url", "callback_data", "web_app", "login_url", "switch_inline_query", "copy_text", "pay")
MORE_ACTIONS = ("switch_inline_query_current_chat", "switch_inline_query_chosen_chat", "callback_game")


def sent_markup(value: Any) -> Json | None:
    """The inline keyboard of a new message, if any. Raises ``ApiError`` 400."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in value:
        return inline_markup(value)
    if "keyboard" in value:
        raise bad_request("reply keyboards are not shown by the simulator, use an inline keyboard")
    # Taking a reply keyboard away and asking for a reply change nothing on these phones.
    return None


def inline_markup(value: Any) -> Json | None:
    """An inline keyboard; none when it has no button. Raises ``ApiError`` 400."""
    if value is None:
        return None
    if not isinstance(value, dict) or "inline_keyboard" not in value:
        raise bad_request("inline keyboard expected")
    rows = [[_button(button) for button in row] for row in value["inline_keyboard"]]
    rows = [row for row in rows if row]
    if sum(map(len, rows)) > MOST_BUTTONS:
        raise bad_request("reply markup is too long")
    return {"inline_keyboard": rows} if rows else None


def _button(button: Json) -> Json:
    kept = {name: value for name, value in button.items() if value is not None}
    if not str(kept.get("text", "")).strip():
        raise bad_request('can\'t parse inline keyboard button: field "text" must be of type String')
    chosen = [name for name in ACTIONS if kept.get(name) not in (None, "")]
    if not chosen and not any(name in kept for name in MORE_ACTIONS):
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(str(kept.get("callback_data", "")).encode()) > DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    url = kept.get("url")
    if url is not None and not str(url).startswith(("http://", "https://", "tg://", "t.me/")):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    return kept
