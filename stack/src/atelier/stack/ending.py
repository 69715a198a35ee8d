"""How a run is asked to end, and how work that is under way is given up."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any

from atelier.stack.errors import StackError

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TERMINAL = 0
"""The file descriptor of standard input."""

LOOK_EVERY = 1.0
"""Seconds between two looks at whether the terminal is still there."""


@contextlib.contextmanager
def listening(again: Callable[[], None]) -> Iterator[asyncio.Event]:
    """An event that the first signal sets, or the closing of the terminal; later signals call `again`."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def ask() -> None:
        if asked.is_set():
            again()
        asked.set()

    for number in SIGNALS:
        loop.add_signal_handler(number, ask)
    watching = asyncio.create_task(_watch_terminal(asked))
    try:
        yield asked
    finally:
        watching.cancel()
        for number in SIGNALS:
            loop.remove_signal_handler(number)


async def _watch_terminal(asked: asyncio.Event) -> None:
    """Closing a terminal is told to its first process only, which may be a `make` that waits for us."""
    if not os.isatty(TERMINAL):
        return
    terminal = select.poll()
    terminal.register(TERMINAL, 0)  # only that it hung up, which is always told
    while not terminal.poll(0):  # noqa: ASYNC110 (a loop can't wait for a hang-up alone)
        await asyncio.sleep(LOOK_EVERY)
    asked.set()


async def unless(asked: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Do the work, or give it up when the end comes first."""
    working, waiting = asyncio.ensure_future(work), asyncio.ensure_future(asked.wait())
    try:
        await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (working, waiting):
            if not task.done():
                task.cancel()
        await asyncio.wait({working, waiting})
    if not working.cancelled():
        working.result()


@contextlib.asynccontextmanager
async def first_error() -> AsyncIterator[None]:
    """One sentence is enough when several things fail together."""
    try:
        yield
    except BaseExceptionGroup as group:
        error: BaseException = group.subgroup(StackError) or group
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        raise error from None
