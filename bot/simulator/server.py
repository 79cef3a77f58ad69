"""The door of the simulator: the Bot APIs of Telegram and of Zalo, the page and the control."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import web

from bot.simulator import botapi, control, events, guard, page
from bot.simulator.clock import Clock
from bot.simulator.polling import Poller
from bot.simulator.settings import SimulatorSettings
from bot.simulator.webhook import deliver
from bot.simulator.world import World
from bot.simulator.zalo import botapi as zalo_botapi
from bot.simulator.zalo import control as zalo_control
from bot.simulator.zalo.webhook import Postman

WORLD = web.AppKey("world", World)
STOP_SECONDS = 2.0
BODY_LIMIT = 64 * 1024 * 1024


def create_app(settings: SimulatorSettings, clock: Clock | None = None) -> web.Application:
    """The whole server; ``app[WORLD]`` is the state behind it, for tests in the same process."""
    world = World(settings, clock)
    app = web.Application(client_max_size=BODY_LIMIT, middlewares=[guard.only_from_here])
    app[WORLD] = world
    botapi.add_routes(app, world, Poller(world))
    control.add_routes(app, world, events.Hub(world))
    zalo_botapi.add_routes(app, world)
    zalo_control.add_routes(app, world)
    page.add_routes(app, world)
    app.cleanup_ctx.append(_background)

    async def end_waiting(_app: web.Application) -> None:
        world.emit({"type": "stop"})

    app.on_shutdown.append(end_waiting)
    return app


async def _background(app: web.Application) -> AsyncIterator[None]:
    world = app[WORLD]
    postmen = [asyncio.create_task(deliver(world)), asyncio.create_task(Postman(world).deliver())]
    yield
    for postman in postmen:
        postman.cancel()
        with suppress(asyncio.CancelledError):
            await postman
    world.close()


async def start(settings: SimulatorSettings) -> tuple[web.AppRunner, str]:
    """Listen; the runner (``await runner.cleanup()`` ends it) and the address, with port 0 a free one."""
    runner = web.AppRunner(create_app(settings), access_log=None, shutdown_timeout=STOP_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
    except OSError:
        await runner.cleanup()
        raise
    port = runner.addresses[0][1]
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{port}"
    runner.app[WORLD].zalo.address = address
    return runner, address


async def serve(settings: SimulatorSettings) -> None:
    """Run until SIGINT or SIGTERM; prints ``ready http://host:port`` when it listens. ``OSError``: port taken."""
    runner, address = await start(settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    sys.stdout.write(f"ready {address}\n")
    sys.stdout.flush()
    try:
        await stop.wait()
    finally:
        await runner.cleanup()
