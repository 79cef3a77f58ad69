"""What the examples share: a local server at a past date, a roster, the program on both messengers, figures."""

from __future__ import annotations

import asyncio
import csv
import io
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import structlog
from pydantic import SecretStr

from bot.app import Program
from bot.office import import_roster, make_codes
from bot.settings import Settings
from bot.simulator.driver import Driver
from bot.simulator.server import start
from bot.simulator.settings import SimulatorSettings

TODAY = "2020-12-01T02:00:00+00:00"
DEADLINE = "25/12/2020"
_COLUMNS = (
    "Họ và tên",
    "Mã đảng viên",
    "Ngày kết nạp",
    "Loại mẫu",
    "Trạng thái",
    "Điện thoại",
    "Chi bộ",
    "Vai trò",
    "Ngày sinh",
    "Chức vụ",
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: what was published (or follows from it), and what the program says."""

    name: str
    expected: str
    got: str

    @property
    def right(self) -> bool:
        """Whether the program says what was published."""
        return self.expected == self.got

    @property
    def line(self) -> str:
        """As ``make examples`` prints it."""
        return f"{'ok' if self.right else 'DIFFERS':8} {self.name}: {self.expected}, got {self.got}"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the invented roster."""

    number: str
    name: str
    cell: str
    role: str = ""
    form: str = "2B"
    status: str = "Chính thức"
    admitted: str = "03/02/2005"
    born: str = ""
    position: str = ""


@asynccontextmanager
async def installation(
    folder: Path, people: Sequence[Person], *, ring_seconds: float = 3600, today: str = TODAY
) -> AsyncIterator[tuple[Settings, dict[str, str], Driver]]:
    """A local server on 1 December 2020 (or ``today``), an empty database, the roster imported, a code each."""
    clock = folder / "clock"
    simulated = SimulatorSettings(port=0, rates="off", clock_file=clock)
    runner, address = await start(simulated)
    own = f"127.0.0.1:{_free_port()}"
    async with aiohttp.ClientSession() as session:
        driver = Driver(address, session)
        await driver.act("clock", to=today)
        settings = Settings(
            bot_token=SecretStr(simulated.token),
            bot_api_url=address,
            zalo_token=SecretStr(simulated.zalo_token),
            zalo_api_url=f"{address}/zalo",
            bot_listen=own,
            bot_public_url=f"http://{own}",
            database_url=f"sqlite+aiosqlite:///{folder / 'chibo.db'}",
            bot_clock_file=clock,
            bot_rates=1000,
            bot_ring_seconds=ring_seconds,
        )
        file, refused = folder / "roster.csv", list[str]()
        file.write_text(_roster(people))
        if await import_roster(settings, file, refused.append):
            raise RuntimeError(f"the roster was refused: {refused}")
        yield settings, await make_codes(settings), driver
    await runner.cleanup()


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[None]:
    """The bot, from its start to its orderly stop."""
    program = Program(settings)
    await program.start()
    try:
        yield
    finally:
        await program.stop()


@asynccontextmanager
async def running_apart(settings: Settings, folder: Path) -> AsyncIterator[None]:
    """The bot as a process of its own, so that a second core is used; its log is ``run.log`` in the folder."""
    given = settings.model_dump(exclude_unset=True)
    bare = {n: v.get_secret_value() if isinstance(v, SecretStr) else v for n, v in given.items()}
    ours = {name.upper(): str(value) for name, value in bare.items()}
    with (folder / "run.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"), env=os.environ | ours, stdout=log, stderr=log
        )
    try:
        yield
    finally:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.wait(), 30)
    if process.returncode:
        raise RuntimeError(f"the bot ended with {process.returncode}, see {folder / 'run.log'}")


def told(figures: Sequence[Figure]) -> int:
    """Print a line a figure; how many differ from what was expected."""
    for figure in figures:
        print(figure.line)
    return sum(not figure.right for figure in figures)


def only_figures() -> None:
    """Keep the bot's own log out of what an example prints, but for what goes wrong."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


def _roster(people: Sequence[Person]) -> str:
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(_COLUMNS)
    for p in people:
        known = (p.name, p.number, p.admitted, p.form, p.status, "0912345678", p.cell, p.role, p.born, p.position)
        sheet.writerow(known)
    return out.getvalue()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
