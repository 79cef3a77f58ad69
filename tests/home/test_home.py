from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.app import make_rooms
from handlers.dialogue.said import Command, Forged, Gone, Pressed, Sent, Thing
from handlers.joining.actions import JoiningRoom
from storage import accounts
from storage.records import Address, DeliveryTrouble, Role
from tests.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.close()


def test_help_returns_to_where_one_was(stage: Stage) -> None:
    an = stage.member("Nguyễn Văn An")
    [home] = an.commands("/menu")
    assert "Nguyễn Văn An" in home.text
    [help_screen] = an.commands("/help")
    assert "Trợ giúp" in help_screen.text
    [back] = an.presses("return")
    assert back.text == home.text
    assert back.ref == help_screen.ref, "navigation edits the one screen in place"


def test_a_question_reaches_the_secretary_and_the_answer_comes_back(stage: Stage) -> None:
    an = stage.member("Nguyễn Văn An", phone="0912345678")
    binh = stage.member("Trần Thị Bình", Role.SECRETARY)
    an.commands("/menu")
    an.says("hoi nguoi")
    [told] = an.says("Tôi <b>chưa</b> hiểu mục 2 & 3")
    assert "Đã chuyển câu hỏi" in told.text
    [card] = stage.delivered(binh)
    assert "Tôi &lt;b&gt;chưa&lt;/b&gt; hiểu mục 2 &amp; 3" in card.text
    assert "0912345678" in card.text
    binh.presses("Trả lời", card)
    binh.says("Đồng chí viết phần kết quả công việc nhé")
    [answer] = stage.delivered(an)
    assert "viết phần kết quả" in answer.text


def test_a_member_may_not_answer_questions(stage: Stage) -> None:
    an, cuc = stage.member("An"), stage.member("Cúc")
    stage.member("Bình", Role.SECRETARY)
    an.commands("/ask")
    an.says("Xin hỏi một việc")
    [refused] = cuc.commands("/reply 1")
    assert "được phân công" in refused.text


@pytest.mark.parametrize("args", ["", "²", "١", "-1", "9" * 20, "1 OR 1=1"])
def test_a_reply_to_no_question_is_refused(stage: Stage, args: str) -> None:
    binh = stage.member("Bình", Role.SECRETARY)
    [refused] = binh.hears(Command("reply", args, standing=True))
    assert "được phân công" in refused.text


def test_wrong_kinds_are_answered_and_nothing_moves(stage: Stage) -> None:
    an = stage.member("An")
    an.commands("/menu")
    for thing in Thing:
        [told] = an.hears(Sent(thing))
        assert told.buttons, thing
    [forged] = an.hears(Forged())
    assert "không dùng được" in forged.text


def test_a_stale_button_shows_where_one_is_and_a_double_tap_says_nothing(stage: Stage) -> None:
    an = stage.member("An")
    [first] = an.commands("/menu")
    [_second] = an.commands("/help")
    [shown] = an.hears(Pressed(1, "nav.ask"), ref=first.ref)
    assert "tin cũ" in shown.text
    before = an.screen
    an.presses("return")
    assert an.presses("nav.ask", before) == []


def test_blocking_is_remembered_and_coming_back_clears_it(stage: Stage) -> None:
    an = stage.member("An")
    assert an.member is not None
    an.hears(Gone(back=False))
    member = an.member
    [account] = stage.write(lambda tx: accounts.of_member(tx, member))
    assert account.trouble is DeliveryTrouble.BLOCKED
    an.commands("/menu")
    [account] = stage.write(lambda tx: accounts.of_member(tx, member))
    assert account.trouble is None


def test_an_administrator_by_the_settings_has_that_role_here(tmp_path: Path) -> None:
    stage = Stage(tmp_path, [JoiningRoom()], administrators=frozenset({Address("telegram", "1001")}))
    an, binh = stage.member("An"), stage.member("Bình")
    for phone, allowed in ((an, True), (binh, False)):
        [seen] = phone.commands("/approve 99")
        assert ("được phân công" not in seen.text) is allowed
    stage.close()


def test_a_chair_answers_where_there_is_no_secretary(stage: Stage) -> None:
    an, hung = stage.member("An"), stage.member("Hùng", Role.CHAIR)
    an.commands("/ask")
    an.says("Xin hỏi một việc")
    hung.presses("Trả lời", stage.delivered(hung)[-1])
    hung.says("Mời đồng chí sang gặp")
    assert "sang gặp" in stage.delivered(an)[-1].text


@pytest.mark.parametrize("nothing", ["\u200b\u200b", "\u2060", " \u200d ", "\ufeff"])
def test_signs_without_width_are_no_words(stage: Stage, nothing: str) -> None:
    an = stage.member("An")
    stage.member("Bình", Role.SECRETARY)
    an.commands("/ask")
    [told] = an.says(nothing)
    assert "chưa có chữ nào" in told.text


def test_a_typed_standing_command_is_answered_on_the_screen(tmp_path: Path) -> None:
    stage = Stage(tmp_path, make_rooms()[1:])
    lan = stage.member("Lan", Role.SECRETARY)
    for line in ("/called 99", "/later tonight", "/approve 99"):
        assert lan.commands(line), line
    stage.close()
