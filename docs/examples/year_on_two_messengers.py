"""One cell's year twice: all of it on Telegram, then half on Zalo, some changing over in the middle of the form.

The people, the grades and the points are invented; what is shown is that the messenger changes no figure. Those who
change over begin on one messenger, link the other with a code and finish there. One prefers Zalo for reminders and
blocks the bot on it: the reminder takes the other way, and the secretary sees why. Everything is said over HTTP to
the running bot, and the spreadsheet is fetched by its link. ``make examples`` prints a line a figure.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.playing import Script, approve, join, join_by_zalo, mark_points, open_cycle, write_review
from bot.simulator.driver import Driver, Phone, ZaloPhone
from docs.examples.either import AnyPhone, Summary, further_code, on_roster, prefer_zalo, summary_on
from docs.examples.installation import DEADLINE, Figure, Person, installation, only_figures, running, told

CELL = "Chi bộ Thôn Đoài"
THREE_DAYS_BEFORE = "2020-12-22T02:00:00+00:00"
REMINDED = "sắp đến hạn"
TELEGRAM, ZALO = "telegram", "zalo"
_TURNS_BEFORE_CHANGING = 6


@dataclass(frozen=True, slots=True)
class Part:
    """What one member does: where they begin, where they go on, what they grade and tick; no grade: no form."""

    name: str
    begins: str
    goes_on: str = ""
    role: str = ""
    grade: str = ""
    marks: Mapping[int, str] = field(default_factory=dict)


ASKS, OPENS = "Nguyễn Thị Lan", "Phạm Văn Quý"
BLOCKS, WAITS = "Vũ Thị Mai", "Hoàng Văn Đức"
PARTS = (
    Part(ASKS, ZALO, role="Thư ký", grade="good", marks={1: "xong"}),
    Part(OPENS, TELEGRAM, role="Thư ký", grade="good"),
    Part("Trần Văn Hùng", ZALO, role="Bí thư", grade="excellent", marks={1: "xong", 3: "dang lam"}),
    Part("Lê Thị Cúc", TELEGRAM, goes_on=ZALO, grade="good", marks=dict.fromkeys(range(1, 8), "xong")),
    Part("Đỗ Văn Sơn", ZALO, goes_on=TELEGRAM, grade="good", marks={2: "vướng: thiếu kinh phí"}),
    Part("Bùi Thị Hoa", TELEGRAM, grade="completed", marks={1: "xong", 2: "khong ap dung"}),
    Part(BLOCKS, TELEGRAM),
    Part(WAITS, ZALO),
)


@dataclass(frozen=True, slots=True)
class Year:
    """What the secretary reads at the end, where each reminder arrived, what the roster says of who blocked."""

    summary: Summary
    reminded: tuple[str, ...]
    roster: str


async def year(folder: Path, *, mixed: bool) -> Year:
    """The whole cycle of the cell; not ``mixed``: the same people say the same, all of it on Telegram."""
    people = [Person(f"TD{n:02}", part.name, CELL, part.role) for n, part in enumerate(PARTS, 1)]
    async with installation(folder, people, ring_seconds=0.5) as (settings, codes, driver), running(settings):
        phones = {part.name: await _phone(driver, part, mixed) for part in PARTS}
        await _all_join(phones, {person.name: codes[person.number] for person in people})
        used = await asyncio.gather(*(_plays(driver, phones[part.name], part, mixed) for part in PARTS))
        await driver.act("clock", to=THREE_DAYS_BEFORE)
        for name in (BLOCKS, WAITS):
            await phones[name].waits_for(REMINDED)
        arrived = [where for everyone in used for phone in everyone async for where in _reminders(phone)]
        roster = await on_roster(phones[ASKS], BLOCKS)
        return Year(await summary_on(phones[ASKS], driver), tuple(arrived), roster)


async def _phone(driver: Driver, part: Part, mixed: bool) -> AnyPhone:
    if mixed and part.begins == ZALO:
        return await driver.zalo_phone(part.name)
    return await driver.phone(part.name)


async def _all_join(phones: Mapping[str, AnyPhone], codes: Mapping[str, str]) -> None:
    """The secretaries come first and open the year; each of them lets in some of the others."""
    opens = phones[OPENS]
    await _joins(phones[ASKS], codes[ASKS])
    for place, (name, phone) in enumerate((name, phone) for name, phone in phones.items() if name != ASKS):
        await _joins(phone, codes[name])
        await approve(phones[OPENS] if place % 2 else phones[ASKS], name)
        await phone.waits_for("Thư ký đã duyệt")
    if not isinstance(opens, Phone):
        raise TypeError("whoever opens the year is on Telegram in both years")
    await open_cycle(opens, 2020, DEADLINE)


async def _joins(phone: AnyPhone, code: str) -> None:
    await (join_by_zalo(phone, code) if isinstance(phone, ZaloPhone) else join(phone, code))


async def _plays(driver: Driver, phone: AnyPhone, part: Part, mixed: bool) -> list[AnyPhone]:
    """Write, change over in the middle where that is one's part, tick; returns the phones used."""
    used = [phone]
    if part.grade:
        script = Script(part.grade, level="excellent" if part.grade == "excellent" else "good")
        if mixed and part.goes_on:
            await write_review(phone, script, most_turns=_TURNS_BEFORE_CHANGING)
            used.append(await _links(driver, phone, part))
        await write_review(used[-1], script)
        await mark_points(used[-1], part.marks)
    elif mixed and part.name == BLOCKS and isinstance(phone, Phone):
        other = await _links(driver, phone, part)
        await prefer_zalo(phone)
        await driver.act("zalo/block", user=other.user, blocked=True)
        used.append(other)
    return used


async def _links(driver: Driver, phone: AnyPhone, part: Part) -> AnyPhone:
    """Add the messenger that one does not use yet, with a code from the one that one uses."""
    if isinstance(phone, ZaloPhone):
        code, other = await further_code(phone, TELEGRAM), await driver.phone(part.name)
        await join(other, code)
        return other
    zalo = await driver.zalo_phone(part.name, person=phone.user)
    await join_by_zalo(zalo, await further_code(phone, ZALO))
    return zalo


async def _reminders(phone: AnyPhone) -> AsyncIterator[str]:
    """Whom and where reminders have reached."""
    where = ZALO if isinstance(phone, ZaloPhone) else TELEGRAM
    for message in await phone.messages():
        if message["from_bot"] and REMINDED in str(message.get("text")):
            yield f"{phone.name}: {where}"


async def figures(folder: Path) -> list[Figure]:
    """Both years, and what must be equal between them or follows from the parts."""
    for name in ("one", "two"):
        (folder / name).mkdir()
    one = await year(folder / "one", mixed=False)
    return list(_compare(one, await year(folder / "two", mixed=True)))


def _compare(one: Year, two: Year) -> Iterator[Figure]:
    words = "\n".join(two.summary.lines)
    for name, pattern, expected in (
        ("members", r"Tổng số đảng viên: (\d+)", "8"),
        ("reviewed", r"Đã kiểm điểm: (.+)", "6 (75,0% số phải kiểm điểm)"),
        ("xuất sắc", r"Hoàn thành xuất sắc nhiệm vụ: (\d+)", "1"),
        ("tốt", r"Hoàn thành tốt nhiệm vụ: (\d+)", "4"),
        ("hoàn thành", r"^(?:• )?Hoàn thành nhiệm vụ: (\d+)", "1"),
        ("missing", r"Chưa kiểm điểm: (\d+)", "2"),
    ):
        found = re.search(pattern, words, re.MULTILINE)
        yield Figure(f"Two messengers: {name}", expected, found[1] if found else "–")
    for name, first, second in (
        ("lines of the summary", one.summary.lines, two.summary.lines),
        ("cells of the spreadsheet", one.summary.cells, two.summary.cells),
    ):
        same = sum(a == b for a, b in zip(first, second, strict=False))
        yield Figure(f"Two messengers: equal {name}", str(max(len(first), len(second))), str(same))
    yield Figure("Two messengers: pictures", "both", "both" if one.summary.picture and two.summary.picture else "–")
    yield Figure("All on Telegram: reminded", f"{BLOCKS}: {TELEGRAM}, {WAITS}: {TELEGRAM}", ", ".join(one.reminded))
    # The one who blocked Zalo is reached on Telegram, though they chose Zalo.
    yield Figure("Two messengers: reminded", f"{BLOCKS}: {TELEGRAM}, {WAITS}: {ZALO}", ", ".join(two.reminded))
    instead = "Zalo không nhận được (đã chặn bot), tin được gửi qua Telegram."
    seen = next((line for line in two.roster.splitlines() if line.startswith("Zalo")), "–")
    yield Figure("Two messengers: what the secretary sees", instead, seen)


async def main() -> int:
    """Play both years; exit status 1 where a figure differs."""
    only_figures()
    with tempfile.TemporaryDirectory() as folder:
        return 1 if told(await figures(Path(folder))) else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
