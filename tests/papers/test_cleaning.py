"""What people paste, made fit for paper: every word stays, what cannot be shown goes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from handlers.papers.cleaning import is_marked, one_line, paragraphs


@pytest.mark.parametrize(
    ("pasted", "lines"),
    [
        ("Dòng một\x0bDòng hai\x0cTrang sau\rHết", ("Dòng một", "Dòng hai", "Trang sau", "Hết")),
        ("a\r\nb\u2028c\u2029d\x85e", ("a", "b", "c", "d", "e")),
        ("TT\tSản phẩm\tTiến độ\n1\tBài giảng\tĐúng hạn", ("TT | Sản phẩm | Tiến độ", "1 | Bài giảng | Đúng hạn")),
        (
            "Sản phẩm\x07Tiến độ\x07\x07Bài giảng\x07Đúng hạn\x07\x07",
            ("Sản phẩm | Tiến độ", "Bài giảng | Đúng hạn"),
        ),
        ("1.\tViệc một\n-\tViệc hai\n\tThụt vào", ("1. Việc một", "- Việc hai", "Thụt vào")),
        ("\uf0b7\tMục\uf0fc", ("• Mục✓",)),
        ("\u202eđảo\u202c \u200fphải\u2066 giữa\u2069", ("đảo phải giữa",)),
        ("không\u200brộng \ufeffdấu\u00ad mềm", ("khôngrộng dấu mềm",)),
        ("Gạch\x1enối, tuỳ\x1fchọn", ("Gạch-nối, tuỳchọn",)),
        ("tốt 👍🏽 cả nhà 👨‍👩‍👧 cờ 🇻🇳", ("tốt 👍🏽 cả nhà 👨‍👩‍👧 cờ 🇻🇳",)),
        ("nửa \ud83d\ude00 và \ud83d lẻ \udc00", ("nửa 😀 và lẻ",)),
        ("NUL\x00 ESC\x1b FFFE\ufffe FFFF\uffff ảnh\ufffc", ("NUL ESC FFFE FFFF ảnh",)),
        ("nhiều   khoảng\u00a0\u00a0trắng \u3000", ("nhiều khoảng trắng",)),
        ("e\u0302\u0301", ("ế",)),
        ("  \n\t\n \u200b ", ()),
        ("{{ x }} {% for %} <w:p/> &amp;", ("{{ x }} {% for %} <w:p/> &amp;",)),
    ],
)
def test_pasted_text(pasted: str, lines: tuple[str, ...]) -> None:
    assert paragraphs(pasted) == lines


def test_an_emoji_that_this_python_does_not_know_stays() -> None:
    assert paragraphs("\U0001fadf \U0001faf9") == ("\U0001fadf \U0001faf9",)


def test_a_name_is_one_line() -> None:
    assert one_line(" Nguyễn\tThị\n Ánh\x07  Nguyệt ") == "Nguyễn Thị Ánh Nguyệt"


def test_forty_thousand_letters_lose_none() -> None:
    text = "Chấp hành nghiêm chủ trương, đường lối.\n" * 1000
    assert len(text) == 40_000
    assert "\n".join(paragraphs(text)) == text.strip()


@pytest.mark.parametrize("line", ["- một", "• một", "1. một", "12) một", "+ một", "✓ xong"])
def test_an_item_with_a_mark_of_its_own(line: str) -> None:
    assert is_marked(line)


@pytest.mark.parametrize("line", ["một", "2026 là năm", "1.5 điểm", "-", "A. Phần"])
def test_an_item_without_one(line: str) -> None:
    assert not is_marked(line)


@given(st.text(alphabet=st.characters(codec=None), max_size=200))
@settings(max_examples=200, deadline=None)
def test_whatever_comes_xml_can_hold_it_and_cleaning_again_changes_nothing(text: str) -> None:
    lines = paragraphs(text)
    for line in lines:
        element = etree.Element("t")
        element.text = line  # raises where XML forbids a sign
        assert etree.fromstring(etree.tostring(element)).text == line
        assert paragraphs(line) == (line,)


@given(
    st.lists(st.text(alphabet="aăâbcdđeêghiklmnoôơpqrstuưvxyấậẩ0123456789.,", min_size=1, max_size=12), max_size=30)
)
def test_no_word_is_lost(words: list[str]) -> None:
    for between in (" ", "\n", "\x0b", "\x0c", "\u00a0", "\u2028"):
        assert " ".join(paragraphs(between.join(words))).split() == words
