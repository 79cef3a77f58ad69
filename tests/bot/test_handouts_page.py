"""The page of a file in a real browser, at the size of a telephone: one button, and the file is there."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import async_playwright, expect

from tests.bot.links import BOOK, NAME, Place, opened
from tests.simulator.test_page import CHROMIUM, FLAGS, fits

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on PATH; to get it: apt-get install chromium"),
]
TELEPHONE = {"viewport": {"width": 360, "height": 640}, "is_mobile": True, "has_touch": True}


@pytest.fixture
async def place(tmp_path: Path, unused_tcp_port: int) -> AsyncIterator[Place]:
    async with opened(tmp_path, unused_tcp_port) as found:
        yield found


async def test_a_telephone_downloads_the_file_and_a_second_one_does_not(place: Place, tmp_path: Path) -> None:
    url = await place.hand_out()
    problems: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        mine = await browser.new_context(**TELEPHONE, accept_downloads=True)  # type: ignore[arg-type]
        page = await mine.new_page()
        page.set_default_timeout(5000)
        page.on("console", lambda entry: problems.append(entry.text))
        await page.goto(url)
        button = page.get_by_role("button", name="Tải tệp về máy")
        box = await button.bounding_box()
        assert box is not None
        assert box["height"] >= 60
        assert box["y"] + box["height"] <= 640, "in view without scrolling"
        assert await fits(page)
        await page.screenshot(path=tmp_path / "page.png")
        for _ in range(2):
            async with page.expect_download() as coming:
                await button.tap()
            download = await coming.value
            assert download.suggested_filename == NAME
            assert await asyncio.to_thread((await download.path()).read_bytes) == BOOK
            await expect(button).to_be_visible()
        # The downloader of the telephone, to which an in-app browser hands the address, brings no cookie.
        async with aiohttp.ClientSession() as system, system.get(download.url) as answer:
            assert await answer.read() == BOOK
        other = await browser.new_context(**TELEPHONE)  # type: ignore[arg-type]
        second = await other.new_page()
        answered = await second.goto(url)
        assert answered is not None
        assert answered.status == 404
        await expect(second.get_by_role("button")).to_have_count(0)
        await expect(second.get_by_role("heading").first).to_have_text("Liên kết này đã hết hiệu lực.")
        assert await fits(second)
        await second.screenshot(path=tmp_path / "ended.png")
        await browser.close()
    assert problems == []
