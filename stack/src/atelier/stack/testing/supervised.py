"""A whole stack with its services, as a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from atelier.stack import ports
from atelier.stack.data_folder import DataFolder
from atelier.stack.errors import StackError


@dataclass(frozen=True)
class RunningPart:
    """A process of a supervised stack, as its status file tells."""

    pid: int
    starts: int
    ready: bool


class SupervisedStack:
    """A whole `python -m atelier.stack run` as a process of its own, on a free gateway port.

    `command` runs it: another than the default may bring services of its own.
    """

    def __init__(
        self,
        data_dir: Path,
        environment: Mapping[str, str] | None = None,
        command: tuple[str, ...] = (sys.executable, "-m", "atelier.stack", "run"),
    ) -> None:
        self.folder = DataFolder(data_dir)
        self.gateway_port = ports.choose(())
        self.gateway_url = f"http://127.0.0.1:{self.gateway_port}"
        self.environment = {
            **os.environ,
            "DATA_DIR": str(data_dir),
            "GATEWAY_PORT": str(self.gateway_port),
            **(environment or {}),
        }
        self._command = command
        self._output = data_dir.with_name(f"{data_dir.name}.out")
        self._popen: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The supervisor's process id."""
        assert self._popen is not None, "not started"
        return self._popen.pid

    @property
    def output(self) -> str:
        """What the supervisor has printed since its last start."""
        return self._output.read_text(errors="replace")

    def launch(self) -> Self:
        """Start it without waiting."""
        with self._output.open("wb") as output:
            self._popen = subprocess.Popen(
                self._command, env=self.environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip
        return self

    def start(self, within: float = 180.0) -> Self:
        """Start it and wait until everything is ready; StackError with its output otherwise."""
        self.launch()
        try:
            self.wait(self._is_ready, within)
        except BaseException:
            self.kill()
            raise
        return self

    def part(self, name: str) -> RunningPart:
        """That part or service as it runs now; pid 0 when it doesn't."""
        parts = self._status().get("parts")
        row = parts.get(name, {}) if isinstance(parts, dict) else {}
        return RunningPart(int(row.get("pid", 0)), int(row.get("starts", 0)), bool(row.get("ready")))

    def running_part(self, name: str, within: float = 30.0) -> RunningPart:
        """That part or service once it has a process: ask here before a signal goes to its pid.

        The pid of one that is down reads as 0, and a signal to 0 hits the caller's whole process group.
        """
        part = self.part(name)

        def runs() -> bool:
            nonlocal part
            part = self.part(name)
            return part.pid > 0

        self.wait(runs, within)
        return part

    def kill_part(self, name: str, within: float = 30.0) -> RunningPart:
        """kill -9 one part or service, which the supervisor then starts again; returns what it was."""
        before = self.running_part(name, within)
        with contextlib.suppress(psutil.NoSuchProcess):  # it ended by itself in between
            psutil.Process(before.pid).kill()
        return before

    def kill_part_and_wait(self, name: str, within: float = 30.0) -> None:
        """kill -9 one part or service and wait until it is ready again."""
        before = self.kill_part(name, within)
        self.wait(lambda: self.part(name).starts > before.starts and self.part(name).ready, within)

    def processes(self) -> list[psutil.Process]:
        """Everything that works in the data folder, as all parts and services do, children included."""
        return [process for process in psutil.process_iter() if self._works_here(process)]

    def service_environment(self, service: str) -> dict[str, str]:
        """What that service was given: its URLs, database and secrets."""
        return dict(json.loads(self.folder.services_file.read_text())[service])

    def wait(self, condition: Callable[[], bool], within: float = 30.0) -> None:
        """Until the condition holds; StackError with the output when it is late or the stack ended."""
        deadline = time.monotonic() + within
        while not condition():
            ended = self._popen is None or self._popen.poll() is not None
            if ended or time.monotonic() > deadline:
                raise StackError(f"the stack {'ended' if ended else 'is late'}; it said:\n{self.output}")
            time.sleep(0.02)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the supervisor alone."""
        os.kill(self.pid, number)

    def ended(self, within: float = 60.0) -> int:
        """Wait until the supervisor has ended and return its exit code."""
        assert self._popen is not None
        return self._popen.wait(within)

    def stop(self, within: float = 60.0) -> int:
        """End it as Ctrl-C does and return its exit code; killed when it takes longer."""
        if self._popen is None or self._popen.poll() is not None:
            return self._popen.returncode if self._popen else 0
        self.send(signal.SIGINT)
        try:
            return self.ended(within)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self) -> None:
        """kill -9 the supervisor alone: what it started has to end by itself."""
        if self._popen is not None:
            self._popen.kill()
            self._popen.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _works_here(self, process: psutil.Process) -> bool:
        try:
            return Path(process.cwd()).is_relative_to(self.folder.path.resolve())
        except psutil.Error:
            return False

    def _is_ready(self) -> bool:
        status = self._status()
        return status.get("ready") is True and status.get("supervisor") == self.pid

    def _status(self) -> dict[str, object]:
        try:
            return dict(json.loads(self.folder.status_file.read_text()))
        except (OSError, ValueError):
            return {}
