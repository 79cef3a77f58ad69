"""A small plan, spent by real calls to the local server: the count and the warnings are the program's own."""

from functools import partial
from pathlib import Path

from pydantic import SecretStr

from bot.checkup import checkup
from bot.simulator.driver import Driver
from storage import plan_use
from storage.records import Address
from tests.program import SIMULATED, running, settings_for


async def test_the_program_counts_every_message_and_tells_the_administrator(tmp_path: Path, driver: Driver) -> None:
    chief, stranger = await driver.zalo_phone("Quản trị"), await driver.zalo_phone("Lan")
    settings = settings_for(
        tmp_path,
        driver.address,
        bot_token=None,
        zalo_token=SecretStr(SIMULATED.zalo_token),
        zalo_api_url=f"{driver.address}/zalo",
        zalo_plan_messages=5,
        zalo_plan_users=0,
        bot_admins=(Address("zalo", chief.user),),
    )
    async with running(settings) as program:
        await chief.says("xin chào")
        for _ in range(3):
            await stranger.says("xin chào")
        await chief.waits_for("trong 5 tin của gói")
        report = await program.watch.report()
    async with running(settings) as program:
        month = report["plans"]["zalo"]["month"]
        use = await program.database.read(partial(plan_use.load, channel="zalo", month=month))
    chats = [await phone.messages() for phone in (chief, stranger)]
    arrived = sum(message["from_bot"] for chat in chats for message in chat)
    assert use.sent == arrived
    assert any(f"zalo: {use.sent} of 5 messages" in finding.line for finding in await checkup(settings))
