"""The list of tasks: lines in, choices after, the four figures; nothing is late until the member says so."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from handlers.checklist.actions import ChecklistRoom
from handlers.notes.actions import NotesRoom
from handlers.tasks.actions import TasksRoom
from handlers.tasks.rules import Count, count
from storage import notes, tasks
from storage.records import MemberId, Task, TaskState
from tests.stage import Phone, Stage

TEN = "\n".join(f"Nhiệm vụ số {number} – sản phẩm {number} – {number}/6" for number in range(1, 11))


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path, [TasksRoom(), NotesRoom(), ChecklistRoom()])


def kept(stage: Stage, who: Phone) -> tuple[Task, ...]:
    return stage.write(lambda tx: tasks.of_year(tx, MemberId(who.member or 0), 2026))


def test_lines_become_tasks_and_a_passed_deadline_is_open_not_late(stage: Stage) -> None:
    an = stage.member("An")
    an.commands("/tasks")
    [shown] = an.says("Viết giáo án mới – 3 chuyên đề – 30/6\nDạy lớp K12")
    assert "Đã thêm 2 nhiệm vụ" in shown.text
    assert "1 nhiệm vụ đã qua hạn mà chưa ghi kết quả" in shown.text
    assert "chậm 0" in shown.text
    assert [(task.title, task.product, task.due_on) for task in kept(stage, an)] == [
        ("Viết giáo án mới", "3 chuyên đề", date(2026, 6, 30)),
        ("Dạy lớp K12", "", None),
    ]


def test_the_member_says_how_each_ended(stage: Stage) -> None:
    an = stage.member("An")
    an.commands(f"/tasks {TEN}")
    for number, state in ((1, "done"), (2, "late"), (3, "exceeded"), (4, "not_done")):
        label = next(label for label, _ in an.screen.choices if f" {number}. " in label)
        an.presses(label)
        an.presses(state)
    assert "Được giao 10, xong 3, trong đó chậm 1, vượt mức 1." in an.screen.text
    assert count(kept(stage, an)) == Count(10, 3, 1, 1, 6)
    an.presses("more")
    assert len([label for label, _ in an.screen.choices if "Nhiệm vụ số" in label]) == 2


def test_a_task_is_changed_removed_and_put_back(stage: Stage) -> None:
    an = stage.member("An")
    an.commands("/tasks Viết bài báo – 1 bài")
    an.presses(an.screen.choices[0][0])
    an.presses("edit")
    [shown] = an.says("Viết hai bài báo – 2 bài – 31/8")
    assert "Hạn 31/08/2026 đã qua" in shown.text
    an.presses("remove")
    assert kept(stage, an) == ()
    an.presses("undo")
    [task] = kept(stage, an)
    assert (task.title, task.product, task.due_on) == ("Viết hai bài báo", "2 bài", date(2026, 8, 31))


def test_a_state_chosen_elsewhere_is_not_overwritten(stage: Stage) -> None:
    an = stage.member("An")
    an.commands("/tasks Viết bài báo")
    an.presses(an.screen.choices[0][0])
    [task] = kept(stage, an)
    stage.write(lambda tx: tasks.set_state(tx, task.id, TaskState.EXCEEDED, stage.now.date()))
    [shown] = an.presses("late")
    assert "máy khác" in shown.text
    assert kept(stage, an)[0].state is TaskState.EXCEEDED


@pytest.mark.parametrize("words", ["3", "gì", "31/2", "Dạy lớp – 31/2"])
def test_what_is_no_task_changes_nothing(stage: Stage, words: str) -> None:
    an = stage.member("An")
    an.commands("/tasks")
    assert len(an.says(words)) == 1
    assert kept(stage, an) == ()


def test_no_more_than_a_year_takes(stage: Stage) -> None:
    an = stage.member("An")
    for _ in range(6):
        an.commands(f"/tasks {TEN}")
    [shown] = an.says("Thêm một việc")
    assert "tối đa 60" in shown.text
    assert len(kept(stage, an)) == 60


def test_a_note_belongs_to_a_task(stage: Stage) -> None:
    an = stage.member("An")
    an.commands(f"/tasks {TEN}")
    an.commands("/note Được khen ở hội giảng")
    an.presses("task")
    an.presses("more")
    [shown] = an.presses("8. Nhiệm vụ số 8")
    assert "Đã gắn" in shown.text
    [note] = stage.write(lambda tx: notes.of_year(tx, MemberId(an.member or 0), 2026))
    assert note.task_id == kept(stage, an)[7].id
