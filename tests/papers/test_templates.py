"""A secretary changes a layout in Word and puts it back in chat; versions, going back, two at once, the prints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection

from handlers.dialogue.said import File
from handlers.papers.checking import words_in
from handlers.papers.template_file import Fault
from handlers.papers.template_trial import Verdict
from storage import templates
from storage.records import Address, MemberId, Role
from tests.papers.layouts import OWN, replaced, with_line
from tests.papers.scene import Scene, file_in, sends, word
from tests.stage import Phone

MINE = with_line("Trường Chính trị tỉnh lưu: {{ code }}")


def quick(content: bytes, rules: str) -> Verdict:
    """The verdict of tests/papers/test_template_trial.py, known here beforehand: trying takes seconds."""
    assert rules == "2025"
    return Verdict(None, (), b"sample") if content in {MINE, OWN} else Verdict(Fault("field", "phone", "Số: phone"))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path, trial=quick)
    yield made
    made.close()


def puts(scene: Scene, content: bytes = MINE, who: Phone | None = None) -> None:
    phone = who or scene.secretary
    phone.commands("/templates 2025")
    phone.presses("put")
    sends(phone, content)


def test_the_layout_in_use_is_handed_out_and_can_be_sent_back(scene: Scene) -> None:
    scene.secretary.commands("/templates")
    labels = [label for label, _ in scene.secretary.screen.choices]
    assert labels[:3] == ["Mẫu năm 2019: 02", "Mẫu năm 2023: 02A, 02B", "Mẫu năm 2025: 02A, 02B, 02C"]
    scene.secretary.presses("p2025")
    assert "mẫu có sẵn" in scene.secretary.screen.text
    name, content = file_in(scene.secretary.presses("get"))
    assert (name, content) == ("mau-in-2025.docx", OWN)
    scene.secretary.presses("put")
    seen = sends(scene.secretary, content)
    assert file_in(seen) == ("ban-in-thu-2025-1.docx", b"sample")
    assert "Dùng bản 1" in scene.secretary.screen.text


def test_it_is_used_only_after_a_yes_and_everything_is_on_the_trail(scene: Scene) -> None:
    puts(scene)
    assert scene.kept_templates() == [(1, True)]
    scene.secretary.presses("use")
    assert scene.kept_templates() == [(1, False)]
    assert "đang dùng bản 1, đồng chí Lê Thị Thư gửi" in scene.secretary.screen.text
    assert file_in(scene.secretary.presses("get")) == ("mau-in-2025-ban-1.docx", MINE)
    told = [(act.what, act.details) for act in scene.trail()]
    assert told == [
        ("template_put", {"paper": "2025", "version": 1}),
        ("template_used", {"paper": "2025", "version": 1}),
    ]


def test_no_keeps_it_for_later(scene: Scene) -> None:
    puts(scene)
    scene.secretary.presses("no")
    assert "mẫu có sẵn" in scene.secretary.screen.text
    scene.secretary.presses("v1")
    assert scene.kept_templates() == [(1, False)]


def test_one_goes_back_to_an_older_version_and_to_the_built_in(scene: Scene) -> None:
    for _ in range(3):
        puts(scene)
        scene.secretary.presses("use")
    assert scene.kept_templates() == [(1, False), (2, False), (3, False)]
    scene.secretary.presses("v2")
    assert "đang dùng bản 2" in scene.secretary.screen.text
    scene.secretary.presses("own")
    assert "mẫu có sẵn" in scene.secretary.screen.text
    assert scene.kept_templates() == [(1, True), (2, True), (3, True)]
    scene.secretary.presses("v3")
    assert "đang dùng bản 3" in scene.secretary.screen.text


def test_a_bad_one_is_refused_with_reason_and_line_and_nothing_is_kept(scene: Scene) -> None:
    puts(scene, replaced("x", "y"))
    said = scene.secretary.screen.text
    assert "Không có ô nào tên là phone." in said
    assert "Ở dòng: «Số: phone»" in said
    assert scene.kept_templates() == []
    assert [act.what for act in scene.trail()] == ["template_refused"]
    sends(scene.secretary, MINE)
    assert scene.kept_templates() == [(1, True)]


def test_what_was_too_large_to_fetch_is_said_so(scene: Scene) -> None:
    scene.secretary.commands("/templates 2025")
    scene.secretary.presses("put")
    sends(scene.secretary, None)
    assert "lớn hơn 5 MB" in scene.secretary.screen.text


def test_what_the_intake_looked_at_is_not_tried_again(scene: Scene) -> None:
    scene.secretary.commands("/templates 2025")
    scene.secretary.presses("put")
    file = File("f", "mau.docx", 3, b"odd")
    scene.secretary.hears(replace(file, looked=Verdict(None, ("Paper.qr",), b"sample")))
    assert scene.kept_templates() == [(1, True)]
    assert "• mã QR" in scene.secretary.screen.text


def test_two_secretaries_at_once_do_not_overrun_each_other(scene: Scene) -> None:
    other = scene.member("Phạm Văn Hai", Role.MEMBER, Role.SECRETARY)
    puts(scene)
    puts(scene, OWN, other)
    assert scene.kept_templates() == [(1, True), (2, True)]
    other.presses("use")
    scene.secretary.presses("use")
    assert "Đồng chí Phạm Văn Hai vừa đổi, nay đang dùng bản 2" in scene.secretary.screen.text
    assert scene.kept_templates() == [(1, True), (2, False)]
    scene.secretary.presses("use")
    assert scene.kept_templates() == [(1, False), (2, True)]


def test_others_than_secretaries_cannot_open_it(scene: Scene) -> None:
    scene.lan.commands("/templates")
    assert scene.lan.screen.text
    assert "mẫu Word" not in scene.lan.screen.text


def test_another_cell_prints_with_its_own(scene: Scene) -> None:
    puts(scene)
    scene.secretary.presses("use")
    far = scene.member("Người Khác", Role.MEMBER, cell="Chi bộ Hai")
    scene.submits(far, scene.cycle(cell="Chi bộ Hai"))
    _, content = file_in(far.commands("/print"))
    assert word(content).core_properties.version == "Mẫu in 2025: mẫu có sẵn"


def test_a_print_says_which_version_made_it(scene: Scene) -> None:
    scene.submits(scene.lan, scene.cycle())
    _, before = file_in(scene.lan.commands("/print"))
    assert word(before).core_properties.version == "Mẫu in 2025: mẫu có sẵn"
    puts(scene)
    scene.secretary.presses("use")
    _, after = file_in(scene.lan.commands("/print"))
    assert word(after).core_properties.version == "Mẫu in 2025: bản 1 của chi bộ"
    told = "Trường Chính trị tỉnh lưu: Mẫu 02B-HD KĐ.ĐG 2025"
    assert told in words_in(after)
    assert told not in words_in(before)


def test_a_layout_that_fails_on_a_real_form_does_not_stop_the_print(scene: Scene) -> None:
    bad, cell, by = with_line("{{ fields[40].value }}"), scene.cell(), MemberId(scene.secretary.member or 0)

    def work(tx: Connection) -> None:
        version = templates.put(tx, cell, "2025", bad, by, scene.now)
        assert templates.use(tx, cell, "2025", version, scene.now)

    scene.write(work)
    scene.submits(scene.lan, scene.cycle())
    seen = scene.lan.commands("/print")
    _, content = file_in(seen)
    assert word(content).core_properties.version == "Mẫu in 2025: mẫu có sẵn"
    assert any("Mẫu của chi bộ không in được bản này" in message.text for message in seen)


def test_on_a_messenger_without_files_it_says_where_to_go(tmp_path: Path) -> None:
    scene = Scene(tmp_path, trial=quick, channel="zalo", plain=frozenset({"zalo"}))
    scene.secretary.commands("/templates 2025")
    scene.secretary.presses("put")
    assert "mở bot trên Telegram" in scene.secretary.messages[-1].text
    assert scene.secretary.address == Address("zalo", scene.secretary.address.chat)
    scene.close()
