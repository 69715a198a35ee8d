"""Embedded parts without a supervisor: what a test does to one stays done."""

from __future__ import annotations

import signal
import tempfile
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from atelier.stack import embedded
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

    def discard(self) -> None:
        """Kill what runs: for a folder that goes with it, an orderly stop is time lost."""
        for part in self._parts.values():
            part.kill()
        self.close()

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
