"""Real parts and whole stacks for tests: started on free ports in a folder of their own, and hurt at will.

    with EmbeddedStack() as stack:
        stack.endpoints.kafka_bootstrap_servers
        stack.kafka.kill()      # -9; also pause() (SIGSTOP), resume(), stop(), start(), restart()

Everything here blocks; from a coroutine use `asyncio.to_thread`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from atelier.stack import embedded, ports
from atelier.stack.data_folder import DataFolder
from atelier.stack.endpoints import Endpoints
from atelier.stack.errors import StackError
from atelier.stack.logs import Log
from atelier.stack.parts import kafka, postgres, seaweedfs
from atelier.stack.process import Process, ending
from atelier.stack.program import Program
from atelier.stack.settings import Settings
from atelier.stack.state import State
from atelier.stack.status import Status, end_leftovers

_spawner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spawner")
"""Starts every process: they end with the thread that started them, and this one lives on."""


class Part:
    """One embedded server, without a supervisor: what a test does to it stays done."""

    def __init__(self, program: Program, logs: Path, status: Status) -> None:
        self._program = program
        self._log = Log(program.name, logs / f"{program.name}.log")
        self._status = status
        self._process: Process | None = None

    @property
    def pid(self) -> int:
        """The server's own process id."""
        return self._running.pid

    def launch(self) -> None:
        """Prepare and start it, without waiting until it is ready."""
        self._program.prepare()
        self._process = _spawner.submit(Process, self._program, self._log).result()
        self._status.started(self._program.name, self._process.pid)

    def wait_ready(self, within: float | None = None) -> None:
        """StackError with its last lines when it has ended or isn't ready in that many seconds."""
        deadline = time.monotonic() + (within or self._program.ready_within)
        while not self._program.is_ready():
            code = self._running.returncode
            if code is not None or time.monotonic() > deadline:
                what = "isn't ready in time" if code is None else ending(code)
                raise StackError("\n    ".join([f"{self._program.name} {what}", *self._log.recent]))
            time.sleep(0.02)

    def start(self) -> None:
        """Start it and wait until it is ready."""
        self.launch()
        self.wait_ready()

    def kill(self) -> None:
        """kill -9, also while it is paused, and wait until it is gone."""
        self._running.kill()
        self._status.ended(self._program.name)

    def pause(self) -> None:
        """SIGSTOP: it keeps its connections and answers nothing."""
        self._running.send(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self._running.send(signal.SIGCONT)

    def stop(self) -> None:
        """Ask it to end as the supervisor would; killed when it doesn't by its deadline."""
        if self._process is None:
            return
        self.resume()
        self._process.send(self._program.stop_signal)
        self._process.wait(self._program.stop_within)
        self.kill()

    def restart(self) -> None:
        """Stop and start on the same ports and data."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop it for good."""
        self.stop()
        self._log.close()

    @property
    def _running(self) -> Process:
        assert self._process is not None, f"{self._program.name} was never started"
        return self._process


class EmbeddedStack:
    """The embedded parts (or only some, by name: "postgres", "kafka", "s3") in a folder.

    Without a folder it makes one and removes it at the end.
    """

    def __init__(self, data_dir: Path | None = None, parts: Collection[str] = embedded.NAMES) -> None:
        self._closing = ExitStack()
        self._folder = DataFolder(data_dir or self._temporary())
        self._names = parts
        self._parts: dict[str, Part] = {}
        self._endpoints: Endpoints | None = None

    @property
    def endpoints(self) -> Endpoints:
        """Where each part is."""
        assert self._endpoints is not None, "not started"
        return self._endpoints

    @property
    def postgres(self) -> Part:
        """The PostgreSQL server."""
        return self._parts[postgres.NAME]

    @property
    def kafka(self) -> Part:
        """The Kafka broker."""
        return self._parts[kafka.NAME]

    @property
    def s3(self) -> Part:
        """The SeaweedFS server."""
        return self._parts[seaweedfs.NAME]

    def start(self) -> Self:
        """All parts at once, until all are ready; nothing is left running when one fails."""
        try:
            self._closing.enter_context(self._folder.hold())
            end_leftovers(self._folder.status_file)
            self._launch()
        except BaseException:
            self.close()
            raise
        return self

    def close(self) -> None:
        """Stop what runs."""
        self._closing.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _launch(self) -> None:
        state = State.load(self._folder.state_file)
        settings = replace(Settings.read({}), data_dir=self._folder.path)
        made = embedded.parts(settings, self._folder, state)
        state.save()
        self._endpoints = made.endpoints
        status = Status(self._folder.status_file)
        for name in embedded.NAMES:
            if name in self._names:
                self._parts[name] = Part(made.programs[name], self._folder.logs, status)
                self._closing.callback(self._parts[name].close)
        with ThreadPoolExecutor(len(embedded.NAMES)) as pool:
            list(pool.map(Part.start, self._parts.values()))

    def _temporary(self) -> Path:
        folder = Path(self._closing.enter_context(tempfile.TemporaryDirectory(prefix="atelier-")))
        folder.chmod(0o711)  # PostgreSQL may have to run as another user
        return folder


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

    def start(self, within: float = 90.0) -> Self:
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

    def kill_part(self, name: str) -> None:
        """kill -9 one part or service, which the supervisor then starts again."""
        os.kill(self.part(name).pid, signal.SIGKILL)

    def kill_part_and_wait(self, name: str, within: float = 30.0) -> None:
        """kill -9 one part or service and wait until it is ready again."""
        before = self.part(name)
        os.kill(before.pid, signal.SIGKILL)
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
            return Path(process.cwd()).is_relative_to(self.folder.path)
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
