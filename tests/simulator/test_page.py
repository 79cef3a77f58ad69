"""The page in a real browser, by keyboard alone, at both widths, against a small scripted bot."""

import asyncio
import io
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, async_playwright, expect
from telegram import Bot, BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot.simulator.pictures import plain_picture
from tests.simulator.conftest import Serve, Served

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = next((path for name in NAMES if (path := shutil.which(name))), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on PATH; to get it: apt-get install chromium"),
]
HOME = "Chào <b>đồng chí</b> &lt;b&gt;.\nMời xem <a href='https://t.me/chi_bo_demo_bot?start=MA-1'>mã mời</a>"


async def scripted(bot: Bot) -> None:
    """Answers /start with a screen, edits it at a press, sends files at /tep."""
    offset = 0
    await bot.set_my_commands([BotCommand("tep", "Nhận tệp")])
    while True:
        for update in await bot.get_updates(offset=offset, timeout=10):
            offset = update.update_id + 1
            await scripted_answer(bot, update)


async def scripted_answer(bot: Bot, update: Update) -> None:
    query, message = update.callback_query, update.message
    if query is not None:
        await query.answer("Đã ghi nhận")
        rows = [[InlineKeyboardButton(f"Lần {int(query.data or 0)}", callback_data=str(int(query.data or 0) + 1))]]
        await query.edit_message_text(f"Đã bấm {query.data} lần", reply_markup=InlineKeyboardMarkup(rows))
    elif message is not None and message.text == "/tep":
        await bot.send_photo(message.chat.id, plain_picture(), caption="Ảnh tổng hợp")
        await bot.send_document(message.chat.id, io.BytesIO("bảng".encode()), filename="Tổng hợp.xlsx")
    elif message is not None and (message.text or "").startswith("/start"):
        rows = [[InlineKeyboardButton("Bấm", callback_data="1")]]
        await bot.send_message(message.chat.id, HOME, parse_mode="HTML", reply_markup=InlineKeyboardMarkup(rows))
    elif message is not None:
        await bot.send_message(message.chat.id, f"Đã nhận: {message.text}"[:4096])


@asynccontextmanager
async def opened(served: Served, width: int) -> AsyncIterator[Page]:
    """A page whose every script error fails the test."""
    problems: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport={"width": width, "height": 844})
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda entry: problems.append(entry.text) if entry.type == "error" else None)
        page.set_default_timeout(5000)
        await page.goto(served.address)
        yield page
        await browser.close()
    assert problems == []


async def tab_to(page: Page, name: str, limit: int = 60) -> None:
    """Press Tab until the element of that accessible name has the focus."""
    for _ in range(limit):
        await page.keyboard.press("Tab")
        found = await page.evaluate(
            "() => { const e = document.activeElement;"
            " return e.getAttribute('aria-label') ?? (e.textContent || '').trim() }"
        )
        if found == name:
            return
    raise AssertionError(f"{name!r} was not reached by Tab")


async def fits(page: Page) -> bool:
    """Nothing is cut off to the right."""
    return bool(await page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth"))


async def walk(page: Page) -> None:
    """A conversation without a mouse: start, press twice, type two lines, menu, files."""
    phone = page.locator(".phone").first
    log = phone.locator(".log")
    await tab_to(page, "Bắt đầu")
    await page.keyboard.press("Enter")
    await expect(log.locator(".theirs strong")).to_have_text("đồng chí")
    await expect(log).to_contain_text("<b>.")
    await page.keyboard.press("Shift+Tab")
    await tab_to(page, "Viết tin nhắn")
    await page.keyboard.type("Dòng một")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("dòng <i>hai</i>")
    await page.keyboard.press("Enter")
    await expect(log.locator(".theirs").last).to_contain_text("Đã nhận: Dòng một\ndòng <i>hai</i>")
    await expect(log.locator("i")).to_have_count(0)
    for _ in range(30):
        await page.keyboard.press("Shift+Tab")
        if await page.evaluate("() => document.activeElement.textContent") == "Bấm":
            break
    await page.keyboard.press("Enter")
    await expect(log).to_contain_text("Đã bấm 1 lần")
    await expect(phone.locator(".toast")).to_have_text("Đã ghi nhận")
    # The focus has stayed on the button of the edited message.
    await expect(phone.get_by_role("button", name="Lần 1")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(log).to_contain_text("Đã bấm 2 lần")
    await tab_to(page, "Menu")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await expect(log.locator("a.document strong")).to_have_text("Tổng hợp.xlsx")
    async with page.expect_download() as download:
        await log.locator("a.document").focus()
        await page.keyboard.press("Enter")
    assert (await download.value).suggested_filename == "Tổng hợp.xlsx"
    await log.locator("button.picture").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#picture img")).to_be_visible()
    await page.keyboard.press("Escape")
    assert await page.evaluate("() => [...document.images].every(i => !i.src || i.naturalWidth > 0)")


@pytest.mark.parametrize("width", [1400, 390])
async def test_by_keyboard(serve: Serve, width: int) -> None:
    served: Served = await serve()
    for name, label in (("Nguyễn Thị Lan", "Đảng viên"), ("Hoàng Văn Thành", "Bí thư"), ("Lý Thị Mai", "Chi ủy")):
        await served.person(first_name=name, label=label, show=True, start=False)
    script = asyncio.create_task(scripted(await served.bot()))
    await served.control("clock", to="2026-12-14T08:00:00+07:00")
    async with opened(served, width) as page:
        await expect(page.locator("#clock")).to_have_text("Thứ Hai, 14/12/2026 08:00")
        await expect(page.locator(".phone:visible")).to_have_count(3 if width == 1400 else 1)
        assert await fits(page)
        await walk(page)
        assert await fits(page)
        await expect(page.locator(".phone").first.locator(".service").first).to_have_text("Thứ Hai, 14/12/2026")
        await page.locator("#day").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("#clock")).to_have_text("Thứ Ba, 15/12/2026 08:00")
        await others(page, served, width)
    script.cancel()
    await asyncio.gather(script, return_exceptions=True)


async def others(page: Page, served: Served, width: int) -> None:
    """The second phone: a deep link, blocking, one more phone, the other language, what a reload finds."""
    second = page.locator(".phone").nth(1)
    if width == 390:
        await page.get_by_role("button", name="Bí thư").focus()
        await page.keyboard.press("Enter")
    await second.get_by_role("button", name="Bắt đầu").focus()
    await page.keyboard.press("Enter")
    await second.get_by_role("button", name="mã mời").focus()
    await page.keyboard.press("Enter")
    await expect(second.locator(".mine").last).to_contain_text("/start MA-1")
    await second.get_by_role("button", name="Chặn bot").focus()
    await page.keyboard.press("Enter")
    await expect(second.get_by_role("button", name="Bỏ chặn bot")).to_be_visible()
    add = "#add" if width == 1400 else "#tabs > :last-child"
    await page.locator(add).focus()
    await page.keyboard.press("Enter")
    await page.keyboard.type("Nông Văn Bảy")
    await page.keyboard.press("Enter")
    await expect(page.locator(".phone")).to_have_count(4)
    await page.goto(f"{served.address}/?lang=en")
    await expect(page.locator("#next")).to_have_text("To the next deadline")
    await expect(page.locator(".phone").first.locator(".log")).to_contain_text("Đã bấm 2 lần")
    assert await fits(page)
