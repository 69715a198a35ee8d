"""Named moments at which a test can kill this process; in production nothing happens here."""

from __future__ import annotations

import os
import signal
from typing import Literal

CrashPoint = Literal[
    "before_commit", "after_commit", "after_send", "before_mark", "after_effect", "before_offset"
]
VARIABLE = "ATELIER_CRASH_AT"
"""`name` or `name:n`: die as by kill -9 at the n-th time (from 1) that the point is reached."""

_name, _, _count = os.environ.get(VARIABLE, "").partition(":")
_left = int(_count or 1)


def reached(point: CrashPoint) -> None:
    """Die here, if a test asked for it."""
    global _left
    if point != _name:
        return
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
