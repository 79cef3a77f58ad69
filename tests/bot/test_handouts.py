"""Files by address, over real HTTP: what the right person gets, and what everybody else gets instead."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from yarl import URL

from bot.clock import Clock
from bot.download import Downloads
from bot.handouts import MOST_DOCUMENT, MOST_PICTURE, Handouts
from tests.bot.links import BOOK, FILE, IMAGE, NAME, Place, no_query, opened
from tests.stage import ZONE


@pytest.fixture
async def place(tmp_path: Path, unused_tcp_port: int) -> AsyncIterator[Place]:
    async with opened(tmp_path, unused_tcp_port) as found:
        yield found


async def test_a_person_gets_the_file_with_its_name_by_one_button(place: Place) -> None:
    url = await place.hand_out()
    status, page, answer = await place.ask(url)
    assert status == 200
    assert NAME.encode() in page
    assert "Người".encode() not in page
    assert b"<script" not in page
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    status, _, taken = await place.ask(url, "POST")
    assert status == 303
    status, body, file = await place.ask(str(taken.url.join(URL(taken.headers["Location"]))))
    assert (status, body) == (200, BOOK)
    assert file.content_disposition is not None
    assert file.content_disposition.type == "attachment"
    assert file.content_disposition.filename == NAME
    for one in (answer, taken, file):
        assert one.headers["Cache-Control"] == "no-store"
        assert one.headers["X-Content-Type-Options"] == "nosniff"
        assert one.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in one.headers["X-Robots-Tag"]
    assert await place.trail() == [("link.issued", ""), ("link.fetched", "")]
    assert place.counted("fetched_total{kind=document}") == 1


async def test_a_preview_robot_takes_nothing(place: Place) -> None:
    url = await place.hand_out()
    for _ in range(30):
        assert (await place.ask(url))[0] == 200
        status, body, _ = await place.ask(url, "HEAD")
        assert (status, body) == (200, b"")
    row = await place.row()
    assert (row.fetched, row.browser_hash) == (0, None)
    assert (await place.take(url))[:2] == (200, BOOK)


async def test_a_forwarded_link_is_worth_nothing_once_it_was_used(place: Place) -> None:
    url = await place.hand_out()
    status, body, mine = await place.take(url)
    assert (status, body) == (200, BOOK)
    ended = await place.ask(url + "x")
    for cookie in (None, "another", "x" * 500):
        assert (await place.take(url, cookie))[:2] == (404, ended[1])
    assert (await place.ask(url))[:2] == (404, ended[1]), "not even the file's name"
    assert (await place.take(url, mine))[:2] == (200, BOOK)
    assert (await place.trail()).count(("link.refused", "other_browser")) == 4


async def test_pressing_twice_at_once_is_one_browser(place: Place) -> None:
    url = await place.hand_out()
    _, _, page = await place.ask(url)
    mine = SimpleCookie(page.headers["Set-Cookie"])["chibo_tep"]
    assert mine["httponly"]
    assert mine["samesite"] == "Lax"
    assert mine["path"] == urlsplit(url).path
    taken = await asyncio.gather(*(place.take(url, mine.value) for _ in range(3)))
    assert [(status, body) for status, body, _ in taken] == [(200, BOOK)] * 3


async def test_of_two_browsers_at_once_one_gets_it(place: Place) -> None:
    url = await place.hand_out()
    taken = await asyncio.gather(*(place.take(url, f"browser{n}") for n in range(6)))
    assert sorted(status for status, _, _ in taken) == [200, 404, 404, 404, 404, 404]


async def test_the_downloader_of_a_telephone_asks_again_without_the_cookie(place: Place) -> None:
    url = await place.hand_out()
    _, _, taken = await place.ask(url, "POST")
    file = str(taken.url.join(URL(taken.headers["Location"])))
    assert [(await place.ask(file))[:2] for _ in range(2)] == [(200, BOOK)] * 2
    place.later(2.1)
    assert (await place.ask(file))[0] == 404, "and not for long"
    assert (await place.ask(url + "x/" + file.rpartition("/")[2]))[0] == 404


async def test_after_so_many_fetches_it_ends(place: Place) -> None:
    url = await place.hand_out()
    _, _, taken = await place.ask(url, "POST")
    file = str(taken.url.join(URL(taken.headers["Location"])))
    for _ in range(3):
        status, body, head = await place.ask(file, "HEAD")
        assert (status, body, head.headers["Content-Length"]) == (200, b"", str(len(BOOK)))
    answers = await asyncio.gather(*(place.ask(file) for _ in range(MOST_DOCUMENT + 3)))
    assert sorted(status for status, _, _ in answers) == [200] * MOST_DOCUMENT + [404] * 3
    assert (await place.row()).fetched == MOST_DOCUMENT
    assert (await place.trail()).count(("link.refused", "used_up")) == 3


async def test_a_picture_goes_to_the_messengers_server_directly(place: Place) -> None:
    url = await place.hand_out(IMAGE)
    assert "/anh/" in url
    status, body, answer = await place.ask(url)
    assert (status, body, answer.content_type) == (200, IMAGE.file, "image/png")
    assert answer.content_disposition is not None
    assert answer.content_disposition.type == "inline"
    assert (await place.ask(url, "POST"))[0] == 405
    assert (await place.ask(url, "HEAD"))[0] == 200
    for _ in range(MOST_PICTURE - 1):
        assert (await place.ask(url))[0] == 200
    assert (await place.ask(url))[0] == 404


async def test_a_picture_that_is_none_is_never_shown(place: Place) -> None:
    url = await place.hand_out(replace(IMAGE, file=b"<script>alert(1)</script>", file_name="x.svg"))
    _, _, answer = await place.ask(url)
    assert answer.content_type == "application/octet-stream"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


async def test_a_name_cannot_break_out_of_the_page_or_the_header(place: Place) -> None:
    name = 'a"\r\nSet-Cookie: x=1\r\n<img src=x onerror=alert(1)>.xlsx'
    url = await place.hand_out(replace(FILE, file_name=name))
    _, page, _ = await place.ask(url)
    assert b"<img" not in page
    _, _, taken = await place.ask(url, "POST")
    _, _, file = await place.ask(str(taken.url.join(URL(taken.headers["Location"]))))
    assert "Set-Cookie" not in file.headers
    assert file.content_disposition is not None
    assert file.content_disposition.filename == name


def tampered(token: str) -> list[str]:
    """Every letter of a token changed, one at a time; ends cut and lengthened; halves swapped."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    found = [token[:-1], token[1:], token + "A", "A" + token, token + "=", token.upper(), token[::-1]]
    found += [token.replace(".", ""), token.replace(".", ".."), ".".join(reversed(token.split(".")))]
    found += [token.partition(".")[0], token.partition(".")[0] + ".", "." + token.partition(".")[2]]
    for at, letter in enumerate(token):
        place = letters.find(letter)
        others = (letters[place ^ 1], letters[(place + 7) % 64]) if place >= 0 else ("-",)
        found += [token[:at] + other + token[at + 1 :] for other in others]
    return [one for one in found if one != token]


async def test_a_token_with_anything_changed_is_refused_without_a_query(place: Place) -> None:
    document, picture = await place.hand_out(), await place.hand_out(IMAGE, 2)
    d, p = document.rpartition("/")[2], picture.rpartition("/")[2]
    guesses = ["A" * 24, "A" * 24 + "." + "A" * 43, "1", "x" * 5000, "đồng-chí", "%00", "1' OR 1=1--"]
    async with no_query(place) as said:
        words = set()
        for token in [*tampered(d)[:60], *tampered(d)[-20:], *guesses, p]:
            for method in ("GET", "POST"):
                status, body, answer = await place.ask(f"{place.url}/tep/{token}", method)
                assert status == 404, token
                words.add((body, answer.headers.get("Set-Cookie")))
        for token in [*tampered(p)[-30:], *guesses, d]:
            assert (await place.ask(f"{place.url}/anh/{token}"))[0] == 404, token
        assert said == []
    assert len(words) == 1
    assert place.counted("refused_total{reason=signature}") > 200
    assert (await place.take(document))[:2] == (200, BOOK)
    async with no_query(place) as said:
        await place.ask(document)
    assert said, "the spy sees what there is"


async def test_every_letter_of_a_token_counts(place: Place) -> None:
    token = (await place.hand_out()).rpartition("/")[2]
    assert len(token.partition(".")[0]) * 6 >= 128
    for guess in tampered(token):
        assert not place.handouts._is_ours(guess, picture=False), guess


@pytest.mark.parametrize(
    "path",
    [
        *("/tep", "/tep/", "/tep//", "/tep/./", "/tep/*", "/anh", "/anh/", "/anh/?C=M;O=A"),
        *("/tep/..%2f..%2fetc%2fpasswd", "/tep/%2e%2e/healthz/x", "/tep/%00", "/tep/..%5c..%5cboot.ini"),
        "/anh/..%2f..%2f..%2fetc%2fpasswd",
    ],
)
async def test_there_is_no_directory_and_no_way_out_of_it(place: Place, path: str) -> None:
    await place.hand_out()
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(place.url).port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 404")
    assert NAME.encode() not in answer
    assert b"root:" not in answer


async def test_huge_bodies_cost_little(place: Place) -> None:
    url = await place.hand_out()
    assert (await place.ask(url, "POST", data=b"x" * 5000))[0] == 413
    bomb = gzip.compress(bytes(50_000_000))
    assert (await place.ask(url, "POST", data=bomb, headers={"Content-Encoding": "gzip"}))[0] == 413
    began = asyncio.get_running_loop().time()
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(place.url).port)
    writer.write(f"POST {urlsplit(url).path}x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
    assert b" 404 " in await reader.readline()
    with suppress(ConnectionError):
        while asyncio.get_running_loop().time() - began < 15:
            writer.write(b"10000\r\n" + bytes(0x10000) + b"\r\n")
            await writer.drain()
            await asyncio.sleep(0.005)
    assert asyncio.get_running_loop().time() - began < 2, "whoever goes on sending is cut off"
    writer.close()
    assert (await place.take(url))[:2] == (200, BOOK)


async def test_below_a_path_the_cookie_and_the_button_keep_to_it(tmp_path: Path, unused_tcp_port: int) -> None:
    async with opened(tmp_path, unused_tcp_port, below="/chibo") as place:
        url = await place.hand_out()
        assert urlsplit(url).path.startswith("/chibo/tep/")
        _, _, taken = await place.ask(url.replace("/chibo", ""), "POST")
        assert SimpleCookie(taken.headers["Set-Cookie"])["chibo_tep"]["path"] == urlsplit(url).path
        assert not taken.headers["Location"].startswith(("/", "http"))


async def test_over_https_the_cookie_is_secure(place: Place) -> None:
    files = Downloads(Handouts(place.database, Clock(), place.metrics, "https://bot.example.org", 30), ZONE)
    assert files._secure
