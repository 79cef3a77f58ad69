"""Noting: words first, whatever else is asked; files beside them; the list, one note, removing, sending back."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from handlers.checklist.actions import ChecklistRoom
from handlers.dialogue.said import Edited, File, Forwarded, Said, Sent, Thing
from handlers.notes.actions import NotesRoom
from handlers.notes.rules import Bounds
from storage import evidence, notes, tables
from storage.records import Evidence, MemberId, Note
from tests.notes import samples
from tests.stage import Phone, Stage


def photo(content: bytes | None = None, caption: str = "", **more: int) -> Sent:
    return Sent(Thing.PHOTO, "f1", caption=caption, content=content or samples.picture(), **more)  # type: ignore[arg-type]


def kept(stage: Stage, who: Phone) -> tuple[Note, ...]:
    return stage.write(lambda tx: notes.of_year(tx, MemberId(who.member or 0), 2026))


def files(stage: Stage, note: Note) -> tuple[Evidence, ...]:
    return stage.write(lambda tx: evidence.of_note(tx, note.id))


def test_words_are_safe_before_anything_is_asked(stage: Stage) -> None:
    an = stage.member("An")
    an.commands("/note")
    [shown] = an.says("Dự hội giảng cấp tỉnh")
    assert "Đã lưu" in shown.text
    [note] = kept(stage, an)
    assert (note.text, note.item_id, note.task_id) == ("Dự hội giảng cấp tỉnh", None, None)
    [shown] = an.presses("3. Kiểm tra, giám sát, tự phê bình")
    assert "việc 3" in shown.text
    assert kept(stage, an)[0].item_id is not None
    assert len(an.says("Điều thứ hai")) == 1
    assert [note.text for note in kept(stage, an)] == ["Dự hội giảng cấp tỉnh", "Điều thứ hai"]


def test_noted_in_one_message_and_back_where_one_was(stage: Stage) -> None:
    an = stage.member("An")
    an.commands("/tasks")
    before = an.screen.text
    an.commands("/note Họp cụm thi đua")
    [shown] = an.presses("none")
    assert "Đã lưu ghi chép" in shown.text
    assert before in shown.text
    assert [note.text for note in kept(stage, an)] == ["Họp cụm thi đua"]


def test_more_words_and_several_photos_go_to_the_same_note(stage: Stage) -> None:
    an = stage.member("An")
    an.commands("/note")
    an.hears(photo(caption="Trao giải"))
    an.hears(photo(samples.picture("PNG")))
    an.hears(Sent(Thing.VOICE, "f2", content=samples.VOICE))
    an.says("Giải nhì")
    [shown] = an.hears(File("f3", "Quyết định 12.pdf", len(samples.PDF), samples.PDF))
    assert "Quyết định 12.pdf" in shown.text
    [note] = kept(stage, an)
    assert note.text == "Trao giải\nGiải nhì"
    assert [file.file_name for file in files(stage, note)] == [
        "anh-1.jpg",
        "anh-2.png",
        "ghi-am-3.ogg",
        "Quyết định 12.pdf",
    ]


def test_a_photo_whose_caption_is_the_command(stage: Stage) -> None:
    an = stage.member("An")
    [shown] = an.hears(photo(caption="/note Trồng cây đầu xuân"))
    assert "anh-1.jpg" in shown.text
    an.hears(photo(samples.picture("PNG")))
    [note] = kept(stage, an)
    assert (note.text, note.files) == ("Trồng cây đầu xuân", 2)


def test_a_forwarded_photo_is_evidence_and_forwarded_words_are_not(stage: Stage) -> None:
    an = stage.member("An")
    an.commands("/note")
    an.hears(Forwarded("", photo(caption="Của nhà trường")))
    [shown] = an.hears(Forwarded("Lời của người khác"))
    assert "tin chuyển tiếp" in shown.text
    [note] = kept(stage, an)
    assert (note.text, note.files) == ("Của nhà trường", 1)


NOT_KEPT: tuple[tuple[Said, str], ...] = (
    (photo(samples.bomb()), "kích thước quá lớn"),
    (photo(samples.picture()[:50]), "không mở được"),
    (File("f", "x.jpg", 30 * 1024 * 1024), "lớn hơn 5 MB"),
    (Sent(Thing.PHOTO, "https://x.test/a.jpg"), "chưa tải được"),
    (File("f", "a.exe", 4, b"MZ\x90\x00"), "chưa giữ được"),
    (Sent(Thing.STICKER), "nhãn dán"),
    (Sent(Thing.VIDEO, "f", size=10), "video"),
    (Sent(Thing.LOCATION), "vị trí"),
    (Edited("Khác"), "sửa một tin"),
)


@pytest.mark.parametrize(("said", "told"), NOT_KEPT, ids=[told for _, told in NOT_KEPT])
def test_what_is_not_kept_is_said_and_leaves_no_empty_note(stage: Stage, said: Said, told: str) -> None:
    an = stage.member("An")
    an.commands("/note")
    [shown] = an.hears(said)
    assert told in shown.text
    assert kept(stage, an) == ()


def test_words_are_kept_where_the_file_is_not(stage: Stage) -> None:
    an = stage.member("An")
    an.commands("/note")
    [shown] = an.hears(photo(samples.bomb(), caption="Ảnh hội nghị"))
    assert "Đã lưu" in shown.text
    assert "kích thước quá lớn" in shown.text
    [note] = kept(stage, an)
    assert (note.text, note.files) == ("Ảnh hội nghị", 0)


def test_the_same_file_twice(stage: Stage) -> None:
    an = stage.member("An")
    an.commands("/note Một")
    an.hears(photo())
    [shown] = an.hears(photo())
    assert "không giữ thêm" in shown.text
    an.commands("/note Hai")
    [shown] = an.hears(photo())
    assert "đã gửi lúc" in shown.text
    assert [note.files for note in kept(stage, an)] == [1, 1]


def test_how_much_is_kept(tmp_path: Path) -> None:
    size = len(samples.picture())
    stage = Stage(tmp_path, [NotesRoom(bounds=Bounds(file=size, files=2, year=3 * size)), ChecklistRoom()])
    an = stage.member("An")
    an.commands("/note Một")
    for number in range(2):
        an.hears(photo(samples.picture()[:-2] + bytes([number]) + b"\xd9"))
    [shown] = an.hears(photo())
    assert "tối đa 2 tệp" in shown.text
    an.commands("/note Hai")
    an.hears(photo())
    [shown] = an.hears(photo(samples.picture("GIF")))
    assert "đã đầy" in shown.text
    [shown] = an.hears(photo(samples.picture() + b"0"))
    assert "lớn hơn" in shown.text
    assert [note.files for note in kept(stage, an)] == [2, 1]


def test_long_notes_go_on_in_a_new_one(stage: Stage) -> None:
    an = stage.member("An")
    an.commands("/note")
    for letter in "abc":
        an.says(letter * 3900)
    assert [note.text.count("\n") for note in kept(stage, an)] == [1, 0]
    assert "".join(note.text for note in kept(stage, an)).replace("\n", "") == "a" * 3900 + "b" * 3900 + "c" * 3900


def test_the_list_one_note_and_what_was_removed(stage: Stage) -> None:
    an = stage.member("An")
    for number in range(1, 9):
        an.commands(f"/note Việc thứ {number}")
        an.presses("none")
    an.commands("/note")
    [shown] = an.presses("list")
    assert "8 mục" in shown.text
    assert shown.choices[0][0] == "22/11/2026 Việc thứ 8"
    an.presses("more")
    [shown] = an.presses("22/11/2026 Việc thứ 1")
    assert "Việc thứ 1" in shown.text
    an.presses("remove")
    assert len(kept(stage, an)) == 7
    assert stage.write(lambda tx: len(tx.execute(select(tables.notes.c.id)).all())) == 8
    an.presses("undo")
    assert len(kept(stage, an)) == 8


def test_evidence_comes_back_and_a_turned_photo_the_right_way_up(stage: Stage) -> None:
    an = stage.member("An")
    sent = samples.picture(orientation=6)
    an.commands("/note Ảnh nghiêng")
    an.hears(File("f", "nghieng.jpg", len(sent), sent))
    an.hears(File("f", "a.pdf", len(samples.PDF), samples.PDF))
    an.presses("none")
    an.commands("/note")
    an.presses("list")
    an.presses("22/11/2026 Ảnh nghiêng (kèm 2 tệp)")
    came, _ = an.presses("Gửi lại: nghieng.jpg")
    assert came.post.picture
    assert came.post.file is not None
    with Image.open(io.BytesIO(came.post.file)) as image:
        assert image.size == (20, 40)
    came, _ = an.presses("Gửi lại: a.pdf")
    assert (came.post.file, came.post.picture) == (samples.PDF, False)
    [note] = kept(stage, an)
    stored = stage.write(lambda tx: evidence.content(tx, note.member_id, files(stage, note)[0].id))
    assert stored == sent


def test_nobody_else_reads_them(stage: Stage) -> None:
    an, binh = stage.member("An"), stage.member("Bình")
    an.commands("/note Riêng tư")
    [note] = kept(stage, an)
    other = MemberId(binh.member or 0)
    assert stage.write(lambda tx: notes.find(tx, other, note.id)) is None
    assert not stage.write(lambda tx: notes.put_back(tx, other, note.id))
    binh.commands("/note")
    assert "Riêng tư" not in binh.screen.text


def test_a_photo_where_words_are_asked_changes_nothing(stage: Stage) -> None:
    an = stage.member("An")
    [shown] = an.hears(photo())
    assert "“ghi chép”" in shown.text
    assert kept(stage, an) == ()


def test_the_export_has_the_notes_and_their_files(stage: Stage) -> None:
    an = stage.member("An")
    an.hears(photo(caption="/note Trong tệp"))
    an.commands("/me")
    sent, *_ = an.presses("data")
    assert sent.post.file is not None
    text = sent.post.file.decode()
    assert "Trong tệp" in text
    assert "anh-1.jpg" in text
    assert '"digest"' in text
