"""Where and when a form was reviewed: two places for leaders, written down by whoever handles it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from handlers.dialogue.flow import Refusal
from handlers.reminders.dates import TypedDay
from handlers.review.actions import ReviewRoom
from handlers.review.hearing import HearingRoom, read_hearing
from storage import hearings, reviews
from storage.records import Cycle, FormKind, Hearing, HearingPlace, MemberId, Role
from tests.review.scene import ANSWERS_2B, Scene
from tests.stage import Phone, Stage


class Hall(Scene):
    """A scene with this room, too."""

    def __init__(self, folder: Path) -> None:
        Stage.__init__(self, folder, [ReviewRoom(), HearingRoom()])

    def handed_in(self, cycle: Cycle, phone: Phone, form: str = "2025/leader") -> None:
        """Put a submitted form into the database."""

        def work(tx: object) -> None:
            review = reviews.begin(tx, cycle.id, MemberId(phone.member or 0), form, self.now)  # type: ignore[arg-type]
            reviews.write(tx, review, "conduct", ANSWERS_2B["conduct"], self.now)  # type: ignore[arg-type]
            reviews.submit(tx, review, "good", None, self.now)  # type: ignore[arg-type]

        self.write(work)

    def held(self, cycle: Cycle, phone: Phone) -> list[tuple[str, date, str]]:
        """What is written down."""
        review = self.review(cycle, phone)
        found = self.write(lambda tx: hearings.of_review(tx, review.id))
        return [(one.place.value, one.held_on, one.body) for one in found]


@pytest.fixture
def hall(tmp_path: Path, empty_database: Path) -> Iterator[Hall]:
    shutil.copy(empty_database, tmp_path)
    made = Hall(tmp_path)
    yield made
    made.close()


def opened(hall: Hall, kind: FormKind = FormKind.LEADER) -> tuple[Cycle, Phone, Phone]:
    cycle = hall.open_cycle()
    an, chair = hall.member("An", form=kind), hall.member("Bình", Role.CHAIR)
    hall.handed_in(cycle, an, f"2025/{kind}")
    chair.commands("/reviews")
    chair.presses(f"m{an.member}")
    chair.presses("hearing")
    return cycle, an, chair


def test_a_leader_stands_in_two_places_each_with_its_day(hall: Hall) -> None:
    cycle, an, chair = opened(hall)
    assert "Tại chi bộ: chưa ghi ngày\nTại tập thể lãnh đạo: chưa ghi ngày" in chair.screen.text
    chair.presses("cell")
    chair.says("10/12")
    chair.presses("collective")
    chair.says("20/12/2026, Ban Giám hiệu")
    assert hall.held(cycle, an) == [
        ("cell", date(2026, 12, 10), ""),
        ("collective", date(2026, 12, 20), "Ban Giám hiệu"),
    ]
    shown = "Tại chi bộ: ngày 10/12/2026\nTại tập thể lãnh đạo: ngày 20/12/2026 (Ban Giám hiệu)"
    assert shown in chair.screen.text
    chair.presses("done")
    assert shown in chair.screen.text, "back at the form that is read"
    an.commands("/review")
    assert shown in an.screen.text


def test_everybody_else_stands_before_the_cell_only(hall: Hall) -> None:
    _, _, chair = opened(hall, FormKind.NON_LEADER)
    assert "Tại chi bộ: chưa ghi ngày" in chair.screen.text
    assert "tập thể lãnh đạo" not in chair.screen.text


def test_the_wrong_order_is_said_and_kept(hall: Hall) -> None:
    cycle, an, chair = opened(hall)
    chair.presses("cell")
    chair.says("20/12")
    chair.presses("collective")
    chair.says("10/12")
    assert "chi bộ kiểm điểm trước" in chair.screen.text
    assert len(hall.held(cycle, an)) == 2


def test_a_wrong_day_is_written_again_or_taken_out(hall: Hall) -> None:
    cycle, an, chair = opened(hall)
    for typed in ("10/12", "11/12"):
        chair.presses("cell")
        chair.says(typed)
    assert hall.held(cycle, an) == [("cell", date(2026, 12, 11), "")]
    chair.presses("cell")
    chair.says("31/2")
    assert "31/2" in chair.screen.text
    chair.presses("strike")
    assert hall.held(cycle, an) == []


def test_nobody_writes_into_what_they_do_not_handle(hall: Hall) -> None:
    cycle, an, chair = opened(hall)
    hall.change(an, cell_id=hall.cell("Chi bộ Hai"))
    chair.presses("cell")
    assert hall.held(cycle, an) == []
    assert "Không có bản nộp này" in chair.screen.text or "bản kiểm điểm" in chair.screen.text


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("12/12/2026", (TypedDay(12, 12, 2026), "")),
        ("12/12, Ban  Giám hiệu", (TypedDay(12, 12), "Ban Giám hiệu")),
        ("ngày 5/12; Đảng ủy, mở rộng", (TypedDay(5, 12), "Đảng ủy, mở rộng")),
    ],
)
def test_a_day_with_and_without_who_met(typed: str, read: object) -> None:
    assert read_hearing(typed) == read


@pytest.mark.parametrize("typed", ["Ban Giám hiệu", "", "12/12, " + "x" * 201])
def test_no_day_or_too_long_is_refused(typed: str) -> None:
    assert isinstance(read_hearing(typed), Refusal)


def test_an_entry_knows_who_wrote_it(hall: Hall) -> None:
    cycle, an, chair = opened(hall)
    chair.presses("cell")
    chair.says("10/12")
    review = hall.review(cycle, an)
    [entry] = hall.write(lambda tx: hearings.of_review(tx, review.id))
    assert entry == Hearing(HearingPlace.CELL, date(2026, 12, 10), "", MemberId(chair.member or 0), "Bình")
