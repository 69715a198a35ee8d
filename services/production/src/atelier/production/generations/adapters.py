"""The outside that asking for generations needs."""

from __future__ import annotations

import random

from atelier.production.generations.ports import LARGEST


class RandomSeeds:
    """A seed that nobody chose."""

    def next(self) -> int:
        """Any seed."""
        return random.randint(0, LARGEST)  # noqa: S311 - a seed is no secret
