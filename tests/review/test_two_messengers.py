"""One self-assessment on two messengers: begun here, finished there, open on both, nothing overwritten unseen."""

from __future__ import annotations

import pytest

from storage import accounts, reviews
from storage.records import ReviewState
from tests.review.scene import ANSWERS_2B, FORM_2B, Scene, begin, play, submit
from tests.stage import Phone


def both(scene: Scene) -> tuple[Phone, Phone]:
    """One member's two phones."""
    telegram, zalo = scene.member("Nguyễn Văn An"), scene.stranger("z1", "zalo")
    member = telegram.member
    assert member is not None
    zalo.member = member
    scene.write(lambda tx: accounts.link(tx, zalo.address, member, scene.now))
    return telegram, zalo


@pytest.mark.parametrize("plain", [(), ("zalo",)], ids=["buttons", "plain words"])
@pytest.mark.parametrize("first", [0, 1])
def test_begun_on_one_and_finished_on_the_other(scene: Scene, first: int, plain: tuple[str, ...]) -> None:
    scene._plain = frozenset(plain)
    cycle, phones = scene.open_cycle(), both(scene)
    here, there = phones[first], phones[1 - first]
    begin(here)
    play(here, FORM_2B[:9])  # in the middle of the four figures
    there.commands("/review")
    there.presses("continue")
    overview = play(there, FORM_2B[9:])
    assert "xong 14/14 câu" in overview.text
    receipt, _ = submit(there)
    assert "Đã nhận bản kiểm điểm" in receipt.text
    assert scene.delivered(here) == [], "the receipt is where they submitted"
    kept = scene.review(cycle, here)
    assert (kept.state, kept.answers) == (ReviewState.SUBMITTED, ANSWERS_2B)


def test_there_and_back_again_at_every_answer(scene: Scene) -> None:
    cycle, phones = scene.open_cycle(), both(scene)
    begin(phones[0])
    for number, move in enumerate(FORM_2B):
        phone = phones[number % 2]
        if number:
            phone.commands("/review")
            phone.presses("continue")
        play(phone, (move,))
    assert scene.review(cycle, phones[0]).answers == ANSWERS_2B


def test_words_from_an_older_screen_go_under_the_newer_ones(scene: Scene) -> None:
    cycle, (telegram, zalo) = scene.open_cycle(), both(scene)
    begin(telegram)
    zalo.commands("/review")
    zalo.presses("continue")
    zalo.says("Viết ở Zalo.")
    (shown,) = telegram.says("Viết ở Telegram.")
    assert scene.review(cycle, telegram).answers["conduct"] == "Viết ở Zalo.\nViết ở Telegram."
    assert "Viết ở Zalo." in shown.text


def test_an_older_screen_clears_nothing_that_it_did_not_show(scene: Scene) -> None:
    cycle, (telegram, zalo) = scene.open_cycle(), both(scene)
    begin(telegram)
    telegram.says("Bản đầu.")
    zalo.commands("/review")
    zalo.presses("continue")
    zalo.says("Thêm ở Zalo.")
    (shown,) = telegram.presses("again")
    assert "vừa được sửa ở ứng dụng khác" in shown.text
    assert "Thêm ở Zalo." in shown.text
    assert scene.review(cycle, telegram).answers["conduct"] == "Bản đầu.\nThêm ở Zalo."
    telegram.presses("again")
    assert "conduct" not in scene.review(cycle, telegram).answers, "now they have seen it"


def test_a_figure_from_an_older_screen_waits_until_the_newer_one_was_seen(scene: Scene) -> None:
    cycle, (telegram, zalo) = scene.open_cycle(), both(scene)
    scene.at(cycle, telegram, "general_score")
    zalo.commands("/review")
    zalo.presses("continue")
    zalo.says("28,5")
    (shown,) = telegram.says("20")
    assert "vừa được sửa ở ứng dụng khác" in shown.text
    review = scene.review(cycle, telegram)
    assert review.answers["general_score"] == 285
    assert ("general_score", "20") in scene.write(lambda tx: reviews.history(tx, review)), "typed is kept"
    telegram.says("20")
    assert scene.review(cycle, telegram).answers["general_score"] == 200


def test_the_same_figure_twice_is_no_quarrel(scene: Scene) -> None:
    cycle, (telegram, zalo) = scene.open_cycle(), both(scene)
    scene.at(cycle, telegram, "general_score")
    zalo.commands("/review")
    zalo.presses("continue")
    for phone in (zalo, telegram):
        (shown,) = phone.says("28,5")
        assert "Câu 13/14" in shown.text
    assert scene.review(cycle, telegram).answers["general_score"] == 285


def test_a_state_is_not_given_to_another_fault(scene: Scene) -> None:
    cycle, (telegram, zalo) = scene.open_cycle(), both(scene)
    scene.at(cycle, telegram, "remediation")
    telegram.says("Lỗi một.")
    zalo.commands("/review")
    zalo.presses("continue")
    for move in ("done",):
        zalo.presses(move)
    zalo.says("Lỗi hai.")
    telegram.presses("not_yet")
    faults = scene.review(cycle, telegram).answers["remediation"]
    assert [(fault["text"], fault["state"]) for fault in faults] == [("Lỗi một.", "done"), ("Lỗi hai.", None)]
    assert "ứng dụng khác" in telegram.screen.text


def test_nothing_is_submitted_that_was_not_seen(scene: Scene) -> None:
    cycle, (telegram, zalo) = scene.open_cycle(), both(scene)
    scene.filled(cycle, telegram)
    telegram.presses("submit")
    zalo.commands("/review")
    zalo.presses("overview")
    zalo.presses("change")
    zalo.presses("s0")
    if "conduct" not in zalo.screen.text and any(data.endswith(":conduct") for _, data in zalo.screen.buttons):
        zalo.presses("conduct")
    zalo.says("Thêm một câu.")
    (shown,) = telegram.presses("yes")
    assert "Bài vừa được sửa ở ứng dụng khác" in shown.text
    assert scene.review(cycle, telegram).version == 0
    submit(telegram)
    assert scene.review(cycle, telegram).version == 1
