"""A place where files are handed out by address: the real web server on a real database, and a clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import Connection, event, insert, select
from yarl import URL

from bot.clock import Clock
from bot.download import Downloads
from bot.handouts import Handouts
from bot.metrics import Levels, Metrics
from bot.web import WebServer
from storage import tables
from storage.database import Database
from storage.records import Address, FormKind, MemberId, Post, PostId, Status
from tests.bot.test_metrics import read
from tests.stage import ZONE, empty_database

LAN, MINH = Address("zalo", "lan-1"), Address("zalo", "minh-2")
BOOK = b"PK\x03\x04" + bytes(range(256)) * 40
NAME = "Tổng hợp 2026.xlsx"
FILE = Post(LAN, "x", file=BOOK, file_name=NAME, member_id=MemberId(1))
IMAGE = Post(LAN, "x", file=b"\x89PNG\r\n\x1a\n0", file_name="bieu-do.png", picture=True, member_id=MemberId(1))


@dataclass
class Place:
    """The web server with files, on a real database; ``later`` moves the clock."""

    database: Database
    handouts: Handouts
    metrics: Metrics
    session: aiohttp.ClientSession
    clock_file: Path
    url: str

    async def hand_out(self, post: Post = FILE, number: int = 1) -> str:
        now = Clock(self.clock_file).now()
        address = await self.database.write(lambda tx: self.handouts.hand_out(tx, PostId(number), post, now))
        assert address is not None
        return address

    def later(self, minutes: float) -> None:
        self.clock_file.write_text(str(minutes * 60))

    async def ask(self, url: str, method: str = "GET", **more: Any) -> tuple[int, bytes, aiohttp.ClientResponse]:
        async with self.session.request(method, url, allow_redirects=False, **more) as answer:
            return answer.status, await answer.read(), answer

    async def take(self, url: str, cookie: str | None = None) -> tuple[int, bytes, str]:
        """Press the button with this cookie; the status and bytes at the end, and the cookie given."""
        brought = {"Cookie": f"chibo_tep={cookie}"} if cookie else {}
        status, body, answer = await self.ask(url, "POST", headers=brought)
        given = SimpleCookie(answer.headers.get("Set-Cookie", ""))
        mark = given["chibo_tep"].value if "chibo_tep" in given else ""
        if status != 303:
            return status, body, mark
        status, body, _ = await self.ask(str(answer.url.join(URL(answer.headers["Location"]))))
        return status, body, mark

    async def row(self, number: int = 1) -> Any:
        this = select(tables.handouts).where(tables.handouts.c.post_id == number)
        return await self.database.read(lambda tx: tx.execute(this).one_or_none())

    async def trail(self) -> list[tuple[str, str]]:
        lines = select(tables.audit.c.what, tables.audit.c.details).order_by(tables.audit.c.id)
        rows = await self.database.read(lambda tx: tx.execute(lines).all())
        return [(row.what, row.details.get("reason", "")) for row in rows]

    def counted(self, name: str) -> float:
        return read(self.metrics.page(Levels(healthy=True))).get(f"chibo_links_{name}", 0)


def people(tx: Connection) -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    tx.execute(insert(tables.cells).values(id=1, name="Chi bộ 1", settings={}))
    for id, address in ((1, LAN), (2, MINH)):
        who = {"cell_id": 1, "party_number": f"A{id}", "full_name": f"Người {id}", "language": "vi"}
        tx.execute(insert(tables.members).values(id=id, form=FormKind.NON_LEADER, status=Status.OFFICIAL, **who))
        at = {"channel": address.channel, "chat": address.chat, "member_id": id, "linked_at": now}
        tx.execute(insert(tables.accounts).values(**at, preferred=False))


@asynccontextmanager
async def opened(folder: Path, port: int, below: str = "") -> AsyncIterator[Place]:
    """The server and its database, as at a start of the process."""
    file = folder / "bot.db"
    fresh = not file.exists()
    if fresh:
        file.write_bytes(empty_database())
    database, metrics, clock_file = Database(f"sqlite+aiosqlite:///{file}"), Metrics(), folder / "clock"
    await database.open()
    if fresh:
        await database.write(people)
    url = f"http://127.0.0.1:{port}"
    files = Handouts(database, Clock(clock_file), metrics, url + below, 30)
    await files.open()

    async def healthy() -> dict[str, Any]:
        return {"ok": True}

    async def page() -> bytes:
        return b""

    async def keep(_: Any) -> None:
        raise AssertionError

    web = WebServer(f"127.0.0.1:{port}", healthy, page, metrics, {}, keep, Downloads(files, ZONE).routes())
    await web.open()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield Place(database, files, metrics, session, clock_file, url)
    await web.close()
    await database.close()


@asynccontextmanager
async def no_query(place: Place) -> AsyncIterator[list[str]]:
    """Every statement that either side of the database is asked meanwhile."""
    said: list[str] = []

    def note(*given: Any) -> None:
        said.append(str(given[2]))

    assert place.database._writer is not None
    engines = (place.database._engine.sync_engine, place.database._writer._engine)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield said
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)
