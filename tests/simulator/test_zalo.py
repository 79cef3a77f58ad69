"""What the simulated Zalo takes from a bot and what it refuses, and what people can do, over HTTP."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError, web

from bot.simulator.driver import Driver, PhoneError, choices_of
from bot.simulator.pictures import plain_picture
from tests.simulator.conftest import Serve, Served
from tests.simulator.zalo import Client


@pytest.fixture
async def client(serve: Serve) -> Client:
    return Client(await serve())


async def test_the_bot_knows_itself_and_its_webhook(client: Client) -> None:
    me = await client.result("getMe")
    assert (me["account_name"], me["id"]) == ("Bot Chi bộ", client.served.world.settings.zalo_token.split(":")[0])
    made = await client.result("setWebhook", url="https://a.vn/x", secret_token="a" * 8)
    assert (made["url"], made["updated_at"] > 1e12) == ("https://a.vn/x", True)
    assert await client.result("getWebhookInfo") == made
    code, words = await client.refusal("getUpdates", timeout=0)
    assert (code, words) == (400, "Bad Request: getUpdates does not work while a webhook is set")
    assert (await client.result("deleteWebhook"))["url"] == ""
    assert (await client.result("getWebhookInfo"))["url"] == ""


@pytest.mark.parametrize(
    ("method", "params", "code", "words"),
    [
        ("sendDocument", {}, 404, "method not found"),
        ("getme", {}, 404, "method not found"),
        ("editMessageText", {"chat_id": "x", "text": "y"}, 404, "method not found"),
        ("sendMessage", {"text": "x"}, 400, "chat_id is required"),
        ("sendMessage", {"chat_id": "0" * 20, "text": "x"}, 400, "chat not found"),
        ("sendMessage", {"chat_id": 7, "text": "x"}, 400, "chat_id must be a string"),
        ("setWebhook", {"url": "https://a.vn", "secret_token": "a" * 7}, 400, "8 to 256"),
        ("setWebhook", {"url": "https://a.vn", "secret_token": "a" * 257}, 400, "8 to 256"),
        ("setWebhook", {"url": "https://a.vn"}, 400, "secret_token is required"),
        ("setWebhook", {"url": "http://a.vn", "secret_token": "a" * 8}, 400, "HTTPS"),
    ],
)
async def test_refusals(client: Client, method: str, params: dict[str, Any], code: int, words: str) -> None:
    refused, said = await client.refusal(method, **params)
    assert refused == code
    assert words in said


async def test_a_wrong_token(client: Client) -> None:
    client.token = "1:another-token-than-ours"
    assert (await client.refusal("getMe"))[0] == 401


async def test_words_are_taken_up_to_two_thousand(client: Client) -> None:
    user = await client.person("chào")
    for text in ("a", "ệ" * 2000):
        sent = await client.result("sendMessage", chat_id=user, text=text)
        assert isinstance(sent["message_id"], str)
        assert sent["date"] > 1e12
    for text in ("", "  ", "a" * 2001, "😀" * 1001):
        assert (await client.refusal("sendMessage", chat_id=user, text=text))[0] == 400
    assert [m["text"] for m in await client.seen(user)] == ["chào", "a", "ệ" * 2000]
    assert await client.refusal("sendMessage", chat_id=user, text="x", parse_mode="MarkdownV2") == (
        400,
        "Bad Request: parse_mode is not supported",
    )


async def test_buttons_are_refused_or_left_unread(serve: Serve) -> None:
    for strict in (True, False):
        client = Client(await serve(strict=strict))
        user = await client.person("chào")
        given = {"chat_id": user, "text": "x", "reply_markup": {"inline_keyboard": [[{"text": "a"}]]}}
        if strict:
            assert "reply_markup is not a parameter" in (await client.refusal("sendMessage", **given))[1]
        else:
            await client.result("sendMessage", **given)
            assert "reply_markup" not in (await client.seen(user))[-1]


async def test_nobody_is_written_to_first_and_who_blocks_is_not_reached(client: Client) -> None:
    user = await client.person()
    assert await client.refusal("sendMessage", chat_id=user, text="x") == (400, "Bad Request: chat not found")
    await client.says(user, "chào")
    await client.result("sendMessage", chat_id=user, text="x")
    await client.served.control("zalo/block", user=user, blocked=True)
    for method, given in (("sendMessage", {"text": "x"}), ("sendChatAction", {"action": "typing"})):
        assert await client.refusal(method, chat_id=user, **given) == (
            403,
            "Forbidden: bot was blocked by the user",
        )
    assert (await client.served.control("zalo/send", user=user, text="x"))[0] == 400
    await client.served.control("zalo/block", user=user, blocked=False)
    await client.result("sendMessage", chat_id=user, text="y")


async def test_typing_stickers_and_voices(client: Client) -> None:
    user = await client.person("chào")
    told: list[Any] = []
    client.served.world.listeners.append(told.append)
    status, body = await client.post("sendChatAction", chat_id=user, action="typing")
    assert (status, body) == (200, {"ok": True})
    assert told == [{"type": "action", "chat": user, "action": "typing"}]
    assert (await client.refusal("sendChatAction", chat_id=user, action="upload_photo"))[0] == 400
    await client.result("sendSticker", chat_id=user, sticker="5b1b3c2f1e6af734ae7b")
    await client.result("sendVoice", chat_id=user, voice_url="https://a.vn/x.aac")
    assert (await client.refusal("sendVoice", chat_id=user, voice_url="https://a.vn/x.ogg"))[0] == 400
    assert [m.get("sticker") or m.get("voice_url") for m in await client.seen(user)][1:] == [
        "5b1b3c2f1e6af734ae7b",
        "https://a.vn/x.aac",
    ]


async def test_a_picture_is_fetched_when_it_is_sent(client: Client) -> None:
    user = await client.person("chào")
    asked: list[str] = []

    async def pictures(request: web.Request) -> web.Response:
        asked.append(request.path)
        if request.path == "/anh.png":
            return web.Response(body=plain_picture(64, 48), content_type="image/png")
        return web.Response(text="<p>", content_type="text/html", status=200 if request.path == "/trang" else 410)

    app = web.Application()
    app.router.add_get("/{name}", pictures)
    runner = web.AppRunner(app, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    await client.result("sendPhoto", chat_id=user, photo=f"{base}/anh.png", caption="Ảnh tổng hợp")
    for dead in (f"{base}/het-han", f"{base}/trang", "anh.png", "http://127.0.0.1:9/anh.png"):
        assert (await client.refusal("sendPhoto", chat_id=user, photo=dead))[0] == 400
    caption = "a" * 2001
    assert (await client.refusal("sendPhoto", chat_id=user, photo=f"{base}/anh.png", caption=caption))[0] == 400
    await runner.cleanup()
    assert asked == ["/anh.png", "/het-han", "/trang"]
    only = (await client.seen(user))[1:]
    assert [(m["photo"], m["caption"], m["picture"]["width"]) for m in only] == [
        (f"{base}/anh.png", "Ảnh tổng hợp", 64)
    ]
    async with client.served.session.get(
        f"{client.served.address}/control/files/{only[0]['picture']['file_id']}"
    ) as file:
        assert await file.read() == plain_picture(64, 48)


async def test_what_people_send_becomes_events(client: Client) -> None:
    user = await client.person()
    for wish in ({"text": "chào"}, {"photo": True, "caption": "đây"}, {"sticker": True}, {"voice": True}):
        await client.served.control("zalo/send", user=user, **wish)
    await client.served.control("zalo/send", user=user, unsupported=True)
    events = [await client.polled() for _ in range(5)]
    kinds = ["text", "image", "sticker", "voice", "unsupported"]
    assert [event["event_name"] for event in events] == [f"message.{kind}.received" for kind in kinds]
    message = events[0]["message"]
    assert message["from"] == {"id": user, "display_name": "Lan", "is_bot": False}
    assert message["chat"] == {"id": user, "chat_type": "PRIVATE"}
    assert (message["text"], isinstance(message["message_id"], str), message["date"] > 1e12) == ("chào", True, True)
    picture = events[1]["message"]
    async with client.served.session.get(picture["photo"]) as file:
        assert (await file.read(), file.content_type) == (plain_picture(), "image/png")
    assert picture["caption"] == "đây"
    assert "text" not in events[4]["message"]


async def test_one_person_has_both_messengers(client: Client) -> None:
    person = await client.served.person(first_name="Mai", show=True)
    user = await client.person(person=person)
    assert await client.person(person=person) == user
    await client.says(user, "chào")
    phone = (await client.served.look("phones"))["phones"][0]
    assert (phone["user"], phone["started"], phone["app"]) == (person, True, "telegram")
    assert phone["zalo"] == {"id": user, "started": True, "blocked": False}
    other = await client.person(first_name="Hà", show=True)
    second = (await client.served.look("phones"))["phones"][1]
    assert (second["app"], second["zalo"]["id"], second["started"]) == ("zalo", other, False)


async def test_faults_strike_by_messenger(client: Client) -> None:
    user = await client.person("chào")
    await client.served.control("faults", kind="429", method="sendMessage")
    await client.result("sendMessage", chat_id=user, text="một")
    await client.served.control("faults", kind="429", method="zalo/send*")
    assert (await client.refusal("sendMessage", chat_id=user, text="hai"))[0] == 429
    await client.served.control("faults", kind="500", method="zalo/sendMessage")
    assert (await client.post("sendMessage", chat_id=user, text="ba"))[0] == 500
    await client.served.control("faults", kind="reset", method="zalo/*", after=True)
    with pytest.raises(ClientError):
        await client.post("sendMessage", chat_id=user, text="bốn")
    # The call was carried out, only its answer was lost.
    assert [m["text"] for m in await client.seen(user)] == ["chào", "một", "bốn"]
    calls = (await client.served.look("zalo/calls?method=sendMessage"))["calls"]
    assert [(c["params"]["text"], c["status"]) for c in calls] == [
        ("một", 200),
        ("hai", 429),
        ("ba", 500),
        ("bốn", 200),
    ]


async def test_a_restart_finds_everything(serve: Serve, tmp_path: Path) -> None:
    client = Client(await serve(data_file=tmp_path / "world.jsonl"))
    user = await client.person("một", "hai")
    await client.result("sendMessage", chat_id=user, text="ba")
    assert (await client.polled())["message"]["text"] == "một"
    await client.result("setWebhook", url="https://a.vn", secret_token="a" * 8)
    before = await client.served.look(f"zalo/chats/{user}")
    client.served.world.close()
    again: Served = await serve(data_file=tmp_path / "world.jsonl")
    second = Client(again)
    assert await again.look(f"zalo/chats/{user}") == before
    assert (await second.result("getWebhookInfo"))["url"] == "https://a.vn"
    await second.result("deleteWebhook")
    assert (await second.polled())["message"]["text"] == "hai"
    await again.control("reset")
    assert (await again.control("zalo/send", user=user, text="x"))[0] == 400


async def test_a_phone_chooses_by_what_is_beside_the_label(client: Client) -> None:
    driver = Driver(client.served.address, client.served.session)
    phone = await driver.zalo_phone("Lan")
    await driver.act("zalo/send", user=phone.user, text="chào")
    for text in (
        "Duyệt?\n\nA1. Duyệt\nA2. Không duyệt",
        "Mục nào?\n1. ✅ Chính trị\n2. Tổ chức\n3. Quay lại · 4. Về đầu",
        "Còn nữa:\n• Bỏ trống\n• Quay lại  • Thôi",
    ):
        await client.result("sendMessage", chat_id=phone.user, text=text)
    labels = ("Chính trị", "duyệt", "Về đầu", "← Quay lại", "Bỏ trống", "Thôi")
    typed = [await phone._typed_for(label, 5) for label in labels]
    assert typed == ["1", "A1", "4", "Quay lại", "Bỏ trống", "Thôi"]
    assert await phone.last_text() == "Còn nữa:\n• Bỏ trống\n• Quay lại  • Thôi"
    with pytest.raises(PhoneError, match="no choice 'Khác'"):
        await phone._typed_for("Khác", 0.1)
    assert choices_of((await phone.messages())[0]) == []
