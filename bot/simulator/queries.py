"""Presses of buttons, and the bot's short answer to them."""

from typing import TYPE_CHECKING

from bot.simulator.html import units
from bot.simulator.replies import Call, bad_request

if TYPE_CHECKING:
    from bot.simulator.world import World

ANSWER_LIMIT = 200
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


def answer(world: "World", call: Call) -> bool:
    """answerCallbackQuery: once, and in time; measured in real seconds, since a person is waiting."""
    text = call.params.get("text", "")
    if units(text) > ANSWER_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    query = world.queries.pop(call.params["callback_query_id"], None)
    if query is None or world.clock.real() - query.pressed_at > world.settings.query_seconds:
        raise bad_request(TOO_OLD)
    world.emit(
        {
            "type": "answer",
            "user": query.user_id,
            "chat": query.chat_id,
            "query_id": call.params["callback_query_id"],
            "text": text,
            "alert": call.params.get("show_alert", False),
        }
    )
    return True


METHODS = {"answerCallbackQuery": answer}
