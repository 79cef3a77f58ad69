"""Texts and captions: lengths after parsing, HTML in and out, found entities."""

import pytest

from bot.simulator.entities import piece, with_found
from bot.simulator.replies import Upload
from tests.simulator.conftest import Stage

LONG = "Bad Request: message is too long"
BROKEN = "Bad Request: can't parse entities: "


@pytest.mark.parametrize(
    ("text", "mode", "words"),
    [
        ("a" * 4096, None, None),
        ("a" * 4097, None, LONG),
        ("ế" * 4096, None, None),
        ("😀" * 2048, None, None),
        ("😀" * 2048 + "a", None, LONG),
        ("<b>" + "a" * 4096 + "</b>", "HTML", None),
        ("&lt;" * 4096, "HTML", None),
        ("&lt;" * 4097, "HTML", LONG),
        ("", None, "Bad Request: message text is empty"),
        ("  \n ", None, "Bad Request: text must be non-empty"),
        ("<b></b>", "HTML", "Bad Request: text must be non-empty"),
        ("a" * 40_000, None, "Bad Request: text is too long"),
        ("*a*", "MarkdownV2", "Bad Request: unsupported parse_mode (the simulator knows HTML only)"),
    ],
)
def test_length_of_text(stage: Stage, text: str, mode: str | None, words: str | None) -> None:
    status, result = stage.call("sendMessage", chat_id=stage.user, text=text, parse_mode=mode)
    assert (status, result if words else None) == ((400, words) if words else (200, None))


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<h1>a</h1>", 'Unsupported start tag "h1" at byte offset 0'),
        ("ế <p>", 'Unsupported start tag "p" at byte offset 4'),
        ("5 < 6", 'Unsupported start tag "" at byte offset 2'),
        ("<br/>", 'Unsupported start tag "br/" at byte offset 0'),
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b><i>a</i>", 'Can\'t find end tag corresponding to start tag "b"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b>a</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<a href", 'Unclosed start tag "a" at byte offset 0'),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<a =x>a</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<a href=x/y>a</a>", "Unexpected end of name token at byte offset 8"),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<tg-emoji emoji-id='x'>a</tg-emoji>", "Invalid custom emoji identifier specified"),
    ],
)
def test_broken_html_is_refused(stage: Stage, html: str, words: str) -> None:
    assert stage.call("sendMessage", chat_id=stage.user, text=html, parse_mode="HTML") == (400, BROKEN + words)


@pytest.mark.parametrize(
    ("html", "text", "entities"),
    [
        ("<b>Chào</b> bạn", "Chào bạn", [("bold", 0, 4)]),
        ("😀<i>a</i>", "😀a", [("italic", 2, 1)]),
        ("<B>a<I>b</I></B>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        ("a &lt;b&gt; &amp; &quot;c&quot; &nbsp; &#225; &#xE1;", 'a <b> & "c" &nbsp; á á', []),
        ("<u>a</u><s>b</s><code>c</code>", "abc", [("underline", 0, 1), ("strikethrough", 1, 1), ("code", 2, 1)]),
        ("<blockquote expandable>a</blockquote>", "a", [("expandable_blockquote", 0, 1)]),
        ('<span class="tg-spoiler">a</span>', "a", [("spoiler", 0, 1)]),
        ('<pre><code class="language-py">a</code></pre>', "a", [("pre", 0, 1)]),
        ("  <b>a</b>  ", "a", [("bold", 0, 1)]),
        # Trimming stops at the first entity.
        ("<b> a </b>", " a", [("bold", 0, 2)]),
        ('<a href="https://a.vn/?x=1&amp;y=2">a</a>', "a", [("text_link", 0, 1)]),
        ("<a href='tel'>a</a>", "a", []),
        ("/menu và t.me/x?start=1.", "/menu và t.me/x?start=1.", [("bot_command", 0, 5), ("url", 9, 14)]),
    ],
)
def test_html_becomes_entities(stage: Stage, html: str, text: str, entities: list[tuple[str, int, int]]) -> None:
    body = stage.sent(html, parse_mode="HTML")
    found = [(e["type"], e["offset"], e["length"]) for e in body.get("entities", [])]
    assert (body["text"], found) == (text, entities)


def test_link_keeps_its_address(stage: Stage) -> None:
    body = stage.sent('<a href="https://a.vn/?x=1&amp;y=2">a</a>', parse_mode="HTML")
    assert body["entities"][0]["url"] == "https://a.vn/?x=1&y=2"


def test_entities_given_by_the_bot(stage: Stage) -> None:
    mark = {"type": "bold", "offset": 0, "length": 2}
    assert stage.sent("ab", entities=[mark])["entities"] == [mark]
    status, words = stage.call("sendMessage", chat_id=stage.user, text="ab", entities=[mark | {"length": 3}])
    assert (status, words) == (
        400,
        "Bad Request: entity beginning at UTF-16 offset 0 ends after the end of the text",
    )


def test_caption_limit(stage: Stage) -> None:
    file = Upload("a.txt", b"a", "text/plain")
    assert stage.call("sendDocument", chat_id=stage.user, document=file, caption="ế" * 1024)[0] == 200
    refused = stage.call("sendDocument", chat_id=stage.user, document=file, caption="ế" * 1025)
    assert refused == (400, "Bad Request: message caption is too long")


def test_found_entities_count_in_utf16() -> None:
    marks = with_found("😀 /menu @chi_bo_demo_bot", [])
    assert [(m["type"], m["offset"], m["length"]) for m in marks] == [("bot_command", 3, 5), ("mention", 9, 16)]
    assert piece("😀 /menu", marks[0]) == "/menu"
