"""What is typed where nothing can be pressed, and commands by words everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.app import make_rooms
from handlers.dialogue.phrases import t
from handlers.dialogue.room import Message, Standing
from handlers.dialogue.said import Command, Incoming, Typed
from handlers.dialogue.spoken import ANYWHERE, ELSE, command_anywhere, command_else
from handlers.organisation.permissions import COMMANDS
from handlers.posting import post
from handlers.texts import sentences
from storage import conversations, tables
from storage.records import Role
from tests.stage import Phone, Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path, make_rooms()[1:], channel="zalo", plain=frozenset({"zalo"}))
    yield made
    made.close()


@pytest.fixture
def an(stage: Stage) -> Phone:
    return stage.member("Nguyễn Văn An", Role.SECRETARY)


def remind(stage: Stage, phone: Phone, *commands: str) -> None:
    """Send a message with a standing button for each command."""
    buttons = tuple(Standing(t(f"home.door.{name}"), name) for name in commands)
    assert phone.member is not None
    message = Message(phone.member, t("home.help"), buttons)
    stage.write(lambda tx: post(tx, stage.house, message, stage.now))
    stage.deliver()
    stage.delivered(phone)


def texts(seen: object) -> str:
    return "\n".join(m.text for m in seen)  # type: ignore[attr-defined]


def place(stage: Stage, phone: Phone) -> str:
    kept = stage.write(lambda tx: conversations.load(tx, phone.address))
    assert kept is not None
    return f"{kept.state['flow']}.{kept.state['step']}"


@pytest.mark.parametrize("typed", ["B2", "b2", "b 2", "B2.", "B2. Bảy việc trong năm", " b2) bay viec trong nam"])
def test_a_code_is_the_button_that_it_stands_for(stage: Stage, an: Phone, typed: str) -> None:
    an.says("menu")
    remind(stage, an, "review", "checklist")
    an.says(typed)
    assert place(stage, an) == "checklist.list"


def test_a_code_that_was_never_given_is_said_to_be_none(stage: Stage, an: Phone) -> None:
    an.says("menu")
    assert "Bot chưa hiểu" in texts(an.says("K7"))  # no code was ever given here
    remind(stage, an, "review")
    assert "Bot chưa gửi mã K7" in texts(an.says("k7"))
    assert place(stage, an) == "home.doors"


def test_words_that_are_an_answer_stay_one_whatever_they_look_like(stage: Stage, an: Phone) -> None:
    an.says("menu")
    remind(stage, an, "review")
    an.says("hỏi người")
    an.says("K7")
    asked = stage.write(lambda tx: tx.execute(select(tables.questions.c.words)).scalars().all())
    assert asked == ["K7"]


def test_the_words_of_one_button_press_it_and_of_several_ask_which(stage: Stage, an: Phone) -> None:
    an.says("menu")
    an.says("trợ giúp")
    remind(stage, an, "checklist")
    an.says("bảy việc trong năm!")
    assert place(stage, an) == "checklist.list"
    an.says("trợ giúp")
    remind(stage, an, "members", "review")
    remind(stage, an, "review")
    found = texts(an.says("Bản kiểm điểm của tôi"))
    assert "G1, C2" in found
    assert place(stage, an) == "help.help"
    stage.wait(days=15)
    assert "Bot chưa hiểu" in texts(an.says("Bản kiểm điểm của tôi"))


def test_a_card_that_was_answered_by_a_code_is_said_anew(stage: Stage) -> None:
    ha = stage.member("Nguyễn Thu Hà", Role.SECRETARY)
    ha.says("menu")
    buttons = (Standing(t("reminders.button.tonight"), "later", "tonight"),)
    assert ha.member is not None
    message = Message(ha.member, t("home.help"), buttons)
    stage.write(lambda tx: post(tx, stage.house, message, stage.now))
    stage.deliver()
    stage.delivered(ha)
    found = ha.says("B1")
    assert len(found) == 1
    assert "C1" in found[0].text or "B" not in found[0].text
    assert place(stage, ha) == "home.doors"


def _kept_back(stage: Stage, phone: Phone, text: str) -> None:
    """A turn whose answer is still on its way: nothing is delivered."""
    incoming = Incoming(phone.address, phone.address.chat, Typed(text), sent_at=stage.now)
    stage.write(partial(stage.desk.hear, incoming=incoming, now=stage.now))


def test_a_number_typed_twice_answers_one_question_only(stage: Stage, an: Phone) -> None:
    an.says("menu")
    _kept_back(stage, an, "2")
    assert place(stage, an) == "checklist.list"
    _kept_back(stage, an, "2")
    stage.deliver()
    assert "Bot chưa nhận số 2" in texts(stage.delivered(an))
    assert stage.write(lambda tx: tx.execute(select(tables.marks)).all()) == []
    an.says("2")
    assert len(stage.write(lambda tx: tx.execute(select(tables.marks)).all())) == 1


def test_a_number_sent_before_the_question_came_is_for_another_one(stage: Stage, an: Phone) -> None:
    an.says("menu")
    an.says("2")
    late = Incoming(an.address, an.address.chat, Typed("2"), sent_at=stage.now - timedelta(seconds=1))
    stage.hear(late)
    assert "Bot chưa nhận số 2" in texts(stage.delivered(an))
    words = Incoming(an.address, an.address.chat, Typed("2 xong"), sent_at=stage.now - timedelta(seconds=1))
    stage.hear(words)
    assert "Đã ghi: việc 2" in texts(stage.delivered(an))


def test_where_nothing_is_told_of_times_a_number_is_taken(tmp_path: Path) -> None:
    stage = Stage(tmp_path, make_rooms()[1:])
    an = stage.member("Nguyễn Văn An")
    an.says("menu")
    _kept_back(stage, an, "2")
    _kept_back(stage, an, "2")
    assert len(stage.write(lambda tx: tx.execute(select(tables.marks)).all())) == 1
    stage.close()


@pytest.mark.parametrize("channel", ["telegram", "zalo"])
@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("kiểm điểm", "/review"),
        ("KIEM DIEM", "/review"),
        ("bay viec", "/checklist"),
        ("Tổng hợp", "/summary"),
        ("danh sách", "/members"),
        ("hạn nộp", "/deadlines"),
        ("nhắc việc", "/remind"),
        ("tôi", "/me"),
        ("trợ giúp", "/help"),
        ("menu", "/menu"),
        ("hủy", "/cancel"),
    ],
)
def test_a_command_by_word(tmp_path: Path, channel: str, words: str, command: str) -> None:
    found = []
    for way in (Phone.says, Phone.commands):
        (tmp_path / way.__name__).mkdir()
        stage = Stage(tmp_path / way.__name__, make_rooms()[1:], channel=channel, plain=frozenset({"zalo"}))
        an = stage.member("Nguyễn Văn An", Role.SECRETARY)
        an.says("menu")
        found.append((texts(way(an, words if way is Phone.says else command)), place(stage, an)))
        stage.close()
    assert found[0] == found[1]
    assert "chưa hiểu" not in found[0][0]


def test_a_name_is_a_name_where_people_are_looked_for(stage: Stage, an: Phone) -> None:
    stage.member("Trần Huy")
    an.says("danh sách")
    assert "Trần Huy" in texts(an.says("huy"))
    assert place(stage, an) == "members.list"


@pytest.mark.parametrize("typed", ["mot", "Hai", "Số ba", "so 1"])
def test_a_number_in_letters_chooses_but_where_people_are_looked_for(stage: Stage, an: Phone, typed: str) -> None:
    stage.member("Lê Văn Ba")
    an.says("menu")
    home = place(stage, an)
    an.says(typed)
    assert place(stage, an) != home
    an.says("menu")
    an.says("danh sách")
    assert "Lê Văn Ba" in texts(an.says("ba"))
    assert place(stage, an) == "members.list"


def test_the_words_that_help_tells_are_the_commands() -> None:
    for language in ("vi", "en"):
        told = {
            id.removeprefix("home.words."): words
            for id, words in sentences(language).items()
            if "home.words." in id
        }
        assert len(told) >= 7
        assert {name: command_else(words) for name, words in told.items()} == {name: Command(name) for name in told}


def test_a_year_behind_the_words_is_the_year_of_the_command() -> None:
    assert command_anywhere("Tổng hợp 2025") == Command("summary", "2025")
    assert command_anywhere("kiem diem nam 2024") == Command("review", "2024")
    assert command_anywhere("menu 2025") is None
    assert command_anywhere("tong hop 20255") is None


def test_every_public_command_has_words_and_no_word_has_two_commands() -> None:
    assert {name for name, _ in COMMANDS} == {*ANYWHERE.values(), *ELSE.values()} - {"link", "bangiay"}
    assert not ANYWHERE.keys() & ELSE.keys()
    known = {name for room in make_rooms() for name in room.commands}
    assert {*ANYWHERE.values(), *ELSE.values()} <= known
