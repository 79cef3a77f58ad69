"""Tasks as they are typed."""

from __future__ import annotations

from datetime import date

import pytest

from handlers.dialogue.flow import Refusal
from handlers.reminders.dates import TypedDay
from handlers.tasks.typed import TypedTask, due_of, read_task, read_tasks


@pytest.mark.parametrize(
    ("line", "task"),
    [
        ("Viết giáo án mới – 3 chuyên đề – 30/6", TypedTask("Viết giáo án mới", "3 chuyên đề", TypedDay(30, 6))),
        (
            "Viết giáo án mới - 3 chuyên đề - 30/6/2026",
            TypedTask("Viết giáo án mới", "3 chuyên đề", TypedDay(30, 6, 2026)),
        ),
        ("1. Dạy lớp K12; 12 buổi; hạn 15-5", TypedTask("Dạy lớp K12", "12 buổi", TypedDay(15, 5))),
        ("- Họp chi bộ đủ 12 kỳ", TypedTask("Họp chi bộ đủ 12 kỳ")),
        ("Nộp báo cáo trước ngày 20/11", TypedTask("Nộp báo cáo", "", TypedDay(20, 11))),
        ("Nộp báo cáo, hạn 20/11.", TypedTask("Nộp báo cáo", "", TypedDay(20, 11))),
        ("Học Nghị quyết 57-NQ/TW", TypedTask("Học Nghị quyết 57-NQ/TW")),
        ("Tự học – bồi dưỡng – lớp 2", TypedTask("Tự học", "bồi dưỡng – lớp 2")),
    ],
)
def test_a_line(line: str, task: TypedTask) -> None:
    assert read_task(line) == task


def test_several_lines_at_once() -> None:
    found = read_tasks("1. Dạy lớp K12 – 12 buổi\n\n2) Viết bài báo – 1 bài – 31/8")
    assert found == (TypedTask("Dạy lớp K12", "12 buổi"), TypedTask("Viết bài báo", "1 bài", TypedDay(31, 8)))


@pytest.mark.parametrize("text", ["3", "xong", "", "30/6", "?"])
def test_what_is_no_task(text: str) -> None:
    assert read_tasks(text) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Dạy lớp K12\n5", "tasks.typed.short"),
        ("Dạy lớp " + "x" * 300, "tasks.typed.too_long"),
        ("\n".join(["Dạy lớp K12"] * 61), "tasks.typed.too_many"),
    ],
)
def test_nothing_is_kept_of_lines_that_are_wrong(text: str, why: str) -> None:
    found = read_tasks(text)
    assert isinstance(found, Refusal)
    assert found.why.id == why


def test_the_year_of_a_deadline_is_that_of_the_list() -> None:
    assert due_of(TypedTask("a", due=TypedDay(30, 6)), 2026) == date(2026, 6, 30)
    assert due_of(TypedTask("a", due=TypedDay(30, 6, 2027)), 2026) == date(2027, 6, 30)
    assert due_of(TypedTask("a"), 2026) is None
    assert isinstance(due_of(TypedTask("a", due=TypedDay(31, 2)), 2026), Refusal)
