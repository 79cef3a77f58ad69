"""The paper round trip: a number that names nobody, its QR code, photographs kept, typed in and confirmed."""

from __future__ import annotations

import io

from PIL import Image

from handlers.assisting import rules
from handlers.assisting.papers import number_in_picture, paper_qr, whose
from handlers.dialogue.flow import Refusal
from handlers.dialogue.said import Sent, Thing
from storage import assistances, evidence
from storage.assistances import Proof, Source
from storage.records import CycleId, EvidenceId, MemberId, Role
from tests.assisting.scene import Scene, card_with, code_on, id_of, photo, voice

KEY = b"k" * 32


def test_a_number_names_nobody_and_cannot_be_made_up() -> None:
    number = rules.paper_number(KEY, CycleId(12), MemberId(345))
    assert number.startswith("12-345-")
    assert rules.whose_paper(KEY, number) == (12, 345)
    for other in (number[:-1] + ("2" if number[-1] != "2" else "3"), number.replace("345", "346", 1)):
        assert rules.whose_paper(KEY, other) is None
    assert rules.whose_paper(b"x" * 32, number) is None


def test_a_number_is_read_as_people_type_it() -> None:
    number = rules.paper_number(KEY, CycleId(12), MemberId(345))
    cycle, member, sign = number.split("-")
    for typed in (number.lower(), f"{cycle} {member} {sign}", f" {cycle} – {member} – {sign[:3]} {sign[3:]} "):
        assert rules.read_paper_number(typed) == number
    for nonsense in ("", "12", "12-345", "mười hai", "12-345-K7QFM", "12-345-K7QFM20", "9" * 80):
        assert isinstance(rules.read_paper_number(nonsense), Refusal)


def test_the_code_is_read_from_a_photograph_that_is_upside_down() -> None:
    number = rules.paper_number(KEY, CycleId(12), MemberId(345))
    with Image.open(io.BytesIO(paper_qr(number))) as drawn:
        assert drawn.width == drawn.height >= 150
    content = photo(number).content
    assert content is not None
    assert number_in_picture(content) == number
    assert number_in_picture(b"no picture") is None
    empty = photo().content
    assert empty is not None
    assert number_in_picture(empty) is None


def test_a_foreign_code_is_no_number() -> None:
    content = photo("https://example.org/12-345").content
    assert content is not None
    assert number_in_picture(content) is None


def test_a_picture_that_unfolds_is_not_opened() -> None:
    out = io.BytesIO()
    Image.new("1", (9000, 9000)).save(out, "PNG")
    assert number_in_picture(out.getvalue()) is None


def test_from_paper_to_the_submitted_version(scene: Scene) -> None:
    scene.secretary.commands("/assist")
    scene.secretary.presses("paper")
    first = photo(scene.number(scene.lan))
    scene.secretary.hears(first)
    assert "Bản giấy của đồng chí Nguyễn Thị Lan" in scene.secretary.screen.text
    scene.secretary.hears(photo())
    assert "Đã nhận 2 ảnh" in scene.secretary.screen.text
    scene.secretary.presses("done")
    scene.secretary.presses("me")
    one = scene.assistance(scene.lan)
    assert one.source is Source.PAPER
    scene.secretary.presses("write")
    shown = scene.secretary.presses("aid.pages")
    assert [m.post.picture for m in shown] == [True, True, False]
    assert shown[0].post.file == first.content, "as it was sent"
    scene.fill(scene.lan)
    scene.hand_over(scene.lan)
    scene.secretary.presses("code")
    scene.secretary.says(code_on(scene.lan))
    assert scene.assistance(scene.lan).confirmed_by is Proof.CODE
    scene.secretary.commands("/reviews")
    scene.secretary.presses(f"m{id_of(scene.lan)}")
    assert "bản giấy viết tay" in scene.secretary.screen.text, "the reading screen says where it came from"


def test_the_number_typed_leads_there_too(both: Scene) -> None:
    both.secretary.commands("/assist")
    both.secretary.presses("paper")
    both.secretary.hears(photo())
    assert "Chưa đọc được mã QR" in both.secretary.screen.text
    both.secretary.says("12-345-222222")
    assert "không phải của một bản do bot in" in both.secretary.screen.text
    both.secretary.says("mười hai")
    assert "có dạng" in both.secretary.screen.text
    both.secretary.says(both.number(both.lan).lower().replace("-", " "))
    assert "Bản giấy của đồng chí Nguyễn Thị Lan" in both.secretary.screen.text
    both.secretary.hears(voice())
    assert "chờ ảnh chụp" in both.secretary.screen.text
    assert both.write(lambda tx: assistances.count_pages(tx, id_of(both.lan), both.cycle.id)) == 0


def test_a_member_photographs_their_own_paper(scene: Scene) -> None:
    scene.lan.says("bản giấy")
    scene.lan.says(scene.number(scene.binh))
    assert "không phải của đồng chí" in scene.lan.screen.text
    scene.lan.says(scene.number(scene.lan))
    scene.lan.hears(photo())
    scene.lan.presses("done")
    told = card_with(scene.secretary, "Nhập bản này")
    scene.secretary.presses("Nhập bản này", told)
    scene.secretary.presses(f"p{id_of(scene.binh)}")
    one = scene.assistance(scene.lan)
    assert (one.source, one.helper_id) == (Source.PAPER, scene.binh.member)
    scene.binh.presses("Mở để viết giúp", card_with(scene.binh, "Mở để viết giúp"))
    sent = scene.binh.presses("photos")
    assert sent[0].post.picture


def test_paper_of_another_cell_is_nobodys_here(scene: Scene) -> None:
    stranger = scene.member("Người Khác", cell="Chi bộ Hai")
    scene.secretary.commands("/assist")
    scene.secretary.presses("paper")
    scene.secretary.says(scene.number(stranger))
    assert "không phải của đồng chí" in scene.secretary.screen.text


def test_who_has_no_phone_signs_on_paper(scene: Scene) -> None:
    old = scene.member("Đỗ Văn Già", joined=False)
    assert scene.offered(old) == ""
    assert "chưa dùng bot" in scene.secretary.screen.text
    assert "code" not in {data.rpartition(":")[2] for _, data in scene.secretary.screen.choices}
    printed = scene.secretary.presses("print")
    assert any(m.post.file_name and m.post.file_name.endswith(".docx") for m in printed)
    scene.secretary.presses("sign")
    scene.secretary.hears(voice())
    assert "chờ ảnh chụp" in scene.secretary.screen.text
    scene.secretary.hears(photo())
    done = scene.assistance(old)
    assert (done.version, done.confirmed_by) == (1, Proof.SIGNATURE)
    assert done.evidence_id is not None
    number = EvidenceId(done.evidence_id)
    assert scene.write(lambda tx: evidence.content(tx, id_of(old), number))


def test_a_helper_without_the_right_records_no_signature(scene: Scene) -> None:
    old = scene.member("Đỗ Văn Già", joined=False)
    scene.offered(old, scene.binh)
    assert "sign" not in {data.rpartition(":")[2] for _, data in scene.binh.screen.choices}
    secretary = scene.member("Thư ký hai", Role.SECRETARY)
    secretary.commands("/assist")
    secretary.presses(f"a{scene.assistance(old).id}")
    offered = {data.rpartition(":")[2] for _, data in secretary.screen.choices}
    assert {"sign", "end"} <= offered
    assert not {"write", "voice", "print"} & offered, "a draft is the helper's and the member's"


def test_a_photograph_that_could_not_be_fetched_is_asked_for_again(scene: Scene) -> None:
    scene.secretary.commands("/assist")
    scene.secretary.presses("paper")
    scene.secretary.says(scene.number(scene.lan))
    scene.secretary.hears(Sent(Thing.PHOTO, "photo", size=9_000_000))
    assert "Chưa tải được" in scene.secretary.screen.text


def test_a_number_of_a_cycle_that_has_ended_is_refused(scene: Scene) -> None:
    scene.secretary.commands("/assist")
    scene.secretary.presses("paper")
    number = scene.number(scene.lan)
    assert scene.write(lambda tx: whose(tx, number)) == (scene.cycle.id, scene.lan.member)
    scene.now = scene.now.replace(month=1)
    scene.secretary.says(number)
    assert "kỳ kiểm điểm nào đang mở" in scene.secretary.screen.text
