"""The page with the phones: three static files and its words."""

from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from bot.simulator.labels import labels

if TYPE_CHECKING:
    from bot.simulator.world import World

FOLDER = Path(__file__).with_name("page")
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}


def add_routes(app: web.Application, _world: "World") -> None:
    """``/`` and what it loads."""

    def serve(file: Path) -> None:
        async def handler(_request: web.Request) -> web.Response:
            text = file.read_text("utf-8")  # noqa: ASYNC240 - a small local file
            return web.Response(text=text, content_type=TYPES[file.suffix], charset="utf-8")

        app.router.add_get("/" if file.name == "index.html" else f"/page/{file.name}", handler)

    for file in sorted(FOLDER.iterdir()):
        if file.suffix in TYPES:
            serve(file)

    async def words(request: web.Request) -> web.Response:
        return web.json_response(labels(request.query.get("lang", "vi")))

    app.router.add_get("/control/labels", words)
