"""What a person may know and decide about their own data."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.app import make_rooms
from storage import accounts, invitations
from storage.records import Consent, Role
from tests.stage import Phone, Stage

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path, make_rooms()[1:])
    yield made
    made.close()


def agreed(stage: Stage, phone: Phone) -> Phone:
    member = phone.member
    assert member is not None
    consent = Consent(member, "2026-11", "0" * 64, phone.address, NOW)
    stage.write(lambda tx: invitations.agree(tx, consent))
    return phone


def test_the_card_shows_what_is_kept_and_the_consent(stage: Stage) -> None:
    an = agreed(stage, stage.member("Nguyễn Văn An", phone="0912345678"))
    [card] = an.commands("/me")
    for fact in ("Nguyễn Văn An", "0912345678", "19/05/2010", "2026-11", "Chi bộ Một"):
        assert fact in card.text


def test_everything_kept_is_handed_out_to_its_owner_only(stage: Stage) -> None:
    an, binh = stage.member("An"), stage.member("Bình")
    binh.commands("/ask")
    binh.says("Câu hỏi riêng của Bình")
    stage.member("Cúc", Role.SECRETARY)
    an.commands("/ask")
    an.says("Câu hỏi riêng của An")
    an.commands("/me")
    an.presses("data")
    content = next(m.post.file for m in an.messages if m.post.file_name)
    assert content is not None
    data = json.loads(content)
    assert [row["words"] for row in data["questions"]] == ["Câu hỏi riêng của An"]
    assert [row["full_name"] for row in data["members"]] == ["An"]
    assert "Bình" not in content.decode()


def test_the_language_changes_at_once_and_the_menu_with_it(stage: Stage) -> None:
    an = stage.member("An")
    an.commands("/me")
    an.presses("language")
    [shown] = an.presses("en")
    assert "What is kept about you here" in shown.text
    assert "The language was changed" in shown.text
    assert "What would you like to do?" in an.commands("/menu")[-1].text


def test_withdrawing_unlinks_the_phone_and_tells_the_secretary(stage: Stage) -> None:
    an, lan = agreed(stage, stage.member("An")), stage.member("Lan", Role.SECRETARY)
    an.commands("/me")
    an.presses("withdraw")
    [told] = an.presses("yes")
    assert "Đã ghi nhận" in told.text
    assert "đã rút lại" in stage.delivered(lan)[-1].text
    member = an.member
    assert member is not None
    assert stage.write(lambda tx: accounts.of_member(tx, member)) == ()
    [consent] = stage.write(lambda tx: invitations.consents_of(tx, member))
    assert consent.withdrawn_at == stage.now
    assert "mã" in an.commands("/me")[-1].text, "the phone is a stranger's now"


def test_the_only_secretary_hands_the_role_over_first(stage: Stage) -> None:
    lan = stage.member("Lan", Role.SECRETARY)
    lan.commands("/me")
    lan.presses("withdraw")
    [told] = lan.presses("yes")
    assert "giao quyền thư ký" in told.text
    member = lan.member
    assert member is not None
    assert stage.write(lambda tx: accounts.of_member(tx, member))


def test_changing_ones_mind_changes_nothing(stage: Stage) -> None:
    an = stage.member("An")
    an.commands("/me")
    an.presses("withdraw")
    [card] = an.presses("no")
    assert "Dữ liệu của đồng chí" in card.text


def test_a_secretary_who_has_not_joined_yet_does_not_count(stage: Stage) -> None:
    ha = stage.member("Nguyễn Thu Hà", Role.SECRETARY)
    binh = stage.member("Lê Văn Bình", Role.SECRETARY, joined=False)
    second = binh.member
    assert second is not None
    for linked in (True, False):
        ha.commands("/me")
        ha.presses("withdraw")
        ha.presses("yes")
        assert bool(stage.write(lambda tx: accounts.speaker(tx, ha.address))) is linked
        stage.write(lambda tx: accounts.link(tx, binh.address, second, stage.now))
