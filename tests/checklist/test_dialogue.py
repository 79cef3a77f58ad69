"""The seven points as people meet them: taps, typed words, reasons, notes, the secretary's list, bad input."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from handlers.checklist.actions import ChecklistRoom, ensure_list
from handlers.dialogue.said import Edited, Forwarded, Pressed, Sent, Thing
from storage import audit, checklists, cycles
from storage.records import ItemState, Mark, Role
from tests.stage import Phone, Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path, [ChecklistRoom()])
    yield made
    made.close()


def marks(stage: Stage, who: Phone, year: int = 2026) -> dict[int, Mark]:
    member = who.member
    assert member is not None
    cell = stage.cell()
    numbers = {item.id: item.number for item in stage.write(lambda tx: checklists.items(tx, cell, year))}
    return {numbers[m.item_id]: m for m in stage.write(lambda tx: checklists.marks_of(tx, member, year))}


def states(stage: Stage, who: Phone) -> dict[int, ItemState]:
    return {number: mark.state for number, mark in marks(stage, who).items()}


def labels(who: Phone) -> list[str]:
    return [label for label, _ in who.screen.buttons]


def test_the_list_begins_with_the_seven_and_a_tap_changes_the_button_in_place(stage: Stage) -> None:
    an = stage.member("Nguyễn Văn An")
    [screen] = an.commands("/checklist")
    assert sum(label.startswith("⬜") for label in labels(an)) == 7
    for shown, state in (("⏳", ItemState.IN_PROGRESS), ("✅", ItemState.DONE), ("⬜", ItemState.NOT_STARTED)):
        [edited] = an.presses(labels(an)[2])
        assert edited.ref == screen.ref, "one screen, edited in place"
        assert labels(an)[2].startswith(f"{shown} 3.")
        assert states(stage, an) == {3: state}


def test_progress_and_what_is_left_out_of_it(stage: Stage) -> None:
    an = stage.member("An")
    an.commands("/bayviec")
    [screen] = an.says("1, 2, 3 xong; 4 không áp dụng: mới chuyển về")
    assert "3/6" in screen.text
    assert "1 việc không áp dụng nên không tính" in screen.text
    assert marks(stage, an)[4].note == "mới chuyển về"


@pytest.mark.parametrize("typed", ["3 xong", "3 done", "việc 3: đã xong", "xong việc 3", "VIEC 3 XONG."])
def test_typed_marks_on_the_home_screen_and_in_the_flow(stage: Stage, typed: str) -> None:
    an, binh = stage.member("An"), stage.member("Bình")
    an.commands("/menu")
    [screen] = an.says(typed)
    assert "Đã ghi: việc 3 ✅ xong" in screen.text
    binh.commands("/checklist")
    binh.says(typed)
    assert states(stage, an) == states(stage, binh) == {3: ItemState.DONE}


def test_words_behind_the_command_are_marks(stage: Stage) -> None:
    an = stage.member("An")
    an.commands("/checklist 3 đang làm")
    assert states(stage, an) == {3: ItemState.IN_PROGRESS}
    [told] = an.commands("/checklist xong hết rồi")
    assert "ví dụ" in told.text
    assert states(stage, an) == {3: ItemState.IN_PROGRESS}


def test_blocked_asks_for_the_reason_and_shows_it_as_typed(stage: Stage) -> None:
    an = stage.member("An")
    an.commands("/checklist")
    [question] = an.says("3 vuong")
    assert "đang vướng gì" in question.text
    assert states(stage, an) == {}
    an.says("…")
    assert states(stage, an) == {}
    [kept] = an.says("thiếu <b>kinh phí</b> & người")
    assert "Vướng: thiếu &lt;b&gt;kinh phí&lt;/b&gt; &amp; người" in kept.text
    assert marks(stage, an)[3].reason == "thiếu <b>kinh phí</b> & người"


def test_blocked_with_its_reason_in_one_message(stage: Stage) -> None:
    an = stage.member("An")
    an.commands("/menu")
    an.says("3 vuong: thiếu kinh phí")
    mark = marks(stage, an)[3]
    assert (mark.state, mark.reason) == (ItemState.BLOCKED, "thiếu kinh phí")


def test_a_reason_survives_a_tap_and_is_offered_again(stage: Stage) -> None:
    an = stage.member("An")
    an.commands("/checklist 3 vướng: thiếu kinh phí")
    an.presses(labels(an)[2])
    assert (marks(stage, an)[3].state, marks(stage, an)[3].reason) == (ItemState.IN_PROGRESS, "thiếu kinh phí")
    an.presses("more")
    an.says("3")
    an.presses("blocked")
    an.presses("Như trước: thiếu kinh phí")
    assert (marks(stage, an)[3].state, marks(stage, an)[3].reason) == (ItemState.BLOCKED, "thiếu kinh phí")


def test_the_long_way_every_state_and_a_note(stage: Stage) -> None:
    an = stage.member("An")
    an.commands("/checklist")
    for state in ("in_progress", "done", "not_applicable", "not_started"):
        an.presses("more")
        an.says("5")
        an.presses(state)
        assert states(stage, an) == {5: ItemState(state)}
    an.presses("more")
    an.presses(labels(an)[4])
    an.says("viết ghi chú")
    an.says("nộp 05/12")
    assert marks(stage, an)[5].note == "nộp 05/12"
    an.presses("more")
    an.says("5")
    an.presses("note")
    an.presses("clear")
    assert marks(stage, an)[5].note == ""


def test_a_typed_mark_is_a_mark_even_where_a_note_is_asked(stage: Stage) -> None:
    an = stage.member("An")
    an.commands("/checklist")
    an.presses("more")
    an.says("5")
    an.presses("note")
    an.says("3 xong")
    assert states(stage, an) == {3: ItemState.DONE}


def test_not_done_is_asked_about_and_its_words_are_kept(stage: Stage) -> None:
    an = stage.member("An")
    an.commands("/checklist")
    [asked] = an.says("5 chưa xong vì chờ duyệt")
    assert "đang làm, đang vướng hay chưa bắt đầu" in asked.text
    assert (marks(stage, an)[5].state, marks(stage, an)[5].note) == (ItemState.NOT_STARTED, "vì chờ duyệt")
    an.says("đang làm")
    assert states(stage, an) == {5: ItemState.IN_PROGRESS}


def test_all_or_nothing_of_a_message_with_a_wrong_number(stage: Stage) -> None:
    an = stage.member("An")
    an.commands("/checklist")
    for wrong in ("1 xong, 9 xong", "0 xong", "99 done", "1 vướng, 2 vướng", f"1 vướng: {'dài ' * 200}"):
        [told] = an.says(wrong)
        assert "ưa ghi gì" in told.text
        assert states(stage, an) == {}


@pytest.mark.parametrize("said", [*(Sent(thing) for thing in Thing), Edited("3 xong"), Forwarded("3 xong")])
def test_other_things_change_nothing(stage: Stage, said: Sent | Edited | Forwarded) -> None:
    an = stage.member("An")
    an.commands("/checklist")
    an.hears(said)
    assert states(stage, an) == {}
    assert len([label for label in labels(an) if label.startswith("⬜")]) == 7


def test_small_talk_emoji_and_questions_change_nothing(stage: Stage) -> None:
    an = stage.member("An")
    an.commands("/checklist")
    for words in ("hôm nay trời đẹp", "😀" * 4096, "3 xong chưa?", "-1", "29,5", "hai mươi", "31/30"):
        an.says(words)
    assert states(stage, an) == {}


def test_an_old_button_is_answered_and_does_nothing(stage: Stage) -> None:
    an = stage.member("An")
    [first] = an.commands("/checklist")
    an.says("1 xong")
    [told] = an.presses(labels(an)[0], first)
    assert "tin cũ" in told.text
    assert states(stage, an) == {1: ItemState.DONE}


def test_two_taps_at_once_count_once(stage: Stage) -> None:
    an = stage.member("An")
    [screen] = an.commands("/checklist")
    label = labels(an)[0]
    an.presses(label, screen)
    an.presses(label, screen)
    assert states(stage, an) == {1: ItemState.IN_PROGRESS}


def test_a_button_of_another_cell_does_nothing(stage: Stage) -> None:
    an = stage.member("An", cell="Chi bộ Một")
    binh = stage.member("Bình", Role.SECRETARY, cell="Chi bộ Hai")
    an.commands("/checklist")
    binh.commands("/checklist")
    foreign = an.screen.buttons[0][1].rpartition(":")[2]
    binh.hears(Pressed(1, foreign))
    binh.commands(f"/checklist {foreign}")
    binh.presses("edit")
    binh.hears(Pressed(2, foreign.replace("p", "i")))
    binh.presses("done")
    one = stage.write(lambda tx: checklists.marks_of_cell(tx, stage.cell("Chi bộ Một"), 2026))
    two = stage.write(lambda tx: checklists.marks_of_cell(tx, stage.cell("Chi bộ Hai"), 2026))
    assert (one, two) == ((), ())


def test_the_secretary_keeps_the_list(stage: Stage) -> None:
    lan, an = stage.member("Lan", Role.SECRETARY), stage.member("An")
    an.commands("/checklist 1 xong")
    lan.commands("/checklist")
    lan.presses("Sửa danh mục của chi bộ")
    lan.says("2")
    lan.presses("due")
    [told] = lan.says("30/11")
    assert "30/11/2026" in told.text
    lan.says("3")
    lan.presses("rename")
    lan.says("  Kiểm tra   <tài chính>  ")
    lan.presses("add")
    lan.says("Việc thứ tám")
    lan.says("7")
    lan.presses("remove")
    lan.presses("done")
    found = stage.write(lambda tx: checklists.items(tx, stage.cell(), 2026))
    assert [item.number for item in found] == [1, 2, 3, 4, 5, 6, 7]
    assert (found[1].due_on, found[2].label) == (date(2026, 11, 30), "Kiểm tra <tài chính>")
    assert found[6].label == "Việc thứ tám"
    acts = [act.what for act in stage.write(lambda tx: audit.of_cell(tx, stage.cell()))]
    assert acts == ["checklist.removed", "checklist.added", "checklist.renamed", "checklist.due"]


def test_a_point_that_somebody_marked_stays(stage: Stage) -> None:
    lan, an = stage.member("Lan", Role.SECRETARY), stage.member("An")
    an.commands("/checklist 1 xong")
    lan.commands("/checklist")
    lan.presses("edit")
    [item] = lan.says("1")
    assert "không bỏ khỏi danh mục được" in item.text
    assert "Bỏ khỏi danh mục" not in labels(lan)


def test_a_point_marked_while_the_secretary_looks_at_it_stays(stage: Stage) -> None:
    lan, an = stage.member("Lan", Role.SECRETARY), stage.member("An")
    lan.commands("/checklist")
    lan.presses("edit")
    lan.says("1")
    an.commands("/checklist 1 xong")
    [told] = lan.presses("remove")
    assert "không bỏ khỏi danh mục được" in told.text
    assert len(stage.write(lambda tx: checklists.items(tx, stage.cell(), 2026))) == 7


def test_a_point_removed_while_a_member_looks_at_it(stage: Stage) -> None:
    lan, an = stage.member("Lan", Role.SECRETARY), stage.member("An")
    an.commands("/checklist")
    an.presses("more")
    an.says("7")
    an.presses("note")
    lan.commands("/checklist")
    lan.presses("edit")
    lan.says("7")
    lan.presses("remove")
    [told] = an.says("đã nộp báo cáo")
    assert "không còn trong danh mục" in told.text
    assert len([label for label in labels(an) if label.startswith("⬜")]) == 6


@pytest.mark.parametrize("typed", ["31/2", "32/11", "hôm nào cũng được", "2027-12-31 hoặc sau", "30/11/2035"])
def test_a_due_date_that_cannot_be(stage: Stage, typed: str) -> None:
    lan = stage.member("Lan", Role.SECRETARY)
    lan.commands("/checklist")
    lan.presses("edit")
    lan.presses("due_all")
    lan.says(typed)
    assert all(item.due_on is None for item in stage.write(lambda tx: checklists.items(tx, stage.cell(), 2026)))
    lan.says("30/11")
    due = {item.due_on for item in stage.write(lambda tx: checklists.items(tx, stage.cell(), 2026))}
    assert due == {date(2026, 11, 30)}


def test_overdue_is_seen_on_the_button_and_gone_when_done(stage: Stage) -> None:
    lan = stage.member("Lan", Role.SECRETARY)
    lan.commands("/checklist")
    lan.presses("edit")
    lan.says("3")
    lan.presses("due")
    lan.says("22/11")
    lan.presses("done")
    assert "⏰" not in "".join(labels(lan))
    stage.wait(days=1)
    [screen] = lan.commands("/checklist")
    assert "Quá hạn 22/11/2026: việc 3" in screen.text
    assert labels(lan)[2].startswith("⬜⏰ 3.")
    lan.says("3 xong")
    assert "⏰" not in "".join(labels(lan)) + lan.screen.text


def test_an_ordinary_member_cannot_edit(stage: Stage) -> None:
    an = stage.member("An")
    an.commands("/checklist")
    assert not any("Sửa danh mục" in label for label in labels(an))
    an.hears(Pressed(1, "edit"))
    assert "Sửa danh mục năm" not in an.screen.text


def test_another_year_begins_with_last_years_points_and_no_marks(stage: Stage) -> None:
    lan = stage.member("Lan", Role.SECRETARY)
    lan.commands("/checklist 1 xong")
    lan.presses("edit")
    lan.says("1")
    lan.presses("rename")
    lan.says("Học nghị quyết mới")
    lan.presses("due_all")
    lan.says("30/11")
    stage.now = datetime(2027, 1, 5, 2, 0, tzinfo=UTC)
    [screen] = lan.commands("/checklist")
    assert "0/7" in screen.text
    assert labels(lan)[0] == "⬜ 1. Học nghị quyết mới"
    assert "30/11" not in screen.text
    assert states(stage, lan) == {1: ItemState.DONE}


def test_the_list_of_the_open_cycle_counts_until_it_closes(stage: Stage) -> None:
    an, cell = stage.member("An"), stage.cell()
    opens, deadline = date(2026, 11, 1), date(2027, 1, 15)
    cycle = stage.write(
        lambda tx: cycles.create(tx, cell, 2026, "2025", opens, deadline, None, date(2026, 11, 22), stage.now)
    )
    assert cycle is not None
    stage.now = datetime(2027, 1, 5, 2, 0, tzinfo=UTC)
    [screen] = an.commands("/checklist")
    assert "năm 2026" in screen.text
    stage.write(lambda tx: cycles.close(tx, cycle.id, "", stage.now))
    [screen] = an.commands("/checklist")
    assert "năm 2027" in screen.text


def test_a_list_is_made_once(stage: Stage) -> None:
    cell = stage.cell()
    assert stage.write(lambda tx: ensure_list(tx, cell, 2026))
    assert not stage.write(lambda tx: ensure_list(tx, cell, 2026))


def test_in_english(stage: Stage) -> None:
    an = stage.member("An", language="en")
    [screen] = an.commands("/checklist 3 blocked: no money")
    assert "Blocked: no money" in screen.text
    assert "You have done <b>0/7</b>" in screen.text
