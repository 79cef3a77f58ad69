"""A second messenger by a code from the first: who may add one, who may take it away, and every code that fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot.app import make_rooms
from handlers.dialogue.room import Door
from handlers.joining import rules
from handlers.joining.invite import issue
from storage import accounts, audit, invitations, members
from storage.records import DeliveryTrouble, Member, MemberId, Role
from tests.stage import Phone, Seen, Stage

TELEGRAM = Door("telegram", "chibo_bot", "https://t.me/chibo_bot?start={}".format)
ZALO = Door("zalo", "bot.ChiBoMot")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path, make_rooms()[1:], bot_doors=(TELEGRAM, ZALO))
    yield made
    made.close()


@pytest.fixture
def ha(stage: Stage) -> Phone:
    return stage.member("Nguyễn Thu Hà", Role.SECRETARY, phone="0912345678")


@pytest.fixture
def lan(stage: Stage) -> Phone:
    return stage.member("Nguyễn Thị Lan")


@pytest.fixture
def zalo(stage: Stage) -> Phone:
    return stage.stranger("6ede9afa66b88fe6d6a9", "zalo")


def code_in(seen: list[Seen]) -> str:
    found = [
        match[1] for message in seen if (match := re.search("<code>([0-9A-Z]{4}-[0-9A-Z]{4})</code>", message.text))
    ]
    assert len(found) == 1, [message.text for message in seen]
    return found[0]


def agree(phone: Phone, code: str) -> None:
    phone.says(code)
    for option in ("yes", "next", "agree"):
        phone.presses(option)


def add_zalo(lan: Phone, zalo: Phone) -> None:
    agree(zalo, code_in(lan.commands("/link")))


def linked(stage: Stage, member: MemberId | None) -> list[str]:
    assert member is not None
    return sorted(a.address.channel for a in stage.write(lambda tx: accounts.of_member(tx, member)))


def acts(stage: Stage, phone: Phone) -> list[str]:
    assert phone.member is not None
    cell = record(stage, phone).cell_id
    return [act.what for act in stage.write(lambda tx: audit.of_cell(tx, cell))]


def record(stage: Stage, phone: Phone) -> Member:
    member = phone.member
    assert member is not None

    def work(tx: Connection) -> Member:
        found = members.find(tx, member)
        assert found is not None
        return found

    return stage.write(work)


def test_a_code_from_the_first_adds_the_second_without_a_secretary(
    stage: Stage, ha: Phone, lan: Phone, zalo: Phone
) -> None:
    lan.commands("/me")
    seen = lan.presses("Thêm Zalo")
    assert "bot.ChiBoMot" in seen[0].text
    assert "09:15 22/11/2026" in seen[0].text
    assert "t.me" not in seen[0].text, "Telegram is where they are already"
    assert seen[0].post.file is None, "Zalo knows no links, so there is nothing to scan"
    zalo.says(code_in(seen))
    assert "<b>N. T. Lan</b>, Chi bộ Một" in zalo.screen.text
    assert "Nguyễn" not in zalo.screen.text
    zalo.presses("Đúng, là tôi")
    assert "Ai đọc những gì" in zalo.screen.text
    zalo.presses("Tôi đã đọc, tiếp")
    assert "máy chủ của Zalo ở Việt Nam" in zalo.screen.text
    zalo.says("tôi đồng ý")
    assert "Đã thêm Zalo cho đồng chí <b>Nguyễn Thị Lan</b>" in zalo.screen.text
    assert linked(stage, lan.member) == ["telegram", "zalo"]
    assert stage.delivered(ha) == [], "no secretary is asked"
    assert acts(stage, lan) == ["account.added", "link.issued"]
    zalo.commands("/menu")
    assert "Chào đồng chí <b>Nguyễn Thị Lan</b>" in zalo.screen.text


def test_consent_is_recorded_again_for_the_second_messenger(stage: Stage, lan: Phone, zalo: Phone) -> None:
    add_zalo(lan, zalo)
    (consent,) = stage.write(lambda tx: invitations.consents_of(tx, record(stage, lan).id))
    assert (consent.address, consent.version, consent.agreed_at) == (zalo.address, rules.CONSENT_VERSION, stage.now)


def test_telegram_is_added_by_link_and_picture(stage: Stage) -> None:
    minh = stage.member("Lê Văn Minh", joined=False)
    phone, member = stage.stranger("z9", "zalo"), minh.member
    assert member is not None
    stage.write(lambda tx: accounts.link(tx, phone.address, member, stage.now))
    offer, _ = phone.commands("/lienket")
    code = code_in([offer])
    assert f"https://t.me/chibo_bot?start={code.replace('-', '')}" in offer.text
    assert (offer.post.file or b"").startswith(b"\x89PNG")
    minh.commands(f"/start {code.replace('-', '')}")
    for option in ("yes", "next", "agree"):
        minh.presses(option)
    assert linked(stage, member) == ["telegram", "zalo"]


def test_the_first_account_is_told_at_once_and_can_take_it_away_again(
    stage: Stage, lan: Phone, zalo: Phone
) -> None:
    add_zalo(lan, zalo)
    told = stage.delivered(lan)[-1]
    assert "Đã thêm Zalo (tài khoản: Test)" in told.text
    stage.wait(days=40)
    lan.presses("Gỡ Zalo", told)
    assert linked(stage, lan.member) == ["telegram"]
    assert "Đã gỡ Zalo" in next(m for m in lan.messages if m.ref == told.ref).text
    assert acts(stage, lan)[0] == "account.removed"
    assert "đã được gỡ" in stage.delivered(zalo)[-1].text
    assert "Chào đồng chí. Đây là trợ lý" in zalo.commands("/me")[-1].text, "a stranger again"
    (consent,) = stage.write(lambda tx: invitations.consents_of(tx, record(stage, lan).id))
    assert consent.withdrawn_at == stage.now


def test_an_old_button_does_not_take_a_later_account_away(stage: Stage, lan: Phone, zalo: Phone) -> None:
    add_zalo(lan, zalo)
    told = stage.delivered(lan)[-1]
    stage.wait(minutes=1)
    lan.presses("Gỡ Zalo", told)
    add_zalo(lan, zalo)
    assert told.buttons
    lan.presses("Gỡ Zalo", told)
    assert linked(stage, lan.member) == ["telegram", "zalo"]


def test_somebody_elses_button_takes_nothing(stage: Stage, ha: Phone, lan: Phone, zalo: Phone) -> None:
    add_zalo(lan, zalo)
    told = stage.delivered(lan)[-1]
    ha.presses("Gỡ Zalo", told)
    ha.commands("/unlink zalo.1")
    assert linked(stage, lan.member) == ["telegram", "zalo"]


def test_the_newcomer_does_not_lock_the_first_one_out(stage: Stage, lan: Phone, zalo: Phone) -> None:
    stage.wait(days=1)
    add_zalo(lan, zalo)
    zalo.commands("/me")
    zalo.presses("channels")
    zalo.presses("remove.telegram")
    zalo.presses("yes")
    assert "vừa được thêm" in zalo.screen.text
    assert linked(stage, lan.member) == ["telegram", "zalo"]
    stage.wait(days=1)
    zalo.presses("remove.telegram")
    zalo.presses("yes")
    assert linked(stage, lan.member) == ["zalo"]
    assert "đã được gỡ" in stage.delivered(lan)[-1].text


def test_a_code_on_somebody_elses_account(stage: Stage, ha: Phone, lan: Phone) -> None:
    seen = ha.says(code_in(lan.commands("/link")))
    assert "đang là của đồng chí <b>Nguyễn Thu Hà</b>" in seen[-1].text
    assert linked(stage, lan.member) == ["telegram"]


def test_a_code_typed_where_it_was_made(lan: Phone) -> None:
    code = code_in(lan.commands("/link"))
    assert "ở ứng dụng khác, không phải ở đây" in lan.says(code)[-1].text
    assert "ở ứng dụng khác, không phải ở đây" in lan.commands(f"/start {code}")[-1].text


def test_a_code_on_another_account_of_the_same_messenger(stage: Stage, lan: Phone) -> None:
    code = code_in(lan.commands("/link"))
    other = stage.stranger("777")
    assert "đã có tài khoản Telegram" in other.says(code)[-1].text
    assert linked(stage, lan.member) == ["telegram"]
    assert stage.write(lambda tx: invitations.attempts(tx, other.address)) is None, "it was no guess"


def test_a_code_used_twice(stage: Stage, lan: Phone, zalo: Phone) -> None:
    code = code_in(lan.commands("/link"))
    agree(zalo, code)
    other = stage.stranger("z2", "zalo")
    assert "đã được dùng rồi" in other.says(code)[-1].text
    assert "/me" in other.screen.text


def test_two_accounts_race_for_one_code(stage: Stage, lan: Phone, zalo: Phone) -> None:
    code, other = code_in(lan.commands("/link")), stage.stranger("z2", "zalo")
    for phone in (zalo, other):
        phone.says(code)
        phone.presses("yes")
        phone.presses("next")
    zalo.presses("agree")
    other.presses("agree")
    assert "không còn hiệu lực" in other.screen.text
    assert stage.write(lambda tx: accounts.speaker(tx, other.address)) is None


def test_an_expired_code_says_where_the_next_one_is(stage: Stage, lan: Phone, zalo: Phone) -> None:
    code = code_in(lan.commands("/link"))
    stage.wait(minutes=15)
    assert "15 phút" in zalo.says(code)[-1].text
    code = code_in(lan.commands("/link"))
    zalo.says(code)
    stage.wait(minutes=15)
    assert "không còn hiệu lực" in zalo.presses("yes")[-1].text
    assert "/me" in zalo.screen.text


def test_a_newer_code_ends_the_one_before(lan: Phone, zalo: Phone) -> None:
    older = code_in(lan.commands("/link"))
    newer = code_in(lan.commands("/link"))
    assert "không còn dùng được" in zalo.says(older)[-1].text
    assert "N. T. Lan" in zalo.says(newer)[-1].text


def test_a_code_of_somebody_removed_meanwhile(stage: Stage, lan: Phone, zalo: Phone) -> None:
    first, second = code_in(lan.commands("/link")), stage.stranger("z2", "zalo")
    zalo.says(first)
    member = record(stage, lan).id
    stage.write(lambda tx: members.remove(tx, member, stage.now))
    assert "không còn hiệu lực" in zalo.presses("yes")[-1].text
    assert "không còn dùng được" in second.says(first)[-1].text
    assert linked(stage, lan.member) == ["telegram"]


def test_a_code_of_somebody_who_has_left_the_bot(stage: Stage, lan: Phone, zalo: Phone) -> None:
    code = code_in(lan.commands("/link"))
    lan.commands("/me")
    lan.presses("withdraw")
    lan.presses("yes")
    assert "không còn dùng được" in zalo.says(code)[-1].text


def test_a_code_asked_of_the_old_phone_ends_with_it(stage: Stage, ha: Phone, lan: Phone, zalo: Phone) -> None:
    member, by = record(stage, lan), ha.member
    joining = stage.write(lambda tx: issue(tx, stage.house, member, by=by, now=stage.now)).code
    stolen = code_in(lan.commands("/link"))
    new = stage.stranger("888")
    agree(new, joining)
    ha.presses("Duyệt", stage.delivered(ha)[-1])
    assert "không còn dùng được" in zalo.says(stolen)[-1].text


def test_a_secretarys_code_outlives_one_of_ones_own_and_not_the_other_way_round(
    stage: Stage, ha: Phone, lan: Phone, zalo: Phone
) -> None:
    member, by = record(stage, lan), ha.member
    given = stage.write(lambda tx: issue(tx, stage.house, member, by=by, now=stage.now)).code
    own = code_in(lan.commands("/link"))
    assert "N. T. Lan" in stage.stranger("888").says(given)[-1].text
    stage.write(lambda tx: issue(tx, stage.house, member, by=by, now=stage.now))
    assert "không còn dùng được" in zalo.says(own)[-1].text


def test_wrong_codes_are_slowed_down_as_ever(stage: Stage, lan: Phone, zalo: Phone) -> None:
    code = code_in(lan.commands("/link"))
    for _ in range(5):
        zalo.says("ABCD-2345")
    assert "tạm dừng" in zalo.says(code)[-1].text
    assert linked(stage, lan.member) == ["telegram"]


def test_no_consent_no_account(stage: Stage, lan: Phone, zalo: Phone) -> None:
    zalo.says(code_in(lan.commands("/link")))
    zalo.presses("yes")
    zalo.presses("next")
    zalo.presses("disagree")
    assert "vẫn dùng bot ở ứng dụng cũ" in zalo.screen.text
    assert linked(stage, lan.member) == ["telegram"]
    assert stage.write(lambda tx: invitations.consents_of(tx, record(stage, lan).id)) == ()


def test_a_secretarys_code_keeps_its_way_through_the_secretary(
    stage: Stage, ha: Phone, lan: Phone, zalo: Phone
) -> None:
    member, by = record(stage, lan), ha.member
    agree(zalo, stage.write(lambda tx: issue(tx, stage.house, member, by=by, now=stage.now)).code)
    assert linked(stage, lan.member) == ["telegram"]
    ha.presses("Duyệt", stage.delivered(ha)[-1])
    assert linked(stage, lan.member) == ["telegram", "zalo"]


def test_with_every_messenger_in_use_there_is_no_code(lan: Phone, zalo: Phone) -> None:
    add_zalo(lan, zalo)
    assert "mọi ứng dụng" in lan.commands("/link")[-1].text


def test_an_own_code_is_no_code_of_the_secretarys_in_the_roster(stage: Stage, ha: Phone, lan: Phone) -> None:
    lan.commands("/link")
    ha.commands("/members lan")
    (card,) = ha.says("1")
    assert "Đã cấp mã" not in card.text


def test_the_roster_names_both_and_says_which_one_is_passed_over(
    stage: Stage, ha: Phone, lan: Phone, zalo: Phone
) -> None:
    stage.wait(minutes=1)
    add_zalo(lan, zalo)
    ha.commands("/members lan")
    (card,) = ha.says("1")
    assert "Đang dùng: Zalo, Telegram." in card.text
    stage.write(lambda tx: accounts.set_trouble(tx, zalo.address, DeliveryTrouble.BLOCKED, stage.now))
    ha.commands("/members lan")
    (card,) = ha.says("1")
    assert "Đã tham gia từ" in card.text
    assert "Zalo không nhận được (đã chặn bot), tin được gửi qua Telegram." in card.text


def test_an_invitation_names_every_door(stage: Stage, ha: Phone) -> None:
    stage.member("Trần Hương", joined=False)
    ha.commands("/members hương")
    ha.says("1")
    sent = ha.presses("invite")[0]
    code = code_in([sent]).replace("-", "")
    assert f"Trên Telegram: mở liên kết https://t.me/chibo_bot?start={code}" in sent.text
    assert "Trên Zalo: tìm <b>bot.ChiBoMot</b>" in sent.text
    assert (sent.post.file or b"").startswith(b"\x89PNG")


def test_an_invitation_of_a_house_on_zalo_alone(tmp_path: Path) -> None:
    stage = Stage(tmp_path, make_rooms()[1:], bot_doors=(ZALO,))
    ha = stage.member("Nguyễn Thu Hà", Role.SECRETARY)
    stage.member("Trần Hương", joined=False)
    ha.commands("/members hương")
    ha.says("1")
    sent = ha.presses("invite")[0]
    assert "bot.ChiBoMot" in sent.text
    assert sent.post.file is None
    stage.close()


@pytest.mark.parametrize("words", ["cam an ban", "Bang tham gia", "xem gap ban", "12345678901"])
def test_words_of_somebody_who_is_in_are_no_codes(lan: Phone, words: str) -> None:
    assert "Mỗi tài khoản chỉ dùng" not in lan.says(words)[-1].text


def test_the_address_of_an_account_belongs_to_one_member(stage: Stage, ha: Phone, lan: Phone, zalo: Phone) -> None:
    add_zalo(lan, zalo)
    zalo.commands("/menu")
    assert "đang là của đồng chí <b>Nguyễn Thị Lan</b>" in zalo.says(code_in(ha.commands("/link")))[-1].text
    assert linked(stage, ha.member) == ["telegram"]
    assert linked(stage, lan.member) == ["telegram", "zalo"]


def test_on_a_phone_without_buttons_it_is_all_typed(tmp_path: Path) -> None:
    stage = Stage(tmp_path, make_rooms()[1:], bot_doors=(TELEGRAM, ZALO), plain=frozenset({"zalo"}))
    lan, zalo = stage.member("Nguyễn Thị Lan"), stage.stranger("z1", "zalo")
    agree(zalo, code_in(lan.commands("/link")))
    assert linked(stage, lan.member) == ["telegram", "zalo"]
    told = stage.delivered(lan)[-1]
    zalo.commands("/me")
    zalo.presses("Các ứng dụng đang dùng")
    zalo.presses("Nhắc việc qua Zalo")
    assert "Từ nay nhắc việc gửi qua Zalo" in zalo.screen.text
    lan.presses("Gỡ Zalo", told)
    assert linked(stage, lan.member) == ["telegram"]
    stage.close()
