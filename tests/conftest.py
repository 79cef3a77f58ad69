"""What tests of several floors share: the local Bot API server with somebody who acts on it, a database file."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from hypothesis import HealthCheck, settings

from bot.simulator.driver import Driver
from bot.simulator.server import start
from storage.database import Database
from tests.program import SIMULATED

# On a machine with other work even making an example takes long; that is no finding.
settings.register_profile("ours", suppress_health_check=[HealthCheck.too_slow], deadline=None)
settings.load_profile("ours")


@pytest.fixture
async def driver() -> AsyncIterator[Driver]:
    runner, address = await start(SIMULATED)
    async with aiohttp.ClientSession() as session:
        yield Driver(address, session)
    await runner.cleanup()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = Database(f"sqlite+aiosqlite:///{tmp_path / 'd.db'}")
    await made.open()
    yield made
    await made.close()
