"""What Zalo brings, by polls and by its webhook: the real channel over HTTP, nothing lost that was given out."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog

from bot.channels.contract import Keep, NotKept, Refused, Unreadable, Webhook, WebhookState
from bot.channels.zalo import ZaloChannel
from bot.channels.zalo import channel as seam
from handlers.dialogue.said import Command, Incoming, Said, Sent, Thing, Typed
from storage.records import Address, Raw
from tests.bot.zalo_platform import IDLE, ME, TOKEN, WRONG_TOKEN, Platform, message, serving

SECRET = "never-to-be-seen"
SIGNED = {"X-Bot-Api-Secret-Token": "very_secret-1"}


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    async with serving(Platform()) as found:
        yield found


@pytest.fixture
async def channel(platform: Platform) -> AsyncIterator[ZaloChannel]:
    made = ZaloChannel(TOKEN, platform.address, poll_seconds=1)
    await made.open()
    yield made
    await made.close()


class Kept:
    """What was kept, and a way to wait for so many."""

    def __init__(self) -> None:
        self.raws: list[Raw] = []

    async def __call__(self, updates: Sequence[Raw]) -> None:
        self.raws.extend(updates)

    async def reach(self, count: int) -> list[str]:
        async with asyncio.timeout(8):
            while True:
                if len(self.raws) >= count:
                    break
                await asyncio.sleep(0.01)
        return [raw.update_id for raw in self.raws]


@asynccontextmanager
async def polling(channel: ZaloChannel, keep: Keep) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(channel.poll(keep))
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def read(event: Any, channel: ZaloChannel | None = None) -> Incoming | None:
    text = json.dumps(event)
    return (channel or ZaloChannel(TOKEN, "http://127.0.0.1:1")).read(Raw("zalo", "1", "c1", text))


def said(event: Any) -> Said | None:
    found = read(event)
    return found.said if found else None


async def test_events_come_one_a_call_in_order_and_only_when_kept(platform: Platform, channel: ZaloChannel) -> None:
    platform.events.extend(message(f"id{n}", f"chữ {n}") for n in range(5))
    gate, kept = asyncio.Event(), Kept()

    async def slow(updates: Sequence[Raw]) -> None:
        await gate.wait()
        await kept(updates)

    async with polling(channel, slow):
        await asyncio.sleep(0.3)
        assert len(platform.of("getUpdates")) == 1, "not asked for more before the first is kept"
        gate.set()
        assert await kept.reach(5) == [f"id{n}" for n in range(5)]
    assert platform.of("getUpdates")[0] == {"timeout": 1}
    assert kept.raws[0].raw.isascii()
    assert kept.raws[0].chat == "c1"
    assert channel.read(kept.raws[4]) == Incoming(
        Address("zalo", "c1"),
        "c1",
        Typed("chữ 4"),
        ref="id4",
        sender_name="Lan",
        sent_at=datetime(2025, 12, 24, 23, 39, 57, 466000, UTC),
    )


async def test_an_idle_poll_is_no_error_and_asks_again(platform: Platform, channel: ZaloChannel) -> None:
    kept = Kept()
    with structlog.testing.capture_logs() as logs:
        async with polling(channel, kept):
            await asyncio.sleep(1.3)
            platform.events.append(message("late"))
            await kept.reach(1)
            await asyncio.sleep(0.05)
    at = [began for name, _, began in platform.calls if name == "getUpdates"]
    assert 0.9 < at[1] - at[0] < 1.25
    assert len(at) == 3
    assert logs == []
    assert channel.fetched_at() is not None


async def test_a_408_as_a_status_and_without_a_code_is_idle_as_well(
    platform: Platform, channel: ZaloChannel
) -> None:
    platform.answers["getUpdates"].extend(
        [(408, IDLE), {"ok": False, "description": "Request timeout"}, {"ok": True}]
    )
    platform.events.append(message("a"))
    kept = Kept()
    with structlog.testing.capture_logs() as logs:
        async with polling(channel, kept):
            await kept.reach(1)
    assert logs == []
    at = [began for name, _, began in platform.calls if name == "getUpdates"]
    assert at[3] - at[0] > 0.6, "three answers at once, and it does not ask faster and faster"


async def test_errors_make_it_pause_longer_and_longer_and_no_token_is_logged(
    platform: Platform, channel: ZaloChannel
) -> None:
    platform.answers["getUpdates"].extend(
        [
            (502, b"<html>bad gateway</html>"),
            {"ok": False, "error_code": 500, "description": f"/bot{TOKEN}/getUpdates failed"},
        ]
    )
    platform.events.append(message("a"))
    kept = Kept()
    with structlog.testing.capture_logs() as logs:
        async with polling(channel, kept):
            await kept.reach(1)
    at = [began for name, _, began in platform.calls if name == "getUpdates"]
    assert at[1] - at[0] >= 0.5
    assert at[2] - at[1] >= 1.0
    assert [entry["event"] for entry in logs] == ["poll failed", "poll failed"]
    assert SECRET not in str(logs)


async def test_a_refused_token_is_asked_about_seldom(platform: Platform, channel: ZaloChannel) -> None:
    platform.answers["getUpdates"].append(WRONG_TOKEN)
    with structlog.testing.capture_logs() as logs:
        async with polling(channel, Kept()):
            await asyncio.sleep(0.4)
    assert len(platform.of("getUpdates")) == 1
    assert logs[0]["pause"] == 10
    assert SECRET not in str(logs)


async def test_a_server_that_goes_and_comes_back(channel: ZaloChannel, platform: Platform) -> None:
    kept = Kept()

    async def fall_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.transport.abort()

    dead = await asyncio.start_server(fall_silent, "127.0.0.1", 0)
    lost = ZaloChannel(TOKEN, f"http://127.0.0.1:{dead.sockets[0].getsockname()[1]}", poll_seconds=1)
    await lost._client.open()
    with structlog.testing.capture_logs() as logs:
        async with polling(lost, kept):
            await asyncio.sleep(0.2)
            lost._client._api_url = platform.address
            platform.events.append(message("a"))
            assert await kept.reach(1) == ["a"]
    await lost.close()
    dead.close()
    assert logs
    assert SECRET not in str(logs)


async def test_events_in_a_list_and_wrapped_are_events(platform: Platform, channel: ZaloChannel) -> None:
    platform.events.append([message("a"), {"ok": True, "result": message("b")}])
    platform.events.append({"message": message("c")["message"]})
    kept = Kept()
    async with polling(channel, kept):
        assert await kept.reach(3) == ["a", "b", "c"]
    assert all(channel.read(raw) is not None for raw in kept.raws)


async def test_what_is_given_out_again_is_known_again_and_does_not_make_it_race(
    platform: Platform, channel: ZaloChannel
) -> None:
    platform.events.extend([message("a")] * 200)
    kept = Kept()
    async with polling(channel, kept):
        await asyncio.sleep(0.8)
        platform.events.clear()
    assert {raw.update_id for raw in kept.raws} == {"a"}, "the inbox keeps it once"
    assert 2 < len(kept.raws) < 12


async def test_what_cannot_be_kept_is_not_dropped(
    platform: Platform, channel: ZaloChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seam, "_NOT_KEPT_SECONDS", 0.05)
    platform.events.extend([message("a"), message("b")])
    kept, tries = Kept(), 0

    async def failing(updates: Sequence[Raw]) -> None:
        nonlocal tries
        tries += 1
        if tries < 4:
            raise NotKept("disk full")
        await kept(updates)

    async with polling(channel, failing):
        assert await kept.reach(2) == ["a", "b"]
    assert tries == 5


async def test_a_bug_in_keeping_ends_the_program(platform: Platform, channel: ZaloChannel) -> None:
    async def broken(_: Sequence[Raw]) -> None:
        raise ZeroDivisionError

    platform.events.append(message("a"))
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(channel.poll(broken), 5)


async def test_a_stop_keeps_what_was_given_out_first(platform: Platform, channel: ZaloChannel) -> None:
    kept, started = Kept(), asyncio.Event()

    async def slow(updates: Sequence[Raw]) -> None:
        started.set()
        await asyncio.sleep(0.4)
        await kept(updates)

    platform.events.append(message("a"))
    async with polling(channel, slow):
        await started.wait()
    assert [raw.update_id for raw in kept.raws] == ["a"]


async def test_a_stop_of_an_idle_poll_is_quick(channel: ZaloChannel) -> None:
    async with polling(channel, Kept()):
        await asyncio.sleep(0.1)
        began = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began < 0.6


async def test_an_answer_of_another_shape_is_no_event(platform: Platform, channel: ZaloChannel) -> None:
    platform.answers["getUpdates"].append({"ok": True, "result": {"news": "none"}})
    with structlog.testing.capture_logs() as logs:
        async with polling(channel, Kept()):
            await asyncio.sleep(0.3)
    assert len(platform.of("getUpdates")) == 1
    assert [entry["event"] for entry in logs] == ["poll brought no event"]


def test_what_has_no_number_is_known_by_its_words() -> None:
    channel = ZaloChannel(TOKEN, "http://127.0.0.1:1")
    channel._secret = SIGNED["X-Bot-Api-Secret-Token"].encode()

    def known(event: Any) -> tuple[str, str]:
        [raw] = channel.accept(json.dumps(event).encode(), SIGNED)
        assert raw.raw.isascii()
        return raw.update_id, raw.chat

    nameless = message("x")
    del nameless["message"]["message_id"]
    assert known(nameless) == known(nameless)
    assert known(nameless) != known(message("x"))
    seen = message("x", event_name="message.seen")
    assert known(seen)[0] != "x", "it must not pass for the message that it is about"
    for odd in ("ü", "a" * 65, "\x00", "\ud800", "", ["x"], None, 2**70, True):
        assert len(known(message(odd))[0]) == 64  # type: ignore[arg-type]
        assert known(message("x", chat=odd))[1] == "-"  # type: ignore[arg-type]
    assert known(message(12, chat=34)) == ("12", "34")  # type: ignore[arg-type]


async def test_a_webhook_is_registered_looked_at_and_taken_away(platform: Platform, channel: ZaloChannel) -> None:
    address = "https://bot.example.org/webhook/zalo"
    await channel.expect(Webhook(address, "very_secret-1"))
    assert platform.of("setWebhook") == [{"url": address, "secret_token": "very_secret-1"}]
    assert await channel.webhook_state() == WebhookState(address, 0)
    await channel.expect(None)
    assert await channel.webhook_state() == WebhookState(None, 0)
    with pytest.raises(Refused):
        channel.accept(json.dumps(message("a")).encode(), SIGNED)


async def test_a_delivery_needs_the_secret_and_an_event(channel: ZaloChannel) -> None:
    body = json.dumps(message("a")).encode()
    await channel.expect(Webhook("https://bot.example.org/webhook/zalo", "very_secret-1"))
    wrapped = json.dumps({"ok": True, "result": message("b")}).encode()
    assert [raw.update_id for raw in channel.accept(body, SIGNED)] == ["a"]
    assert [raw.update_id for raw in channel.accept(wrapped, SIGNED)] == ["b"]
    for headers in ({}, {"X-Bot-Api-Secret-Token": "very_secret-2"}, {"X-Bot-Api-Secret-Token": "bí mật"}):
        with pytest.raises(Refused) as refused:
            channel.accept(body, headers)
        assert refused.value.status == 401
    for wrong in (b"", b"<html>", b"[]", b"{}", b'"a"', b"[" * 100_000, b"\xff", b'{"ok":true,"result":{}}'):
        with pytest.raises(Refused) as refused:
            channel.accept(wrong, SIGNED)
        assert refused.value.status == 400


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (message("1", "Chào"), Typed("Chào")),
        (message("1", "/start ABC"), Command("start", "ABC")),
        (message("1", "/Kiemdiem"), Command("kiemdiem")),
        (message("1", "//"), Typed("//")),
        (
            message("1", None, event_name="message.image.received", photo="https://x.test/a.jpg"),
            Sent(Thing.PHOTO, "https://x.test/a.jpg"),
        ),
        (
            message("1", None, event_name="message.image.received", caption="/start A"),
            Sent(Thing.PHOTO, caption="/start A"),
        ),
        (message("1", None, event_name="message.sticker.received", sticker="7"), Sent(Thing.STICKER)),
        (
            message("1", None, event_name="message.voice.received", voice_url="https://x.test"),
            Sent(Thing.VOICE, "https://x.test"),
        ),
        (message("1", None, event_name="message.unsupported.received"), Sent(Thing.OTHER)),
        (message("1", None, event_name="message.location.received"), Sent(Thing.OTHER)),
        (message("1", "https://x.test", event_name="message.link.received"), Typed("https://x.test")),
        (
            message("1", None, event_name=None, photo="https://x.test/a.jpg"),
            Sent(Thing.PHOTO, "https://x.test/a.jpg"),
        ),
        (message("1", "Chào", event_name=None), Typed("Chào")),
        (message("1", None), Sent(Thing.OTHER)),
        (message("1", event_name="message.seen"), None),
        ({"event_name": "user.followed"}, None),
        (message("1", sender={"id": "b", "is_bot": True}), None),
    ],
)
def test_what_is_said(event: dict[str, Any], expected: Said | None) -> None:
    assert said(event) == expected


async def test_our_own_words_are_no_news(channel: ZaloChannel) -> None:
    assert read(message("1", sender={"id": ME["id"], "display_name": "Bot"}), channel) is None


@pytest.mark.parametrize("name", [{"first_name": "Lan"}, {"name": "Lan"}, {"display_name": "Lan", "name": "x"}])
def test_a_sender_has_a_name_in_one_of_three_places(name: dict[str, str]) -> None:
    found = read(message("1", sender={"id": "c1", **name}))
    assert found is not None
    assert found.sender_name == "Lan"


@pytest.mark.parametrize(
    "date", [None, "soon", 0, -5, 1_766_619_597, 10**18, True, float("nan"), float("inf"), [1]]
)
def test_an_absurd_date_is_none(date: object) -> None:
    found = read(message("1", date=date))
    assert found is not None
    assert found.sent_at is None


async def test_groups_are_known_by_what_came_from_them(channel: ZaloChannel) -> None:
    group = Address("zalo", "g1")
    assert not channel.is_group(group)
    found = read(message("1", "@Bot Chi bộ /tonghop 2026", chat="g1", chat_type="GROUP"), channel)
    assert found is not None
    assert (found.private, found.said, found.address) == (False, Command("tonghop", "2026"), group)
    assert channel.is_group(group)
    assert not channel.is_group(Address("zalo", "c1"))
    untold = read(message("1", chat="g2", chat_type=None), channel)
    assert untold is not None
    assert not untold.private, "a chat that is not its writer's is a group"


@pytest.mark.parametrize(
    "event",
    [
        {},
        [],
        {"message": []},
        {"event_name": "message.text.received"},
        {"event_name": "message.text.received", "message": {"text": "Chào"}},
        message("1", chat="a" * 65),
        message("1", sender={"id": "", "is_bot": False}),
        message("1", sender="Lan"),
    ],
)
def test_what_cannot_be_read_is_said_so(event: Any) -> None:
    with pytest.raises(Unreadable):
        read(event)
