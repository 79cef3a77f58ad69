"""A cell with an open cycle, and shorthand for filling in its forms."""

from __future__ import annotations

import html
import re
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, update

from handlers.joining.actions import JoiningRoom
from handlers.review.actions import ReviewRoom
from handlers.review.screens import units
from storage import cycles, reviews, tables
from storage.records import Cycle, CycleId, MemberId, Post, Review
from tests.stage import Phone, Seen, Stage

DEADLINE = date(2026, 12, 15)

# What is typed or pressed for a whole form 2B, in order.
FORM_2B: tuple[tuple[str, str], ...] = (
    ("say", "Giữ gìn đoàn kết, chấp hành kỷ luật."),
    ("press", "next"),
    ("say", "Giảng dạy 12 lớp."),
    ("press", "next"),
    ("press", "none"),  # annex
    ("say", "20"),  # tasks given, done, late, exceeded
    ("say", "20"),
    ("say", "0"),
    ("say", "7"),
    ("say", "Đã làm theo cam kết."),
    ("press", "next"),
    ("say", "Ít đi thực tế."),
    ("press", "next"),
    ("say", "Chủ quan: chưa sắp xếp thời gian."),
    ("press", "next"),
    ("press", "none"),  # remediation
    ("press", "none"),  # prompts
    ("press", "none"),  # responsibility
    ("say", "Mỗi quý đi thực tế một lần."),
    ("press", "next"),
    ("say", "28,5"),
    ("say", "63"),
    ("press", "excellent"),
)

# The answers that FORM_2B leads to.
ANSWERS_2B: dict[str, Any] = {
    "conduct": "Giữ gìn đoàn kết, chấp hành kỷ luật.",
    "duties": "Giảng dạy 12 lớp.",
    "annex": None,
    "tasks": {"given": 20, "done": 20, "late": 0, "exceeded": 7},
    "commitment": "Đã làm theo cam kết.",
    "shortcomings": ["Ít đi thực tế."],
    "causes": ["Chủ quan: chưa sắp xếp thời gian."],
    "remediation": None,
    "prompts": None,
    "responsibility": None,
    "measures": ["Mỗi quý đi thực tế một lần."],
    "general_score": 285,
    "task_score": 630,
    "self_grade": "excellent",
}

_TAGS = re.compile(r"</?(?:b|i|code)>")


class Scene(Stage):
    """A stage with the review and the door, on 22/11/2026; no post may be longer than a message."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, [ReviewRoom(), JoiningRoom()])
        # No test here pulls the plug: waiting for the disk at every turn would only cost time.
        event.listen(self._engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        self._engine.dispose()

    def open_cycle(
        self, year: int = 2026, rules: str = "2025", deadline: date = DEADLINE, cell: str = "Chi bộ Một"
    ) -> Cycle:
        """Open the year's cycle in a cell."""
        cell_id, today = self.cell(cell), self.now.date()
        opens_on = min(date(2026, 11, 1), deadline)
        made = self.write(
            lambda tx: cycles.create(tx, cell_id, year, rules, opens_on, deadline, None, today, self.now)
        )
        assert made is not None
        return made

    def review(self, cycle: Cycle, phone: Phone) -> Review:
        """The review as it is kept."""
        found = self.write(lambda tx: reviews.find(tx, CycleId(cycle.id), MemberId(phone.member or 0)))
        assert found is not None
        return found

    def filled(self, cycle: Cycle, phone: Phone, **other: Any) -> Seen:
        """Put a whole form 2B into the database and open its overview: what ``fill`` does, without the talking."""

        def work(tx: Connection) -> None:
            review = reviews.begin(tx, cycle.id, MemberId(phone.member or 0), "2025/non_leader", self.now)
            for key, value in {**ANSWERS_2B, **other}.items():
                reviews.write(tx, review, key, value, self.now)

        self.write(work)
        phone.commands(f"/review {cycle.year}")
        phone.presses("overview")
        return phone.screen

    def at(self, cycle: Cycle, phone: Phone, key: str) -> Seen:
        """Answer everything before a question in the database and open that question."""
        before = list(ANSWERS_2B)[: list(ANSWERS_2B).index(key)]

        def work(tx: Connection) -> None:
            review = reviews.begin(tx, cycle.id, MemberId(phone.member or 0), "2025/non_leader", self.now)
            for name in before:
                reviews.write(tx, review, name, ANSWERS_2B[name], self.now)
            reviews.set_place(tx, review, key)

        self.write(work)
        phone.commands(f"/review {cycle.year}")
        phone.presses("continue")
        return phone.screen

    def change(self, phone: Phone, **columns: object) -> None:
        """Change somebody's row on the roster."""
        members = tables.members
        self.write(lambda tx: tx.execute(update(members).where(members.c.id == phone.member).values(**columns)))

    def _show(self, post: Post, ref: str) -> None:
        assert units(html.unescape(_TAGS.sub("", post.text))) <= 4096
        super()._show(post, ref)


def play(phone: Phone, moves: tuple[tuple[str, str], ...]) -> Seen:
    """Say and press one after the other; the last screen."""
    for kind, what in moves:
        if kind == "say":
            phone.says(what)
        else:
            phone.presses(what)
    return phone.screen


def begin(phone: Phone) -> Seen:
    """Open the review and begin it: the first question."""
    phone.commands("/review")
    phone.presses("begin")
    return phone.screen


def fill(phone: Phone, moves: tuple[tuple[str, str], ...] = FORM_2B) -> Seen:
    """Begin a review and fill in the whole form; ends on the overview."""
    begin(phone)
    return play(phone, moves)


def submit(phone: Phone) -> list[Seen]:
    """From the overview: submit and confirm."""
    phone.presses("submit")
    return phone.presses("yes")
