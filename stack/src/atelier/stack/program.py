"""A process to run, as data: the parts and the services describe themselves with it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


def _nothing() -> None:
    """No preparation."""


@dataclass(frozen=True)
class Program:
    """How to prepare, start, ask and stop one process.

    `prepare` and `is_ready` block and are called from threads; `prepare` runs before every start,
    also after a crash. `environment` is all that the process gets. Lines of output that `loud`
    doesn't find stay in the log file; without it all are shown.
    """

    name: str
    command: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str]
    is_ready: Callable[[], bool]
    prepare: Callable[[], None] = _nothing
    ready_within: float = 180.0
    stop_signal: signal.Signals = signal.SIGTERM
    stop_within: float = 15.0
    death_signal: signal.Signals = signal.SIGKILL
    loud: str = field(default="", repr=False)
