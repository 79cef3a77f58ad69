"""Evidence over HTTP on both messengers: photos, voices, documents; bombs, 30 MB, photos where words are asked."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, select

from bot.app import Program
from bot.settings import Settings
from bot.simulator.driver import Driver
from storage import accounts, tables
from storage.records import Address, MemberId
from tests.bot.test_program import codes_for
from tests.notes import samples
from tests.program import SIMULATED, running, settings_for

# What the test itself puts into the simulator is large.
pytestmark = pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")

PHOTO = samples.picture("PNG", (80, 40))


def sent(name: str, content: bytes) -> dict[str, str]:
    return {"name": name, "content_base64": base64.b64encode(content).decode()}


async def linked(program: Program, address: Address) -> None:
    """Make the account Bình's."""

    def work(tx: Connection) -> None:
        member = tx.execute(select(tables.members.c.id).where(tables.members.c.party_number == "A2")).scalar_one()
        accounts.link(tx, address, MemberId(member), datetime.now(UTC))

    await program.database.write(work)


async def kept(program: Program) -> list[tuple[str, str, str, str]]:
    """The files that are kept: words of the note, kind, name, digest."""
    joined = tables.evidence.join(tables.notes, tables.notes.c.id == tables.evidence.c.note_id)
    wanted = select(
        tables.notes.c.text, tables.evidence.c.kind, tables.evidence.c.file_name, tables.evidence.c.digest
    ).select_from(joined)
    found = await program.database.read(lambda tx: tx.execute(wanted.order_by(tables.evidence.c.id)).all())
    return [tuple(row) for row in found]


async def noted(program: Program) -> list[str]:
    found = await program.database.read(
        lambda tx: tx.execute(select(tables.notes.c.text).order_by(tables.notes.c.id)).scalars().all()
    )
    return list(found)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
async def settings(driver: Driver, tmp_path: Path) -> Settings:
    found = settings_for(
        tmp_path, driver.address, zalo_token=SecretStr(SIMULATED.zalo_token), zalo_api_url=f"{driver.address}/zalo"
    )
    await codes_for(found, tmp_path)
    return found


async def test_photos_voices_and_documents_over_telegram(driver: Driver, settings: Settings) -> None:
    async with running(settings) as program:
        binh = await driver.phone("Bình", start=True)
        await linked(program, Address("telegram", str(binh.user)))
        act = partial(driver.act, "send", user=binh.user)
        await act(photo=sent("a.png", PHOTO), caption="/note Đi thực tế")
        await binh.waits_for("Đã giữ anh-1.png")
        await act(voice=sent("v.ogg", samples.VOICE))
        await binh.waits_for("Đã giữ ghi-am-2.ogg")
        await binh.sends_file("Giấy khen.pdf", samples.PDF)
        await binh.waits_for("Đã giữ Giấy khen.pdf")
        await binh.sends_file("bom.png", samples.bomb())
        await binh.waits_for("kích thước quá lớn")
        await binh.sends_file("lon.pdf", samples.PDF + bytes(30 * 1024 * 1024), patience=20)
        await binh.waits_for("lớn hơn 5 MB")
        assert await kept(program) == [
            ("Đi thực tế", "picture", "anh-1.png", digest(PHOTO)),
            ("Đi thực tế", "voice", "ghi-am-2.ogg", digest(samples.VOICE)),
            ("Đi thực tế", "document", "Giấy khen.pdf", digest(samples.PDF)),
        ]
        downloads = [call for call in await calls(driver) if call["method"] == "getFile"]
        assert len(downloads) == 4, "what is too large is not even asked for"


async def test_a_photo_where_words_are_asked_is_neither_fetched_nor_kept(
    driver: Driver, settings: Settings
) -> None:
    async with running(settings) as program:
        binh = await driver.phone("Bình", start=True)
        await linked(program, Address("telegram", str(binh.user)))
        await binh.says("/menu")
        await driver.act("send", user=binh.user, photo=sent("a.png", PHOTO), caption="không phải lệnh")
        await binh.waits_for("sau khi gõ “ghi chép”")
        stranger = await driver.phone("Lạ", start=True)
        await driver.act("send", user=stranger.user, photo=sent("a.png", PHOTO), caption="/note của người lạ")
        await stranger.answered(5)
        assert await kept(program) == []
        assert await noted(program) == []
        assert not [call for call in await calls(driver) if call["method"] == "getFile"]


async def test_photos_and_voices_by_address_over_zalo(driver: Driver, settings: Settings) -> None:
    async with running(settings) as program:
        binh = await driver.zalo_phone("Bình")
        await linked(program, Address("zalo", str(binh.user)))
        act = partial(driver.act, "zalo/send", user=binh.user)
        await act(photo=sent("a.png", PHOTO), caption="/note Hội nghị tổng kết")
        await binh.waits_for("Đã giữ anh-1.png")
        await act(voice=sent("v.aac", b"\xff\xf1" + bytes(200)))
        await binh.waits_for("Đã giữ ghi-am-2.aac")
        await act(photo=sent("b.png", samples.bomb()), caption="Ảnh toàn cảnh")
        await binh.waits_for("kích thước quá lớn")
        await act(photo=sent("c.png", PHOTO + bytes(6 * 1024 * 1024)), caption="Ảnh thứ ba")
        await binh.waits_for("chưa tải được")
        assert [(text, name) for text, _, name, _ in await kept(program)] == [
            ("Hội nghị tổng kết\nẢnh toàn cảnh\nẢnh thứ ba", "anh-1.png"),
            ("Hội nghị tổng kết\nẢnh toàn cảnh\nẢnh thứ ba", "ghi-am-2.aac"),
        ]


async def calls(driver: Driver) -> list[dict[str, Any]]:
    found: Any = await driver.look("calls")
    return found if isinstance(found, list) else found["calls"]
