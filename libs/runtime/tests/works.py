"""Works for worker processes: what a picture may do to the process that opens it."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from pathlib import Path

HUGE = 2 * 1024**3


class OddError(Exception):
    """Can be pickled, but not read again."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(first)
        self.second = second


def add(first: int, second: int = 0) -> int:
    """The sum."""
    return first + second


def refuse(why: str) -> None:
    """Raises what the caller can catch."""
    raise ValueError(why)


def refuse_oddly() -> None:
    """Raises what can't travel between processes."""
    raise OddError("first", "second")


def take_memory() -> int:
    """More than a worker may have, asked for by Python."""
    return len(b"x" * HUGE)


def take_memory_in_c() -> None:
    """More than a worker may have, asked for by a library that doesn't look at the answer."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    ctypes.memset(libc.malloc(HUGE), 1, HUGE)


def hang(file: Path) -> None:
    """Never end; the file appears with the process's id."""
    file.write_text(str(os.getpid()))
    time.sleep(600)


def hang_in_c(file: Path) -> None:
    """Never end inside a library, where Python's signal handlers aren't run."""
    file.write_text(str(os.getpid()))
    ctypes.PyDLL(None).sleep(600)


def die() -> None:
    """Crash."""
    os.kill(os.getpid(), signal.SIGSEGV)


def pid() -> int:
    """The worker's process id."""
    return os.getpid()
