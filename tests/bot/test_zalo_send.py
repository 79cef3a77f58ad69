"""What goes out to Zalo and what comes of it: the real channel over HTTP, every way in which a call can end."""

import logging
import socket

import pytest
import structlog
from aiohttp import web

from bot.channels.contract import DeliveryError
from bot.channels.zalo import ZaloChannel, client
from storage.records import Address, DeliveryTrouble, Post
from tests.bot.test_transport import FAULTS, server, whole_chain
from tests.bot.zalo_platform import TOKEN, WRONG_TOKEN, Platform, serving

SECRET = "never-to-be-seen"
HIM = Address("zalo", "c1")
POST = Post(HIM, "Chào", parts=1)


async def failure(address: str, post: Post = POST) -> DeliveryError:
    """How sending fails; the channel is opened as far as its connections only, for nobody answers getMe."""
    channel = ZaloChannel(TOKEN, address)
    await channel._client.open()
    try:
        with pytest.raises(DeliveryError) as found:
            await channel.send(post)
    finally:
        await channel.close()
    return found.value


async def refused(*answers: object, method: str = "sendMessage") -> DeliveryError:
    async with serving(Platform()) as platform:
        platform.answers[method].extend(answers)
        return await failure(platform.address)


# Zalo's answer to some calls is no more than "ok".
@pytest.mark.parametrize("fault", sorted(FAULTS.keys() - {"no result"}))
async def test_a_fault_on_the_way_passes_and_tells_nobody_the_token(
    fault: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(client, "_READ_SECONDS", 0.2)
    monkeypatch.setattr(client, "_TRANSFER_SECONDS", 0.2)
    monkeypatch.setattr(client, "_CONNECT_SECONDS", 0.2)
    caplog.set_level(logging.INFO)
    async with server(FAULTS[fault]) as address:
        error = await failure(f"{address}/zalo")
    assert error.retry_after is not None
    assert error.trouble is None
    assert not error.everywhere
    assert SECRET not in whole_chain(error)
    assert SECRET not in caplog.text
    assert "Chao" not in caplog.text, "no body of an answer in a log"


async def test_nobody_there_and_no_such_name() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
        for address in (nobody, "http://no-such-name.invalid", f"http://[{SECRET}"):
            error = await failure(address)
            assert error.retry_after is not None
            assert not error.lost, "the call never went out"
            assert SECRET not in whole_chain(error)


async def test_a_redirect_is_not_followed() -> None:
    asked: list[str] = []

    async def elsewhere(request: web.Request) -> web.Response:
        asked.append(request.path)
        raise web.HTTPTemporaryRedirect("/elsewhere")

    app = web.Application()
    app.router.add_post("/{any:.*}", elsewhere)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    error = await failure(f"http://127.0.0.1:{runner.addresses[0][1]}")
    await runner.cleanup()
    assert error.retry_after is not None
    assert asked == [f"/bot{TOKEN}/sendMessage"]


@pytest.mark.parametrize("status", [200, 403])
@pytest.mark.parametrize(
    ("code", "words", "trouble"),
    [
        (403, "Forbidden: bot was blocked by the user", DeliveryTrouble.BLOCKED),
        (400, "User has blocked this bot", DeliveryTrouble.BLOCKED),
        (403, "Người dùng đã chặn bot", DeliveryTrouble.BLOCKED),
        (403, "user is deactivated", DeliveryTrouble.DEACTIVATED),
        (403, "user has not interacted with the bot", DeliveryTrouble.NEVER_STARTED),
        (400, "Bad Request: chat not found", DeliveryTrouble.CHAT_GONE),
        (404, "chat_id does not exist", DeliveryTrouble.CHAT_GONE),
        (400, "invalid chat_id", DeliveryTrouble.CHAT_GONE),
        (400, "text must be 1 to 2000 characters", None),
        (413, "too large", None),
    ],
)
async def test_what_zalo_refuses_for_good(
    status: int, code: int, words: str, trouble: DeliveryTrouble | None
) -> None:
    error = await refused((status, {"ok": False, "error_code": code, "description": words}))
    assert error.retry_after is None
    assert error.trouble is trouble
    assert not error.everywhere


@pytest.mark.parametrize(
    "answer",
    [
        {"ok": False, "error_code": 403, "description": "Internal server error"},
        {"ok": False, "error_code": 403, "description": "IP has been blocked"},
        {"ok": False, "error_code": 408, "description": "Request timeout"},
        {"ok": False, "error_code": 500},
        {"ok": False, "error_code": -216, "description": "what nobody has documented"},
        {"ok": False},
        {"ok": False, "error_code": True},
        (503, {"ok": False, "description": "Service Unavailable"}),
        (500, {"ok": True, "result": {}}),
        (400, {"message": "a proxy's own"}),
    ],
)
async def test_what_passes_is_tried_again(answer: object) -> None:
    error = await refused(answer)
    assert error.retry_after == 1
    assert error.trouble is None
    assert not error.everywhere


@pytest.mark.parametrize("answer", [WRONG_TOKEN, (401, b"Unauthorized"), (401, {"message": "who are you?"})])
async def test_a_refused_token_stops_everything_and_is_not_repeated(answer: object) -> None:
    error = await refused(answer)
    assert (error.retry_after, error.everywhere) == (30, True)
    assert SECRET not in whole_chain(error)


async def test_a_bare_404_is_the_chats_or_the_bots() -> None:
    gone = {"ok": False, "error_code": 404, "description": "Not Found"}
    assert (await refused(gone)).trouble is DeliveryTrouble.CHAT_GONE
    async with serving(Platform()) as platform:
        platform.answers["sendMessage"].append(gone)
        platform.answers["getMe"].append(gone)
        error = await failure(platform.address)
    assert error.everywhere
    assert error.trouble is None


@pytest.mark.parametrize(
    ("more", "seconds"), [({}, 10), ({"parameters": {"retry_after": 17}}, 17), ({"retry_after": 2.5}, 2.5)]
)
async def test_a_429_waits(more: dict[str, object], seconds: float) -> None:
    error = await refused({"ok": False, "error_code": 429, "description": "Quota exceeded", **more})
    assert (error.retry_after, error.too_many, error.everywhere) == (seconds, True, False)


async def test_words_of_the_server_come_on_one_line_and_without_the_token() -> None:
    words = f"bad request\nat /bot{TOKEN}/sendMessage {SECRET} " + "x" * 5000
    error = await refused({"ok": False, "error_code": 400, "description": words})
    assert SECRET not in whole_chain(error)
    assert "\n" not in str(error)
    assert len(str(error)) < 300


async def test_a_text_is_one_call_and_says_when_it_came() -> None:
    async with serving(Platform()) as platform:
        channel = ZaloChannel(TOKEN, platform.address)
        await channel.open()
        sent = await channel.send(POST)
        await channel.show_typing(HIM)
        await channel.close()
    assert (sent.ref, sent.rest) == ("m1", None)
    assert sent.at is not None
    assert sent.at.isoformat() == "2025-06-11T09:03:57.199000+00:00"
    assert platform.of("sendMessage") == [{"chat_id": "c1", "text": "Chào"}]
    assert platform.of("sendChatAction") == [{"chat_id": "c1", "action": "typing"}]
    assert channel.username == "Bot Chi bộ"


@pytest.mark.parametrize("result", [None, "m1", {}, {"message_id": ["x"], "date": "soon"}])
async def test_an_odd_answer_of_one_who_took_it_is_no_failure(result: object) -> None:
    async with serving(Platform()) as platform:
        platform.answers["sendMessage"].append({"ok": True, "result": result})
        channel = ZaloChannel(TOKEN, platform.address)
        await channel.open()
        sent = await channel.send(POST)
        await channel.close()
    assert (sent.ref, sent.rest, sent.at) == (None, None, None)


async def test_a_long_text_goes_out_a_part_a_call_and_a_refusal_repeats_none() -> None:
    async with serving(Platform()) as platform:
        channel = ZaloChannel(TOKEN, platform.address)
        await channel.open()
        rest: Post | None = Post(HIM, "Một câu rõ ràng. " * 300, parts=3)
        while rest is not None:
            if len(platform.of("sendMessage")) == 1:
                platform.answers["sendMessage"].append({"ok": False, "error_code": 429, "description": "Quota"})
                with pytest.raises(DeliveryError):
                    await channel.send(rest)
            rest = (await channel.send(rest)).rest
        await channel.close()
    texts = [given["text"] for given in platform.of("sendMessage")]
    assert len(texts) == 4
    assert texts[1] == texts[2], "the one that was refused comes again, and no other"
    assert all(len(text.encode("utf-16-le")) <= 4000 for text in texts)
    assert "".join(texts[:1] + texts[2:]).count("Một câu rõ ràng.") == 300


async def test_pictures_go_by_address_menus_not_at_all_and_files_never() -> None:
    picture = Post(HIM, "Biểu đồ", picture=True, data={"url": "https://bot.example.org/anh/1"}, parts=1)
    async with serving(Platform()) as platform:
        channel = ZaloChannel(TOKEN, platform.address)
        await channel.open()
        assert (await channel.send(picture)).ref == "m1"
        await channel.send(Post(HIM, "", picture=True, data={"url": "https://x.test/2"}, parts=1))
        assert (await channel.send(Post(HIM, "", menu=(("menu", "Menu"),)))).ref is None
        for wrong in (Post(HIM, "Tệp", file=b"PK", file_name="a.xlsx"), Post(HIM, "", parts=1)):
            with pytest.raises(DeliveryError) as error:
                await channel.send(wrong)
            assert (error.value.retry_after, error.value.trouble) == (None, None)
        await channel.close()
    assert platform.of("sendPhoto") == [
        {"chat_id": "c1", "photo": "https://bot.example.org/anh/1", "caption": "Biểu đồ"},
        {"chat_id": "c1", "photo": "https://x.test/2"},
    ]
    assert platform.of("sendMessage") == []


async def test_typing_never_fails_and_there_is_nothing_to_acknowledge() -> None:
    async with serving(Platform()) as platform:
        platform.answers["sendChatAction"].extend([WRONG_TOKEN, b"<html>"])
        channel = ZaloChannel(TOKEN, platform.address)
        await channel.open()
        with structlog.testing.capture_logs() as logs:
            await channel.show_typing(HIM)
            await channel.show_typing(HIM)
        await channel.acknowledge("q", "toast")
        await channel.close()
    assert SECRET not in str(logs)
    assert channel.invite_link("ABC") is None
    assert not channel.abilities.all


async def test_a_wrong_token_is_told_at_the_start() -> None:
    async with serving(Platform()) as platform:
        channel = ZaloChannel("1:somebody-else-s", platform.address)
        with pytest.raises(DeliveryError) as error:
            await channel.open()
        await channel.close()
    assert error.value.everywhere
    assert "somebody-else" not in whole_chain(error.value)


@pytest.mark.parametrize(("me", "name"), [({"account_name": "bot.x"}, "bot.x"), ({"id": "9"}, "9"), ([], "")])
async def test_a_name_is_found_whatever_is_told(me: object, name: str) -> None:
    async with serving(Platform()) as platform:
        platform.answers["getMe"].append({"ok": True, "result": me})
        channel = ZaloChannel(TOKEN, platform.address)
        await channel.open()
        await channel.close()
    assert channel.username == name


async def test_evidence_is_fetched_within_bounds() -> None:
    async def small(_: web.Request) -> web.Response:
        return web.Response(body=b"anh")

    async def large(_: web.Request) -> web.Response:
        return web.Response(body=b"x" * (5 * 1024 * 1024 + 1))

    async def leads(request: web.Request) -> web.Response:
        raise web.HTTPFound(request.query["to"])

    app = web.Application()
    app.router.add_get("/small", small)
    app.router.add_get("/large", large)
    app.router.add_get("/leads", leads)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    there = f"http://127.0.0.1:{runner.addresses[0][1]}"
    here, outside = ZaloChannel(TOKEN, there), ZaloChannel(TOKEN, "https://bot-api.zaloplatforms.com")
    await here._client.open()
    await outside._client.open()
    try:
        assert await here.fetch(f"{there}/small") == b"anh"
        assert await here.fetch(f"{there}/leads?to=/small") == b"anh"
        for address in (
            f"{there}/large",
            f"{there}/none",
            f"{there}/leads?to=file:///etc/passwd",
            f"{there}/leads?to=https://127.0.0.1:1/",
            f"{there}/leads?to=/leads%3Fto%3D/leads%253Fto%253D/leads%25253Fto%25253D/small",
            "file:///etc/passwd",
            "no address",
            "",
        ):
            with pytest.raises(DeliveryError):
                await here.fetch(address)
        with pytest.raises(DeliveryError):
            await outside.fetch(f"{there}/small")
    finally:
        await here.close()
        await outside.close()
        await runner.cleanup()
