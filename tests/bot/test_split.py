import re

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.split import length, split_html

TEXT = st.lists(
    st.sampled_from(["Một câu dài. ", "chữ ", "\n", "\n\n", "<b>đậm</b> ", "<i>", "</i>", "😀", "&amp;", "x" * 90]),
    max_size=120,
).map("".join)


def _balanced(html: str) -> str:
    """Close what the strategy left open and drop what it closed without opening."""
    depth, out = 0, []
    for piece in re.split(r"(</?i>)", html):
        if piece == "<i>":
            if depth:
                continue
            depth += 1
        elif piece == "</i>":
            if not depth:
                continue
            depth -= 1
        out.append(piece)
    return "".join(out) + "</i>" * depth


@given(TEXT.map(_balanced))
def test_parts_fit_are_well_formed_and_lose_no_word(html: str) -> None:
    parts = split_html(html, 200)
    for part in parts:
        assert length(part) <= 200
        for tag in ("b", "i"):
            assert part.count(f"<{tag}>") == part.count(f"</{tag}>")
    joined = re.sub(r"<[^>]*>|\s", "", "".join(parts))
    assert joined == re.sub(r"<[^>]*>|\s", "", html)


def test_a_short_text_is_left_alone() -> None:
    assert split_html("<b>ngắn</b>", 4096) == ["<b>ngắn</b>"]


def test_four_thousand_emoji_are_cut_between_two_of_them() -> None:
    parts = split_html("😀" * 4096, 4096)
    assert "".join(parts) == "😀" * 4096
    assert all(length(part) <= 4096 for part in parts)
