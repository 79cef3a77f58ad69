"""A cell with an open cycle, a secretary, and members who cannot type; shorthand for what is done again."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path

import segno
from PIL import Image
from sqlalchemy import Connection

from handlers.assisting.actions import AssistingRoom
from handlers.assisting.papers import paper_number
from handlers.dialogue.said import Sent, Thing
from handlers.notes.actions import NotesRoom
from handlers.papers.actions import PapersRoom
from handlers.review.actions import ReviewRoom
from storage import assistances, cycles, reviews
from storage.assistances import Assistance
from storage.records import Cycle, MemberId, Review, Role
from tests.review.scene import ANSWERS_2B
from tests.stage import Phone, Seen, Stage

VOICE = b"OggS\x00\x02" + bytes(60)


class Scene(Stage):
    """The form, assisted entry and the notes, in one cell with the cycle of 2026 open until 15/12."""

    def __init__(self, folder: Path, plain: frozenset[str] = frozenset()) -> None:
        super().__init__(folder, [ReviewRoom(), AssistingRoom(), NotesRoom(), PapersRoom()], plain=plain)
        self.secretary = self.member("Lê Thị Thư", Role.SECRETARY)
        self.lan = self.member("Nguyễn Thị Lan")
        self.binh = self.member("Trần Văn Bình")
        self.cycle = self.open_cycle()

    def open_cycle(self) -> Cycle:
        cell, today = self.cell(), self.now.date()
        days = date(2026, 11, 1), date(2026, 12, 15)
        made = self.write(lambda tx: cycles.create(tx, cell, 2026, "2025", *days, None, today, self.now))
        assert made is not None
        return made

    def assistance(self, member: Phone) -> Assistance:
        """The newest one for this member."""
        found = self.write(lambda tx: assistances.of_review(tx, id_of(member), self.cycle.id))
        return found[-1]

    def review(self, member: Phone) -> Review | None:
        return self.write(lambda tx: reviews.find(tx, self.cycle.id, id_of(member)))

    def open_for(self, member: Phone, helper: Phone | None = None) -> None:
        """The secretary opens it, for themselves or for somebody else."""
        self.secretary.commands("/assist")
        self.secretary.presses("new")
        self.secretary.presses(f"p{id_of(member)}")
        self.secretary.presses(f"p{id_of(helper)}" if helper else "me")

    def fill(self, member: Phone) -> None:
        """A whole draft, put into the database: what was typed, without the talking."""

        def work(tx: Connection) -> None:
            review = reviews.begin(tx, self.cycle.id, id_of(member), "2025/non_leader", self.now)
            for key, value in ANSWERS_2B.items():
                reviews.write(tx, review, key, value, self.now)
            for one in assistances.of_review(tx, id_of(member), self.cycle.id):
                assistances.wrote(tx, one.id)

        self.write(work)

    def offered(self, member: Phone, helper: Phone | None = None) -> str:
        """Opened, typed and put before the member; gives the code that their phone shows ("" without a phone)."""
        self.open_for(member, helper)
        self.fill(member)
        self.hand_over(member, helper)
        return code_on(member)

    def hand_over(self, member: Phone, helper: Phone | None = None) -> None:
        """The helper opens the form from the card, and is done with it."""
        typist = helper or self.secretary
        typist.commands("/assist")
        typist.presses(f"a{self.assistance(member).id}")
        typist.presses("write")
        typist.presses("overview")
        typist.presses("submit")
        typist.presses("yes")

    def number(self, member: Phone) -> str:
        """What is printed on this member's form."""
        return self.write(lambda tx: paper_number(tx, self.cycle.id, id_of(member)))


def id_of(phone: Phone) -> MemberId:
    assert phone.member is not None
    return phone.member


def code_on(phone: Phone) -> str:
    """The newest code that a phone was sent."""
    found = [m for seen in phone.messages for m in re.findall(r"\b(\d{3} \d{3})\b", seen.text)]
    return found[-1] if found else ""


def card_with(phone: Phone, label: str) -> Seen:
    """The newest message that offers this."""
    return next(m for m in reversed(phone.messages) if label in {text for text, _ in m.choices})


def photo(number: str = "") -> Sent:
    """A photograph of a page, with the QR code of a number on it where there is one."""
    page = Image.new("RGB", (1200, 1600), (238, 234, 226))
    if number:
        drawn = io.BytesIO()
        segno.make(number, error="q", micro=False).save(drawn, kind="png", scale=7, border=4)
        with Image.open(drawn) as code:
            page.paste(code.convert("RGB"), (900, 60))
    out = io.BytesIO()
    page.rotate(180 if number else 0).save(out, "JPEG", quality=70)
    return Sent(Thing.PHOTO, "photo", content=out.getvalue(), size=len(out.getvalue()))


def voice() -> Sent:
    """A voice message as a telephone sends it."""
    return Sent(Thing.VOICE, "voice", content=VOICE, size=len(VOICE))
