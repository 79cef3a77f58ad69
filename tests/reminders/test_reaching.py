"""The call list says which messenger is passed over, for somebody who is still reached by another."""

from __future__ import annotations

from datetime import timedelta

from handlers.dialogue.phrases import t
from handlers.reminders.rules import Owed, Person
from handlers.reminders.words import call_entry
from handlers.texts import catalogue
from storage.records import Account, Address, DeliveryTrouble
from tests.reminders.world import HANOI, at, member

ZALO = Account(Address("zalo", "z"), member().id, at("22/11"), DeliveryTrouble.BLOCKED, preferred=True)
TELEGRAM = Account(Address("telegram", "t"), member().id, at("22/11") - timedelta(days=9))


def said(*accounts: Account) -> str:
    person = Person(member(phone="0912345678"), accounts=accounts)
    return catalogue("vi", HANOI).bare(call_entry(person, Owed((), ()), t("reminders.why.silent", times=3)))


def test_the_call_list_names_the_messenger_that_takes_nothing() -> None:
    assert said(TELEGRAM, ZALO).endswith("\nZalo không nhận được (đã chặn bot), tin được gửi qua Telegram.")


def test_with_one_account_or_with_all_at_work_there_is_nothing_to_add() -> None:
    for accounts in ((TELEGRAM,), (ZALO,), ()):
        assert "gửi qua" not in said(*accounts)
