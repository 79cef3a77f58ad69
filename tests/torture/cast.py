"""Who takes part: rosters imported at the office, members who join by their codes, a year that is opened."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from pydantic import SecretStr

from bot.office import import_roster, make_codes
from bot.playing import approve, join, join_by_zalo
from bot.settings import Settings
from bot.simulator.driver import Driver, Phone, ZaloPhone, choices_of
from bot.simulator.settings import SimulatorSettings
from handlers.review import forms
from handlers.review.rulebook import Form
from handlers.texts import sentences
from storage.records import FormKind
from tests.torture import phones
from tests.torture.phones import ZaloPhone as Zalo
from tests.torture.server import Messenger

Hand = Phone | ZaloPhone
YEAR = 2026
A_CELL = 40
_AT_ONCE = 12
_KINDS = {"2A": FormKind.LEADER, "2B": FormKind.NON_LEADER, "2C": FormKind.OUTSIDE_SYSTEM}
_FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô")
_MIDDLE = ("Văn", "Thị", "Minh", "Quốc", "Thu", "Đức", "Thanh", "Hồng")
_GIVEN = ("Bình", "Cường", "Dũng", "Giang", "Hạnh", "Khoa", "Liên", "Nga", "Phúc", "Quyên", "Sơn", "Tuyết")


@dataclass(frozen=True)
class Member:
    """One person: party number, name, form, cell by number, whether they are the secretary, and their phone."""

    number: str
    name: str
    form: Form
    cell: int
    secretary: bool
    phone: phones.Phone

    @property
    def owner(self) -> str:
        """The mark of this person's words."""
        return self.number.lower()


def make_cast(count: int, messenger: Messenger, rng: random.Random) -> tuple[list[Member], str]:
    """So many members in cells of forty, and the roster that lists them as CSV."""
    names = [f"{f} {m} {g}" for f in _FAMILY for m in _MIDDLE for g in _GIVEN]
    rng.shuffle(names)
    rules = forms.rule_set_for(YEAR)
    rows = ["Họ và tên,Mã đảng viên,Ngày kết nạp,Loại mẫu,Trạng thái,Điện thoại,Chi bộ,Vai trò"]
    cast = []
    cells = max(2, -(-count // A_CELL))
    for place, name in zip(range(count), names, strict=False):
        cell, rank = place % cells, place // cells
        kind = ("2B", "2A")[rank] if rank < 2 else rng.choice(tuple(_KINDS))
        role = ("Thư ký", "Bí thư")[rank] if rank < 2 else ""
        number = f"T{place:03d}"
        rows.append(
            f"{name},{number},03/02/2004,{kind},Chính thức,09120{place:05d},Chi bộ Thử nghiệm {cell + 1},{role}"
        )
        form = rules.form_for(_KINDS[kind])
        assert form is not None
        cast.append(Member(number, name, form, cell, rank == 0, messenger.phone(name)))
    return cast, "\n".join(rows) + "\n"


async def enlist(folder: Path, address: str, roster: str) -> dict[str, str]:
    """Import the roster at the office and make a code for everybody, by party number."""
    file = folder / "danh-sach.csv"
    file.write_text(roster, encoding="utf-8")
    settings = Settings(
        bot_token=SecretStr(SimulatorSettings().token),
        bot_api_url=address,
        database_url=f"sqlite+aiosqlite:///{folder / 'bot.db'}",
        bot_clock_file=folder / "clock",
    )
    told: list[str] = []
    if await import_roster(settings, file, told.append):
        raise RuntimeError(f"the roster was refused: {told}")
    return await make_codes(settings)


async def gather(cast: list[Member], codes: dict[str, str], address: str, opens: str, deadline: str) -> None:
    """Everybody joins, the secretaries let them in and open the year, each on their own phone."""
    hands_free = asyncio.Semaphore(_AT_ONCE)
    async with aiohttp.ClientSession() as session:
        driver = Driver(address, session)
        hands = {member.number: _hand_of(member, driver) for member in cast}

        async def enter(member: Member) -> None:
            async with hands_free:
                await _join(hands[member.number], codes[member.number])

        async def lead(secretary: Member) -> None:
            hand = hands[secretary.number]
            await _join(hand, codes[secretary.number])
            await _open_year(hand, opens, deadline)
            others = [m for m in cast if m.cell == secretary.cell and m is not secretary]
            await asyncio.gather(*(enter(member) for member in others))
            for member in others:
                await _approve(hand, member.name)
                await hands[member.number].waits_for("Thư ký đã duyệt")

        await asyncio.gather(*(lead(member) for member in cast if member.secretary))


def _hand_of(member: Member, driver: Driver) -> Hand:
    if isinstance(member.phone, Zalo):
        return ZaloPhone(driver, str(member.phone.user), member.name)
    return Phone(driver, member.phone.user, member.name)


async def _join(hand: Hand, code: str) -> None:
    await (join_by_zalo(hand, code) if isinstance(hand, ZaloPhone) else join(hand, code))


async def _approve(hand: Hand, name: str) -> None:
    if isinstance(hand, Phone):
        await approve(hand, name)
        return
    card = await hand.waits_for(name)
    typed = next(typed for typed, label in choices_of(card) if label == sentences("vi")["joining.request.approve"])
    await hand.says(typed)


async def _open_year(secretary: Hand, opens: str, deadline: str) -> None:
    await secretary.says("/deadlines")
    await _choose(secretary, "year", "mở kỳ mới")
    for words in (str(YEAR), opens, deadline):
        await secretary.says(words)
    await _choose(secretary, "none", "chưa định")
    await _choose(secretary, "yes", "đồng ý")


async def _choose(hand: Hand, option: str, words: str) -> None:
    await (hand.says(words) if isinstance(hand, ZaloPhone) else hand.presses(option))
