"""What runs now, in a file: for the next start, which ends what a killed stack left, and for tests."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

END_WITHIN = 10.0
"""Seconds for a killed process to be gone."""


class Status:
    """Process ids by part, each with its time of creation, as ids are used again by others."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._parts: dict[str, dict[str, float]] = {}
        self._ready = False
        self._lock = threading.Lock()

    def started(self, name: str, pid: int) -> None:
        """That part runs now under that process id; counts its starts."""
        starts = self._parts.get(name, {}).get("starts", 0) + 1
        with contextlib.suppress(psutil.NoSuchProcess):  # it has ended already
            self._parts[name] = {
                "pid": pid,
                "created": psutil.Process(pid).create_time(),
                "starts": starts,
                "ready": 0,
            }
        self._write()

    def part_ready(self, name: str) -> None:
        """That part answers."""
        if name in self._parts:
            self._parts[name]["ready"] = 1
        self._write()

    def ended(self, name: str) -> None:
        """That part's process is gone."""
        if name in self._parts:
            self._parts[name] |= {"pid": 0, "ready": 0}
        self._write()

    def all_ready(self) -> None:
        """The whole stack is up for the first time."""
        self._ready = True
        self._write()

    def _write(self) -> None:
        content = {"supervisor": os.getpid(), "ready": self._ready, "parts": self._parts}
        new = self._file.with_name(f"{self._file.name}.new")
        with self._lock:
            new.write_text(json.dumps(content))
            new.replace(self._file)


def end_leftovers(file: Path) -> list[str]:
    """End what still runs of the stack that wrote the file, and return the names of those parts."""
    leftovers = dict(_running(file))
    for process in leftovers.values():
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    deadline = time.monotonic() + END_WITHIN
    while any(_is_alive(process) for process in leftovers.values()) and time.monotonic() < deadline:
        time.sleep(0.02)
    file.unlink(missing_ok=True)
    return list(leftovers)


def _running(file: Path) -> Iterator[tuple[str, psutil.Process]]:
    for name, pid, created in _written(file):
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            if abs(process.create_time() - created) < 1 and _is_alive(process):
                yield name, process


def _is_alive(process: psutil.Process) -> bool:
    """False also for one that has ended and that its new parent hasn't taken note of."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _written(file: Path) -> list[tuple[str, int, float]]:
    """Name, process id and time of creation; nothing where the file is missing or damaged."""
    try:
        parts = json.loads(file.read_text())["parts"]
        return [(name, int(part["pid"]), part["created"]) for name, part in parts.items() if part["pid"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []
