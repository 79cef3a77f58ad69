"""What a process has used so far: processor seconds and memory, as the system counts them."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def cpu_seconds(pid: int) -> float:
    """Processor time of all threads, user and system; not a number where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / _TICKS


def megabytes(pid: int, name: str = "VmRSS") -> float:
    """Memory that is really held now (``VmRSS``) or was at most (``VmHWM``); not a number where not told."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return float("nan")
    found = next((line.split()[1] for line in lines if line.startswith(f"{name}:")), "nan")
    return float(found) / 1024
