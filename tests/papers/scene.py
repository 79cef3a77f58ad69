"""A cell with members who submitted in three years, a secretary, and the rooms that print and copy."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

from docx import Document
from docx.document import Document as Opened
from sqlalchemy import Connection, select

from handlers.dialogue.room import Door, Room
from handlers.dialogue.said import File
from handlers.papers.actions import PapersRoom
from handlers.papers.copying_actions import CopyingRoom
from handlers.papers.printing import ToPdf
from handlers.papers.sample import sample_answers
from handlers.papers.template_actions import TemplatesRoom, Trial
from handlers.papers.template_trial import try_layout
from handlers.review import forms
from handlers.review.actions import ReviewRoom
from storage import audit, cycles, reviews, tables
from storage.audit import Act
from storage.records import Cycle, Grade, MemberId, Role
from tests.stage import Phone, Seen, Stage

DOORS = (
    Door("telegram", "chibo_bot", "https://t.me/chibo_bot?start={}".format),
    Door("zalo", "Chi bộ", takes_files=False),
)
FORM_OF = {"2025": "2025/non_leader", "2023": "2023/non_leader", "2019": "2019/non_leader"}


class Scene(Stage):
    """22/11/2026; the cycles of three years are there, that of 2026 is open."""

    def __init__(self, folder: Path, to_pdf: ToPdf | None = None, trial: Trial = try_layout, **more: Any) -> None:
        rooms: list[Room[Any]] = [ReviewRoom(), PapersRoom(to_pdf), TemplatesRoom(trial), CopyingRoom(to_pdf)]
        super().__init__(folder, rooms, bot_doors=DOORS, **more)
        self.secretary = self.member("Lê Thị Thư", Role.MEMBER, Role.SECRETARY)
        self.lan = self.member("Nguyễn Thị Lan", Role.MEMBER)

    def cycle(self, year: int = 2026, rules: str = "2025", cell: str = "Chi bộ Một") -> Cycle:
        days = date(year, 11, 1), date(year, 12, 15)
        cell_id, today = self.cell(cell), self.now.date()
        made = self.write(lambda tx: cycles.create(tx, cell_id, year, rules, *days, None, today, self.now))
        assert made is not None
        return made

    def submits(self, phone: Phone, cycle: Cycle, key: str = "2025/non_leader", **answers: Any) -> None:
        """Put a whole submitted form into the database: the samples' answers, some of them replaced."""
        given = {**sample_answers(forms.form(key)), **answers}

        def work(tx: Connection) -> None:
            member = MemberId(phone.member or 0)
            review = reviews.begin(tx, cycle.id, member, key, self.now)
            for name, value in given.items():
                reviews.write(tx, review, name, value, self.now)
            found = reviews.find(tx, cycle.id, member)
            assert found is not None
            reviews.submit(tx, found, Grade.GOOD, None, self.now)

        self.write(work)

    def trail(self) -> tuple[Act, ...]:
        """What was written into the trail, oldest first."""
        cell = self.cell()
        return self.write(lambda tx: audit.of_cell(tx, cell))[::-1]

    def kept_templates(self) -> list[tuple[int, bool]]:
        """Version and whether it is withdrawn."""
        table = tables.templates
        rows = self.write(lambda tx: tx.execute(select(table.c.version, table.c.withdrawn_at)).all())
        return [(row.version, row.withdrawn_at is not None) for row in rows]


def sends(phone: Phone, content: bytes | None, name: str = "mau.docx") -> list[Seen]:
    """Send a document, as the intake brings it."""
    return phone.hears(File("f1", name, len(content or b""), content))


def file_in(messages: list[Seen]) -> tuple[str, bytes]:
    """The one file among these messages."""
    (found,) = [(m.post.file_name or "", m.post.file) for m in messages if m.post.file is not None]
    assert found[1] is not None
    return found[0], found[1]


def word(content: bytes) -> Opened:
    """A Word file, opened."""
    return Document(io.BytesIO(content))
