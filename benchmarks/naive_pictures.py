"""Converting a picture as tutorials do, with Pillow, and the look at what a conversion costs its process.

Run in worker processes, which load this file and nothing more than what it names.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RESET_PEAK = "5"


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock and of the CPU, and the most memory that the process held, in bytes."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int


def convert(source: Path, target: Path, format_: str, longest: int, quality: int) -> None:
    """Open, resize, save."""
    from PIL import Image

    with Image.open(source) as image:
        scale = longest / max(image.size)
        size = round(image.width * scale), round(image.height * scale)
        image.resize(size, Image.Resampling.LANCZOS).save(target, format_, quality=quality)


def measured(function: Callable[..., Any], *args: Any) -> Cost:
    """What one run of a function costs."""
    Path("/proc/self/clear_refs").write_text(RESET_PEAK)
    started, cpu = time.perf_counter(), time.process_time()
    function(*args)
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu
    return Cost(seconds, cpu_seconds, _peak())


def _peak() -> int:
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024
