"""What the year offers while the review is written: notes, tasks, last year's text, last year's shortcomings."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.app import make_rooms
from handlers.review import forms
from handlers.review.offers import places
from storage import improvements, notes, reviews, tasks
from storage.records import Cycle, Grade, MemberId, TaskId, TaskState
from tests.review.scene import ANSWERS_2B, Scene, begin
from tests.stage import Phone, Stage


class Year(Scene):
    """The scene with every room."""

    def __init__(self, folder: Path, channel: str = "telegram") -> None:
        Stage.__init__(self, folder, make_rooms()[1:], channel=channel, plain=frozenset({"zalo"}))

    def note(self, who: Phone, text: str, *, year: int = 2026, task: TaskId | None = None) -> None:
        member = MemberId(who.member or 0)
        number = self.write(lambda tx: notes.add(tx, member, year, text, self.now))
        self.write(lambda tx: notes.tie(tx, number, task=task))
        self.wait(minutes=1)

    def task(self, who: Phone, title: str, state: TaskState, due: date | None = None) -> TaskId:
        member = MemberId(who.member or 0)
        number = self.write(lambda tx: tasks.add(tx, member, 2026, title, "1 sản phẩm", due, self.now))
        self.write(lambda tx: tasks.set_state(tx, number, state, None))
        return number

    def handed_in(self, who: Phone, **other: Any) -> Cycle:
        """A review of 2025, submitted and closed."""
        cycle = self.open_cycle(2025, deadline=date(2025, 12, 15))
        member = MemberId(who.member or 0)
        begun = self.write(lambda tx: reviews.begin(tx, cycle.id, member, "2025/non_leader", self.now))
        for key, value in {**ANSWERS_2B, **other}.items():
            self.write(lambda tx, key=key, value=value: reviews.write(tx, begun, key, value, self.now))  # type: ignore[misc]
        whole = self.review(cycle, who)
        self.write(lambda tx: reviews.submit(tx, whole, Grade.GOOD, Grade.GOOD, self.now))
        return cycle


@pytest.fixture
def year(tmp_path: Path) -> Year:
    return Year(tmp_path)


@pytest.fixture(params=["telegram", "zalo"])
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Year:
    return Year(tmp_path, request.param)


def labels(who: Phone) -> list[str]:
    return [label for label, _ in who.screen.choices]


def test_notes_are_offered_one_at_a_time_to_use_to_change_or_to_leave(both: Year) -> None:
    an, cycle = both.member("An"), both.open_cycle()
    for text in ("dự hội giảng cấp tỉnh", "đi thực tế ở xã", "giúp đỡ đồng nghiệp mới", "hiến máu nhân đạo"):
        both.note(an, text)
    begin(an)
    an.says("Tôi giữ gìn đoàn kết.")
    an.presses("Ghi chép trong năm (4)")
    assert "Dự hội giảng cấp tỉnh." in an.screen.text
    an.presses("take")
    assert "Đi thực tế ở xã." in an.screen.text
    an.says("Đi thực tế ba lần ở xã.")
    assert "Giúp đỡ đồng nghiệp mới." in an.screen.text
    an.presses("pass")
    an.presses("take")
    assert "Câu 1/" in an.screen.text
    expected = "Tôi giữ gìn đoàn kết.\nDự hội giảng cấp tỉnh.\nĐi thực tế ba lần ở xã.\nHiến máu nhân đạo."
    assert both.review(cycle, an).answers["conduct"] == expected
    assert "Ghi chép trong năm (2)" in labels(an)


def test_all_at_once_and_taken_back(year: Year) -> None:
    an, cycle = year.member("An"), year.open_cycle()
    year.note(an, "một")
    year.note(an, "hai")
    begin(an)
    an.says("Đã viết.")
    an.presses("drafts")
    an.presses("all")
    assert year.review(cycle, an).answers["conduct"] == "Đã viết.\nMột.\nHai."
    assert not [label for label in labels(an) if "Ghi chép" in label]
    an.presses("undo")
    assert year.review(cycle, an).answers["conduct"] == "Đã viết."


def test_what_belongs_to_a_task_is_offered_where_tasks_are_told(year: Year) -> None:
    an, cycle = year.member("An"), year.open_cycle()
    task = year.task(an, "Viết giáo án", TaskState.EXCEEDED, date(2026, 6, 30))
    year.note(an, "được khen", task=task)
    year.note(an, "của năm ngoái", year=2025)
    begin(an)
    assert "Ghi chép trong năm (1)" not in labels(an)
    year.at(cycle, an, "duties")
    assert "Ghi chép trong năm (1)" in labels(an)
    year.at(cycle, an, "annex")
    an.presses("Lấy từ danh sách nhiệm vụ (2)")
    an.presses("all")
    line = "Viết giáo án – 1 sản phẩm; hạn 30/06/2026; hoàn thành vượt mức"
    assert year.review(cycle, an).answers["annex"] == [line, "Được khen."]


def test_the_four_figures_come_from_the_list(both: Year) -> None:
    an, cycle = both.member("An"), both.open_cycle()
    states = [TaskState.DONE] * 3 + [TaskState.LATE, TaskState.EXCEEDED, TaskState.NOT_DONE, TaskState.OPEN]
    for place, state in enumerate(states):
        both.task(an, f"Việc {place}", state)
    shown = both.at(cycle, an, "tasks")
    assert "được giao 7, xong 5, chậm 1, vượt 1" in shown.text
    assert "1 nhiệm vụ chưa ghi kết quả" in shown.text
    an.presses("counted")
    assert both.review(cycle, an).answers["tasks"] == {"given": 7, "done": 5, "late": 1, "exceeded": 1}


def test_last_years_text_is_read_and_used_again(both: Year) -> None:
    an = both.member("An")
    long = "\n".join(f"Ý thứ {number} của bài năm ngoái, viết cho đủ dài." for number in range(60))
    both.handed_in(an, conduct=long)
    cycle = both.open_cycle()
    an.commands("/review 2026")
    an.presses("begin")
    an.presses("Xem bài năm 2025")
    assert "Trang 1/2" in an.screen.text
    assert "Ý thứ 0 của bài" in an.screen.text
    an.presses("more")
    assert "Ý thứ 59 của bài" in an.screen.text
    assert "conduct" not in both.review(cycle, an).answers
    an.presses("reuse")
    assert both.review(cycle, an).answers["conduct"] == long


def test_what_would_not_fit_is_not_cut(year: Year) -> None:
    an = year.member("An")
    year.handed_in(an, conduct="x" * 11_000)
    cycle = year.open_cycle()
    an.commands("/review 2026")
    an.presses("begin")
    an.says("y" * 2000)
    an.presses("last")
    [shown] = an.presses("reuse")
    assert "đã đầy" in shown.text
    assert year.review(cycle, an).answers["conduct"] == "y" * 2000


def test_last_years_shortcomings_are_asked_about_each_with_its_day(both: Year) -> None:
    an = both.member("An")
    last = both.handed_in(an, shortcomings=["Ít đi thực tế.", "Chậm báo cáo."])
    review = both.review(last, an)
    both.write(lambda tx: improvements.follow(tx, review, 2025, 1, review.answers["shortcomings"], both.now))
    [first, _] = both.write(lambda tx: improvements.of_member(tx, MemberId(an.member or 0)))
    both.write(lambda tx: improvements.set_due(tx, first.id, date(2026, 6, 30)))
    cycle = both.open_cycle()
    both.at(cycle, an, "remediation")
    an.presses("Hạn chế đã nêu năm trước (2)")
    assert "Hẹn khắc phục xong ngày 30/06/2026" in an.screen.text
    an.presses("all")
    an.presses("done")
    an.presses("not_yet")
    an.says("Do nhiều việc đột xuất.")
    assert both.review(cycle, an).answers["remediation"] == [
        {"text": "Ít đi thực tế.", "state": "done", "note": ""},
        {"text": "Chậm báo cáo.", "state": "not_yet", "note": "Do nhiều việc đột xuất."},
    ]
    assert not [label for label in labels(an) if "năm trước" in label]


def test_without_promises_the_form_of_last_year_is_asked(year: Year) -> None:
    an = year.member("An")
    year.handed_in(an, shortcomings=["Ít đi thực tế."])
    cycle = year.open_cycle()
    year.at(cycle, an, "remediation")
    an.presses("faults")
    an.presses("1. Ít đi thực tế.")
    an.presses("ongoing")
    assert year.review(cycle, an).answers["remediation"][0]["text"] == "Ít đi thực tế."


def test_nothing_is_offered_where_there_is_nothing(year: Year) -> None:
    an = year.member("An")
    year.open_cycle()
    begin(an)
    assert not [label for label in labels(an) if "Ghi chép" in label or "năm" in label]


def test_a_draft_taken_elsewhere_meanwhile_is_not_put_twice(year: Year) -> None:
    an, cycle = year.member("An"), year.open_cycle()
    year.note(an, "một")
    begin(an)
    an.presses("drafts")
    review = year.review(cycle, an)
    year.write(lambda tx: reviews.write(tx, review, "conduct", "Viết ở máy khác: Một.", year.now))
    an.presses("take")
    assert year.review(cycle, an).answers["conduct"] == "Viết ở máy khác: Một."


def test_every_place_of_the_data_is_a_question_of_some_form() -> None:
    keys = {question.key for rules in forms.rule_sets() for form in rules.forms for question in form.questions}
    data = places()
    assert {*data.notes, *data.tasks.values(), *data.faults.values()} <= keys
    assert {kind for kinds in data.notes.values() for kind in kinds} <= {"tasks", "points", "free"}
    assert set(data.line) == {"due", "no_due", *TaskState}
