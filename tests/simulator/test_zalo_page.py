"""A phone that shows Zalo, in a real browser at both widths: plain words, numbers typed, links and pictures."""

import asyncio
import re
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Page, expect

from bot.simulator.pictures import plain_picture
from tests.simulator.conftest import Serve, Served
from tests.simulator.test_page import CHROMIUM, fits, opened
from tests.simulator.zalo import Client

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on PATH; to get it: apt-get install chromium"),
]


async def scripted(client: Client, page: str) -> None:
    """Answers with a numbered list, ``1`` with a picture and a link."""
    while True:
        event = await client.polled(20)
        if event is None:
            continue
        user, text = event["message"]["chat"]["id"], event["message"].get("text")
        await client.result("sendChatAction", chat_id=user, action="typing")
        if text == "1":
            await client.result("sendPhoto", chat_id=user, photo=f"{page}/anh.png", caption="Ảnh tổng hợp")
            await client.result("sendMessage", chat_id=user, text=f"Tệp <b>ở đây</b>: {page}/tep?a=1.")
        else:
            await client.result("sendMessage", chat_id=user, text="Đồng chí gõ số để chọn:\n1. Xem\n2. Thôi")


@pytest.mark.parametrize("width", [1400, 390])
async def test_a_phone_shows_zalo(serve: Serve, width: int) -> None:
    app = web.Application()
    app.router.add_get("/anh.png", picture)
    runner = web.AppRunner(app, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    files = f"http://127.0.0.1:{runner.addresses[0][1]}"
    served: Served = await serve()
    client = Client(served)
    await served.person(first_name="Nguyễn Thị Lan", label="Thư ký", show=True, start=False)
    script = asyncio.create_task(scripted(client, files))
    async with opened(served, width) as page:
        await talk(page, files)
        assert await fits(page)
        await a_stranger(page, width)
        await page.reload()
        # A reload finds the messenger that was open.
        await expect(page.locator(".phone").first.locator(".log")).to_contain_text("Ảnh tổng hợp")
        assert await fits(page)
    script.cancel()
    await asyncio.gather(script, return_exceptions=True)
    await runner.cleanup()


async def picture(_request: web.Request) -> web.Response:
    return web.Response(body=plain_picture(), content_type="image/png")


async def talk(page: Page, files: str) -> None:
    """The switch, a message without a start button, a number, what comes of it, blocking."""
    phone = page.locator(".phone").first
    log: Any = phone.locator(".log")
    await expect(phone.get_by_role("button", name="Bắt đầu")).to_be_visible()
    await phone.get_by_role("button", name="Zalo").click()
    await expect(log).to_contain_text("nhắn một tin bất kỳ để bắt đầu")
    await expect(phone.get_by_role("button", name="Menu")).to_have_count(0)
    for words, answer in (("kiem diem", "1. Xem"), ("1", "Tệp <b>ở đây</b>")):
        await phone.locator("textarea").fill(words)
        await page.keyboard.press("Enter")
        await expect(log.locator(".theirs").last).to_contain_text(answer)
    await expect(log.locator("button.key")).to_have_count(0)
    await expect(log.locator("a")).to_have_attribute("href", f"{files}/tep?a=1")
    await expect(log.locator("button.picture img")).to_have_js_property("naturalWidth", 320)
    await expect(log.locator(".service")).to_have_count(1)
    await expect(log.locator(".service")).to_have_text(re.compile(r"\d\d/\d\d/20\d\d"))
    await phone.get_by_role("button", name="Chặn bot").click()
    await phone.get_by_role("button", name="Bỏ chặn bot").click()
    await expect(phone.locator("textarea")).to_be_visible()
    await phone.get_by_role("button", name="Telegram").click()
    await expect(phone.get_by_role("button", name="Bắt đầu")).to_be_visible()
    await phone.get_by_role("button", name="Zalo").click()
    await expect(log).to_contain_text("1. Xem")


async def a_stranger(page: Page, width: int) -> None:
    """One more phone that opens with Zalo."""
    await page.locator("#add" if width == 1400 else "#tabs > :last-child").click()
    await page.keyboard.type("Nông Văn Bảy")
    await page.locator("#adding").get_by_label("Zalo").check()
    await page.locator("#adding").get_by_role("button", name="Thêm").click()
    phone = page.locator(".phone").nth(1)
    await expect(phone).to_be_visible()
    await phone.locator("textarea").fill("chào")
    await page.keyboard.press("Enter")
    await expect(phone.locator(".log")).to_contain_text("1. Xem")
