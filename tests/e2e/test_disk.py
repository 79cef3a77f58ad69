"""The program as a process on disks that are full, locked, damaged or not ours: a clear line, and nothing lost."""

import asyncio
import contextlib
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.simulator.driver import Driver, Phone
from tests.e2e.process import all_handled, bot_running, command, environment, rows
from tests.stage import empty_database

pytestmark = pytest.mark.process

# Root may write everywhere; without this right it is a user like any other.
_AS_A_USER = (
    "import ctypes, os, sys\n"
    "c = ctypes.CDLL(None)\n"
    "[c.prctl(24, right, 0, 0, 0) for right in (1, 2)]  # PR_CAPBSET_DROP: CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH\n"
    "os.execv(sys.executable, [sys.executable, '-m', 'bot', 'run'])\n"
)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)]
    try:
        subprocess.run(mounted, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as refused:
        pytest.skip(f"a small disk can be mounted by root only: {refused}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(disk: Path) -> Path:
    """Leave no room on a disk; returns the file to remove."""
    stuffing = disk / "stuffing"
    with contextlib.suppress(OSError), stuffing.open("wb", buffering=0) as much:
        while True:
            much.write(b"x" * 4096)
    return stuffing


def newer(file: Path) -> None:
    file.write_bytes(empty_database())
    with contextlib.closing(sqlite3.connect(file)) as found, found:
        found.execute("UPDATE alembic_version SET version_num = '9999'")


def damaged_page(file: Path) -> None:
    content = bytearray(empty_database())
    page = int.from_bytes(content[16:18], "big")
    middle = len(content) // page // 2 * page
    content[middle : middle + page] = b"\xa5" * page
    file.write_bytes(content)


def another_program(file: Path) -> None:
    with contextlib.closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE recipes (name)")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (newer, "newer version of this bot (9999 is not known here"),
        (lambda file: file.write_bytes(b"this is no database" * 300), "is damaged"),
        (damaged_page, "is damaged"),
        (lambda file: file.mkdir(), "is a folder, not a file"),
    ],
    ids=["newer", "garbage", "page", "folder"],
)
async def test_what_cannot_be_used_is_a_line_and_stays_as_it_was(
    tmp_path: Path, make: Callable[[Path], object], words: str
) -> None:
    file = tmp_path / "bot.db"
    make(file)
    before = file.read_bytes() if file.is_file() else None
    status, printed = await command("run", env=environment(tmp_path), folder=tmp_path)
    assert (status, printed.count("\n")) == (3, 1), printed
    assert printed.startswith(f"DATABASE_URL: {file} ")
    assert words in printed
    assert (file.read_bytes() if file.is_file() else None) == before
    assert not (tmp_path / "backups").exists()


@pytest.mark.parametrize("what", ["file", "folder", "backups"])
async def test_what_may_not_be_written_is_named(tmp_path: Path, what: str) -> None:
    data = tmp_path / "data"
    (data / "backups").mkdir(parents=True)
    (data / "bot.db").write_bytes(empty_database())
    closed = {"file": data / "bot.db", "folder": data, "backups": data / "backups"}[what]
    closed.chmod(0o400 if what == "file" else 0o500)
    try:
        status, printed = await command(env=environment(data), folder=tmp_path, python=("-c", _AS_A_USER))
    finally:
        closed.chmod(0o700)
    assert (status, printed.count("\n")) == (3, 1), printed
    name = "BOT_BACKUP_DIR" if what == "backups" else "DATABASE_URL"
    assert printed.startswith(f"{name}: ")
    assert f"{closed} cannot be written to" in printed
    assert "right to write" in printed
    assert (data / "bot.db").read_bytes() == empty_database()


async def test_a_second_bot_ends_at_once_and_the_office_waits_for_the_first(driver: Driver, tmp_path: Path) -> None:
    env = environment(tmp_path, driver.address)
    an = await driver.phone("An", start=True)
    (tmp_path / "roster.csv").write_text("Họ và tên\n")
    async with bot_running(env, tmp_path) as first:
        await an.waits_for("mã")
        (status, printed), (refused, said), (counted, _), (checked, found) = await asyncio.gather(
            command("run", env=env, folder=tmp_path),
            command("members", "import", "roster.csv", env=env, folder=tmp_path),
            command("summary", "2026", env=env, folder=tmp_path),
            command("check", env=env, folder=tmp_path),
        )
        assert (status, printed.count("\n")) == (3, 1), printed
        assert f"in use by a bot that is running (process {first.pid})" in printed
        assert (refused, said.count("\n")) == (3, 1), said
        assert f"a bot is running on it (process {first.pid})" in said
        assert "in the chat" in said
        assert counted == 1, "no cell has a cycle: it was read beside the bot"
        assert (checked, "a bot is running on it" in found) == (0, True), found
        first.kill()
        await first.wait()
    async with bot_running(env, tmp_path):
        assert await an.says("/start"), "a killed bot holds nothing"


async def test_a_file_that_another_program_holds_is_named(tmp_path: Path) -> None:
    file = tmp_path / "bot.db"
    file.write_bytes(empty_database())
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        status, printed = await command("run", env=environment(tmp_path), folder=tmp_path)
        other.execute("ROLLBACK")
    assert (status, printed.count("\n")) == (3, 1), printed
    assert "is locked by another program" in printed


@pytest.mark.parametrize("kept", [True, False], ids=["database", "first start"])
async def test_a_full_disk_at_the_start_is_named(small_disk: Path, tmp_path: Path, kept: bool) -> None:
    if kept:
        (small_disk / "bot.db").write_bytes(empty_database())
    fill(small_disk)
    status, printed = await command("run", env=environment(small_disk), folder=tmp_path)
    assert (status, printed.count("\n")) == (3, 1), printed
    assert "there is no room left" in printed
    assert not kept or (small_disk / "bot.db").read_bytes() == empty_database()


async def test_a_disk_that_fills_loses_and_doubles_nothing(
    driver: Driver, small_disk: Path, tmp_path: Path
) -> None:
    env = environment(small_disk, driver.address, BOT_ADMINS="5100000001")
    admin = await driver.phone("Quản trị", id=5100000001, start=True)
    an = await driver.phone("An", start=True)
    async with bot_running(env, tmp_path) as bot:
        await an.waits_for("mã")
        stuffing = fill(small_disk)
        await says_much(driver, an, range(20))
        told = await admin.waits_for("chưa ghi được", patience=20)
        assert "full" in told["text"]
        acknowledged = await offset(driver)
        await asyncio.sleep(4.5)
        assert await offset(driver) == acknowledged > 0, "what is not kept is not acknowledged"
        stuffing.unlink()
        await all_handled(small_disk, 22)
        assert (tmp_path / "run.log").read_text().count("nothing can be kept") == 1, "said once, tried many times"
        stuffing = fill(small_disk)
        await says_much(driver, an, range(20, 40))
        await asyncio.sleep(1)
        bot.kill()
        await bot.wait()
    assert rows(small_disk / "bot.db", "SELECT count(*) FROM inbox")[0][0] < 42, "some were not kept yet"
    stuffing.unlink()
    async with bot_running(env, tmp_path):
        await all_handled(small_disk, 42)
        await an.says("/help")
    assert rows(small_disk / "bot.db", "SELECT count(*), count(DISTINCT update_id) FROM inbox") == [(43, 43)]
    told_often = [m for m in await admin.messages() if m["from_bot"] and "chưa ghi được" in m["text"]]
    assert len(told_often) == 1


async def says_much(driver: Driver, phone: Phone, numbers: range) -> None:
    """Words that are too long for whatever room is left in the log of the database."""
    for number in numbers:
        await driver.act("send", user=phone.user, text=f"{number} " + "lời " * 900)


async def offset(driver: Driver) -> int:
    """The highest offset with which the bot has asked: everything below it is acknowledged."""
    calls = (await driver.look("calls", method="getUpdates"))["calls"]
    return max(int(call["params"].get("offset", 0)) for call in calls)


async def test_a_stop_is_quick_with_a_hanging_messenger_a_locked_database_and_a_flood(
    driver: Driver, tmp_path: Path
) -> None:
    env = environment(tmp_path, driver.address)
    an = await driver.phone("An", start=True)
    async with bot_running(env, tmp_path) as bot:
        await an.waits_for("mã")
        await driver.act("faults", kind="timeout", method="sendMessage", times=None, seconds=120)
        for number in range(250):
            await driver.act("send", user=an.user, text=f"lời {number}")
        other = sqlite3.connect(tmp_path / "bot.db", isolation_level=None, timeout=30)
        other.execute("BEGIN IMMEDIATE")
        for number in range(250):
            await driver.act("send", user=an.user, text=f"lời {number}")
        await asyncio.sleep(0.5)
        began = time.monotonic()
        bot.terminate()
        assert await asyncio.wait_for(bot.wait(), 15) == 0
        assert time.monotonic() - began < 10
        other.execute("ROLLBACK")
        other.close()
    await driver.session.delete(f"{driver.address}/control/faults")
    async with bot_running(env, tmp_path):
        await all_handled(tmp_path, 501)
    found = rows(tmp_path / "bot.db", "SELECT count(*) FROM inbox")
    assert found == [(501,)], "each once"
