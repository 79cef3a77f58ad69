"""Word files into PDF by LibreOffice: one at a time, bounded in time and memory, with nothing left behind.

It runs with a profile of its own that is thrown away, macros off and links not followed; it sees neither our
settings nor our files. Whatever goes wrong, the answer is None and the Word file goes out instead.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import structlog

log = structlog.get_logger()

SECONDS = 60.0
_PATIENCE = 120.0  # how long a print waits for those before it
_MEMORY = 3 * 1024**3
_LARGEST_PDF = 64 * 1024**2
_NAMES = ("soffice", "libreoffice")
OFF = "off"

# The limits hold for LibreOffice and all that it starts; should we be killed, it ends with its processor time. They
# are set by a process of its own: between fork and exec a program with threads must not run code.
_BOUNDED = (
    "import os,resource,sys;"
    "s=resource.setrlimit;"
    "s(resource.RLIMIT_CPU,(int(sys.argv[1]),)*2);"
    "s(resource.RLIMIT_AS,(int(sys.argv[2]),)*2);"
    "s(resource.RLIMIT_FSIZE,(int(sys.argv[3]),)*2);"
    "s(resource.RLIMIT_CORE,(0,0));"
    "os.execv(sys.argv[4],sys.argv[4:])"
)

_COMMON = "/org.openoffice.Office.Common/Security/Scripting"
_INTERNET = "/org.openoffice.Inet/Settings"
# (path, name, value): no macro, no link followed, and for whatever tries all the same a proxy that is not there.
_SETTINGS = (
    (_COMMON, "MacroSecurityLevel", "3"),
    (_COMMON, "DisableMacrosExecution", "true"),
    (_COMMON, "DisableActiveContent", "true"),
    (_COMMON, "BlockUntrustedRefererLinks", "true"),
    ("/org.openoffice.Office.Writer/Content/Update", "Link", "2"),
    (_INTERNET, "ooInetProxyType", "1"),
    (_INTERNET, "ooInetHTTPProxyName", "127.0.0.1"),
    (_INTERNET, "ooInetHTTPProxyPort", "9"),
    (_INTERNET, "ooInetHTTPSProxyName", "127.0.0.1"),
    (_INTERNET, "ooInetHTTPSProxyPort", "9"),
)


def find(wanted: str | None) -> str | None:
    """The program to use: the one that is wanted, else the one on the PATH; None for ``off`` or where none is."""
    if wanted is not None:
        return None if wanted == OFF else wanted
    return next(filter(None, map(shutil.which, _NAMES)), None)


class Soffice:
    """LibreOffice as a converter; called from worker threads, one conversion at a time."""

    def __init__(self, program: str, *, seconds: float = SECONDS, patience: float = _PATIENCE) -> None:
        self._program = program
        self._seconds = seconds
        self._patience = patience
        self._turn = threading.Lock()
        self._door = threading.Lock()  # between starting a process and closing
        self._running: subprocess.Popen[bytes] | None = None
        self._closed = False

    def to_pdf(self, word: bytes) -> bytes | None:
        """The PDF of a Word file, or None: no room, no time, or LibreOffice could not. Never raises."""
        if not self._turn.acquire(timeout=self._patience):
            log.warning("no PDF: too many wait")
            return None
        try:
            with tempfile.TemporaryDirectory(prefix="chibo-pdf-", ignore_cleanup_errors=True) as folder:
                return self._convert(word, Path(folder))
        except OSError as trouble:
            log.warning("no PDF", reason=type(trouble).__name__)
            return None
        finally:
            self._turn.release()

    def close(self) -> None:
        """End what runs; nothing is converted any more."""
        with self._door:
            self._closed = True
            if self._running is not None:
                _kill(self._running)

    def _convert(self, word: bytes, folder: Path) -> bytes | None:
        (folder / "in.docx").write_bytes(word)
        _write_profile(folder / "profile" / "user")
        with self._door:
            if self._closed:
                return None
            self._running = process = self._start(folder)
        try:
            process.wait(self._seconds)
        except subprocess.TimeoutExpired:
            log.warning("no PDF: it took too long", seconds=self._seconds)
            return None
        finally:
            _kill(process)
            with self._door:
                self._running = None
        made = folder / "in.pdf"
        pdf = made.read_bytes() if made.is_file() else b""
        if not pdf.startswith(b"%PDF-") or len(pdf) > _LARGEST_PDF:
            log.warning("no PDF: LibreOffice made none", status=process.returncode)
            return None
        return pdf

    def _start(self, folder: Path) -> subprocess.Popen[bytes]:
        limits = (str(int(self._seconds) + 1), str(_MEMORY), str(_LARGEST_PDF))
        office = (
            *(self._program, f"-env:UserInstallation={(folder / 'profile').as_uri()}"),
            *("--headless", "--norestore", "--nolockcheck", "--nodefault", "--nofirststartwizard", "--nologo"),
            "--infilter=MS Word 2007 XML",
            *("--convert-to", "pdf:writer_pdf_Export", "--outdir", str(folder), str(folder / "in.docx")),
        )
        return subprocess.Popen(  # noqa: S603 - the program is the operator's own setting
            [sys.executable, "-I", "-S", "-c", _BOUNDED, *limits, *office],
            cwd=folder,
            env=_bare_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )


def _bare_environment(folder: Path) -> dict[str, str]:
    """What LibreOffice may know: no token, no address of a database, and a home that is thrown away."""
    return {
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "SAL_USE_VCLPLUGIN": "svp",  # draws without a screen
    }


def _write_profile(user: Path) -> None:
    user.mkdir(parents=True)
    items = "".join(
        f'<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, name, value in _SETTINGS
    )
    (user / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"{items}</oor:items>",
        encoding="utf-8",
    )


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process with everything that it started: they are one group of their own."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(5)
