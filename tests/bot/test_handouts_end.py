"""How files by address end: in time, by revocation, by a restart not at all; and what is left of them."""

import logging
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, update
from structlog.testing import capture_logs
from yarl import URL

from bot.clock import Clock
from bot.handouts import MOST_DOCUMENT, Handouts
from bot.simulator.driver import Driver
from storage import handouts, tables
from storage.handouts import TOLD_REFUSALS
from storage.records import Address, MemberId, Post, PostId
from tests.bot.links import BOOK, FILE, LAN, MINH, NAME, Place, no_query, opened, people
from tests.program import running, settings_for


@pytest.fixture
async def place(tmp_path: Path, unused_tcp_port: int) -> AsyncIterator[Place]:
    async with opened(tmp_path, unused_tcp_port) as found:
        yield found


def end_by_expiry(place: Place, _: Connection) -> None:
    place.later(31)


def end_by_revocation(_: Place, tx: Connection) -> None:
    assert handouts.revoke_for(tx, LAN, datetime.now(UTC)) == 1


def end_by_member(_: Place, tx: Connection) -> None:
    assert handouts.revoke_for(tx, MINH, datetime.now(UTC)) == 0
    assert handouts.revoke_for(tx, MemberId(2), datetime.now(UTC)) == 0
    assert handouts.revoke_for(tx, MemberId(1), datetime.now(UTC)) == 1
    assert handouts.revoke_for(tx, MemberId(1), datetime.now(UTC)) == 0


def end_by_use(_: Place, tx: Connection) -> None:
    tx.execute(update(tables.handouts).values(fetched=MOST_DOCUMENT))


def end_by_loss(_: Place, tx: Connection) -> None:
    tx.execute(tables.handouts.delete())


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (end_by_expiry, "expired"),
        (end_by_revocation, "revoked"),
        (end_by_member, "revoked"),
        (end_by_use, "used_up"),
        (end_by_loss, "unknown"),
    ],
)
async def test_whatever_ended_looks_alike_from_outside(
    place: Place, end: Callable[[Place, Connection], None], reason: str
) -> None:
    url = await place.hand_out()
    _, _, taken = await place.ask(url, "POST")
    file = str(taken.url.join(URL(taken.headers["Location"])))
    mark = SimpleCookie(taken.headers["Set-Cookie"])["chibo_tep"].value
    await place.database.write(lambda tx: end(place, tx))
    _, wrong, headers = await place.ask(f"{place.url}/tep/wrong")
    seen = [await place.ask(url), await place.ask(url, "POST", headers={"Cookie": f"chibo_tep={mark}"})]
    seen.append(await place.ask(file))
    for status, body, answer in seen:
        assert (status, body) == (404, wrong)
        assert {k: v for k, v in answer.headers.items() if k != "Date"} == {
            k: v for k, v in headers.headers.items() if k != "Date"
        }
    assert b"tong hop" in wrong
    assert place.counted(f"refused_total{{reason={reason}}}") >= 2
    if reason != "unknown":
        assert ("link.refused", reason) in await place.trail()
    if reason == "revoked":
        row = await place.row()
        assert row.content is None, "the bytes go at once"
        assert ("link.revoked", "") in await place.trail()


async def test_the_trail_is_not_a_strangers_to_fill(place: Place) -> None:
    url = await place.hand_out()
    place.later(31)
    for _ in range(TOLD_REFUSALS + 15):
        await place.ask(url)
    assert (await place.trail()).count(("link.refused", "expired")) == TOLD_REFUSALS
    assert place.counted("refused_total{reason=expired}") == TOLD_REFUSALS + 15


async def test_a_post_sent_again_has_the_same_address_and_it_works(place: Place) -> None:
    url = await place.hand_out()
    _, body, mine = await place.take(url)
    place.later(25)
    assert await place.hand_out() == url
    place.later(50)
    assert (await place.take(url, mine))[1] == body == BOOK
    place.later(70)
    await place.handouts.purge()
    assert (await place.take(url, mine))[0] == 404
    assert await place.hand_out() == url, "one that waited long for its messenger"
    assert (await place.take(url, mine))[1] == BOOK
    assert await place.hand_out(number=2) != url
    assert [what for what, _ in await place.trail()].count("link.issued") == 2


async def test_a_revoked_address_does_not_come_back_with_its_post(place: Place) -> None:
    url = await place.hand_out()
    assert await place.database.write(lambda tx: handouts.revoke_one(tx, PostId(1), MemberId(1), datetime.now(UTC)))
    assert await place.hand_out() == url
    assert (await place.take(url))[0] == 404
    assert (await place.row()).content is None


async def test_nobody_is_given_what_is_anothers(place: Place) -> None:
    def give(post: Post) -> Callable[[Connection], str | None]:
        return lambda tx: place.handouts.hand_out(tx, PostId(9), post, datetime.now(UTC))

    assert await place.database.write(give(replace(FILE, member_id=MemberId(2)))) is None
    assert await place.database.write(give(replace(FILE, address=Address("zalo", "nobody")))) is None
    assert await place.database.write(give(replace(FILE, file=None))) is None
    url = await place.hand_out()
    for member in (2, 1):
        mine = member == 1
        found = await place.database.write(
            partial(handouts.revoke_one, post_id=PostId(1), member=MemberId(member), now=datetime.now(UTC))
        )
        assert found is mine
    assert (await place.ask(url))[0] == 404


async def test_without_an_address_from_outside_there_is_none(place: Place) -> None:
    files = Handouts(place.database, Clock(), place.metrics, None, 30)
    assert await place.database.write(lambda tx: files.hand_out(tx, PostId(1), FILE, datetime.now(UTC))) is None


async def test_a_restart_ends_no_link_and_frees_none(tmp_path: Path, unused_tcp_port: int) -> None:
    async with opened(tmp_path, unused_tcp_port) as place:
        fresh, used = await place.hand_out(), await place.hand_out(number=2)
        mine = (await place.take(used))[2]
    async with opened(tmp_path, unused_tcp_port) as place:
        assert (await place.take(fresh))[:2] == (200, BOOK)
        assert (await place.take(used))[0] == 404
        assert (await place.take(used, mine))[:2] == (200, BOOK)
        assert await place.hand_out() == fresh


async def test_another_installation_knows_none_of_our_tokens(tmp_path: Path, unused_tcp_port: int) -> None:
    (tmp_path / "other").mkdir()
    async with opened(tmp_path, unused_tcp_port) as place:
        url = await place.hand_out()
    async with opened(tmp_path / "other", unused_tcp_port) as place:
        await place.hand_out()
        async with no_query(place) as said:
            assert (await place.ask(url))[0] == 404
        assert said == []


async def test_what_expired_is_purged_and_then_forgotten(place: Place) -> None:
    await place.hand_out()
    place.later(20)
    await place.hand_out(number=2)
    place.later(31)
    await place.handouts.purge()
    assert (await place.row(1)).content is None
    assert (await place.row(2)).content == BOOK
    place.later(60 * 24 * 31)
    await place.handouts.purge()
    assert await place.row(1) is None
    assert [what for what, _ in await place.trail()] == ["link.issued", "link.issued"], "the trail stays"


async def test_no_token_and_no_name_stands_in_any_log(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with capture_logs() as lines:
        url = await place.hand_out()
        await place.take(url)
        await place.take(url)
        await place.ask(url + "x")
        place.later(31)
        await place.ask(url)
        await place.handouts.purge()
    said = repr(lines) + caplog.text
    token = url.rpartition("/")[2]
    assert "links purged" in said
    assert token not in said
    assert token.partition(".")[0] not in said
    kept = await place.database.read(lambda tx: repr(tx.execute(select(tables.audit)).all()))
    assert token.partition(".")[0] not in kept
    assert NAME not in kept
    row = await place.row()
    assert token.partition(".")[0] not in repr(row)


async def test_while_the_database_is_locked_the_page_says_later(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database._PATIENCE", 100)
    url = await place.hand_out()
    with closing(sqlite3.connect(tmp_path / "bot.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        status, body, answer = await place.ask(url, "POST")
        assert (status, answer.headers["Retry-After"]) == (503, "10")
        assert "thử lại sau ít phút".encode() in body
        assert (await place.ask(url + "x", "POST"))[0] == 404
    assert (await place.take(url))[:2] == (200, BOOK)


async def test_the_program_serves_purges_and_has_them_only_with_an_address(
    driver: Driver, tmp_path: Path, unused_tcp_port: int
) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    listen = f"127.0.0.1:{unused_tcp_port}"
    kept = ""
    for public in (url, None):
        with_links = settings_for(tmp_path, driver.address, bot_listen=listen, bot_public_url=public)
        async with running(with_links) as program:
            if public is not None:
                await program.database.write(people)
            now = program.clock.now()
            give = partial(program.handouts.hand_out, post_id=PostId(1), post=FILE, now=now)
            found = await program.database.write(give)
            assert (found is None) is (public is None)
            kept = found or kept
            async with driver.session.get(kept) as answer:
                assert answer.status == (404 if public is None else 200)
                assert ("text/html" in answer.headers["Content-Type"]) is (public is not None)
            async with driver.session.get(url + "/healthz") as answer:
                assert (await answer.json())["ok"]
            assert program._scheduler.get_job("links") is not None
