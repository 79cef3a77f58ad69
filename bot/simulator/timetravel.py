"""Moving the demo's clock: by seconds, to a moment, or to the next thing that the bot has to do."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.simulator import view
from bot.simulator.people import ControlError
from bot.simulator.replies import Json

if TYPE_CHECKING:
    from bot.simulator.world import World

HEALTH_SECONDS = 5
# A minute past the deadline, so that everything that is due at it is due.
MARGIN = 60.0


async def move(world: "World", wish: Json) -> Json:
    """Move as wished; the clock afterwards. Raises ``ValueError`` for a wish that makes no sense."""
    if "advance_seconds" in wish:
        seconds = float(wish["advance_seconds"])
        if not seconds >= 0:
            raise ControlError("advance_seconds: must not be negative")
        world.move_clock(world.clock.offset + seconds)
    elif wish.get("to") == "next":
        target = await _next_due(world) + MARGIN
        if target > world.clock.now():
            world.move_clock(target - world.clock.real())
    elif isinstance(wish.get("to"), str):
        world.move_clock(moment(wish["to"]) - world.clock.real())
    else:
        raise ControlError('clock: give advance_seconds, or to: an ISO 8601 time or "next"')
    return view.clock(world)


def moment(iso: str) -> float:
    """Seconds since 1970 of an ISO 8601 time, UTC when it names no zone. Raises ``ValueError``."""
    found = datetime.fromisoformat(iso)
    return (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).timestamp()


async def _next_due(world: "World") -> float:
    if not world.settings.health_url:
        raise ControlError("no_health: the simulator was started without the bot's health address")
    try:
        async with (
            ClientSession(timeout=ClientTimeout(total=HEALTH_SECONDS)) as session,
            session.get(world.settings.health_url) as answer,
        ):
            health = await answer.json(content_type=None)
    except (ClientError, OSError, TimeoutError, ValueError) as error:
        raise ControlError("no_health: the bot's health page does not answer") from error
    due = health.get("next_due") if isinstance(health, dict) else None
    if not due:
        raise ControlError("nothing_due: the bot has nothing planned")
    return moment(str(due))
