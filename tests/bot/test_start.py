"""What a start loads: nothing large that the first answers can do without."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from bot.simulator.driver import Driver
from storage.migrations import upgrade
from tests.e2e.process import ROOT, bot_running, environment

pytestmark = pytest.mark.process

# Libraries for work that is rare, or belongs to another database, to help pages or to another way to run.
LATER = {"numpy", "matplotlib", "openpyxl", "alembic", "holidays", "asyncpg", "rich.segment", "telegram.ext"}


async def test_a_start_leaves_large_libraries_for_when_they_are_needed(driver: Driver, tmp_path: Path) -> None:
    up_to_date(tmp_path / "bot.db")
    env = environment(tmp_path, driver.address, PYTHONPROFILEIMPORTTIME="1", BOT_RING_SECONDS="3600")
    log = tmp_path / "run.log"
    async with bot_running(env, tmp_path) as process:
        while '"started"' not in log.read_text():
            assert process.returncode is None, log.read_text()
            await asyncio.sleep(0.05)
    loaded = imported(log.read_text())
    assert {"bot", "handlers", "storage", "telegram", "sqlalchemy"} <= {name.partition(".")[0] for name in loaded}
    assert LATER & loaded == set()


async def test_the_days_off_of_one_country_load_no_other(tmp_path: Path) -> None:
    look = (
        "import sys; from datetime import date; from handlers.reminders.daysoff import holiday_name\n"
        "print(holiday_name(date(2026, 9, 2), 'vi'), *(m for m in sys.modules if 'countries.' in m), sep='|')"
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", look),
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await asyncio.wait_for(process.communicate(), 60)
    assert printed.decode().split() == ["Quốc", "khánh|holidays.countries.vietnam"]


def up_to_date(file: Path) -> None:
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as tx:
        upgrade(tx)
    engine.dispose()


def imported(log: str) -> set[str]:
    """Names of the modules in what ``-X importtime`` says."""
    return {line.rpartition("|")[2].strip() for line in log.splitlines() if line.startswith("import time:")}
