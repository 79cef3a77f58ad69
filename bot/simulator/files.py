"""Files: taken in from the bot and from people, given out by id. Telegram's sizes and words."""

import hashlib
import secrets
from pathlib import PurePath
from typing import TYPE_CHECKING

from bot.simulator.model import StoredFile
from bot.simulator.pictures import picture_size
from bot.simulator.replies import Call, Json, Upload, bad_request

if TYPE_CHECKING:
    from bot.simulator.world import World

UPLOAD_LIMIT = 50 * 1024 * 1024
PHOTO_LIMIT = 10 * 1024 * 1024
DOWNLOAD_LIMIT = 20 * 1024 * 1024
LONGEST_SIDES = 10_000
STEEPEST = 20
FOLDERS = {"photo": "photos", "document": "documents", "voice": "voice", "sticker": "stickers", "video": "videos"}
PREFIXES = {"photo": "AgACAgUAAxkB", "document": "BQACAgUAAxkB", "voice": "AwACAgUAAxkB", "sticker": "CAACAgUAAxkB"}


def take_in(world: "World", kind: str, upload: Upload) -> StoredFile:
    """Keep the bytes under a new file id."""
    number = world.store.setting("last_file", 0) + 1
    world.store.set("last_file", number)
    suffix = PurePath(upload.name).suffix.lower()
    suffix = suffix if suffix[1:].isalnum() and suffix.isascii() and len(suffix) <= 8 else ".bin"
    width, height = picture_size(upload.content) or (0, 0)
    file = StoredFile(
        id=PREFIXES.get(kind, "BAACAgUAAxkB") + secrets.token_urlsafe(36),
        unique_id="AgAD" + hashlib.sha256(upload.content + kind.encode()).hexdigest()[:12],
        kind=kind,
        name=upload.name,
        mime=upload.mime,
        size=len(upload.content),
        path=f"{FOLDERS[kind]}/file_{number}{suffix}",
        width=width,
        height=height,
    )
    world.store.put_bytes(file.path, upload.content)
    world.store.keep(file)
    return file


def sent_file(world: "World", call: Call, field: str) -> StoredFile:
    """The file that a bot sends: uploaded, or an id that it had before. Raises ``ApiError`` 400."""
    given = call.params.get(field)
    name = field if given is None else given.removeprefix("attach://")
    upload = call.files.get(name)
    if upload is not None:
        _check_upload(field, upload)
        return take_in(world, field, upload)
    if given is None or given.startswith("attach://"):
        raise bad_request(f"there is no {field} in the request")
    if given.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    file = world.store.files.get(given)
    if file is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if file.kind != field:
        raise bad_request(f"can't use file of type {file.kind.title()} as {field.title()}")
    return file


def _check_upload(field: str, upload: Upload) -> None:
    size = len(upload.content)
    if not size:
        raise bad_request("file must be non-empty")
    limit = PHOTO_LIMIT if field == "photo" else UPLOAD_LIMIT
    if size > limit:
        raise bad_request(f"file of size {size} bytes is too big for a {field}; the maximum size is {limit} bytes")
    if field != "photo":
        return
    sides = picture_size(upload.content)
    if sides is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    if sum(sides) > LONGEST_SIDES or min(sides) == 0 or max(sides) > STEEPEST * min(sides):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")


def described(file: StoredFile) -> Json:
    """The part of a message that holds the file: ``{"document": {…}}``, ``{"photo": [{…}]}``, …"""
    common: Json = {"file_id": file.id, "file_unique_id": file.unique_id, "file_size": file.size}
    sides = {"width": file.width or 512, "height": file.height or 512}
    match file.kind:
        case "photo":
            # One size only: the picture is not compressed again here.
            return {"photo": [common | sides]}
        case "sticker":
            flags = {"type": "regular", "is_animated": False, "is_video": False, "emoji": "🙂"}
            return {"sticker": common | sides | flags}
        case "voice":
            return {"voice": common | {"duration": 3, "mime_type": file.mime}}
        case "video":
            return {"video": common | sides | {"duration": 3, "mime_type": file.mime, "file_name": file.name}}
        case _:
            return {"document": common | {"file_name": file.name, "mime_type": file.mime}}


def get_file(world: "World", call: Call) -> Json:
    """getFile: where to download, up to 20 MB."""
    file = world.store.files.get(call.params["file_id"])
    if file is None:
        raise bad_request("invalid file_id")
    if file.size > DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    return {
        "file_id": file.id,
        "file_unique_id": file.unique_id,
        "file_size": file.size,
        "file_path": file.path,
    }
