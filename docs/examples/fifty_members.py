"""Two cells' year by the rules of 2025, fifty members of all kinds, everything said over HTTP to the running bot.

They note and list, write, submit, are given their forms back, are helped, find the deadline moved and passed; at
the end everybody prints their own form and the secretaries print all. The people and their words are invented.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.playing import approve, join, join_by_zalo, open_cycle, screen_on
from bot.settings import Settings
from bot.simulator.driver import Driver, Phone, ZaloPhone
from docs.examples.either import AnyPhone, Summary, next_file, summary_on
from docs.examples.fifty_people import (
    CELLS,
    FIRST_DEADLINE,
    MOVED_DEADLINE,
    Part,
    Turn,
    everybody,
)
from docs.examples.fifty_ways import (
    RETURNED_QUESTION,
    ask_to_help,
    fill,
    give_back,
    keep_a_year,
    promise,
    set_criteria,
)
from docs.examples.installation import Figure, installation, only_figures, running_apart, told
from handlers.texts import sentences

YEAR = 2026
TODAY, AFTER = "2026-12-01T02:00:00+00:00", "2026-12-21T02:00:00+00:00"
_CROWD = 16  # at once: what one evening looks like; more only wait for each other here
_CODE = re.compile(r"\b\d{3} \d{3}\b")
ADDED = {Turn.RETURNED: "Đã bổ sung minh chứng.", Turn.REOPENED: "Bổ sung sau hạn."}


@dataclass(frozen=True, slots=True)
class Year:
    """What everybody holds at the end: Word files by party number, each cell's zip and summary; the database."""

    settings: Settings
    own: Mapping[str, bytes]
    zips: Mapping[str, bytes]
    summaries: Mapping[str, Summary]


@asynccontextmanager
async def year(folder: Path) -> AsyncIterator[Year]:
    """Play it all; the bot has stopped when this yields, the database is as it left it."""
    parts = everybody()
    people = [part.person for part in parts]
    async with installation(folder, people, today=TODAY) as (settings, codes, driver):
        async with running_apart(settings, folder):
            crowd = asyncio.Semaphore(_CROWD)
            cells = [_Cell(driver, crowd, tuple(p for p in parts if p.person.cell == cell)) for cell in CELLS]
            await asyncio.gather(*(cell.joins(codes) for cell in cells))
            await asyncio.gather(*(cell.before_the_deadline() for cell in cells))
            await driver.act("clock", to=AFTER)
            await asyncio.gather(*(cell.after_the_deadline() for cell in cells))
            own = {number: file for cell in cells for number, file in (await cell.prints()).items()}
            zips = {cell.name: await cell.prints_all() for cell in cells}
            summaries = {cell.name: await summary_on(cell.secretary, driver) for cell in cells}
        yield Year(settings, own, zips, summaries)


class _Cell:
    """One cell's year: its people with their phones, its secretary at work."""

    def __init__(self, driver: Driver, crowd: asyncio.Semaphore, parts: tuple[Part, ...]) -> None:
        self._driver, self._crowd, self._parts = driver, crowd, parts
        self._phones: dict[str, AnyPhone] = {}
        self.name = parts[0].person.cell

    @property
    def secretary(self) -> Phone:
        phone = self._phones[self._parts[0].person.name]
        if not isinstance(phone, Phone):
            raise TypeError("the secretary is on Telegram")
        return phone

    def _with(self, turn: Turn) -> list[tuple[Part, AnyPhone]]:
        return [(part, self._phones[part.person.name]) for part in self._parts if turn in part.turns]

    async def joins(self, codes: Mapping[str, str]) -> None:
        """The secretary comes first and lets the others in."""
        for part in self._parts:
            name, code = part.person.name, codes[part.person.number]
            phone: AnyPhone
            if part.zalo:
                phone = await self._driver.zalo_phone(name)
                await join_by_zalo(phone, code)
            else:
                phone = await self._driver.phone(name)
                await join(phone, code)
            self._phones[name] = phone
            if phone is not self.secretary:
                await approve(self.secretary, name)

    async def before_the_deadline(self) -> None:
        """The cycle opens, all write, some are helped, some get their forms back, the deadline is moved."""
        await open_cycle(self.secretary, YEAR, FIRST_DEADLINE)
        if self.name == CELLS[0]:
            await set_criteria(self.secretary)
        for part, _ in (*self._with(Turn.HELPED_CODE), *self._with(Turn.HELPED_YES)):
            await ask_to_help(self.secretary, part.person.name, part.helper)
        await asyncio.gather(
            *(self._writes(part) for part in self._parts if part.writes and Turn.LATER not in part.turns)
        )
        await asyncio.gather(
            *(self._is_helped(part) for part in self._parts if part.turns & {Turn.HELPED_CODE, Turn.HELPED_YES})
        )
        for part, _ in self._with(Turn.RETURNED):
            await give_back(self.secretary, part.person.name)
        await self.secretary.says("/deadlines")
        await self.secretary.presses(sentences("vi")["deadlines.button.move"])
        await self.secretary.says(MOVED_DEADLINE)
        await self.secretary.presses("yes")
        await self._again(Turn.RETURNED)
        for part, _ in self._with(Turn.LATER):
            await self._writes(part)

    async def after_the_deadline(self) -> None:
        """One form is opened again with a reason, and comes back."""
        for part, _ in self._with(Turn.REOPENED):
            await give_back(self.secretary, part.person.name)
        await self._again(Turn.REOPENED)

    async def _again(self, turn: Turn) -> None:
        for part, phone in self._with(turn):
            await fill(phone, part.form, {RETURNED_QUESTION: (ADDED[turn],)})

    async def _writes(self, part: Part) -> None:
        async with self._crowd:
            phone = self._phones[part.person.name]
            if Turn.YEAR_KEPT in part.turns and isinstance(phone, Phone):
                await keep_a_year(phone, part)
            if Turn.DRAFT_ONLY in part.turns:
                await fill(phone, part.form, part.said, most_turns=6)
                return
            await fill(phone, part.form, part.said)
            if Turn.PROMISES in part.turns and isinstance(phone, Phone):
                await promise(phone)

    async def _is_helped(self, part: Part) -> None:
        helper, member = self._phones[part.helper], self._phones[part.person.name]
        if not isinstance(helper, Phone) or not isinstance(member, Phone):
            raise TypeError("who helps and who is helped are on Telegram")
        await helper.presses(
            sentences("vi")["assisting.appointed.open"], await helper.waits_for("nhờ đồng chí viết giúp")
        )
        await helper.presses("write")
        await fill(helper, part.form, part.said, opens=False)
        asked = await member.waits_for("đã nhập giúp")
        if Turn.HELPED_CODE in part.turns:
            code = _CODE.search(str(asked["text"]))
            await helper.presses("code")
            await helper.says(code[0] if code else "")
        else:
            await member.presses(sentences("vi")["assisting.asked.read"], asked)
            while "more" in (ways := (await screen_on(member)).ways) and "yes" not in ways:
                await member.presses("more")
            await member.presses("yes")

    async def prints(self) -> dict[str, bytes]:
        """Everybody's own form, as it comes to their phone."""
        handed_in = [part for part in self._parts if part.hands_in]
        files = await asyncio.gather(*(self._printed(self._phones[part.person.name]) for part in handed_in))
        return {part.person.number: file for part, file in zip(handed_in, files, strict=True)}

    async def _printed(self, phone: AnyPhone) -> bytes:
        async with self._crowd:
            before = len(await phone.messages())
            if isinstance(phone, ZaloPhone):
                await phone.says("kiem diem")
                await phone.chooses(sentences("vi")["papers.option.print"])
            else:
                await phone.says("/print")
            return await next_file(self._driver, phone, before)

    async def prints_all(self) -> bytes:
        """The secretary's zip of everything that was handed in."""
        before = len(await self.secretary.messages())
        await self.secretary.says("/reviews")
        await self.secretary.presses("print_cell")
        return await next_file(self._driver, self.secretary, before)


async def figures(folder: Path) -> list[Figure]:
    """What the secretaries read at the end, beside what follows from the parts."""
    found = []
    async with year(folder) as end:
        for cell in CELLS:
            parts = [part for part in everybody() if part.person.cell == cell]
            words = "\n".join(end.summaries[cell].lines)
            for name, pattern, expected in (
                ("members", r"Tổng số đảng viên: (\d+)", len(parts)),
                ("required to review", r"Phải kiểm điểm: (\d+)", sum(Turn.OUTSIDE not in p.turns for p in parts)),
                ("reviewed", r"Đã kiểm điểm: (\d+)", sum(part.hands_in for part in parts)),
            ):
                got = re.search(pattern, words)
                found.append(Figure(f"{cell}: {name}", str(expected), got[1] if got else "–"))
            printed = sum(part.person.number in end.own for part in parts)
            found.append(Figure(f"{cell}: forms printed", str(sum(p.hands_in for p in parts)), str(printed)))
    return found


async def main() -> int:
    """Play the year; exit status 1 where a figure differs."""
    only_figures()
    with tempfile.TemporaryDirectory() as folder:
        return 1 if told(await figures(Path(folder))) else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
