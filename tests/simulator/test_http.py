"""The real python-telegram-bot against the served simulator."""

import asyncio
import io
import json
from datetime import timedelta

import pytest
from telegram import BotCommand, BotCommandScopeChat, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, RetryAfter

from bot.simulator.files import UPLOAD_LIMIT
from bot.simulator.pictures import plain_picture
from tests.simulator.conftest import Serve, Served

BUTTON = InlineKeyboardMarkup([[InlineKeyboardButton("Đồng ý", callback_data="a:1")]])


async def test_a_conversation(serve: Serve) -> None:
    served: Served = await serve()
    bot = await served.bot()
    user = await served.person(start=False)
    with pytest.raises(Forbidden, match="can't initiate"):
        await bot.send_message(user, "x")
    await served.control("send", user=user, text="/start AB12CD34")
    first = (await bot.get_updates(timeout=5))[0]
    assert first.message is not None
    assert first.message.text == "/start AB12CD34"
    sent = await bot.send_message(user, "<b>Chào</b> đồng chí", parse_mode="HTML", reply_markup=BUTTON)
    await served.control("press", user=user, message_id=sent.message_id, button="Đồng ý")
    query = (await bot.get_updates(offset=first.update_id + 1, timeout=5))[0].callback_query
    assert query is not None
    assert query.data == "a:1"
    assert await query.answer("Đã ghi nhận") is True
    await query.edit_message_text("Cảm ơn đồng chí")
    shown = (await served.look(f"chats/{user}"))["messages"]
    assert [(m["text"], m["from_bot"], m["edits"]) for m in shown] == [
        ("/start AB12CD34", False, 0),
        ("Cảm ơn đồng chí", True, 1),
    ]
    with pytest.raises(BadRequest, match="not modified"):
        await bot.edit_message_text("Cảm ơn đồng chí", user, sent.message_id)
    with pytest.raises(BadRequest, match="Query is too old"):
        await query.answer()


async def test_files_there_and_back(serve: Serve) -> None:
    served: Served = await serve()
    bot, user = await served.bot(), await served.person()
    sent = await bot.send_document(
        user, io.BytesIO("bảng".encode()), filename="Tổng hợp.xlsx", caption="<i>a</i>", parse_mode="HTML"
    )
    assert sent.document is not None
    assert (sent.document.file_name, sent.caption) == ("Tổng hợp.xlsx", "a")
    file = await bot.get_file(sent.document.file_id)
    assert bytes(await file.download_as_bytearray()) == "bảng".encode()
    photo = await bot.send_photo(user, plain_picture(60, 40), reply_markup=BUTTON)
    assert (photo.photo[-1].width, photo.photo[-1].height) == (60, 40)
    async with served.session.get(f"{served.address}/control/files/{sent.document.file_id}") as answer:
        assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''T%E1%BB%95ng")
        assert answer.content_type == "application/octet-stream"
    async with served.session.get(f"{served.address}/file/bot{bot.token}/../simulator.jsonl") as answer:
        assert answer.status == 404


async def test_too_big_an_upload(serve: Serve) -> None:
    served: Served = await serve()
    bot, user = await served.bot(), await served.person()
    with pytest.raises(Exception, match="Request Entity Too Large"):
        await bot.send_document(user, bytes(UPLOAD_LIMIT + 1))


async def test_every_way_to_send_parameters(serve: Serve) -> None:
    served: Served = await serve()
    user = await served.person()
    url = f"{served.address}/bot{served.world.settings.token}/sendMessage"
    post = served.session.post
    for request in (
        post(url, json={"chat_id": user, "text": "á"}),
        post(url, data={"chat_id": str(user), "text": "á"}),
        served.session.get(url, params={"chat_id": str(user), "text": "á"}),
    ):
        async with request as answer:
            body = await answer.json()
            assert (answer.status, body["result"]["text"]) == (200, "á")
    async with post(url, data="{", headers={"Content-Type": "application/json"}) as answer:
        assert (answer.status, (await answer.json())["description"]) == (
            400,
            "Bad Request: can't parse JSON object",
        )


@pytest.mark.parametrize(
    ("token", "method", "status", "words"),
    [
        ("1:abcdefghijk", "getMe", 401, "Unauthorized"),
        ("nonsense", "getMe", 404, "Not Found"),
        ("", "getBanana", 404, "Not Found: method not found"),
    ],
)
async def test_wrong_addresses(serve: Serve, token: str, method: str, status: int, words: str) -> None:
    served: Served = await serve()
    token = token or served.world.settings.token
    async with served.session.get(f"{served.address}/bot{token}/{method}") as answer:
        assert (answer.status, json.loads(await answer.text())) == (
            status,
            {"ok": False, "error_code": status, "description": words},
        )


async def test_ptb_sees_a_wrong_token(serve: Serve) -> None:
    served: Served = await serve()
    bot = await served.bot()
    served.world.settings = served.world.settings.__class__(token="1:another-token")
    with pytest.raises(InvalidToken):
        await bot.get_me()
    served.world.settings = served.world.settings.__class__(token=bot.token)


async def test_the_second_poller_ends_the_first(serve: Serve) -> None:
    served: Served = await serve()
    first, second = await served.bot(), await served.bot()
    waiting = asyncio.create_task(first.get_updates(timeout=10))
    await asyncio.sleep(0.1)
    again = asyncio.create_task(second.get_updates(timeout=10))
    with pytest.raises(Conflict, match="terminated by other getUpdates request; make sure that only one bot"):
        await waiting
    await served.person()
    assert len(await again) == 1
    waiting = asyncio.create_task(first.get_updates(offset=2**31, timeout=10))
    await asyncio.sleep(0.1)
    await second.set_webhook("http://127.0.0.1:9/x")
    with pytest.raises(Conflict, match="terminated by setWebhook request"):
        await waiting
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
        await first.get_updates()


async def test_an_empty_poll_ends_in_time(serve: Serve) -> None:
    served: Served = await serve()
    bot = await served.bot()
    assert await bot.get_updates(timeout=1) == ()


async def test_too_many_requests(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    served: Served = await serve(rates="telegram")
    bot, user = await served.bot(), await served.person()
    for _ in range(3):
        await bot.send_message(user, "x")
    with pytest.raises(RetryAfter) as refusal:
        await bot.send_message(user, "x")
    assert refusal.value.retry_after == timedelta(seconds=1)


async def test_an_upgraded_group(serve: Serve) -> None:
    served: Served = await serve()
    bot, user = await served.bot(), await served.person()
    group = (await served.control("groups", title="Nhóm", members=[user]))[1]["id"]
    fresh = (await served.control("groups/upgrade", chat=group))[1]["id"]
    with pytest.raises(ChatMigrated) as refusal:
        await bot.send_message(group, "x")
    assert refusal.value.new_chat_id == fresh


async def test_every_update_can_be_parsed(serve: Serve) -> None:
    served: Served = await serve()
    bot, user = await served.bot(), await served.person()
    wishes = ["photo", "sticker", "voice", "video", "document", "location", "contact"]
    for kind in wishes:
        await served.control("send", user=user, **{kind: True})
    await served.control("send", user=user, forward={"text": "a"})
    await served.control("edit", user=user, message_id=9, text="b")
    await served.control("send", user=user, text="c")
    await served.control("press", user=user, message_id=50, data="x")
    await served.control("groups", title="Nhóm", members=[user], bot="administrator")
    await served.control("block", user=user, blocked=True)
    updates = await bot.get_updates()
    assert len(updates) == 15
    assert all(u.effective_chat is not None for u in updates)


async def test_commands_by_chat(serve: Serve) -> None:
    served: Served = await serve()
    bot, user = await served.bot(), await served.person()
    await bot.set_my_commands([BotCommand("menu", "Màn hình chính")], scope=BotCommandScopeChat(user))
    assert (await served.look(f"chats/{user}"))["commands"] == [
        {"command": "menu", "description": "Màn hình chính"}
    ]
