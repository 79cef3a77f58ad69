"""The seven points on two messengers: one list, and no tap on an older screen undoes what it did not show."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from handlers.checklist.actions import ChecklistRoom
from storage import accounts, checklists
from storage.records import ItemState, Mark
from tests.stage import Phone, Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path, [ChecklistRoom()])
    yield made
    made.close()


@pytest.fixture
def telegram(stage: Stage) -> Phone:
    return stage.member("Nguyễn Văn An")


@pytest.fixture
def zalo(stage: Stage, telegram: Phone) -> Phone:
    phone, member = stage.stranger("z1", "zalo"), telegram.member
    assert member is not None
    stage.write(lambda tx: accounts.link(tx, phone.address, member, stage.now))
    return phone


def mark(stage: Stage, phone: Phone, number: int) -> Mark:
    member = phone.member
    assert member is not None
    cell = stage.cell()
    (item,) = [i for i in stage.write(lambda tx: checklists.items(tx, cell, 2026)) if i.number == number]
    marks = stage.write(lambda tx: checklists.marks_of(tx, member, 2026))
    return next((m for m in marks if m.item_id == item.id), Mark(item.id, member, ItemState.NOT_STARTED))


def point(phone: Phone, number: int) -> str:
    """The label of a point's button."""
    return next(label for label, _ in phone.screen.buttons if f" {number}." in label)


def test_one_list_whichever_messenger_it_is_marked_on(stage: Stage, telegram: Phone, zalo: Phone) -> None:
    telegram.commands("/checklist 3 xong")
    zalo.commands("/checklist")
    assert point(zalo, 3).startswith("✅")
    zalo.says("4 đang làm")
    telegram.commands("/checklist")
    assert point(telegram, 4).startswith("⏳")


def test_a_tap_on_an_older_list_undoes_nothing(stage: Stage, telegram: Phone, zalo: Phone) -> None:
    telegram.commands("/checklist")
    zalo.commands("/checklist 3 xong")
    (shown,) = telegram.presses(point(telegram, 3))
    assert "vừa được đánh dấu ở ứng dụng khác" in shown.text
    assert mark(stage, telegram, 3).state is ItemState.DONE
    telegram.presses(point(telegram, 3))
    assert mark(stage, telegram, 3).state is ItemState.NOT_STARTED, "now they have seen it"


def test_a_tap_on_another_point_goes_through(stage: Stage, telegram: Phone, zalo: Phone) -> None:
    telegram.commands("/checklist")
    zalo.commands("/checklist 3 xong")
    telegram.presses(point(telegram, 5))
    assert mark(stage, telegram, 5).state is ItemState.IN_PROGRESS
    assert mark(stage, telegram, 3).state is ItemState.DONE


def test_words_typed_are_meant_whatever_the_screen_says(stage: Stage, telegram: Phone, zalo: Phone) -> None:
    telegram.commands("/checklist")
    zalo.commands("/checklist 3 xong")
    telegram.says("3 đang làm")
    assert mark(stage, telegram, 3).state is ItemState.IN_PROGRESS


def open_point(phone: Phone, number: int) -> None:
    phone.commands("/checklist")
    phone.presses("more")
    phone.presses(point(phone, number))


def test_a_state_chosen_on_an_older_screen_waits(stage: Stage, telegram: Phone, zalo: Phone) -> None:
    open_point(telegram, 3)
    zalo.commands("/checklist 3 xong")
    (shown,) = telegram.presses("in_progress")
    assert "ứng dụng khác" in shown.text
    assert mark(stage, telegram, 3).state is ItemState.DONE


def test_a_note_in_place_of_a_newer_one_says_so(stage: Stage, telegram: Phone, zalo: Phone) -> None:
    open_point(telegram, 3)
    telegram.presses("note")
    open_point(zalo, 3)
    zalo.presses("note")
    zalo.says("Đã nộp cho chị Hà.")
    (shown,) = telegram.says("Nộp ngày 5/12.")
    assert "“Đã nộp cho chị Hà.”" in shown.text
    assert mark(stage, telegram, 3).note == "Nộp ngày 5/12."
