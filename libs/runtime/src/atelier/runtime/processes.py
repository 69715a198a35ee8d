"""CPU work on what others send, such as pictures: in processes that can be killed, never in this one.

Each worker may have so much memory and so much time. What takes more is killed alone: the
service goes on, and so does the pool, with a fresh worker.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import pickle
import resource
import signal
import sys
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from atelier.runtime.errors import UnavailableError

if TYPE_CHECKING:
    from pebble import ProcessPool

P = ParamSpec("P")
T = TypeVar("T")

PR_SET_PDEATHSIG = 1
M_ARENA_MAX = -8
"""glibc's name for the number of heaps that threads allocate from."""
ARENAS = 2
THREADS_OF_VIPS = "2"
ENDING = "The service is ending; try again in a moment."


class WorkKilledError(Exception):
    """The work needed more memory than it may have, or crashed its process."""


class WorkTimeoutError(Exception):
    """The work took too long and was killed."""


class LimitedProcesses:
    """So many worker processes, started at the first use; `memory_bytes` and `timeout` (s) for each work.

    The limit is on data that a worker has written or may write (RLIMIT_DATA), about 40 MB of which
    an idle one with libvips has already. More works than workers wait for their turn.
    """

    def __init__(self, *, workers: int, memory_bytes: int, timeout: float) -> None:
        self._workers = workers
        self._memory_bytes = memory_bytes
        self._timeout = timeout
        self._turns = asyncio.Semaphore(workers)
        self._starting = asyncio.Lock()
        self._pool: ProcessPool | None = None
        self._in_hand: set[Future[Any]] = set()
        self._closed = False

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What a function of a module returns or raises; everything is pickled, so pass paths, not bytes.

        Raises `WorkKilledError` and `WorkTimeoutError`, and `UnavailableError` where the service ends
        meanwhile, which says nothing about the work. Who is cancelled while they wait has it killed.
        """
        async with self._turns:
            try:
                return await self._run(function, args, kwargs)
            except BrokenProcessPool as broken:
                if self._closed:
                    raise UnavailableError(ENDING) from broken
                # a worker died between two works: that says nothing about this one
                return await self._run(function, args, kwargs)

    async def close(self) -> None:
        """Kill what runs, which `UnavailableError` tells who waits for it, and end the workers."""
        self._closed = True
        pool, self._pool = self._pool, None
        if pool is not None:
            await asyncio.to_thread(_end, pool)
        for future in self._in_hand:
            if not future.done():
                future.set_exception(UnavailableError(ENDING))

    async def _run(self, function: Callable[..., T], args: Any, kwargs: Any) -> T:
        from pebble import ProcessExpired

        pool = await self._started()
        future = pool.schedule(_work, [function, args, kwargs], timeout=self._timeout)
        self._in_hand.add(future)
        try:
            return await asyncio.wrap_future(future)
        except ProcessExpired as died:
            raise WorkKilledError(f"The worker died with exit code {died.exitcode}.") from died
        except MemoryError as full:
            raise WorkKilledError("The work needed more memory than it may have.") from full
        except TimeoutError as late:
            raise WorkTimeoutError(f"The work took more than {self._timeout:g} s.") from late
        finally:
            self._in_hand.discard(future)

    async def _started(self) -> ProcessPool:
        async with self._starting:
            if self._closed:
                raise UnavailableError(ENDING)
            if self._pool is None or not self._pool.active:
                self._pool = _made(self._workers, self._memory_bytes)
                await asyncio.to_thread(getattr, self._pool, "active")  # reading it starts the workers
            return self._pool


def _made(workers: int, memory_bytes: int) -> ProcessPool:
    import multiprocessing

    from pebble import ProcessPool

    return ProcessPool(
        max_workers=workers,
        initializer=_limit,
        initargs=[memory_bytes],
        context=multiprocessing.get_context("spawn"),  # no fork of a process with threads
    )


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


def _limit(memory_bytes: int) -> None:
    """First thing in a worker, before it imports anything of the work."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # also inside a library, where Python's handlers wait
    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ["VIPS_CONCURRENCY"] = THREADS_OF_VIPS
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # nobody would end it after a kill -9 of its service
        with contextlib.suppress(AttributeError):  # another libc than glibc
            libc.mallopt(M_ARENA_MAX, ARENAS)  # each more would count against the limit


def _work(function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """Do the work in the worker; an error that can't travel is told in words.

    An error that can be pickled but not read again would break the pool.
    """
    try:
        return function(*args, **kwargs)
    except Exception as error:
        if not _travels(error):
            raise RuntimeError(f"{type(error).__name__}: {error}") from None
        raise


def _travels(error: Exception) -> bool:
    try:
        return type(pickle.loads(pickle.dumps(error))) is type(error)  # noqa: S301 - our own, just made
    except Exception:
        return False
