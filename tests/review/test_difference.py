"""What differs between two versions: by sentence, by word, in figures; in a chat and in a file."""

from __future__ import annotations

import io
import time
from typing import Any

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st

from handlers.dialogue.phrases import Phrase
from handlers.posting import words_of
from handlers.review import forms
from handlers.review.changes import Change, Ink
from handlers.review.difference import differences, pages, sentences, summary_of
from storage.records import Role
from tests.review.scene import ANSWERS_2B, Scene, play, submit

FORM = forms.form("2025/non_leader")


def say(scene: Scene) -> Any:
    return words_of("vi", scene.house).bare


def changes(scene: Scene, **new: Any) -> tuple[Change, ...]:
    return differences(FORM, ANSWERS_2B, {**ANSWERS_2B, **new}, say(scene))


def told(scene: Scene, phrases: tuple[Phrase, ...]) -> str:
    return "\n".join(map(say(scene), phrases))


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Một. Hai? Ba…", ("Một.", "Hai?", "Ba…")),
        ("Dạy ở TP. Hồ Chí Minh. Đã xong.", ("Dạy ở TP. Hồ Chí Minh.", "Đã xong.")),
        ("Đạt 27.5 điểm ngày 31.12. Ổn.", ("Đạt 27.5 điểm ngày 31.12.", "Ổn.")),
        ("1. Dạy học\n2. Nghiên cứu", ("1. Dạy học", "2. Nghiên cứu")),
        ("Học tập; làm việc. “Tốt.” Xong", ("Học tập;", "làm việc.", "“Tốt.” Xong")),
        ("Theo đ/c. An thì đúng. PGS. Bình nói", ("Theo đ/c. An thì đúng.", "PGS. Bình nói")),
        ("một dòng không dấu", ("một dòng không dấu",)),
        ("", ()),
    ],
)
def test_vietnamese_sentences(text: str, cut: tuple[str, ...]) -> None:
    assert sentences(text) == cut


@given(st.text(alphabet='aăâ đĐ.;!?…\n1"“T', max_size=60))
def test_no_letter_is_lost_between_sentences(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


def test_sentences_added_taken_away_and_reworded_are_counted_apart(scene: Scene) -> None:
    old = "Giữ gìn đoàn kết. Chấp hành kỷ luật. Tham gia sinh hoạt đều."
    new = "Giữ gìn đoàn kết nội bộ. Tham gia sinh hoạt đều. Viết hai bài báo. Giúp đỡ đồng nghiệp trẻ."
    [change] = differences(FORM, {**ANSWERS_2B, "conduct": old}, {**ANSWERS_2B, "conduct": new}, say(scene))
    assert say(scene)(summary_of(change)) == ("I.1. Phẩm chất, đạo đức, lối sống: thêm 2 câu; bỏ 1 câu; sửa 1 câu")
    text = told(scene, pages((change,)))
    assert "Thêm: Viết hai bài báo." in text
    assert "Bỏ: Chấp hành kỷ luật." in text
    assert "Trước: Giữ gìn đoàn kết.\nNay: Giữ gìn đoàn kết nội bộ." in text
    assert "Tham gia sinh hoạt đều" not in text, "what is the same is not repeated in a chat"


def test_the_words_of_a_sentence_that_changed(scene: Scene) -> None:
    [change] = changes(scene, duties="Giảng dạy 14 lớp buổi tối.")
    [piece] = change.pieces
    assert [(run.ink, run.words) for run in piece.runs] == [
        (Ink.SAME, "Giảng dạy"),
        (Ink.REMOVED, "12 lớp."),
        (Ink.ADDED, "14 lớp buổi tối."),
    ]


def test_figures_grades_and_lists_in_plain_words(scene: Scene) -> None:
    found = changes(
        scene,
        tasks={"given": 20, "done": 19, "late": 1, "exceeded": 7},
        measures=["Đọc thêm sách.", *ANSWERS_2B["measures"]],
        task_score=605,
        self_grade="good",
        annex=["Giáo trình mới"],
    )
    summaries = [say(scene)(summary_of(change)) for change in found]
    assert any("hoàn thành 20" in one and "→" in one and "hoàn thành 19" in one for one in summaries)
    assert any("63/70 điểm → 60,5/70 điểm" in one for one in summaries)
    assert any(one.endswith("Hoàn thành xuất sắc nhiệm vụ → Hoàn thành tốt nhiệm vụ") for one in summaries)
    assert any(one.endswith("thêm 1 ý") and "Phương hướng" in one for one in summaries), (
        "an item put first is one item"
    )
    assert len(found) == 5


def test_the_same_answers_differ_in_nothing(scene: Scene) -> None:
    assert changes(scene) == ()


@pytest.mark.parametrize(
    "text", ["A. " * 4000, "từ " * 4000, "x" * 12_000, "\n".join(f"Việc số {n} đã xong." for n in range(600))]
)
def test_long_and_monotonous_answers_take_no_time(scene: Scene, text: str) -> None:
    began = time.perf_counter()
    other = text[: len(text) // 2] + "Giữa chừng có câu mới. " + text[len(text) // 2 + 7 :]
    found = differences(FORM, {**ANSWERS_2B, "duties": text}, {**ANSWERS_2B, "duties": other}, say(scene))
    assert all(len(say(scene)(page)) < 4000 for page in pages(found))
    for change in found:
        for piece in change.pieces:
            assert piece.runs
    assert time.perf_counter() - began < 2


def two_versions(scene: Scene) -> Any:
    cycle = scene.open_cycle()
    an = scene.member("Nguyễn Văn An")
    scene.filled(cycle, an)
    submit(an)
    for number, words in enumerate(("Có 3 lớp buổi tối.", "Viết một giáo trình.")):
        play(an, (("press", "overview"), ("press", "change"), ("press", "s0"), ("press", "duties"), ("say", words)))
        an.presses("next")
        submit(an)
        assert scene.review(cycle, an).version == number + 2
    return an


def test_the_member_sees_the_last_two_and_chooses_others(scene: Scene) -> None:
    an = two_versions(scene)
    play(an, (("press", "versions"), ("press", "difference")))
    assert "So bản nộp lần 2" in an.screen.text
    assert "với lần 3" in an.screen.text
    assert "I.2. Nhiệm vụ và kết quả: thêm 1 câu" in an.screen.text
    assert "Thêm: Viết một giáo trình." in an.screen.text
    assert "3 lớp buổi tối" not in an.screen.text
    play(an, (("press", "other"), ("press", "v1")))
    assert "v1" not in {data.split(":")[-1] for _, data in an.screen.choices}
    an.presses("v3")
    assert "thêm 2 câu" in an.screen.text


def test_the_file_has_every_word_in_its_colour(scene: Scene) -> None:
    an = two_versions(scene)
    play(an, (("press", "versions"), ("press", "difference")))
    heard = an.presses("file")
    [sent] = [message.post for message in heard if message.post.file_name]
    assert sent.file_name == "so-sanh-nguyen-van-an-2-3.docx"
    assert sent.file is not None
    paper = Document(io.BytesIO(sent.file))
    runs = [run for paragraph in paper.paragraphs for run in paragraph.runs]
    added = [run.text for run in runs if run.font.underline and str(run.font.color.rgb) == "1B7F37"]
    assert "Viết một giáo trình." in added
    assert all(not run.font.strike for run in runs if run.text in added)
    whole = "\n".join(paragraph.text for paragraph in paper.paragraphs)
    assert "Giảng dạy 12 lớp." in whole, "what stayed the same stands around it"
    assert "SO SÁNH HAI BẢN KIỂM ĐIỂM NĂM 2026: Nguyễn Văn An" in whole


def test_who_may_read_the_form_sees_what_changed(scene: Scene) -> None:
    binh = scene.member("Bình", Role.SECRETARY)
    an = two_versions(scene)
    binh.commands("/reviews")
    binh.presses(f"m{an.member}")
    binh.presses("difference")
    assert "Thêm: Viết một giáo trình." in binh.screen.text
    assert any(message.post.file_name for message in binh.presses("file"))


def test_a_form_with_one_version_offers_nothing_to_compare(scene: Scene) -> None:
    cycle = scene.open_cycle()
    an = scene.member("An")
    scene.filled(cycle, an)
    submit(an)
    an.presses("versions")
    assert "difference" not in {data.split(":")[-1] for _, data in an.screen.choices}
