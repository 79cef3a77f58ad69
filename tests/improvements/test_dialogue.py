"""Promises: asked after the submission, skippable; on the checklist apart from the points; in the reminders."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from handlers.checklist.rules import points_of, progress
from handlers.reminders import actions as reminders
from storage import checklists, improvements
from storage.records import Improvement, ImprovementState, MemberId, Role
from tests.review.scene import submit
from tests.review.test_drafts import Year
from tests.stage import Phone


@pytest.fixture
def year(tmp_path: Path) -> Year:
    return Year(tmp_path)


def promised(year: Year, who: Phone) -> tuple[Improvement, ...]:
    return year.write(lambda tx: improvements.of_member(tx, MemberId(who.member or 0)))


def submitted(year: Year, who: Phone, *faults: str) -> None:
    year.filled(year.open_cycle(), who, shortcomings=list(faults))
    submit(who)


def test_each_admitted_shortcoming_is_asked_for_a_day(year: Year) -> None:
    an = year.member("An")
    submitted(year, an, "Ít đi thực tế.", "Chậm báo cáo.", "Chưa học ngoại ngữ.")
    [shown] = an.presses("Hẹn ngày khắc phục hạn chế (3)")
    assert "Ít đi thực tế." in shown.text
    [shown] = an.says("30/6")
    assert "30/06/2027" in shown.text
    assert "Chậm báo cáo." in shown.text
    [shown] = an.presses("pass")
    assert "Chưa học ngoại ngữ." in shown.text
    [shown] = an.presses("31/12/2026")
    assert "/checklist" in shown.text
    assert "Bản kiểm điểm năm 2026" in shown.text
    assert [(one.fault, one.due_on) for one in promised(year, an)] == [
        ("Ít đi thực tế.", date(2027, 6, 30)),
        ("Chậm báo cáo.", None),
        ("Chưa học ngoại ngữ.", date(2026, 12, 31)),
    ]


def test_nobody_has_to(year: Year) -> None:
    an = year.member("An")
    submitted(year, an, "Ít đi thực tế.")
    an.presses("promises")
    an.presses("nav.leave")
    assert [one.due_on for one in promised(year, an)] == [None]


@pytest.mark.parametrize("words", ["gì đó", "31/2", "99"])
def test_what_is_no_day_is_asked_again(year: Year, words: str) -> None:
    an = year.member("An")
    submitted(year, an, "Ít đi thực tế.")
    an.presses("promises")
    [shown] = an.says(words)
    assert "Ít đi thực tế." in shown.text
    assert promised(year, an)[0].due_on is None


def test_they_stand_on_the_checklist_apart_from_the_points(year: Year) -> None:
    an = year.member("An")
    submitted(year, an, "Ít đi thực tế.")
    an.presses("promises")
    an.presses("31/12/2026")
    [shown] = an.commands("/checklist")
    assert "⬜ Ít đi thực tế. – hẹn 31/12/2026" in shown.text
    assert "0/7" in shown.text
    an.presses("promises")
    an.presses("⬜ 1. Ít đi thực tế.")
    an.presses("done")
    assert promised(year, an)[0].state is ImprovementState.DONE
    [shown] = an.commands("/checklist")
    assert "Ít đi thực tế" not in shown.text
    cell = year.cell()
    points = year.write(lambda tx: points_of(checklists.items(tx, cell, 2026), ()))
    assert progress(points, year.now.date()).counted == 7


def test_a_day_is_changed_and_one_that_has_passed_is_marked(year: Year) -> None:
    an = year.member("An")
    submitted(year, an, "Ít đi thực tế.")
    an.presses("promises")
    an.says("30/11/2026")
    year.wait(days=10)
    [shown] = an.commands("/checklist")
    assert "đã quá hẹn 30/11/2026" in shown.text
    an.presses("promises")
    an.presses("⬜ 1. Ít đi thực tế.")
    an.presses("date")
    an.says("15/1/2027")
    assert promised(year, an)[0].due_on == date(2027, 1, 15)


def test_the_list_follows_what_is_handed_in_again(year: Year) -> None:
    an = year.member("An")
    submitted(year, an, "Ít đi thực tế.", "Chậm báo cáo.")
    an.presses("promises")
    an.presses("31/12/2026")
    an.presses("pass")
    an.presses("overview")
    an.presses("change")
    an.presses("s1")
    an.presses("shortcomings")
    an.presses("drop")
    an.says("Nóng vội.")
    an.presses("next")
    submit(an)
    found = promised(year, an)
    assert [(one.fault, one.due_on) for one in found] == [
        ("Ít đi thực tế.", date(2026, 12, 31)),
        ("Nóng vội.", None),
    ]


def test_the_person_is_reminded_and_nobody_else_hears_of_it(year: Year) -> None:
    an = year.member("An")
    chu = year.member("Chu", Role.SECRETARY)
    submitted(year, an, "Ít đi thực tế.")
    an.presses("promises")
    an.says("16/12/2026")
    chu.messages.clear()
    year.now = datetime(2026, 12, 16, 3, 0, tzinfo=UTC)
    for cell in year.write(lambda tx: reminders.cells_to_ring(tx, year.now)):
        year.write(lambda tx, cell=cell: reminders.ring(tx, year.house, cell, year.now))  # type: ignore[misc]
    year.deliver()
    [came] = [seen for seen in year.delivered(an) if "hẹn khắc phục" in seen.text]
    assert "Ít đi thực tế. – hẹn <b>Thứ Tư, 16/12/2026</b>" in came.text
    assert not [seen for seen in chu.messages if "Ít đi thực tế" in seen.text]
