"""The whole program over HTTP: a secretary's layout tried in a process of its own, prints as Word and as PDF."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.app import Program
from bot.office import import_roster, make_codes
from bot.pdf import find
from bot.playing import join
from bot.simulator.driver import Driver, Phone
from handlers.papers.checking import words_in
from handlers.papers.sample import sample_answers
from handlers.review import forms
from storage import cycles, members, reviews
from storage.records import Grade
from storage.transaction import Connection
from tests.papers.layouts import with_line
from tests.program import running, settings_for

ROSTER = """Họ và tên,Mã đảng viên,Ngày kết nạp,Loại mẫu,Trạng thái,Điện thoại,Chi bộ,Vai trò
Nguyễn Thị Lan,A1,03/02/2004,2B,Chính thức,0912000001,Chi bộ Một,Thư ký
"""


async def submitted(program: Program) -> None:
    """A form that was submitted in a cycle that is open."""

    def work(tx: Connection) -> None:
        member, now = members.by_number(tx, "A1"), program.clock.now()
        assert member is not None
        today = now.date()
        cycle = cycles.create(tx, member.cell_id, today.year, "2025", today, today, None, today, now)
        assert cycle is not None
        review = reviews.begin(tx, cycle.id, member.id, "2025/non_leader", now)
        for key, value in sample_answers(forms.form("2025/non_leader")).items():
            reviews.write(tx, review, key, value, now)
        found = reviews.find(tx, cycle.id, member.id)
        assert found is not None
        reviews.submit(tx, found, Grade.GOOD, None, now)

    await program.database.write(work)


async def print_of(driver: Driver, phone: Phone, ending: str) -> bytes:
    """The printed form with that ending, waited for."""
    async with asyncio.timeout(90):
        while True:
            files = [m["document"] for m in await phone.messages() if "document" in m]
            named = [
                f for f in files if f["file_name"].startswith("kiem-diem-") and f["file_name"].endswith(ending)
            ]
            if named:
                break
            await asyncio.sleep(0.1)
    async with driver.session.get(f"{driver.address}/control/files/{named[-1]['file_id']}") as answer:
        return await answer.read()


@pytest.mark.skipif(find(None) is None, reason="LibreOffice (soffice) is not on this machine")
async def test_a_layout_is_put_back_in_chat_and_prints_as_word_and_pdf(driver: Driver, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, driver.address)
    file = tmp_path / "roster.csv"
    file.write_text(ROSTER)
    assert await import_roster(settings, file, lambda _: None) == 0
    codes = await make_codes(settings)
    async with running(settings) as program:
        await submitted(program)
        lan = await driver.phone("Lan")
        await join(lan, codes["A1"])
        await lan.says("/templates 2025")
        await lan.presses("put")
        await lan.sends_file("mau.docx", with_line("Điện thoại: {{ phone }}"))
        await lan.waits_for("Ở dòng: «Điện thoại: {{ phone }}»")
        await lan.sends_file("mau.docx", with_line("Nơi lưu: {{ cell }}"))
        await lan.waits_for("Mẫu in được")
        await lan.presses("use")
        await lan.says("/print")
        assert "Nơi lưu: Chi bộ Một" in words_in(await print_of(driver, lan, ".docx"))
        await lan.says("/print_pdf")
        assert (await print_of(driver, lan, ".pdf")).startswith(b"%PDF-")
