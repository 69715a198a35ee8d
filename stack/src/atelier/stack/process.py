"""One running process on a leash, with its output pumped into a log."""

from __future__ import annotations

import os
import signal
import subprocess
import threading

from atelier.stack.leash import leashed
from atelier.stack.logs import MAX_LINE, Log
from atelier.stack.program import Program


class Process:
    """Started at once, in a session of its own so that a Ctrl-C in the terminal doesn't reach it.

    Create it in a thread that lives as long as this process (see `leash`).
    """

    def __init__(self, program: Program, log: Log) -> None:
        self.program = program
        self._log = log
        self._popen = subprocess.Popen(
            leashed(program.command, program.death_signal),
            cwd=program.folder,
            env=dict(program.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._pump = threading.Thread(target=self._read, daemon=True)
        self._pump.start()

    @property
    def pid(self) -> int:
        """The server's own: everything before it on the command line became it by exec."""
        return self._popen.pid

    @property
    def returncode(self) -> int | None:
        """None while it runs; negative for the signal that ended it."""
        return self._popen.poll()

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process if it still runs."""
        self._popen.send_signal(number)

    def wait(self, within: float | None = None) -> bool:
        """Block until it has ended; False if it runs on after that many seconds."""
        try:
            self._popen.wait(within)
        except subprocess.TimeoutExpired:
            return False
        self._pump.join(0.5)  # the last lines; not longer, as a grandchild may hold the pipe open
        return True

    def kill(self) -> None:
        """End it and what it started, at once, and wait for it."""
        self.send(signal.SIGKILL)
        self.end_group()
        self.wait()

    def end_group(self) -> None:
        """End what the process may have left behind in its group."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return

    def _read(self) -> None:
        assert self._popen.stdout is not None
        while line := self._popen.stdout.readline(MAX_LINE):
            self._log.write(line if line.endswith(b"\n") else line + b"\n")
        self._popen.stdout.close()


def ending(returncode: int) -> str:
    """How a process ended, in words."""
    if returncode >= 0:
        return f"ended with code {returncode}"
    try:
        return f"was ended by {signal.Signals(-returncode).name}"
    except ValueError:
        return f"was ended by signal {-returncode}"
