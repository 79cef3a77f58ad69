"""Trying a secretary's layout in a process of its own, which is ended when it takes too long or too much."""

from __future__ import annotations

import base64
import json
import os
import resource
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog

from handlers.papers.template_file import Fault
from handlers.papers.template_trial import Verdict, try_layout

log = structlog.get_logger()

SECONDS = 30.0
_MEMORY = 1024**3
_ROOT = Path(__file__).parents[1]
_CODE = "from bot.trial import child; child()"


class LayoutTrial:
    """Called from worker threads; every trial has its own process, without our settings."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds

    def __call__(self, content: bytes, rules: str) -> Verdict:
        """Try a layout with the forms of a rule set; what cannot be tried in time is refused."""
        asked = json.dumps({"rules": rules, "content": base64.b64encode(content).decode(), "cpu": self._seconds})
        process = subprocess.Popen(  # noqa: S603 - our own code, nothing of it comes from the layout
            [sys.executable, "-c", _CODE],
            cwd=_ROOT,
            env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "PYTHONPATH": str(_ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            said, _ = process.communicate(asked.encode(), timeout=self._seconds)
            return _verdict(json.loads(said))
        except subprocess.TimeoutExpired:
            log.warning("layout refused: trying it took too long", seconds=self._seconds)
            return Verdict(Fault("too_slow"))
        except (OSError, ValueError, KeyError):
            log.warning("layout refused: trying it failed", status=process.poll())
            return Verdict(Fault("too_much"))
        finally:
            _end(process)


def child() -> None:
    """The other process: one layout in, one verdict out."""
    asked = json.load(sys.stdin)
    seconds = int(asked["cpu"]) + 1
    for what, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    found = try_layout(base64.b64decode(asked["content"]), str(asked["rules"]))
    fault = found.fault
    told = {
        "fault": [fault.kind, fault.what, fault.words] if fault else None,
        "missing": list(found.missing),
        "sample": base64.b64encode(found.sample).decode() if found.sample else None,
    }
    sys.stdout.write(json.dumps(told))


def _verdict(told: dict[str, Any]) -> Verdict:
    sample = told["sample"]
    return Verdict(
        Fault(*told["fault"]) if told["fault"] else None,
        tuple(told["missing"]),
        base64.b64decode(sample) if sample else None,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(5)
