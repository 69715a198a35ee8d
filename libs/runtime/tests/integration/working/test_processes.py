"""Work in limited processes: what goes wrong in one ends that one, and nothing else."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
import works
from newsroom import eventually

from atelier.runtime.errors import UnavailableError
from atelier.runtime.processes import LimitedProcesses, WorkKilledError, WorkTimeoutError

MEMORY = 256 * 1024 * 1024
SERVICE = """
import asyncio, pathlib, sys, works
from atelier.runtime.processes import LimitedProcesses

async def main():
    processes = LimitedProcesses(workers=1, memory_bytes=2**28, timeout=60)
    await processes.run(works.hang_in_c, pathlib.Path(sys.argv[1]))

if __name__ == "__main__":
    asyncio.run(main())
"""


@pytest.fixture(scope="module")
async def processes() -> AsyncIterator[LimitedProcesses]:
    processes = LimitedProcesses(workers=2, memory_bytes=MEMORY, timeout=30)
    yield processes
    await processes.close()


async def _begun(file: Path) -> int:
    async def written() -> bool:
        return file.exists() and bool(file.read_text())

    await eventually(written)
    return int(file.read_text())


async def _gone(pid: int) -> None:
    async def gone() -> bool:
        return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE

    await eventually(gone, within=5)


async def test_a_result_comes_back_from_another_process(processes: LimitedProcesses) -> None:
    assert await processes.run(works.add, 1, second=2) == 3
    assert await processes.run(works.pid) != os.getpid()


async def test_what_the_work_raises_is_raised(processes: LimitedProcesses) -> None:
    with pytest.raises(ValueError, match="no picture"):
        await processes.run(works.refuse, "no picture")


async def test_an_error_that_cant_travel_is_told_in_words(processes: LimitedProcesses) -> None:
    with pytest.raises(RuntimeError, match="OddError: first"):
        await processes.run(works.refuse_oddly)


@pytest.mark.parametrize("work", [works.take_memory, works.take_memory_in_c, works.die])
async def test_work_that_takes_too_much_or_crashes_is_killed_and_the_next_goes_on(
    processes: LimitedProcesses, work: Callable[[], Any]
) -> None:
    with pytest.raises(WorkKilledError):
        await processes.run(work)
    assert await processes.run(works.add, 1) == 1
    assert psutil.Process().memory_info().rss < works.HUGE, "none of it was taken here"


async def test_work_beside_one_that_crashes_is_done(processes: LimitedProcesses) -> None:
    crashing = [processes.run(works.die) for _ in range(4)]
    adding = [processes.run(works.add, number) for number in range(40)]
    done = await asyncio.gather(*crashing, *adding, return_exceptions=True)

    assert all(isinstance(one, WorkKilledError) for one in done[:4])
    assert done[4:] == list(range(40))


@pytest.mark.parametrize("work", [works.hang, works.hang_in_c])
async def test_work_that_takes_too_long_is_killed(work: Callable[[Path], None], tmp_path: Path) -> None:
    processes = LimitedProcesses(workers=1, memory_bytes=MEMORY, timeout=0.5)
    try:
        with pytest.raises(WorkTimeoutError):
            await processes.run(work, tmp_path / "pid")
        await _gone(await _begun(tmp_path / "pid"))
        assert await processes.run(works.add, 1) == 1
    finally:
        await processes.close()


async def test_work_that_nobody_waits_for_any_more_is_killed(
    processes: LimitedProcesses, tmp_path: Path
) -> None:
    waiting = asyncio.create_task(processes.run(works.hang_in_c, tmp_path / "pid"))
    pid = await _begun(tmp_path / "pid")
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    await _gone(pid)
    assert await processes.run(works.add, 1) == 1


async def test_work_that_waits_for_its_turn_doesnt_count_its_time(tmp_path: Path) -> None:
    processes = LimitedProcesses(workers=1, memory_bytes=MEMORY, timeout=0.8)
    try:
        first = asyncio.create_task(processes.run(works.hang, tmp_path / "pid"))
        await _begun(tmp_path / "pid")
        assert await processes.run(works.add, 1) == 1
        with pytest.raises(WorkTimeoutError):
            await first
    finally:
        await processes.close()


async def test_workers_that_die_at_rest_are_replaced(processes: LimitedProcesses) -> None:
    for _ in range(3):
        os.kill(await processes.run(works.pid), signal.SIGKILL)
        assert await processes.run(works.add, 1) == 1


async def test_closing_kills_what_runs(tmp_path: Path) -> None:
    processes = LimitedProcesses(workers=1, memory_bytes=MEMORY, timeout=60)
    waiting = asyncio.create_task(processes.run(works.hang_in_c, tmp_path / "pid"))
    pid = await _begun(tmp_path / "pid")
    await processes.close()

    await _gone(pid)
    with pytest.raises(UnavailableError):
        await waiting


async def test_workers_end_with_a_service_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "service.py"
    script.write_text(SERVICE)
    path = os.pathsep.join([str(Path(works.__file__).parent), *sys.path])
    service = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path / "pid")], env={**os.environ, "PYTHONPATH": path}
    )
    pid = await _begun(tmp_path / "pid")
    service.kill()
    service.wait()

    await _gone(pid)


async def test_nothing_is_started_before_it_is_needed() -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    processes = LimitedProcesses(workers=4, memory_bytes=MEMORY, timeout=1)
    await processes.close()
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before
