"""What a messenger cannot show, in words: nothing is lost, nothing is too long, nothing is left to guess."""

import html
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.contract import Abilities
from bot.channels.degrade import Linked, Shown, degrade, next_part, plain_text
from bot.channels.split import length
from bot.channels.zalo import ZaloChannel
from handlers.dialogue.buttons import screen_data, standing_data
from handlers.dialogue.phrases import Phrase
from handlers.texts import catalogue
from storage.records import Address, Button, Post
from tests.stage import ZONE

CHAT = Address("zalo", "1")
ZALO = ZaloChannel.abilities
WORDS = st.lists(
    st.sampled_from(
        ["Một câu dài. ", "chữ ", "\n", "\n\n", "<b>đậm</b> ", "😀 ", "&amp; ", "&lt;b&gt; ", "x" * 90 + " "]
    ),
    max_size=150,
).map("".join)
LABELS = st.lists(
    st.sampled_from(["Nộp", "Sửa lại", "✅ 2. Đoàn kết", "Nguyễn Văn An", "một nhãn dài " * 6]), max_size=40
)


def say(phrase: Phrase) -> str:
    return catalogue("vi", ZONE).bare(phrase)


def screen(text: str, labels: list[str], *, numbered: bool = True, ways: bool = True) -> Post:
    options = [(f"o{n}", label.strip()) for n, label in enumerate(labels)]
    options += [("nav.back", "← Quay lại"), ("nav.ask", "Hỏi người")] if ways else []
    rows = tuple((Button(label, screen_data(7, id)),) for id, label in options)
    return Post(CHAT, text, rows, screen=7, numbered=numbered)


def said(post: Post, abilities: Abilities = ZALO) -> list[str]:
    """Every message of a post that was put into plain words, as the channel says them one after the other."""
    texts: list[str] = []
    rest: Post | None = post
    while rest is not None:
        text, rest = next_part(rest, abilities)
        texts.append(text)
    return texts


def plain(post: Post, before: Shown | None = None) -> str:
    return degrade(post, ZALO, say, before=before).post.text


@given(WORDS, LABELS, st.booleans())
def test_parts_fit_and_say_every_word_in_order(text: str, labels: list[str], numbered: bool) -> None:
    small = replace(ZALO, longest_text=200)
    fitted = degrade(screen(text, labels, numbered=numbered), small, say).post
    texts = said(fitted, small)
    assert fitted.parts == len(texts)
    assert all(0 < length(part) <= 200 for part in texts)
    if len(texts) > 1:
        for number, part in enumerate(texts, 1):
            assert part.startswith(f"({number}/{len(texts)})\n")
        texts = [part.partition("\n")[2] for part in texts]
    spoken = " ".join(texts).split()
    assert spoken == fitted.text.split()
    assert spoken[: len(plain_text(text).split())] == html.unescape(re.sub("</?b>", "", text)).split()


@given(LABELS)
def test_every_choice_is_a_line_with_the_number_under_which_it_is_shown(labels: list[str]) -> None:
    found = plain(screen("Câu hỏi", labels))
    for number, label in enumerate(labels, 1):
        own = label.strip().replace(f" {number}. ", " ", 1) if f" {number}. " in label else label.strip()
        assert f"\n{number}. {own}\n" in found
    assert found.endswith(f"\n{len(labels) + 1}. Quay lại · {len(labels) + 2}. Hỏi người")


def test_a_word_is_cut_only_where_no_message_could_hold_it() -> None:
    small = replace(ZALO, longest_text=100)
    post = Post(CHAT, "ngắn " + "y" * 86 + " " + "z" * 150 + " hết")
    texts = [part.partition("\n")[2] for part in said(post, small)]
    assert texts[:2] == ["ngắn", "y" * 86]
    assert "".join(texts[2:]).replace(" ", "") == "z" * 150 + "hết"


def test_a_choice_is_not_cut_in_two() -> None:
    small = replace(ZALO, longest_text=120)
    labels = [f"Nhãn thứ {n}. Có hai câu" for n in range(12)]
    for part in said(degrade(screen("Hỏi", labels), small, say).post, small):
        assert all(re.search("Có hai câu$|Hỏi|chọn:|^\\(", line) for line in part.split("\n") if line)


def test_markup_goes_and_what_people_typed_stays() -> None:
    assert plain_text("<b>5 &lt; 7</b> &amp; <code>AB-1</code> &lt;b&gt;") == "5 < 7 & AB-1 <b>"


def test_where_numbers_are_answers_choices_are_words() -> None:
    found = plain(screen("Bao nhiêu phần trăm?", ["Để trống"], numbered=False))
    assert found.endswith("Hoặc gõ một trong các cụm từ sau:\n• Để trống\n• Quay lại  • Hỏi người")
    assert not re.search(r"\d", found)


def test_standing_buttons_stand_under_their_codes() -> None:
    buttons = tuple((Button(label, standing_data("later", label.lower())),) for label in ("Mai", "Kia"))
    marks = {row[0].data: f"B{n}" for n, row in enumerate(buttons, 1)}
    fitted = degrade(Post(CHAT, "Xin nhắc", buttons), ZALO, say, marks=marks).post
    assert fitted.text == "Xin nhắc\n\nĐồng chí gõ mã ở đầu dòng để chọn, ví dụ B1:\nB1. Mai\nB2. Kia"
    assert (fitted.buttons, fitted.parts) == ((), 1)


STATES = ["⬜ 1. Học", "⬜ 2. Đoàn kết", "⬜ 3. Kiểm tra", "⬜ 4. Tự học", "⬜ 5. Thi đua"]
LIST = "<b>Danh mục</b>\nChi bộ Một\n\nĐã xong {done}/5 việc.\n\n⬜ chưa · ✅ xong\n\nGõ 3 xong.\n\nCòn 30 ngày."


def test_of_the_same_screen_only_what_changed_is_said() -> None:
    before = degrade(screen(LIST.format(done=0), STATES), ZALO, say).shown
    now = [STATES[0], STATES[1], "✅ 3. Kiểm tra", *STATES[3:]]
    assert plain(screen("Đã ghi việc 3.\n\n" + LIST.format(done=1), now), before) == (
        "Đã ghi việc 3.\n\nĐã xong 1/5 việc.\n\n"
        "3. ✅ Kiểm tra\nCác mục khác như trên. Đồng chí gõ tiếp số từ 1 đến 7."
    )


def test_a_paragraph_is_said_whole_under_its_heading() -> None:
    above = "Câu 1\n\nViết vài câu.\nNhiều tin cũng được.\n\nĐã viết {count} ký tự:\nGiữ gìn đoàn kết."
    before = degrade(screen(above.format(count=17), ["Tiếp"]), ZALO, say).shown
    now = plain(screen(above.format(count=27) + "\nHọc tập.", ["Tiếp"]), before)
    assert "Đã viết 27 ký tự:\nGiữ gìn đoàn kết.\nHọc tập." in now
    assert "Viết vài câu." not in now


def test_what_is_said_of_the_last_answer_is_said_every_time() -> None:
    told = "Đã lưu.\n\n" + LIST
    before = degrade(screen(told.format(done=0), STATES), ZALO, say).shown
    assert plain(screen(told.format(done=1), STATES), before).startswith("Đã lưu.\n\nĐã xong 1/5 việc.")


@pytest.mark.parametrize(
    "now",
    [
        screen(LIST.format(done=0), STATES),  # nothing changed: it was asked for again
        screen("Câu khác hẳn\n\nHỏi điều khác", STATES),
        screen(LIST.format(done=1), STATES[:4]),  # other numbers
        screen(LIST.format(done=1).replace("\n\nCòn 30 ngày.", ""), STATES),  # something is gone
        screen(LIST.format(done=1), [label.replace("⬜", "✅") for label in STATES]),
    ],
)
def test_whatever_could_not_be_understood_is_said_whole(now: Post) -> None:
    before = degrade(screen(LIST.format(done=0), STATES), ZALO, say).shown
    assert plain(now, before) == plain(now)


def test_after_some_changes_the_whole_is_said_again() -> None:
    before, wholes = None, []
    for done in range(6):
        fitted = degrade(screen(LIST.format(done=done), STATES), ZALO, say, before=before)
        before = Shown.from_json(fitted.shown.to_json()) if fitted.shown else None
        wholes.append("30 ngày" in fitted.post.text)
    assert wholes == [True, False, False, False, True, False]


def test_a_document_goes_by_its_address_and_a_picture_too() -> None:
    document = Post(CHAT, "Bảng", file_name="a.xlsx", file=b"x", recipe="book", data={"rows": []})
    fitted = degrade(document, ZALO, say, linked=Linked("https://bot.example/tep/abc", 30)).post
    assert "https://bot.example/tep/abc" in fitted.text
    assert "30 phút" in fitted.text
    assert (fitted.file, fitted.recipe, fitted.data, fitted.file_name) == (None, None, None, None)
    picture = replace(document, picture=True)
    fitted = degrade(picture, ZALO, say, linked=Linked("https://bot.example/anh/abc", 30)).post
    assert (fitted.text, fitted.data, fitted.picture) == ("Bảng", {"url": "https://bot.example/anh/abc"}, True)
    lost = degrade(picture, ZALO, say, linked=Linked(None, 0)).post
    assert "a.xlsx chưa gửi được" in lost.text
    assert not lost.picture


def test_a_picture_comes_with_the_last_words_or_after_them() -> None:
    post = Post(CHAT, "chữ chữ chữ", picture=True, data={"url": "https://bot.example/anh/abc"})
    assert said(post) == ["chữ chữ chữ"]
    assert said(post, replace(ZALO, longest_caption=10)) == ["chữ chữ chữ", ""]
