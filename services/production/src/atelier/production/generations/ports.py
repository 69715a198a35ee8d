"""What asking for generations needs from outside."""

from __future__ import annotations

from typing import Protocol

LARGEST = 2**31 - 1


class Seeds(Protocol):
    """Where the seeds of generations come from; tests hold them."""

    def next(self) -> int:
        """A seed from 0 to `LARGEST`: the same one makes the same picture again."""
        ...
