from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from handlers.dialogue.buttons import standing_data
from handlers.dialogue.room import House
from handlers.dialogue.said import Command, Forged, Pressed, Sent, Thing
from handlers.joining import rules
from handlers.joining.actions import JoiningRoom
from handlers.joining.document import qr_picture
from handlers.joining.invite import Issued, issue, to_pass_on
from storage import accounts, audit, invitations, members, tables
from storage.records import Address, Member, MemberId, RequestState, Role
from tests.stage import Phone, Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path, [JoiningRoom()])
    yield stage
    stage.close()


@pytest.fixture
def ha(stage: Stage) -> Phone:
    return stage.member("Nguyễn Thu Hà", Role.SECRETARY, phone="0912345678")


@pytest.fixture
def lan(stage: Stage) -> Phone:
    return stage.member("Nguyễn Thị Lan", joined=False)


def record(stage: Stage, phone: Phone) -> Member:
    assert phone.member is not None
    member = phone.member

    def work(tx: Connection) -> Member:
        found = members.find(tx, member)
        assert found is not None
        return found

    return stage.write(work)


def code_for(stage: Stage, phone: Phone, by: Phone | None = None) -> str:
    member, issuer = record(stage, phone), by.member if by else None
    return stage.write(lambda tx: issue(tx, stage.house, member, by=issuer, now=stage.now)).code


def agree(phone: Phone, code: str) -> None:
    phone.commands(f"/start {code}")
    phone.presses("Đúng, là tôi")
    phone.presses("Tôi đã đọc, tiếp")
    phone.presses("Tôi đồng ý")


def linked(stage: Stage, phone: Phone) -> MemberId | None:
    found = stage.write(lambda tx: accounts.speaker(tx, phone.address))
    return found[0].id if found else None


def kept(stage: Stage, table: str) -> int:
    return stage.write(
        lambda tx: tx.execute(select(func.count()).select_from(tables.metadata.tables[table])).scalar_one()
    )


def test_by_link_consent_and_approval(stage: Stage, ha: Phone, lan: Phone) -> None:
    lan.commands(f"/start {code_for(stage, lan, ha)}")
    assert "<b>N. T. Lan</b>, Chi bộ Một" in lan.screen.text
    assert "Nguyễn" not in lan.screen.text
    lan.presses("Đúng, là tôi")
    assert "thư ký, bí thư, phó bí thư của Chi bộ Một" in lan.screen.text
    lan.presses("Tôi đã đọc, tiếp")
    assert "máy chủ của Telegram ở ngoài Việt Nam" in lan.screen.text
    assert rules.CONSENT_VERSION in lan.screen.text
    lan.says("toi dong y")
    assert "Nguyễn Thu Hà 0912345678" in lan.screen.text
    assert linked(stage, lan) is None

    (card,) = stage.delivered(ha)
    assert "<b>Nguyễn Thị Lan</b>" in card.text
    assert "Test" in card.text
    ha.presses("Duyệt", card)
    assert linked(stage, lan) == lan.member
    assert "Nguyễn Thu Hà" in ha.messages[-1].text
    (welcome,) = stage.delivered(lan)
    lan.presses("Mở màn hình chính", welcome)
    assert "Chào đồng chí <b>Nguyễn Thị Lan</b>" in lan.screen.text


def test_the_typed_code_in_any_form(stage: Stage, ha: Phone, lan: Phone) -> None:
    code = code_for(stage, lan, ha)
    lan.says("xin chào")
    assert lan.screen.text.startswith("Chào đồng chí")
    lan.says("ABCD-234O")
    assert "8 chữ và số" in lan.screen.text
    lan.says(f" {rules.shown(code).lower().replace('-', ' – ')} ")
    assert "N. T. Lan" in lan.screen.text


def test_nothing_is_kept_without_agreement(stage: Stage, ha: Phone, lan: Phone) -> None:
    code = code_for(stage, lan, ha)
    lan.commands(f"/start {code}")
    lan.presses("yes")
    lan.presses("next")
    lan.says("Tôi không đồng ý")
    assert "Bot không lưu gì" in lan.screen.text
    assert (kept(stage, "consents"), kept(stage, "join_requests"), kept(stage, "join_attempts")) == (0, 0, 0)
    assert stage.delivered(ha) == []
    agree(lan, code)
    assert kept(stage, "join_requests") == 1


def test_the_consent_keeps_time_version_account_and_words(stage: Stage, ha: Phone, lan: Phone) -> None:
    agree(lan, code_for(stage, lan, ha))
    (consent,) = stage.write(lambda tx: invitations.consents_of(tx, record(stage, lan).id))
    assert (consent.version, consent.agreed_at, consent.address) == (
        rules.CONSENT_VERSION,
        stage.now,
        lan.address,
    )
    assert re.fullmatch("[0-9a-f]{64}", consent.text_hash)


def test_the_code_itself_is_not_in_the_database(stage: Stage, ha: Phone, lan: Phone, tmp_path: Path) -> None:
    code = code_for(stage, lan, ha)
    stage.close()
    content = b"".join(file.read_bytes() for file in tmp_path.glob("stage.db*"))
    assert code.encode() not in content
    assert b"code_hash" in content


def test_somebody_else_says_so(stage: Stage, ha: Phone, lan: Phone) -> None:
    lan.commands(f"/start {code_for(stage, lan, ha)}")
    lan.says("khong phai toi")
    assert "Bot không lưu gì" in lan.screen.text
    lan.says("xin chào")
    assert "N. T. Lan" not in lan.screen.text


def test_wrong_codes_are_counted_and_slowed_down(stage: Stage, ha: Phone, lan: Phone) -> None:
    code = code_for(stage, lan, ha)
    for _ in range(4):
        lan.says("ABCD-2345")
        assert "Mã này chưa đúng" in lan.screen.text
    lan.says("ABCD-2345")
    assert "tạm dừng nhận mã đến 09:15 22/11/2026" in lan.screen.text
    lan.says(code)
    assert "tạm dừng" in lan.screen.text
    stage.wait(minutes=15)
    lan.says(code)
    assert "N. T. Lan" in lan.screen.text
    assert kept(stage, "join_attempts") == 0


def test_small_talk_is_no_wrong_code(stage: Stage, ha: Phone, lan: Phone) -> None:
    for words in ("xin chào", "mã ở đâu", "12345678901", "🙂" * 2000, "<b>ABCD</b>"):
        lan.says(words)
    assert kept(stage, "join_attempts") == 0


def test_an_expired_code_a_used_one_and_an_older_one(stage: Stage, ha: Phone, lan: Phone) -> None:
    older = code_for(stage, lan, ha)
    newer = code_for(stage, lan, ha)
    lan.says(older)
    assert "không còn dùng được" in lan.screen.text
    stage.wait(days=14)
    lan.says(newer)
    assert "đã hết hạn" in lan.screen.text
    newest = code_for(stage, lan, ha)
    agree(lan, newest)
    other = stage.stranger("777")
    other.commands(f"/start {newest}")
    assert "đã được dùng rồi" in other.screen.text


def test_a_code_that_expires_between_two_steps(stage: Stage, ha: Phone, lan: Phone) -> None:
    lan.commands(f"/start {code_for(stage, lan, ha)}")
    lan.presses("yes")
    stage.wait(days=14)
    lan.presses("next")
    assert "không còn hiệu lực" in lan.screen.text
    assert kept(stage, "consents") == 0


def test_two_accounts_with_one_code(stage: Stage, ha: Phone, lan: Phone) -> None:
    code = code_for(stage, lan, ha)
    other = stage.stranger("777")
    for phone in (lan, other):
        phone.commands(f"/start {code}")
        phone.presses("yes")
        phone.presses("next")
    lan.presses("agree")
    other.presses("agree")
    assert "không còn hiệu lực" in other.screen.text
    assert kept(stage, "join_requests") == 1


def test_two_secretaries_approve_the_same_person(stage: Stage, ha: Phone, lan: Phone) -> None:
    minh = stage.member("Lê Văn Minh", Role.SECRETARY)
    agree(lan, code_for(stage, lan, ha))
    (card_ha,), (card_minh,) = stage.delivered(ha), stage.delivered(minh)
    ha.presses("Duyệt", card_ha)
    stage.wait(minutes=1)
    minh.presses("Từ chối", card_minh)
    assert "Đã duyệt <b>Nguyễn Thị Lan</b> tham gia: đồng chí Nguyễn Thu Hà, lúc 09:00" in minh.messages[-1].text
    assert linked(stage, lan) == lan.member
    assert len(stage.delivered(lan)) == 1


def test_a_refusal_is_told_and_ends_the_consent(stage: Stage, ha: Phone, lan: Phone) -> None:
    agree(lan, code_for(stage, lan, ha))
    (card,) = stage.delivered(ha)
    stage.delivered(lan)
    ha.presses("Từ chối", card)
    assert "chưa duyệt" in stage.delivered(lan)[0].text
    (consent,) = stage.write(lambda tx: invitations.consents_of(tx, record(stage, lan).id))
    assert consent.withdrawn_at == stage.now
    assert linked(stage, lan) is None


def test_waiting_is_shown_again_whatever_one_says(stage: Stage, ha: Phone, lan: Phone) -> None:
    agree(lan, code_for(stage, lan, ha))
    for said in (Sent(Thing.STICKER), Forged(), Pressed(1, "agree"), Command("menu"), Command("review")):
        lan.hears(said)
        assert "Nguyễn Thu Hà 0912345678" in lan.screen.text
    assert "gõ mã đó" in lan.screen.text


def test_another_code_while_waiting_overtakes_the_first_request(stage: Stage, ha: Phone, lan: Phone) -> None:
    agree(lan, code_for(stage, lan, ha))
    (first,) = stage.delivered(ha)
    lan.presses("Tôi có mã khác")
    lan.says(code_for(stage, lan, ha))
    for option in ("yes", "next", "agree"):
        lan.presses(option)
    (second,) = stage.delivered(ha)
    ha.presses("Duyệt", first)
    assert linked(stage, lan) is None
    ha.presses("Duyệt", second)
    assert linked(stage, lan) == lan.member


def test_a_new_phone_keeps_the_history_and_tells_the_old_one(stage: Stage, ha: Phone) -> None:
    lan = stage.member("Nguyễn Thị Lan")
    new = stage.stranger("888")
    agree(new, code_for(stage, lan, ha))
    (card,) = stage.delivered(ha)
    assert "máy cũ ngừng" in card.text
    ha.presses("Duyệt", card)
    assert (linked(stage, new), linked(stage, lan)) == (lan.member, None)
    assert "đã chuyển sang máy khác" in stage.delivered(lan)[0].text
    assert "máy mới" in stage.delivered(new)[-1].text
    lan.says("2")
    assert "Đây là trợ lý" in lan.screen.text


def test_another_messenger_does_not_end_the_first(stage: Stage, ha: Phone) -> None:
    lan = stage.member("Nguyễn Thị Lan")
    zalo = Phone(stage, Address("zalo", "z1"))
    stage._people.append(zalo)
    agree(zalo, code_for(stage, lan, ha))
    (card,) = stage.delivered(ha)
    assert "máy cũ" not in card.text
    ha.presses("Duyệt", card)
    assert linked(stage, zalo) == linked(stage, lan) == lan.member


def test_one_account_is_one_member(stage: Stage, ha: Phone, lan: Phone) -> None:
    huong = stage.member("Trần Hương")
    huong.commands(f"/start {code_for(stage, lan, ha)}")
    assert "đang là của đồng chí <b>Trần Hương</b>" in huong.screen.text
    assert linked(stage, huong) == huong.member


def test_an_account_that_was_linked_meanwhile_cannot_be_approved(stage: Stage, ha: Phone, lan: Phone) -> None:
    huong = stage.member("Trần Hương", joined=False)
    agree(lan, code_for(stage, lan, ha))
    (card,) = stage.delivered(ha)
    assert huong.member is not None
    member = huong.member
    stage.write(lambda tx: accounts.link(tx, lan.address, member, stage.now))
    ha.presses("Duyệt", card)
    assert linked(stage, lan) == huong.member


def test_the_secretary_of_another_cell_learns_nothing(stage: Stage, ha: Phone, lan: Phone) -> None:
    stranger = stage.member("Đỗ Xuân", Role.SECRETARY, cell="Chi bộ Hai")
    agree(lan, code_for(stage, lan, ha))
    assert stage.delivered(stranger) == []
    heard = stranger.hears(Command("approve", "1"))
    assert "Không tìm thấy yêu cầu" in heard[-1].text
    assert "Lan" not in heard[-1].text
    assert linked(stage, lan) is None


@pytest.mark.parametrize("args", ["", "1", "99", "-1", "1 OR 1=1", "١", "9" * 20])
def test_forged_approvals_do_nothing(stage: Stage, ha: Phone, lan: Phone, args: str) -> None:
    member = stage.member("Trần Hương")
    agree(lan, code_for(stage, lan, ha))
    member.hears(Command("approve", args, standing=True))
    assert linked(stage, lan) is None
    if args != "1":
        ha.hears(Command("approve", args, standing=True))
        assert linked(stage, lan) is None


def test_a_typed_approval_is_answered_too(stage: Stage, ha: Phone, lan: Phone) -> None:
    agree(lan, code_for(stage, lan, ha))
    assert standing_data("approve", "1")
    heard = ha.commands("/approve 1")
    assert "Đã duyệt <b>Nguyễn Thị Lan</b>" in heard[-1].text


def test_the_first_secretary_comes_in_by_the_administrators_code(stage: Stage) -> None:
    ha = stage.member("Nguyễn Thu Hà", Role.SECRETARY, joined=False)
    agree(ha, code_for(stage, ha))
    assert linked(stage, ha) == ha.member
    assert "đã tham gia" in ha.screen.text
    ha.presses("Mở màn hình chính")
    assert "Nguyễn Thu Hà" in ha.screen.text


def test_the_only_secretary_with_a_new_phone(stage: Stage, ha: Phone) -> None:
    new = stage.stranger("888")
    agree(new, code_for(stage, ha))
    assert linked(stage, new) == ha.member
    assert linked(stage, ha) is None


def test_the_administrators_code_does_not_go_past_a_secretary(stage: Stage, ha: Phone, lan: Phone) -> None:
    agree(lan, code_for(stage, lan))
    assert linked(stage, lan) is None
    assert len(stage.delivered(ha)) == 1


def test_a_request_while_no_secretary_is_there(stage: Stage, lan: Phone) -> None:
    ha = stage.member("Nguyễn Thu Hà", Role.SECRETARY, joined=False)
    agree(lan, code_for(stage, lan, ha))
    assert "Thư ký chi bộ chưa dùng bot" in lan.screen.text


def test_a_member_removed_in_mid_form(stage: Stage, ha: Phone) -> None:
    lan = stage.member("Nguyễn Thị Lan")
    lan.commands("/menu")
    assert lan.member is not None
    member = lan.member
    stage.write(lambda tx: members.remove(tx, member, stage.now))
    for said in ("một đoạn tự kiểm điểm", "1"):
        lan.says(said)
        assert "không còn trong danh sách" in lan.screen.text
    lan.commands("/menu")
    assert "không còn trong danh sách" in lan.screen.text


def test_every_act_leaves_a_line(stage: Stage, ha: Phone, lan: Phone) -> None:
    agree(lan, code_for(stage, lan, ha))
    ha.presses("Duyệt", stage.delivered(ha)[0])
    acts = stage.write(lambda tx: audit.of_cell(tx, record(stage, lan).cell_id))
    assert [(act.what, act.who, act.subject) for act in acts] == [
        ("join.approved", f"member:{ha.member}", f"member:{lan.member}"),
        ("code.issued", f"member:{ha.member}", f"member:{lan.member}"),
    ]


def test_an_invitation_carries_link_code_and_a_picture_that_opens_it(stage: Stage, ha: Phone, lan: Phone) -> None:
    issued = Issued(
        record(stage, lan), "ABCD2345", stage.now + timedelta(days=14), "https://t.me/chibo_bot?start=ABCD2345"
    )
    message = to_pass_on(issued, ha.address)
    assert message.attachment == qr_picture("https://t.me/chibo_bot?start=ABCD2345")
    picture = message.attachment.content or b""
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 20_000
    house = House(stage.house.zone)
    assert to_pass_on(issue_without_name(stage, house, lan), ha.address).attachment is None


def issue_without_name(stage: Stage, house: House, phone: Phone) -> Issued:
    member = record(stage, phone)
    return stage.write(lambda tx: issue(tx, house, member, by=None, now=stage.now, draw=lambda _: 0))


def test_requests_are_settled_once_even_side_by_side(stage: Stage, ha: Phone, lan: Phone) -> None:
    agree(lan, code_for(stage, lan, ha))

    def work(tx: Connection) -> tuple[bool, bool]:
        first = invitations.decide(tx, 1, RequestState.APPROVED, None, stage.now)
        return first, invitations.decide(tx, 1, RequestState.REFUSED, None, stage.now)

    assert stage.write(work) == (True, False)
