"""Word files into PDF by the real LibreOffice: bounded, alone, without a network, nothing left behind."""

from __future__ import annotations

import http.server
import io
import os
import shutil
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import segno
from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn

from bot import pdf
from bot.pdf import Soffice

OFFICE = pdf.find(None)
needs_office = pytest.mark.skipif(OFFICE is None, reason="LibreOffice (soffice) is not on this machine")
WORDS = "Đồng chí Nguyễn Thị Ước tự kiểm điểm"


def word(*paragraphs: str) -> bytes:
    document = Document()
    for words in paragraphs or (WORDS,):
        document.add_paragraph(words)
    return saved(document)


def saved(document) -> bytes:  # type: ignore[no-untyped-def]
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Everything temporary of a conversion is made here, so that what is left behind shows."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def program(folder: Path, script: str) -> str:
    """A program that stands for LibreOffice where what matters is how it misbehaves."""
    path = folder / "soffice"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@needs_office
def test_a_word_file_becomes_a_pdf_with_its_letters_and_nothing_is_left(temporary: Path, tmp_path: Path) -> None:
    made = Soffice(OFFICE or "").to_pdf(word())
    assert made is not None
    assert made.startswith(b"%PDF-")
    assert not list(temporary.iterdir())
    if shutil.which("pdftotext"):
        (tmp_path / "made.pdf").write_bytes(made)
        told = subprocess.run(["pdftotext", str(tmp_path / "made.pdf"), "-"], capture_output=True, check=True)
        assert WORDS in told.stdout.decode()


@needs_office
def test_two_at_once_come_one_after_the_other_and_both_arrive() -> None:
    office, made = Soffice(OFFICE or ""), []
    threads = [threading.Thread(target=lambda: made.append(office.to_pdf(word()))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 2
    assert all(one is not None for one in made)


@needs_office
def test_what_is_no_word_file_gives_none(temporary: Path) -> None:
    office = Soffice(OFFICE or "")
    assert office.to_pdf(b"not a Word file at all") is None
    broken = word()[:1500]
    assert office.to_pdf(broken) is None
    assert not list(temporary.iterdir())


class Listener(http.server.BaseHTTPRequestHandler):
    asked: list[str] = []  # noqa: RUF012 - one list for all requests is the point

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(404)
        self.end_headers()

    do_HEAD = do_OPTIONS = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    Listener.asked.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", Listener.asked
    server.shutdown()
    server.server_close()


def linked(url: str) -> bytes:
    """A Word file with a picture that is not in it: an address is."""
    document = Document()
    picture = io.BytesIO()
    segno.make(WORDS).save(picture, kind="png")
    document.add_picture(picture)
    relation = document.part.relate_to(f"{url}/spy.png", RELATIONSHIP_TYPE.IMAGE, is_external=True)
    (blip,) = document.element.body.iter(qn("a:blip"))
    del blip.attrib[qn("r:embed")]
    blip.set(qn("r:link"), relation)
    return saved(document)


@needs_office
def test_a_picture_from_the_network_is_not_fetched(
    listener: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, asked = listener
    assert Soffice(OFFICE or "").to_pdf(linked(url)) is not None
    assert asked == []
    # Left to itself it would be: the listener listens.
    monkeypatch.setattr(pdf, "_SETTINGS", ())
    Soffice(OFFICE or "").to_pdf(linked(url))
    assert asked


def test_what_takes_too_long_is_ended_with_its_children(tmp_path: Path, temporary: Path) -> None:
    told = tmp_path / "pids"
    slow = program(tmp_path, f"sleep 300 & echo $! > {told}; echo $$ >> {told}; wait")
    began = time.monotonic()
    assert Soffice(slow, seconds=1).to_pdf(word()) is None
    assert time.monotonic() - began < 10
    pids = [int(line) for line in told.read_text().split()]
    assert len(pids) == 2
    assert not any(map(alive, pids))
    assert not list(temporary.iterdir())


def test_a_child_that_outlives_a_quick_parent_is_ended_too(tmp_path: Path) -> None:
    told = tmp_path / "pids"
    slow = program(tmp_path, f"sleep 300 & echo $! > {told}")
    assert Soffice(slow, seconds=5).to_pdf(word()) is None
    deadline = time.monotonic() + 5
    while alive(int(told.read_text())) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(int(told.read_text()))


def test_it_sees_no_setting_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "123456:secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql+asyncpg://user:secret@host/db")
    told = tmp_path / "environment"
    Soffice(program(tmp_path, f"env > {told}")).to_pdf(word())
    seen = told.read_text()
    assert "secret" not in seen
    assert f"HOME={os.environ['HOME']}\n" not in seen


def test_it_may_not_take_all_the_memory_nor_fill_the_disk(tmp_path: Path) -> None:
    told = tmp_path / "limits"
    Soffice(program(tmp_path, f"ulimit -v > {told}; ulimit -f >> {told}; ulimit -t >> {told}")).to_pdf(word())
    limits = told.read_text().split()
    assert len(limits) == 3
    assert "unlimited" not in limits


def test_at_the_end_what_runs_is_ended_and_nothing_new_begins(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    office = Soffice(program(tmp_path, f"echo $$ > {told}; sleep 300"))
    made: list[bytes | None] = []
    working = threading.Thread(target=lambda: made.append(office.to_pdf(word())))
    working.start()
    deadline = time.monotonic() + 10
    while not told.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    office.close()
    working.join(10)
    assert made == [None]
    assert office.to_pdf(word()) is None


def test_a_program_that_is_not_there_gives_none(temporary: Path) -> None:
    assert Soffice("/nowhere/soffice").to_pdf(word()) is None
    assert not list(temporary.iterdir())


def test_a_program_that_makes_no_pdf_gives_none(tmp_path: Path) -> None:
    assert Soffice(program(tmp_path, "echo words > in.pdf")).to_pdf(word()) is None


def test_off_is_off() -> None:
    assert pdf.find(pdf.OFF) is None
    assert pdf.find("/opt/office/soffice") == "/opt/office/soffice"
