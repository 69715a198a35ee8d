"""Output of the processes: each line goes to a bounded file and, under its part's name, to the terminal."""

from __future__ import annotations

import queue
import re
import sys
import threading
import zlib
from collections import deque
from pathlib import Path
from typing import TextIO

MAX_FILE = 8 * 1024 * 1024
"""Bytes after which a log file is set aside as `.1`, replacing the one before it."""

MAX_LINE = 64 * 1024
COLOURS = ("36", "33", "32", "35", "34", "96", "93", "92", "95", "94")
WIDTH = 10


class Console:
    """The terminal. Writing never blocks the caller and never fails: a terminal that is stopped
    or gone must not take the supervisor with it, so lines beyond a thousand waiting ones are dropped."""

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        self._stream = stream
        self._colours = stream.isatty()
        self._lines: queue.Queue[str | None] = queue.Queue(maxsize=1000)
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def say(self, name: str, line: str) -> None:
        """One line with the name of who says it before it."""
        label = f"{name:<{WIDTH}} │"
        if self._colours:
            label = f"\x1b[{COLOURS[zlib.crc32(name.encode()) % len(COLOURS)]}m{label}\x1b[0m"
        self.show(f"{label} {line}")

    def show(self, text: str) -> None:
        """Text as it is."""
        try:
            self._lines.put_nowait(text)
        except queue.Full:
            return

    def close(self, within: float = 2.0) -> None:
        """Wait until all is written, but not for a terminal that takes nothing."""
        try:
            self._lines.put(None, timeout=within)
        except queue.Full:
            return
        self._thread.join(within)

    def _write(self) -> None:
        while (text := self._lines.get()) is not None:
            try:
                self._stream.write(text + "\n")
                if self._lines.empty():
                    self._stream.flush()
            except (OSError, ValueError):
                continue


class Log:
    """The output of one part: its file, its share of the terminal, and its last lines for an error."""

    def __init__(self, name: str, file: Path, console: Console | None = None, loud: str = "") -> None:
        self.file = file
        self._name = name
        self._console = console
        self._loud = re.compile(loud)
        self._recent: deque[str] = deque(maxlen=12)
        self._stream = file.open("ab")
        self._lock = threading.Lock()

    @property
    def recent(self) -> list[str]:
        """Its last lines."""
        return list(self._recent)

    def write(self, raw: bytes) -> None:
        """One line, its end included."""
        line = raw.decode(errors="replace").rstrip()
        self._recent.append(line)
        self._keep(raw)
        if self._console and self._loud.search(line):
            self._console.say(self._name, line)

    def close(self) -> None:
        """Close the file; lines that still come are only remembered."""
        with self._lock:
            self._stream.close()

    def _keep(self, raw: bytes) -> None:
        with self._lock:
            if self._stream.closed:
                return
            try:
                self._stream.write(raw)
                self._stream.flush()
                self._rotate()
            except OSError:
                return  # a full disk costs log lines, not the stack

    def _rotate(self) -> None:
        if self._stream.tell() < MAX_FILE:
            return
        self._stream.close()
        self.file.replace(self.file.with_suffix(".log.1"))
        self._stream = self.file.open("ab")
