"""Fetches the picture that the bot names by its address, when it is sent: a dead link is an error."""

from typing import TYPE_CHECKING

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.simulator.files import take_in
from bot.simulator.model import StoredFile
from bot.simulator.pictures import picture_size
from bot.simulator.replies import Upload, bad_request

if TYPE_CHECKING:
    from bot.simulator.world import World

SECONDS = 20
LARGEST = 5 * 1024 * 1024
DEAD = "photo cannot be fetched"


async def picture(world: "World", address: str) -> StoredFile:
    """The picture behind an address, kept. Raises ``ApiError`` for a dead link and for what is no picture."""
    if not address.startswith(("http://", "https://")):
        raise bad_request("photo must be an address")
    try:
        async with (
            ClientSession(timeout=ClientTimeout(total=SECONDS)) as session,
            session.get(address) as answer,
        ):
            if answer.status != 200:
                raise bad_request(DEAD)
            content = await answer.content.read(LARGEST + 1)
            while len(content) <= LARGEST and (more := await answer.content.read(LARGEST)):
                content += more
            mime = answer.content_type
    except (ClientError, OSError, TimeoutError, ValueError):
        raise bad_request(DEAD) from None
    if len(content) > LARGEST:
        raise bad_request("photo is too big")
    if picture_size(content) is None:
        raise bad_request("photo is not a picture")
    return take_in(world, "photo", Upload("photo.png" if mime == "image/png" else "photo.jpg", content, mime))
