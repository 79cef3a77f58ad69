"""The demo: a local server for both messengers, the bot itself, and a sample cell whose people talk to it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from importlib import resources
from pathlib import Path

import aiohttp
from pydantic import SecretStr

from bot.demo_cast import fill_the_cell, play_the_opening
from bot.office import import_roster, make_codes
from bot.settings import Settings
from bot.simulator.driver import Driver, PhoneError
from bot.simulator.settings import SimulatorSettings

FOLDER = Path("data/demo")
_START_SECONDS = 30.0


class DemoTrouble(Exception):  # noqa: N818 - told to a person as a line
    """The demo cannot start; the message says why."""


async def run_demo(port: int, *, reset: bool, folder: Path = FOLDER) -> int:
    """Run until Ctrl-C; everything is kept in ``folder``. Returns the exit status."""
    if not _is_free(port):
        _say(f"PORT: {port} is in use; stop what runs there, or choose another: PORT=… make demo")
        return 1
    if reset and folder.exists():
        shutil.rmtree(folder)
    first_time = not (folder / "ready").exists()
    if first_time and folder.exists():
        shutil.rmtree(folder)  # an opening that was broken off is played again from the beginning
    folder.mkdir(parents=True, exist_ok=True)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    try:
        async with contextlib.AsyncExitStack() as stack:
            address = f"http://127.0.0.1:{port}"
            health = f"http://127.0.0.1:{_free_port()}/healthz"
            processes = [await stack.enter_async_context(_simulator(port, folder, health))]
            settings = _settings(folder, address, health)
            codes: dict[str, str] = {}
            if first_time:
                _say("Đang dựng chi bộ mẫu, khoảng nửa phút… / Making a sample cell, about half a minute…")
                codes = await _roster(settings, folder)
            processes.append(await stack.enter_async_context(_bot(settings, folder, health)))
            session = await stack.enter_async_context(aiohttp.ClientSession())
            driver = Driver(address, session)
            background = None
            if first_time:
                try:
                    cast = await play_the_opening(driver, codes)
                except PhoneError as stuck:
                    raise DemoTrouble(f"the sample cell could not be made: {stuck}") from stuck
                (folder / "ready").touch()
                background = asyncio.create_task(fill_the_cell(cast), name="cast")
            _say(f"\n  Chi bộ: {address}\n  Ctrl-C: dừng / stop\n")
            await _until(stop, processes)
            if background:
                background.cancel()
    except DemoTrouble as trouble:
        _say(str(trouble))
        return 1
    return 0


async def _roster(settings: Settings, folder: Path) -> dict[str, str]:
    """Import the sample roster through the program's own door and make a code for everybody."""
    file = folder / "danh-sach.csv"
    file.write_bytes(resources.files("bot").joinpath("demo_roster.csv").read_bytes())
    if await import_roster(settings, file, lambda _: None):
        raise DemoTrouble("the sample roster was refused")
    return await make_codes(settings)


def _settings(folder: Path, address: str, health: str) -> Settings:
    return Settings(
        bot_token=SecretStr(SimulatorSettings().token),
        bot_api_url=address,
        zalo_token=SecretStr(SimulatorSettings().zalo_token),
        zalo_api_url=f"{address}/zalo",
        bot_public_url=health.removesuffix("/healthz"),
        database_url=f"sqlite+aiosqlite:///{folder / 'chibo.db'}",
        bot_listen=health.removeprefix("http://").removesuffix("/healthz"),
        bot_clock_file=folder / "clock",
        bot_ring_seconds=2,
    )


@contextlib.asynccontextmanager
async def _simulator(port: int, folder: Path, health: str) -> AsyncIterator[asyncio.subprocess.Process]:
    command = [
        *("simulate", f"--port={port}", f"--data-file={folder / 'phones.jsonl'}"),
        *(f"--clock-file={folder / 'clock'}", f"--health-url={health}"),
    ]
    async with _program(command, dict(os.environ), folder) as process:
        await _answers(f"http://127.0.0.1:{port}/control/clock", process, f"PORT: {port} cannot be used")
        yield process


@contextlib.asynccontextmanager
async def _bot(settings: Settings, folder: Path, health: str) -> AsyncIterator[asyncio.subprocess.Process]:
    given = {
        "BOT_TOKEN": settings.bot_token.get_secret_value() if settings.bot_token else "",
        "BOT_API_URL": settings.bot_api_url,
        "ZALO_TOKEN": settings.zalo_token.get_secret_value() if settings.zalo_token else "",
        "ZALO_API_URL": settings.zalo_api_url,
        "BOT_PUBLIC_URL": settings.bot_public_url or "",
        "DATABASE_URL": settings.database_url,
        "BOT_LISTEN": settings.bot_listen or "",
        "BOT_CLOCK_FILE": str(settings.bot_clock_file),
        "BOT_RING_SECONDS": str(settings.bot_ring_seconds),
    }
    async with _program(["run"], {**os.environ, **given}, folder) as process:
        await _answers(health, process, f"the bot did not start, see {folder / 'run.log'}")
        yield process


@contextlib.asynccontextmanager
async def _program(
    command: list[str], environment: dict[str, str], folder: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """One of our own programs as a process of its own; its words go to a file beside the data."""
    with (folder / f"{command[0]}.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *command),
            env=environment,
            stdout=log,
            stderr=log,
            # Ctrl-C reaches the whole group of processes: the children are stopped by us, in order.
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), 10)
        if process.returncode is None:
            process.kill()


async def _answers(url: str, process: asyncio.subprocess.Process, otherwise: str) -> None:
    """Wait until a server answers. Raises DemoTrouble where its process ends instead."""
    async with aiohttp.ClientSession() as session:
        for _ in range(int(_START_SECONDS / 0.1)):
            with contextlib.suppress(aiohttp.ClientError, OSError):
                async with session.get(url) as answer:
                    await answer.read()
                    if process.returncode is None:
                        return
            if process.returncode is not None:
                break
            await asyncio.sleep(0.1)
    raise DemoTrouble(otherwise)


async def _until(stop: asyncio.Event, processes: list[asyncio.subprocess.Process]) -> None:
    ends = [asyncio.create_task(p.wait(), name="process") for p in processes]
    asked = asyncio.create_task(stop.wait(), name="stop")
    await asyncio.wait({asked, *ends}, return_when=asyncio.FIRST_COMPLETED)
    for task in (asked, *ends):
        task.cancel()
    if not stop.is_set():
        raise DemoTrouble("the bot or the local server ended by itself; see the .log files in data/demo")


def _is_free(port: int) -> bool:
    """Whether nobody listens there: asked before anything is touched, a running demo uses the same folder."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


_say: Callable[[str], None] = lambda line: print(line, flush=True)  # noqa: E731, T201
