"""The program in one piece: the real rooms and channel, a database file, the local Bot API server over HTTP."""

import asyncio
import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from bot.office import import_roster, invite, make_codes
from bot.playing import ids_of, join
from bot.settings import Settings
from bot.simulator.driver import Driver, Phone, buttons_of
from storage import accounts, inbox, members, tables
from storage.database import Database
from storage.records import Address, MemberId, Raw
from tests.program import running, settings_for, states

ROSTER = """Họ và tên,Mã đảng viên,Ngày kết nạp,Loại mẫu,Trạng thái,Điện thoại,Chi bộ,Vai trò
Nguyễn Thị Lan,A1,03/02/2004,2B,Chính thức,0912000001,Chi bộ Một,Thư ký
Lê Văn Bình,A2,02/09/1985,2C,Chính thức,0912000003,Chi bộ Một,
"""


@pytest.fixture
def settings(driver: Driver, tmp_path: Path) -> Settings:
    return settings_for(tmp_path, driver.address, bot_admins=(Address("telegram", "5100000001"),))


async def codes_for(settings: Settings, tmp_path: Path) -> dict[str, str]:
    file = tmp_path / "roster.csv"
    file.write_text(ROSTER)
    assert await import_roster(settings, file, lambda _: None) == 0
    return await make_codes(settings)


async def test_the_first_secretary_joins_with_a_code_from_the_command_line(
    driver: Driver, settings: Settings, tmp_path: Path
) -> None:
    codes = await codes_for(settings, tmp_path)
    async with running(settings):
        lan = await driver.phone("Lan")
        await join(lan, codes["A1"])
        assert "open" in ids_of(await lan.screen())
        chat = await driver.look(f"chats/{lan.user}", user=lan.user)
        assert {"members", "summary", "remind"} <= {c["command"] for c in chat["commands"]}


async def test_what_is_said_while_the_bot_is_away_is_answered_once(
    driver: Driver, settings: Settings, tmp_path: Path
) -> None:
    codes = await codes_for(settings, tmp_path)
    lan = await driver.phone("Lan")
    async with running(settings):
        await join(lan, codes["A1"])
    await driver.act("send", user=lan.user, text="/menu")
    before = len(await lan.messages())
    async with running(settings):
        await lan.waits_for("Đồng chí muốn làm việc gì")
    async with running(settings) as program:
        await asyncio.sleep(0.3)
        assert await program.database.read(inbox.backlog) == (0, None)
    assert len([m for m in (await lan.messages())[before:] if m["from_bot"]]) == 1


async def test_an_update_that_cannot_be_read_stops_nothing_and_the_administrator_hears_of_it(
    driver: Driver, settings: Settings
) -> None:
    admin = await driver.phone("Quản trị", start=True)
    assert str(admin.user) == settings.bot_admins[0].chat
    async with running(settings) as program:
        await driver.act("updates", message={"message_id": "x", "chat": 7})
        await driver.act("updates", unheard_of={})
        await driver.act("updates", message=[])
        an = await driver.phone("An", start=True)
        await an.waits_for("mã")
        await admin.waits_for("để riêng")
        assert (await program.database.read(partial(states, queue=tables.inbox)))[inbox.DEAD] == 2


async def test_a_bug_in_a_room_sets_one_message_aside_and_says_so(
    driver: Driver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(settings) as program:
        an = await driver.phone("An", start=True)
        await an.waits_for("mã")
        heard = program.desk.hear

        def stumble(tx, incoming, now):  # type: ignore[no-untyped-def]
            if "nổ" in str(incoming.said):
                raise ZeroDivisionError
            return heard(tx, incoming, now)

        monkeypatch.setattr(program.desk, "hear", stumble)
        await driver.act("send", user=an.user, text="nổ")
        await an.waits_for("trục trặc")
        assert await an.says("/start"), "the next message is handled"


async def test_the_same_update_twice_is_handled_once(driver: Driver, settings: Settings) -> None:
    an = await driver.phone("An", start=True)
    async with running(settings) as program:
        await an.waits_for("mã")
        update = {
            "update_id": 9,
            "message": {
                "message_id": 900,
                "date": 1,
                "chat": {"id": an.user, "type": "private"},
                "from": {"id": an.user, "is_bot": False, "first_name": "An"},
                "text": "/help",
            },
        }
        raw = Raw("telegram", "999999", str(an.user), json.dumps(update))
        before = await program.database.read(partial(states, queue=tables.outbox))
        await program.intake.keep([raw, raw])
        await program.intake.keep([raw])
        await program.intake.drain(5)
        after = await program.database.read(partial(states, queue=tables.outbox))
        assert sum(after.values()) == sum(before.values()) + 1


async def test_many_taps_at_once_change_one_screen_and_lose_no_order(
    driver: Driver, settings: Settings, tmp_path: Path
) -> None:
    codes = await codes_for(settings, tmp_path)
    async with running(settings):
        lan = await driver.phone("Lan")
        await join(lan, codes["A1"])
        await lan.says("/menu")
        screen = await lan.screen()
        label = buttons_of(screen)[0][1]
        for _ in range(5):
            await driver.act("press", user=lan.user, message_id=screen["message_id"], data=label)
        await asyncio.sleep(0.5)
        screens = [m for m in await lan.messages() if m["from_bot"] and buttons_of(m)]
        assert len(screens) == len({m["message_id"] for m in screens})
        assert screens[-1]["message_id"] == screen["message_id"], "no flood of new messages"


async def test_a_blocked_bot_is_remembered_as_such(driver: Driver, settings: Settings, tmp_path: Path) -> None:
    codes = await codes_for(settings, tmp_path)
    async with running(settings) as program:
        lan: Phone = await driver.phone("Lan")
        await join(lan, codes["A1"])
        await driver.act("block", user=lan.user, blocked=True)
        async with asyncio.timeout(5):
            while True:
                found = await program.database.read(
                    lambda tx: accounts.speaker(tx, Address("telegram", str(lan.user)))
                )
                if found and found[2].trouble == "blocked":
                    break
                await asyncio.sleep(0.05)


async def test_no_code_is_made_for_somebody_who_was_removed(settings: Settings, tmp_path: Path) -> None:
    await codes_for(settings, tmp_path)
    said: list[str] = []
    for status, words in ((0, ""), (1, "A2: not on any roster")):
        assert await invite(settings, "A2", said.append) == status
        assert words in said[-1]
        database = Database(settings.database_url)
        await database.open()
        await database.write(lambda tx: members.remove(tx, MemberId(2), datetime.now(UTC)))
        await database.close()


async def test_a_worker_that_stumbles_leaves_the_rest_of_its_chat(
    driver: Driver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(settings) as program:
        an = await driver.phone("An", start=True)
        await an.waits_for("mã")
        set_aside = program.desk.apologise
        monkeypatch.setattr(program.desk, "hear", _explode)
        monkeypatch.setattr(program.desk, "apologise", _explode)
        await driver.act("send", user=an.user, text="nổ")
        await asyncio.sleep(0.3)
        monkeypatch.undo()
        assert program.desk.apologise == set_aside
        assert await an.says("/start"), "the next message is handled"
        assert (await program.database.read(inbox.backlog))[0] == 1


def _explode(*_: object) -> None:
    raise ZeroDivisionError
