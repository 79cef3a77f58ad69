"""Takes the pictures: runs the demo in an empty folder, plays, photographs the phones (the year: year.py)."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
import tempfile
from pathlib import Path

import aiohttp
from playwright.async_api import Page, async_playwright

from bot.playing import approve
from bot.simulator.driver import Driver, Phone
from docs.screenshots.year import photograph_year

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
CHROMIUM = next((c for c in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if c), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


async def main() -> int:
    """Play and photograph; exit status 1 without a Chromium."""
    if CHROMIUM is None:
        print("a Chromium and an emoji font are needed: apt-get install chromium fonts-noto-color-emoji")
        return 1
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        demo = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "demo", f"--port={port}"),
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        try:
            await _wait_for(Path(folder) / "data/demo/ready", demo)
            async with aiohttp.ClientSession() as session:
                await _photograph(Driver(f"http://127.0.0.1:{port}", session))
        finally:
            if demo.returncode is None:
                demo.terminate()
            await demo.wait()
    return 0


async def _wait_for(file: Path, demo: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(180):
        while not file.exists():  # noqa: ASYNC240 - a script that has nothing else to do
            if demo.returncode is not None:
                raise SystemExit("the demo ended by itself; what it said stands above")
            await asyncio.sleep(0.5)


async def _photograph(driver: Driver) -> None:
    people = {p["label"]: Phone(driver, p["user"], p["name"]) for p in (await driver.look("phones"))["phones"]}
    member, secretary, chair = people["Đảng viên"], people["Thư ký"], people["Bí thư"]
    await approve(secretary, member.name)
    await member.waits_for("Thư ký đã duyệt")
    await member.says("/review")
    await member.presses("begin")
    await member.says("Tôi giữ gìn đoàn kết trong chi bộ, sinh hoạt đều, vận động con cháu chấp hành chủ trương.")
    await asyncio.sleep(45)  # the other members of the sample cell are writing meanwhile
    await secretary.says("/remind")
    await chair.says("/summary")
    await chair.waits_for("ngay phía trên", patience=60)
    async with async_playwright() as browsers:
        browser = await browsers.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport={"width": 1860, "height": 1000})
        await page.goto(driver.address)
        await page.wait_for_timeout(2500)
        await page.locator(".phone").nth(2).locator("img").last.scroll_into_view_if_needed()
        await page.wait_for_timeout(800)
        for place, name in enumerate(("member", "secretary", "chair")):
            await _phone(page, place, HERE / f"{name}.png")
        await page.set_viewport_size({"width": 390, "height": 800})
        await page.wait_for_timeout(800)
        await page.locator(".phone.chosen .log").evaluate("log => { log.scrollTop = log.scrollHeight; }")
        await page.wait_for_timeout(300)
        await page.screenshot(path=HERE / "narrow.png")
        await photograph_year(page, driver)
        await browser.close()


async def _phone(page: Page, place: int, file: Path) -> None:
    await page.locator(".phone").nth(place).screenshot(path=file)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
