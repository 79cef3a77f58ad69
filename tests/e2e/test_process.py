"""The program as a process: what it says when something is wrong, and what a kill costs."""

import asyncio
import time
from pathlib import Path

import pytest

from bot.playing import ids_of, join
from bot.simulator.driver import Driver
from tests.e2e.process import all_handled, bot_running, command, environment
from tests.program import SIMULATED

pytestmark = pytest.mark.process

ROSTER = """Họ và tên,Mã đảng viên,Ngày kết nạp,Loại mẫu,Trạng thái,Điện thoại,Chi bộ,Vai trò
Nguyễn Thị Lan,A1,03/02/2004,2B,Chính thức,0912000001,Chi bộ Một,Thư ký
"""


async def invited(folder: Path, env: dict[str, str]) -> str:
    """Import one secretary from the command line; returns their code."""
    (folder / "roster.csv").write_text(ROSTER)
    status, printed = await command("members", "import", "roster.csv", env=env, folder=folder)
    assert (status, printed.split()[0]) == (0, "+1")
    status, printed = await command("members", "invite", "A1", env=env, folder=folder)
    assert status == 0
    return printed.strip()


@pytest.mark.parametrize(
    ("wrong", "name"),
    [({"BOT_TOKEN": ""}, "BOT_TOKEN or ZALO_TOKEN"), ({"BOT_TIMEZONE": "Asia/Nowhere"}, "BOT_TIMEZONE")],
)
async def test_a_wrong_setting_is_one_line_and_exit_status_2(
    tmp_path: Path, wrong: dict[str, str], name: str
) -> None:
    status, printed = await command("run", env=environment(tmp_path, **wrong), folder=tmp_path)
    assert status == 2
    assert printed.startswith(f"{name}: ")
    assert printed.count("\n") == 1


async def test_a_refused_token_is_named(driver: Driver, tmp_path: Path) -> None:
    env = environment(tmp_path, driver.address, BOT_TOKEN="123456:somebody-else-s-token-entirely")
    status, printed = await command("run", env=env, folder=tmp_path)
    assert status == 2
    assert printed.startswith("BOT_TOKEN: ")
    assert "somebody-else" not in printed


async def test_check_says_what_is_in_order_and_what_is_not(driver: Driver, tmp_path: Path) -> None:
    status, printed = await command("check", env=environment(tmp_path, driver.address), folder=tmp_path)
    assert status == 0
    assert [line.split()[0] for line in printed.splitlines()] == [
        "settings",
        "database",
        "prints",
        "token",
        "clock",
    ]
    status, printed = await command(
        "check", env=environment(tmp_path, driver.address, BOT_TOKEN=""), folder=tmp_path
    )
    assert status == 2
    assert "BOT_TOKEN or ZALO_TOKEN: missing" in printed


async def test_a_damaged_database_is_a_line_and_is_left_alone(driver: Driver, tmp_path: Path) -> None:
    (tmp_path / "bot.db").write_bytes(b"this is no database" * 300)
    status, printed = await command("run", env=environment(tmp_path, driver.address), folder=tmp_path)
    assert status == 3
    assert printed.startswith("DATABASE_URL: ")
    assert "is damaged" in printed
    assert (tmp_path / "bot.db").read_bytes() == b"this is no database" * 300


async def test_a_killed_bot_goes_on_where_it_was(driver: Driver, tmp_path: Path) -> None:
    env = environment(tmp_path, driver.address)
    code = await invited(tmp_path, env)
    lan = await driver.phone("Lan")
    async with bot_running(env, tmp_path) as bot:
        await join(lan, code)
        await lan.presses("open")
        await lan.says("/help")
        bot.kill()
        await bot.wait()
    await driver.act("send", user=lan.user, text="tro lai viec dang lam")
    async with bot_running(env, tmp_path):
        screen = await lan.waits_for("Đồng chí muốn làm việc gì")
        assert "review" in ids_of(screen), "the state outlived the process, and the word was heard"


async def test_a_stop_is_quick_and_clean(driver: Driver, tmp_path: Path) -> None:
    env = environment(tmp_path, driver.address)
    an = await driver.phone("An")
    async with bot_running(env, tmp_path) as bot:
        await an.says("/start")
        began = time.monotonic()
        bot.terminate()
        assert await asyncio.wait_for(bot.wait(), 10) == 0
        assert time.monotonic() - began < 10
    log = (tmp_path / "run.log").read_text()
    assert "Traceback" not in log
    assert SIMULATED.token not in log


async def test_a_stop_says_what_it_has_heard_to_those_who_wait(driver: Driver, tmp_path: Path) -> None:
    env = environment(tmp_path, driver.address, BOT_RATES="1")
    an = await driver.phone("An")
    async with bot_running(env, tmp_path) as bot:
        await an.says("/start")
        for _ in range(2):  # the second of them has to wait for a second, by the limits of its chat
            await driver.act("send", user=an.user, text="/help")
        await all_handled(tmp_path, 3)
        bot.terminate()
        began = time.monotonic()
        assert await asyncio.wait_for(bot.wait(), 10) == 0
        assert time.monotonic() - began < 4
    assert len([m for m in await an.messages() if m["from_bot"]]) == 3


async def test_a_second_demo_on_the_same_port_touches_nothing(driver: Driver, tmp_path: Path) -> None:
    kept = tmp_path / "data" / "demo" / "ready"
    kept.parent.mkdir(parents=True)
    kept.touch()
    port = driver.address.rsplit(":", 1)[-1]
    env = environment(tmp_path, PORT=port, RESET="1")
    status, printed = await command("demo", env=env, folder=tmp_path)
    assert status == 1
    assert printed.startswith(f"PORT: {port} is in use")
    assert kept.exists()
