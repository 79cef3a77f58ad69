"""Which messengers a person uses, where reminders go, and how one of them is taken away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.app import make_rooms
from handlers.dialogue.phrases import t
from handlers.dialogue.room import Door, Message
from handlers.joining.request import link_phone
from handlers.posting import post
from storage import accounts, members, outbox
from storage.records import Account, Address, DeliveryTrouble, MemberId
from tests.stage import Phone, Stage

DOORS = (Door("telegram", "chibo_bot", "https://t.me/chibo_bot?start={}".format), Door("zalo", "bot.ChiBoMot"))


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path, make_rooms()[1:], bot_doors=DOORS)
    yield made
    made.close()


@pytest.fixture
def telegram(stage: Stage) -> Phone:
    return stage.member("Nguyễn Văn An")


@pytest.fixture
def zalo(stage: Stage, telegram: Phone) -> Phone:
    """An's second account, linked a day after the first."""
    phone, member = stage.stranger("z1", "zalo"), member_of(telegram)
    stage.wait(days=1)
    stage.write(lambda tx: accounts.link(tx, phone.address, member, stage.now))
    return phone


def member_of(phone: Phone) -> MemberId:
    assert phone.member is not None
    return phone.member


def linked(stage: Stage, phone: Phone) -> list[Account]:
    return list(stage.write(lambda tx: accounts.of_member(tx, member_of(phone))))


def reached(stage: Stage, phone: Phone) -> Address:
    """Where a reminder for An would go now."""

    def work(tx):  # type: ignore[no-untyped-def]
        post(tx, stage.house, Message(member_of(phone), t("me.wrong")), stage.now)
        (queued,) = outbox.claim(tx, stage.now, 5)
        outbox.sent(tx, queued.id, "x", stage.now)
        return queued.post.address

    return stage.write(work)  # type: ignore[no-any-return]


def test_the_card_offers_the_messenger_that_is_missing(telegram: Phone) -> None:
    (card,) = telegram.commands("/me")
    assert "Thêm Zalo" in [label for label, _ in card.buttons]
    assert "Các ứng dụng đang dùng" not in [label for label, _ in card.buttons]


def test_the_card_shows_both_and_where_reminders_go(stage: Stage, telegram: Phone, zalo: Phone) -> None:
    (card,) = telegram.commands("/me")
    assert "Đang dùng Zalo từ 09:00 23/11/2026: nhận nhắc việc\n" in card.text
    assert "Đang dùng Telegram từ 09:00 22/11/2026\n" in card.text
    assert not [label for label, _ in card.buttons if label.startswith("Thêm")]
    stage.write(lambda tx: accounts.set_trouble(tx, zalo.address, DeliveryTrouble.CHAT_GONE, stage.now))
    (card,) = telegram.commands("/me")
    assert "Zalo từ 09:00 23/11/2026: không nhận được tin (cuộc trò chuyện không còn)" in card.text
    assert "Telegram từ 09:00 22/11/2026: nhận nhắc việc" in card.text


def test_without_a_choice_the_one_linked_last_is_where_they_are_reached(
    stage: Stage, telegram: Phone, zalo: Phone
) -> None:
    assert reached(stage, telegram) == zalo.address


def test_the_preferred_one_is_used_as_long_as_it_works(stage: Stage, telegram: Phone, zalo: Phone) -> None:
    telegram.commands("/me")
    telegram.presses("channels")
    (shown,) = telegram.presses("Nhắc việc qua Telegram")
    assert "Từ nay nhắc việc gửi qua Telegram" in shown.text
    assert "nhận nhắc việc, do đồng chí chọn" in shown.text
    assert reached(stage, telegram) == telegram.address
    stage.write(lambda tx: accounts.set_trouble(tx, telegram.address, DeliveryTrouble.BLOCKED, stage.now))
    assert reached(stage, telegram) == zalo.address
    telegram.commands("/menu")
    assert reached(stage, telegram) == telegram.address, "they wrote from it, so it works again"


def test_at_most_one_is_preferred(stage: Stage, telegram: Phone, zalo: Phone) -> None:
    for phone in (telegram, zalo, telegram):
        stage.write(lambda tx, at=phone.address: accounts.prefer(tx, member_of(telegram), at))  # type: ignore[misc]
        assert [a.address for a in linked(stage, telegram) if a.preferred] == [phone.address]


def test_an_answer_goes_to_the_account_that_asked(stage: Stage, telegram: Phone, zalo: Phone) -> None:
    stage.write(lambda tx: accounts.prefer(tx, member_of(telegram), zalo.address))
    telegram.commands("/me")
    telegram.presses("data")
    assert any(m.post.file_name for m in telegram.messages)
    assert stage.delivered(zalo) == []


def test_one_is_taken_away_from_the_other(stage: Stage, telegram: Phone, zalo: Phone) -> None:
    telegram.commands("/me")
    telegram.presses("channels")
    (asked,) = telegram.presses("Gỡ Zalo")
    assert "Gỡ Zalo khỏi hồ sơ" in asked.text
    telegram.presses("no")
    assert len(linked(stage, telegram)) == 2
    telegram.presses("Gỡ Zalo")
    (card,) = telegram.presses("yes")
    assert card.text.startswith("Đã gỡ Zalo.")
    assert [a.address for a in linked(stage, telegram)] == [telegram.address]
    assert "đã được gỡ khỏi hồ sơ" in stage.delivered(zalo)[-1].text


def test_the_one_in_hand_is_taken_away(stage: Stage, telegram: Phone, zalo: Phone) -> None:
    zalo.commands("/me")
    zalo.presses("channels")
    zalo.presses("Gỡ Zalo")
    (told,) = zalo.presses("yes")
    assert "Đã gỡ tài khoản này" in told.text
    assert [a.address for a in linked(stage, telegram)] == [telegram.address]
    assert stage.delivered(telegram) == []


def test_the_last_one_goes_by_withdrawing_only(stage: Stage, telegram: Phone, zalo: Phone) -> None:
    telegram.commands("/me")
    telegram.presses("channels")
    telegram.presses("Gỡ Telegram")
    stage.write(lambda tx: accounts.unlink(tx, zalo.address))
    (told,) = telegram.presses("yes")
    assert "tài khoản cuối cùng" in told.text
    assert [a.address for a in linked(stage, telegram)] == [telegram.address]


def test_a_new_phone_on_the_preferred_messenger_stays_preferred(stage: Stage, telegram: Phone, zalo: Phone) -> None:
    stage.write(lambda tx: accounts.prefer(tx, member_of(telegram), telegram.address))

    def work(tx):  # type: ignore[no-untyped-def]
        member = members.find(tx, member_of(telegram))
        assert member is not None
        link_phone(tx, member, Address("telegram", "new"), None, stage.now)

    stage.write(work)
    assert reached(stage, telegram) == Address("telegram", "new")
