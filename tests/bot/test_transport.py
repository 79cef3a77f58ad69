"""Our transport under python-telegram-bot, against a server that answers with exactly the bytes it is told."""

import asyncio
import logging
import socket
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from telegram.error import NetworkError, TelegramError, TimedOut

from bot.channels.contract import DeliveryError
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram import transport as seam
from bot.channels.telegram.transport import AiohttpRequest
from bot.simulator.driver import Driver
from bot.simulator.settings import SimulatorSettings
from storage.records import Address, DeliveryTrouble, Post
from tests.bot.test_telegram import channel  # noqa: F401 - a fixture

TOKEN = "123456:never-to-be-seen"
POST = Post(Address("telegram", "7"), "Chào")
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(talk: Talk) -> AsyncIterator[str]:
    """Anything that listens; ``talk`` is what it does with a connection."""
    done: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        done.add(task)
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    listening.close()
    for task in done:
        task.cancel()
    await asyncio.gather(*done, return_exceptions=True)


def answering(status: str, body: bytes, *, length: int | None = None, more: bytes = b"") -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        size = len(body) if length is None else length
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {size}\r\n\r\n"
        writer.write(head.encode() + body + more)
        await writer.drain()
        await reader.read(65536)
        await asyncio.sleep(0.05)

    return talk


async def hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read(65536)
    await asyncio.sleep(30)


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(10)
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    writer.transport.abort()


async def hang_up(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read(10)


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"* OK IMAP4 ready\r\n\r\n")


async def failure_of(address: str) -> DeliveryError:
    made = TelegramChannel(TOKEN, address, request=AiohttpRequest())
    try:
        await made._bot._request[1].initialize()
        with pytest.raises(DeliveryError) as found:
            await made.send(POST)
    finally:
        await made._bot._request[1].shutdown()
    return found.value


def whole_chain(error: BaseException) -> str:
    """Everything that could be printed of an error, also of those that printing would leave out."""
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is not None and one not in seen:
            seen.append(one)
            waiting += [one.__cause__, one.__context__]
    return "\n".join(repr(one) + str(one) + repr(vars(one)) for one in seen) + "".join(
        traceback.format_exception(error)
    )


FAULTS: dict[str, Talk] = {
    "hang": hang,
    "reset": reset,
    "hang up": hang_up,
    "drip": drip,
    "another protocol": nonsense,
    "closed in the middle": answering("200 OK", b'{"ok": true', length=500),
    "length too small": answering("200 OK", b'{"ok": true, "result": {}}', length=10),
    "not JSON": answering("200 OK", b"<html>Chao</html>"),
    "empty": answering("200 OK", b""),
    "a list": answering("200 OK", b"[1]"),
    "no result": answering("200 OK", b'{"ok": true}'),
    "no UTF-8": answering("200 OK", b"\xff\xfe{\x00"),
    "deep": answering("200 OK", b"[" * 100_000),
    "500 not JSON": answering("500 Internal Server Error", b"<html>/bot123456:never-to-be-seen/x</html>"),
    "500 empty": answering("500 Internal Server Error", b""),
    "500 JSON": answering("500 Internal Server Error", b'{"ok": false, "description": "Internal Server Error"}'),
    "502 a list": answering("502 Bad Gateway", b"[]"),
    "504": answering("504 Gateway Timeout", b"upstream"),
    "a proxy's 403": answering("403 Forbidden", b"<html>blocked by the network</html>"),
    "a proxy's 400": answering("400 Bad Request", b"<html>nginx</html>"),
    "a redirect": answering("302 Found", b"", more=b""),
    "an unknown status": answering("599 What", b"{}"),
    "429 without parameters": answering("429 Too Many Requests", b'{"ok": false, "description": "Too Many"}'),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_on_the_way_passes_and_tells_nobody_the_token(
    fault: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(seam, "_READ_SECONDS", 0.2)
    monkeypatch.setattr(seam, "_TRANSFER_SECONDS", 0.2)
    monkeypatch.setattr(seam, "_CONNECT_SECONDS", 0.2)
    caplog.set_level(logging.INFO)
    async with server(FAULTS[fault]) as address:
        error = await failure_of(address)
    assert error.retry_after is not None
    assert error.trouble is None
    assert not error.everywhere
    assert "never-to-be-seen" not in whole_chain(error)
    assert "never-to-be-seen" not in caplog.text
    assert "Chao" not in caplog.text, "no body of an answer in a log"


async def test_nobody_there_and_no_such_name() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
        for address in (nobody, "http://no-such-name.invalid"):
            error = await failure_of(address)
            assert error.retry_after is not None
            assert "never-to-be-seen" not in whole_chain(error)


@pytest.mark.parametrize(
    ("status", "words", "trouble"),
    [
        ("403 Forbidden", "Forbidden: bot was blocked by the user", DeliveryTrouble.BLOCKED),
        ("403 Forbidden", "Forbidden: user is deactivated", DeliveryTrouble.DEACTIVATED),
        ("400 Bad Request", "Bad Request: chat not found", DeliveryTrouble.CHAT_GONE),
        ("400 Bad Request", "Bad Request: can't parse entities", None),
    ],
)
async def test_what_the_bot_api_itself_refuses_is_for_good(
    status: str, words: str, trouble: DeliveryTrouble | None
) -> None:
    async with server(answering(status, f'{{"ok": false, "description": "{words}"}}'.encode())) as address:
        error = await failure_of(address)
    assert error.retry_after is None
    assert error.trouble is trouble


async def test_a_429_says_how_long(monkeypatch: pytest.MonkeyPatch) -> None:
    body = b'{"ok": false, "description": "Too Many Requests", "parameters": {"retry_after": 17}}'
    async with server(answering("429 Too Many Requests", body)) as address:
        error = await failure_of(address)
    assert (error.retry_after, error.too_many) == (17, True)


async def test_the_url_is_in_no_error_of_the_transport_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seam, "_READ_SECONDS", 0.1)
    request = AiohttpRequest()
    with pytest.raises(NetworkError):
        await request.do_request("http://127.0.0.1:1/bot", "POST")
    async with server(hang) as address, request:
        for url in (f"{address}/bot{TOKEN}/getMe", f"http://[{TOKEN}", f"nonsense://{TOKEN}/"):
            with pytest.raises(TelegramError) as found:
                await request.do_request(url, "POST")
            assert "never-to-be-seen" not in whole_chain(found.value)
            assert found.value.__context__ is None
        assert isinstance(found.value, NetworkError)
        with pytest.raises(TimedOut):
            await request.do_request(f"{address}/bot{TOKEN}/getMe", "POST")


@pytest.mark.parametrize(
    "name",
    ["Tổng hợp chi bộ Một năm 2026.xlsx", 'quote".xlsx', "a\\b.xlsx", "xuống\ndòng.xlsx", "日本.xlsx", "😀.xlsx"],
)
async def test_files_of_any_name_arrive_whole(
    channel: TelegramChannel,  # noqa: F811 - a fixture
    driver: Driver,
    name: str,
) -> None:
    an = await driver.phone("An", start=True)
    content = bytes(range(256)) * 20
    await channel.send(Post(Address("telegram", str(an.user)), "Bảng", file=content, file_name=name))
    document = (await an.messages())[-1]["document"]
    assert document["file_name"].rsplit(".", 1)[1] == "xlsx"
    if name.isprintable() and '"' not in name and "\\" not in name:
        assert document["file_name"] == name
    async with driver.session.get(f"{driver.address}/control/files/{document['file_id']}?download=1") as answer:
        assert await answer.read() == content


def test_the_token_of_these_tests_is_not_the_simulators() -> None:
    assert SimulatorSettings().token != TOKEN
