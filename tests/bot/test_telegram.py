"""The Telegram channel, real python-telegram-bot over our transport, against the local Bot API server over HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

import pytest

from bot.channels.contract import DeliveryError, Unreadable
from bot.channels.contract import Sent as Done
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram.channel import _raw
from bot.simulator.driver import Driver, Phone
from handlers.dialogue.said import Command, Edited, File, Forged, Forwarded, Gone, Pressed, Said, Sent, Typed
from storage.records import Address, Button, DeliveryTrouble, Post, Raw
from tests.program import SIMULATED


@pytest.fixture
async def channel(driver: Driver) -> AsyncIterator[TelegramChannel]:
    made = TelegramChannel(SIMULATED.token, driver.address, poll_seconds=1)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def an(driver: Driver) -> Phone:
    return await driver.phone("An", start=True)


def post(phone: Phone, text: str, **more: object) -> Post:
    return Post(Address("telegram", str(phone.user)), text, **more)  # type: ignore[arg-type]


async def heard(channel: TelegramChannel, count: int) -> list[Said]:
    """What the next ``count`` updates say."""
    kept: list[Raw] = []
    enough = asyncio.Event()

    async def keep(updates: Sequence[Raw]) -> None:
        kept.extend(updates)
        if len(kept) >= count:
            enough.set()

    task = asyncio.create_task(channel.poll(keep))
    async with asyncio.timeout(10):
        await enough.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return [found.said for raw in kept if (found := channel.read(raw)) is not None]


async def test_sends_edits_and_buttons(channel: TelegramChannel, an: Phone) -> None:
    buttons = ((Button("Có", "1:1:yes"), Button("Không", "1:1:no")),)
    ref = (await channel.send(post(an, "<b>Chào</b> &lt;b&gt; &amp;", buttons=buttons))).ref
    assert await channel.send(post(an, "Đã đổi", edits=ref)) == Done(ref)
    assert await channel.send(post(an, "Đã đổi", edits=ref)) == Done(ref), (
        "an edit that changes nothing is no error"
    )
    [message] = [m for m in await an.messages() if m["from_bot"]]
    assert message["text"] == "Đã đổi"


async def test_an_edit_of_a_lost_message_becomes_a_new_one(channel: TelegramChannel, an: Phone) -> None:
    assert (await channel.send(post(an, "Mới", edits="999"))).ref not in {None, "999"}


async def test_long_texts_go_out_a_part_a_call_with_the_buttons_under_the_last(
    channel: TelegramChannel, driver: Driver, an: Phone
) -> None:
    rest: Post | None = post(an, "Một câu. " * 1000, buttons=((Button("Tiếp", "1:1:on"),),))
    calls = 0
    while rest is not None:
        if calls == 1:
            await driver.act("faults", kind="429", method="sendMessage", times=1)
            with pytest.raises(DeliveryError):
                await channel.send(rest)
        rest = (await channel.send(rest)).rest
        calls += 1
    said = [m for m in await an.messages() if m["from_bot"]]
    assert calls == len(said) == 3, "what was refused once is not said twice"
    assert ["reply_markup" in m for m in said] == [False, False, True]
    assert "".join(m["text"] for m in said).count("Một câu.") == 1000


async def test_a_file_with_much_to_say_follows_its_words(channel: TelegramChannel, an: Phone) -> None:
    first = await channel.send(post(an, "Một câu. " * 200, file=b"PK\x03\x04", file_name="a.xlsx"))
    assert first.rest is not None
    await channel.send(first.rest)
    said = [m for m in await an.messages() if m["from_bot"]]
    assert ["document" in m for m in said] == [False, True]


async def test_files_go_up_and_come_down(channel: TelegramChannel, an: Phone) -> None:
    await channel.send(post(an, "Bảng", file=b"PK\x03\x04", file_name="tổng-hợp.xlsx"))
    assert (await an.messages())[-1]["document"]["file_name"] == "tổng-hợp.xlsx"
    document = {"name": "roster.csv", "content_base64": "aOG7jSB0w6pu"}
    await an.driver.act("send", user=an.user, document=document)
    said = (await heard(channel, 2))[-1]
    assert isinstance(said, File)
    assert (await channel.fetch(said.file_id)).decode() == "họ tên"


@pytest.mark.parametrize(
    ("spoil", "trouble"),
    [
        ("blocked", DeliveryTrouble.BLOCKED),
        ("deactivated", DeliveryTrouble.DEACTIVATED),
        ("never started", DeliveryTrouble.NEVER_STARTED),
        ("unknown", DeliveryTrouble.CHAT_GONE),
    ],
)
async def test_permanent_failures_have_a_reason(
    channel: TelegramChannel, driver: Driver, spoil: str, trouble: DeliveryTrouble
) -> None:
    person = await driver.phone("Bình", start=spoil != "never started")
    if spoil == "blocked":
        await driver.act("block", user=person.user, blocked=True)
    if spoil == "deactivated":
        await driver.act("deactivate", user=person.user)
    target = Phone(driver, 77) if spoil == "unknown" else person
    with pytest.raises(DeliveryError) as error:
        await channel.send(post(target, "Chào"))
    assert error.value.trouble is trouble
    assert error.value.retry_after is None


@pytest.mark.parametrize("kind", ["429", "500", "502", "reset", "notjson", "truncate"])
async def test_passing_failures_say_when_to_try_again(
    channel: TelegramChannel, driver: Driver, an: Phone, kind: str
) -> None:
    await driver.act("faults", kind=kind, method="sendMessage", times=1)
    with pytest.raises(DeliveryError) as error:
        await channel.send(post(an, "Chào"))
    assert error.value.retry_after is not None
    assert error.value.trouble is None
    assert SIMULATED.token not in str(error.value)


async def test_a_broken_text_is_refused_for_good(channel: TelegramChannel, an: Phone) -> None:
    with pytest.raises(DeliveryError) as error:
        await channel.send(post(an, "<b>không đóng"))
    assert error.value.retry_after is None
    assert error.value.trouble is None


async def test_everything_that_people_send_is_understood(
    channel: TelegramChannel, driver: Driver, an: Phone
) -> None:
    ref = (await channel.send(post(an, "Chọn", buttons=((Button("Có", "1:7:yes"),),)))).ref
    assert ref is not None
    here = {"user": an.user}
    sent = await driver.act("send", **here, text="xin chào")
    await driver.act("send", **here, text="/review@chi_bo_demo_bot 2026")
    await driver.act("send", **here, text="/start\nABCD-2345")
    await driver.act("press", **here, message_id=int(ref), data="1:7:yes")
    await driver.act("press", **here, message_id=int(ref), data="drop table")
    await driver.act("edit", **here, message_id=sent["message_id"], text="xin chào lại")
    await driver.act("send", **here, forward={"text": "lời người khác", "from_name": "Ai đó"})
    for thing in ("sticker", "photo", "voice", "video", "location", "contact"):
        await driver.act("send", **here, **{thing: True})
    await driver.act("block", **here, blocked=True)
    said = await heard(channel, 15)
    assert said[1:8] == [
        Typed("xin chào"),
        Command("review", "2026"),
        Command("start", "ABCD-2345"),
        Pressed(7, "yes"),
        Forged(),
        Edited("xin chào lại"),
        Forwarded("lời người khác"),
    ]
    assert [type(s) for s in said[8:14]] == [Sent] * 6
    assert said[14] == Gone(back=False)


async def test_in_a_group_a_command_for_another_bot_is_not_ours(
    channel: TelegramChannel, driver: Driver, an: Phone
) -> None:
    group = (await driver.act("groups", title="Nhóm", members=[an.user], bot="administrator"))["id"]
    for text in ("/start@another_bot", "/summary@Chi_Bo_demo_bot 2026", "/help@"):
        await driver.act("send", user=an.user, chat=group, text=text)
    said = await heard(channel, 3)
    assert said[-2:] == [Command("summary", "2026"), Command("help")]
    assert Command("start") not in said[1:]


def test_an_update_of_a_foreign_shape_is_unreadable(channel: TelegramChannel) -> None:
    raw = {"update_id": 5, "message": {"message_id": "x", "chat": 7}}
    with pytest.raises(Unreadable):
        channel.read(Raw("telegram", "5", "-", json.dumps(raw)))


async def test_a_wrong_token_is_said(driver: Driver) -> None:
    stranger = TelegramChannel("1:not-this-one", driver.address)
    with pytest.raises(DeliveryError) as error:
        await stranger.open()
    assert error.value.everywhere
    await stranger.close()


def test_half_a_pair_of_surrogates_can_be_kept() -> None:
    assert _raw({"update_id": 1, "message": {"text": "\ud83d"}}).raw.encode()
