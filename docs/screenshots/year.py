"""The pictures of docs/nam-cua-thu-ky.md: the secretary's year on the phones of the sample cell."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Page

from bot.playing import Script, write_on
from bot.simulator.driver import Driver, Phone, ZaloPhone

HERE = Path(__file__).parent
SECRETARY, MEMBER, RETURNED, ON_ZALO = "Nguyễn Thị Lan", "Lê Văn Bình", "Hoàng Minh Đức", "Đặng Quốc Tuấn"
_SPOKEN = "Sinh hoạt đều, vận động con cháu chấp hành chủ trương."
# As wide as all phones side by side, so that none is photographed while the page moves.
_WIDE = {"width": 2300, "height": 1000}


async def photograph_year(page: Page, driver: Driver) -> None:
    """Play the moments one after the other, a picture of each; the member has joined and begun to write."""
    people = {p["name"]: p for p in (await driver.look("phones", all=1))["phones"]}
    phones = {name: Phone(driver, p["user"], name) for name, p in people.items()}
    await driver.act("users/change", user=phones[RETURNED].user, label="Giảng viên", show=True)
    await page.set_viewport_size(_WIDE)  # type: ignore[arg-type]
    await _notes(phones[MEMBER])
    await _picture(page, MEMBER, "year-notes")
    await _tasks(phones[MEMBER])
    await _picture(page, MEMBER, "year-tasks")
    await _opening(phones[SECRETARY])
    await _picture(page, SECRETARY, "year-opening")
    await _return(phones[SECRETARY])
    await _picture(page, SECRETARY, "year-return")
    await phones[SECRETARY].presses("yes")
    await phones[RETURNED].waits_for(SECRETARY)
    await _picture(page, RETURNED, "year-returned")
    await _assist(phones[SECRETARY])
    await _picture(page, SECRETARY, "year-assist")
    await phones[MEMBER].waits_for("mã này")
    await _picture(page, MEMBER, "year-code")
    await _zalo(ZaloPhone(driver, people[ON_ZALO]["zalo"]["id"], ON_ZALO))
    await _picture(page, ON_ZALO, "year-zalo")


async def _notes(member: Phone) -> None:
    await member.says("/note")
    await member.says("Tổ hòa giải khu phố: hòa giải thành 3 vụ trong quý I.")
    await member.presses("5. Tham gia phong trào thi đua")


async def _tasks(member: Phone) -> None:
    await member.says("/tasks")
    await member.says("Vận động gia đình ký cam kết – 40 hộ – 30/6\nBáo cáo tổ dân phố – 2 bản – 15/12")
    await member.presses("⬜⏰ 1. Vận động gia đình ký cam kết")
    await member.presses("done")


async def _opening(secretary: Phone) -> None:
    await secretary.says("/deadlines")
    await secretary.presses("year")
    await secretary.presses("copy")


async def _return(secretary: Phone) -> None:
    await secretary.says("/reviews")
    await secretary.presses(f"{RETURNED} – Hoàn thành xuất sắc nhiệm vụ")
    await secretary.presses("Trả lại để sửa")
    await secretary.presses("○ II.1. Hạn chế, khuyết điểm")
    await secretary.presses("Xong phần chọn (1)")
    await secretary.says("Xin đồng chí nêu rõ hạn chế về tự học, và thời gian khắc phục.")
    await secretary.says("2/12")


async def _assist(secretary: Phone) -> None:
    await secretary.says("/assist")
    await secretary.presses("Mở viết giúp cho một đồng chí")
    await secretary.presses(MEMBER)
    await secretary.presses("Tôi nhập")
    await secretary.presses("Viết tiếp")
    await write_on(secretary, Script("good", {"B.I.1": "27", "B.I.2": "58"}, otherwise=_SPOKEN))


async def _zalo(phone: ZaloPhone) -> None:
    await phone.says("bay viec")
    await phone.says("3 xong")


async def _picture(page: Page, name: str, file: str) -> None:
    await page.wait_for_timeout(1200)  # what was said last arrives on the page
    phone = page.locator(f'.phone[aria-label*="{name}"]')
    await phone.locator(".log").evaluate("log => { log.scrollTop = log.scrollHeight; }")
    await page.wait_for_timeout(300)
    await phone.screenshot(path=HERE / f"{file}.png")
