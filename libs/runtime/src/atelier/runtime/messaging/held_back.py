"""Aggregates whose events the broker didn't take: they wait a while, and others go on meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterable
from uuid import UUID

POSTPONED = 5.0
"""Seconds until an event is tried again."""


class HeldBack:
    """The relay's memory of them; a new leader begins with none."""

    def __init__(self) -> None:
        self._until: dict[UUID, float] = {}
        self._alone: set[UUID] = set()

    def __contains__(self, aggregate_id: UUID) -> bool:
        return aggregate_id in self._until

    def waiting(self) -> list[UUID]:
        """Those whose events stay where they are for now."""
        now = time.monotonic()
        self._until = {id_: until for id_, until in self._until.items() if until > now}
        return list(self._until)

    def postpone(self, aggregate_ids: Iterable[UUID]) -> None:
        """Nobody could be asked, or the topic is missing: try again later."""
        until = time.monotonic() + POSTPONED
        self._until.update(dict.fromkeys(aggregate_ids, until))

    def refuse(self, aggregate_ids: Iterable[UUID]) -> None:
        """The broker refused a batch with events of these: from now on each goes alone, so that only
        those that are refused again wait.
        """
        refused = set(aggregate_ids)
        self.postpone(refused & self._alone)
        self._alone |= refused

    def goes_alone(self, aggregate_id: UUID) -> bool:
        """Whether its events may share a batch with nobody's."""
        return aggregate_id in self._alone

    def take(self, aggregate_ids: Iterable[UUID]) -> None:
        """The broker took all that was there of these."""
        self._alone.difference_update(aggregate_ids)
