"""Keeps programs running: started until ready, started again when they die, stopped within a deadline."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

from atelier.stack.errors import StackError
from atelier.stack.logs import Console, Log
from atelier.stack.process import Process, ending
from atelier.stack.program import Program
from atelier.stack.status import Status

POLL = 0.05
"""Seconds between two questions whether something is ready."""

FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0
STEADY = 30.0
"""Seconds of running after which a program that dies again counts as dying for the first time."""

P = ParamSpec("P")
T = TypeVar("T")


class Supervisor:
    """Its coroutines run in the main thread's loop; what blocks runs in its threads."""

    def __init__(self, console: Console, logs: Path, status: Status) -> None:
        self._console = console
        self._logs = logs
        self._status = status
        self._kept: dict[str, Kept] = {}
        # two of each program's threads at most are busy: one asks or prepares, one waits for its end
        self._threads = ThreadPoolExecutor(max_workers=64, thread_name_prefix="supervisor")

    async def keep(self, program: Program) -> None:
        """Start it and keep it running until `stop`; returns once it is ready.

        StackError when it dies or isn't ready by its deadline: a first start isn't tried again.
        """
        log = Log(program.name, self._logs / f"{program.name}.log", self._console, program.loud)
        kept = self._kept[program.name] = Kept(program, log, self)
        await kept.start()

    async def run_once(self, program: Program) -> None:
        """Run a command to its end; StackError unless it ends with 0 in `ready_within` seconds."""
        await self.prepare(program)
        log = Log(program.name, self._logs / f"{program.name}.log", self._console, program.loud)
        process = Process(program, log)
        try:
            if not await self.in_thread(process.wait, program.ready_within):
                raise StackError(
                    _with_log(f"{program.name} took more than {program.ready_within:.0f} s", log)
                )
            if process.returncode:
                raise StackError(_with_log(f"{program.name} {ending(process.returncode)}", log))
        finally:
            process.kill()
            log.close()

    async def prepare(self, program: Program) -> None:
        """What comes before a start; StackError, too, where a folder or a file refuses."""
        try:
            await self.in_thread(program.prepare)
        except OSError as error:
            raise StackError(f"{program.name} can't be prepared: {error}") from None

    async def stop(self, names: Iterable[str]) -> None:
        """Stop these at the same time; those that were never started are left out."""
        await asyncio.gather(*(self._kept[name].stop() for name in names if name in self._kept))

    def kill_all(self) -> None:
        """End everything at once: the person can't wait."""
        for kept in self._kept.values():
            kept.kill()

    def close(self) -> None:
        """Wait for what still runs in threads: the making of a data folder isn't cut short."""
        self._threads.shutdown()

    async def in_thread(self, function: Callable[P, T], *arguments: P.args, **keywords: P.kwargs) -> T:
        """Run what blocks beside the loop."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: function(*arguments, **keywords))

    def say(self, name: str, line: str) -> None:
        """One line of the supervisor's own about a program."""
        self._console.say(name, line)

    @property
    def status(self) -> Status:
        """Where it writes down what runs."""
        return self._status


class Kept:
    """One program that is to run all the time."""

    def __init__(self, program: Program, log: Log, supervisor: Supervisor) -> None:
        self._program = program
        self._log = log
        self._supervisor = supervisor
        self._process: Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    async def start(self) -> None:
        """Until it is ready, and keep it from then on."""
        began = time.monotonic()
        await self._start_once()
        self._say(f"ready after {time.monotonic() - began:.1f} s")
        self._keeper = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Ask it to end, end it after its deadline; returns when it is gone."""
        self._stopping.set()
        if process := self._process:
            process.send(self._program.stop_signal)
            if not await self._supervisor.in_thread(process.wait, self._program.stop_within):
                self._say(f"didn't end within {self._program.stop_within:.0f} s and was killed")
            await self._supervisor.in_thread(process.kill)
            self._say("stopped")
        if self._keeper:
            await self._keeper
        self._supervisor.status.ended(self._program.name)
        self._log.close()

    def kill(self) -> None:
        """End it without asking; who waits in `stop` sees it gone."""
        self._stopping.set()
        if self._process:
            self._process.send(signal.SIGKILL)
            self._process.end_group()

    async def _keep(self) -> None:
        delay = FIRST_DELAY
        while not self._stopping.is_set():
            began = time.monotonic()
            how = await self._died()
            if self._stopping.is_set():
                return
            delay = FIRST_DELAY if time.monotonic() - began > STEADY else min(2 * delay, LONGEST_DELAY)
            self._say(f"{how}; starting it again in {delay:.1f} s")
            await self._pause(delay)
            await self._restart()

    async def _died(self) -> str:
        """Wait for its end and say how it was."""
        assert self._process is not None
        await self._supervisor.in_thread(self._process.wait)
        self._process.end_group()
        self._supervisor.status.ended(self._program.name)
        return ending(self._process.returncode or 0)

    async def _restart(self) -> None:
        if self._stopping.is_set():
            return
        try:
            await self._start_once()
            self._say("ready again")
        except StackError as error:
            if not self._stopping.is_set():
                self._say(str(error).partition("\n")[0])

    async def _start_once(self) -> None:
        await self._supervisor.prepare(self._program)
        if self._stopping.is_set():
            return
        self._process = Process(self._program, self._log)
        self._supervisor.status.started(self._program.name, self._process.pid)
        await self._until_ready(self._process)
        self._supervisor.status.part_ready(self._program.name)

    async def _until_ready(self, process: Process) -> None:
        deadline = time.monotonic() + self._program.ready_within
        while not await self._supervisor.in_thread(self._program.is_ready):
            if process.returncode is not None:
                raise StackError(_with_log(f"{self._program.name} {ending(process.returncode)}", self._log))
            if time.monotonic() > deadline:
                await self._supervisor.in_thread(process.kill)
                what = f"{self._program.name} wasn't ready within {self._program.ready_within:.0f} s"
                raise StackError(_with_log(what, self._log))
            if self._stopping.is_set():
                return
            await self._pause(POLL)

    async def _pause(self, seconds: float) -> None:
        """Sleep, but not beyond the moment when it is to stop."""
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return

    def _say(self, line: str) -> None:
        self._supervisor.say(self._program.name, line)


def _with_log(what: str, log: Log) -> str:
    """A sentence, and beneath it what the program said last, where it said anything."""
    if not log.recent:
        return f"{what} and said nothing; what it said before is in {log.file}."
    lines = "".join(f"\n    {line}" for line in log.recent)
    return f"{what}: its last lines are below, all of them in {log.file}.{lines}"
