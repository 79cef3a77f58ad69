"""The bot as a process that is killed and started again at once, as a supervisor of the system would."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.process import begin


@dataclass(frozen=True)
class Death:
    """How one process ended: ``at`` loop seconds, ``status`` as a shell would see it (-9: killed)."""

    life: int
    at: float
    status: int


@dataclass
class Keeper:
    """Keeps one bot alive: whatever ends it, the next one is started at once."""

    folder: Path
    env: dict[str, str]
    begun: Callable[[int], None]
    deaths: list[Death] = field(default_factory=list)
    kills: dict[int, float] = field(default_factory=dict)
    life: int = 0
    _process: asyncio.subprocess.Process | None = None
    _task: asyncio.Task[None] | None = None
    _ending: bool = False

    def open(self) -> None:
        """Begin."""
        self._ending = False
        self._task = asyncio.create_task(self._keep(), name="keeper")

    def kill(self) -> bool:
        """Kill the process that runs now, by a signal that it cannot hear; False where none runs."""
        process = self._process
        if process is None or process.returncode is not None or self.life in self.kills:
            return False
        self.kills[self.life] = asyncio.get_running_loop().time()
        os.kill(process.pid, signal.SIGKILL)
        return True

    async def stop(self) -> int:
        """Ask it to end, and start no other; returns its exit status (99: it did not end in time)."""
        self._ending = True
        process = self._process
        status = 0
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                status = await asyncio.wait_for(process.wait(), 15)
            except TimeoutError:
                process.kill()
                status = 99
        if self._task is not None:
            await self._task
        return status

    async def _keep(self) -> None:
        while not self._ending:
            self.life += 1
            self.begun(self.life)
            with (self.folder / "run.log").open("ab") as log:
                self._process = await begin("run", env=self.env, folder=self.folder, out=log)
            if self._asked_to_end():
                self._process.terminate()
            status = await self._process.wait()
            self.deaths.append(Death(self.life, asyncio.get_running_loop().time(), status))

    def _asked_to_end(self) -> bool:
        """Asked anew after every wait: it may have come meanwhile."""
        return self._ending
