"""Token buckets: so many at once, and so many in a time after that."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from math import ceil

Seconds = Callable[[], float]
_KEPT = 50_000
"""How many buckets are remembered; the one not used for longest goes first, and would be fullest."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`amount` at once, refilled evenly within `seconds`."""

    amount: int
    seconds: float

    @classmethod
    def parse(cls, text: str) -> Rate:
        """From `600/60`: 600 in 60 s. ValueError for anything else."""
        amount, slash, seconds = text.partition("/")
        rate = cls(int(amount), float(seconds)) if slash else None
        if rate is None or rate.amount < 1 or not 0 < rate.seconds <= 86_400:
            raise ValueError(f"{text!r} is no rate of the form 600/60 (requests/seconds)")
        return rate


@dataclass(frozen=True, slots=True)
class Standing:
    """What a bucket says to one who takes from it. `reset`: seconds until it is full again."""

    allowed: bool
    limit: int
    remaining: int
    reset: int
    retry_after: int


class Buckets:
    """A bucket for each key, in memory."""

    def __init__(self, rate: Rate, monotonic: Seconds = time.monotonic) -> None:
        self._amount = rate.amount
        self._per_second = rate.amount / rate.seconds
        self._monotonic = monotonic
        self._levels: dict[Hashable, tuple[float, float]] = {}

    def take(self, key: Hashable) -> Standing:
        """Take one; nothing is taken from a bucket that holds less."""
        now = self._monotonic()
        level, at = self._levels.pop(key, (float(self._amount), now))
        level = min(self._amount, level + (now - at) * self._per_second)
        allowed = level >= 1
        level -= allowed
        if len(self._levels) >= _KEPT:
            del self._levels[next(iter(self._levels))]
        self._levels[key] = (level, now)
        return self._standing(allowed, level)

    def _standing(self, allowed: bool, level: float) -> Standing:
        reset = ceil((self._amount - level) / self._per_second)
        retry_after = 0 if allowed else max(1, ceil((1 - level) / self._per_second))
        return Standing(allowed, self._amount, int(level), reset, retry_after)
