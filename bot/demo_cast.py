"""The sample cell of the demo comes to life: its people join, and some of them write, each on their own phone."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.playing import Script, approve, join, join_by_zalo, mark_points, open_cycle, write_review
from bot.simulator.driver import Driver, Phone, PhoneError, ZaloPhone

SECRETARY, CHAIR, MEMBER = "DEMO-001", "DEMO-002", "DEMO-003"
_DAYS_TO_DEADLINE = 16


@dataclass(frozen=True, slots=True)
class Cast:
    """The phones by party number, and the one that shows Zalo."""

    phones: dict[str, Phone]
    zalo: ZaloPhone


_ON_THE_PAGE = (
    (MEMBER, "Lê Văn Bình", "Đảng viên"),
    (SECRETARY, "Nguyễn Thị Lan", "Thư ký"),
    (CHAIR, "Trần Văn Hùng", "Bí thư"),
)
_BY_ZALO = ("DEMO-007", "Đặng Quốc Tuấn", "Dự bị")
_OTHERS = (
    ("DEMO-004", "Phạm Thu Hà"),
    ("DEMO-005", "Hoàng Minh Đức"),
    ("DEMO-006", "Vũ Thị Mai"),
)

_SCORES_GOOD = {"B.I.1": "27,5", "B.I.2": "58"}
_SCORES_BEST = {"B.I.1": "29", "B.I.2": "66"}


async def play_the_opening(driver: Driver, codes: dict[str, str]) -> Cast:
    """Everybody joins; the secretary lets them in and opens the year. The member is left waiting at the door."""
    year, deadline = await _year_and_deadline(driver)
    phones = {number: await driver.phone(name, label=label, show=True) for number, name, label in _ON_THE_PAGE} | {
        number: await driver.phone(name) for number, name in _OTHERS
    }
    number, name, label = _BY_ZALO
    zalo = await driver.zalo_phone(name, label=label, show=True)
    secretary = phones[SECRETARY]
    await join(secretary, codes[SECRETARY])
    await open_cycle(secretary, year, deadline)
    joining = {n: phones[n] for n in (CHAIR, *(other for other, _ in _OTHERS))}
    await asyncio.gather(
        *(join(phone, codes[n]) for n, phone in joining.items()), join_by_zalo(zalo, codes[number])
    )
    for phone in (*joining.values(), zalo):
        await approve(secretary, phone.name)
        await phone.waits_for("Thư ký đã duyệt")
    await secretary.says("/menu")
    await join(phones[MEMBER], codes[MEMBER])
    return Cast(phones, zalo)


async def fill_the_cell(cast: Cast) -> None:
    """Some write theirs, one stops half way; if a stranger's clicks get in the way, the rest is left out."""
    with contextlib.suppress(PhoneError):
        await asyncio.gather(
            _write(cast.phones["DEMO-005"], Script("excellent", _SCORES_BEST), {1: "xong", 2: "xong", 3: "xong"}),
            _write(cast.phones["DEMO-006"], Script("good", _SCORES_GOOD), {1: "xong", 5: "vướng: thiếu kinh phí"}),
            write_review(cast.phones["DEMO-004"], Script("good"), most_turns=6),
            cast.zalo.says("kiem diem"),
        )


async def _write(phone: Phone, script: Script, marks: dict[int, str]) -> None:
    await write_review(phone, script)
    await mark_points(phone, marks)


async def _year_and_deadline(driver: Driver) -> tuple[int, str]:
    """This year, or the one that is being reviewed in January, and a last day some two weeks ahead."""
    today = datetime.fromisoformat((await driver.look("clock"))["now"]).date()
    last = today + timedelta(days=_DAYS_TO_DEADLINE)
    year = last.year if last.month > 1 else last.year - 1
    return year, last.strftime("%d/%m/%Y")
