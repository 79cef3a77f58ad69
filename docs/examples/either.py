"""What people do on either messenger in the examples: link the other, choose it, read a summary and its file."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

import openpyxl
from yarl import URL

from bot.playing import spoken
from bot.simulator.driver import Driver, Phone, PhoneError, Seen, ZaloPhone
from handlers.texts import sentences

AnyPhone = Phone | ZaloPhone
_CODE = re.compile(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}\b")
_PART = re.compile(r"^\(\d+/\d+\)\n")
# What differs between two evenings whatever the messenger: when something was written or sent.
_MOMENT = re.compile(r"\d\d:\d\d(:\d\d)?( \d\d/\d\d/\d{4})?|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S*")
_LINK = re.compile(r"https?://\S+/tep/\S+")


@dataclass(frozen=True, slots=True)
class Summary:
    """What a secretary gets: the words line by line, whether a picture came, the cells of the spreadsheet."""

    lines: tuple[str, ...]
    picture: bool
    cells: tuple[str, ...]


async def further_code(phone: AnyPhone, other: str) -> str:
    """Ask on this phone for a code that adds the other messenger (``zalo``), from whatever stands there."""
    await phone.says(spoken(phone, "/me", "menu"))
    if isinstance(phone, ZaloPhone):
        await phone.says("toi")
        await phone.chooses(sentences("vi")["me.link"].format(channel=other.title()))
    else:
        await phone.presses(f"link.{other}")
    found = _CODE.search(_words(await phone.waits_for(f"thêm {other.title()}")))
    if found is None:
        raise PhoneError(f"{phone.name}: no code for {other}")
    return found[0]


async def prefer_zalo(phone: Phone) -> None:
    """Have reminders come to Zalo."""
    await phone.says("/me")
    await phone.presses("channels")
    await phone.presses("prefer.zalo")


async def on_roster(secretary: AnyPhone, name: str) -> str:
    """What the roster says of one member."""
    await secretary.says(spoken(secretary, "/members", "menu"))
    if isinstance(secretary, ZaloPhone):
        await secretary.says("dang vien")
    await secretary.says(name)
    if isinstance(secretary, ZaloPhone):
        await secretary.chooses(name)
    else:
        label = next(label for label, _ in _buttons(await secretary.screen()) if name in label)
        await secretary.presses(label)
    return _words((await secretary.messages())[-1])


async def summary_on(phone: AnyPhone, driver: Driver) -> Summary:
    """Ask for the summary and read everything that comes, the spreadsheet as it is got on this messenger."""
    before = len(await phone.messages())
    await phone.says(spoken(phone, "/summary", "tong hop"))
    await phone.waits_for("ngay phía trên")
    came = [message for message in (await phone.messages())[before:] if message["from_bot"]]
    words = "\n".join(_PART.sub("", _words(message)) for message in came[:-1])
    book = await file_in(driver, came)
    return Summary(
        tuple(_MOMENT.sub("", line) for line in words.splitlines() if line and not _of_file(line)),
        any(message.get("photo") for message in came),
        tuple(_cells(book)),
    )


async def next_file(driver: Driver, phone: AnyPhone, before: int, *, patience: float = 60) -> bytes:
    """Wait for the file that comes after the first ``before`` messages of a phone, and get it."""
    async with asyncio.timeout(patience):
        while True:
            came = [message for message in (await phone.messages())[before:] if message["from_bot"]]
            if any(message.get("document") or _LINK.search(_words(message)) for message in came):
                return await file_in(driver, came)
            await asyncio.sleep(0.1)


async def file_in(driver: Driver, came: list[Seen]) -> bytes:
    """The file that these messages bring: a document, or on Zalo a link, whose page gives it to one browser."""
    document = next((message["document"] for message in came if message.get("document")), None)
    if document is not None:
        async with driver.session.get(f"{driver.address}/control/files/{document['file_id']}") as answer:
            return await answer.read()
    link = next(found[0] for message in came if (found := _LINK.search(_words(message))))
    async with driver.session.get(link) as page:
        if "<form method=" not in await page.text():
            raise PhoneError(f"the link leads to no page with a file: {page.status}")
    async with driver.session.post(link, allow_redirects=False) as taken:
        address = URL(link).join(URL(taken.headers["Location"]))
    async with driver.session.get(address) as answer:
        return await answer.read()


def _cells(book: bytes) -> Iterator[str]:
    for sheet in openpyxl.load_workbook(io.BytesIO(book)).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    yield f"{sheet.title} {cell.coordinate} {_MOMENT.sub('', str(cell.value))}"


def _of_file(line: str) -> bool:
    """Lines that only stand where a file is behind a link."""
    return bool(_LINK.match(line)) or line.startswith(("Tệp ", "Đường dẫn này"))


def _buttons(message: Seen) -> list[tuple[str, str]]:
    rows = message["reply_markup"]["inline_keyboard"]
    return [(button["text"], button.get("callback_data", "")) for row in rows for button in row]


def _words(message: Seen) -> str:
    return str(message.get("text") or message.get("caption") or "")
