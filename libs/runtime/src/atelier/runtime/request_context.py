"""What follows a request or a record through the code: who asks, and what caused it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something is being done; events and log lines carry it on.

    `correlation_id` is the request id at the gateway, `causation_id` the event that led here.
    """

    correlation_id: str
    causation_id: str | None = None
    actor_id: UUID | None = None
    traceparent: str | None = None

    def by(self, actor_id: UUID | None) -> Cause:
        """The same cause with the user who acts known."""
        return replace(self, actor_id=actor_id)


NO_CAUSE = Cause(correlation_id="none")
current_cause: ContextVar[Cause] = ContextVar("current_cause", default=NO_CAUSE)


@contextmanager
def because_of(cause: Cause) -> Iterator[None]:
    """What is done inside carries this cause: its log lines and its calls of other services."""
    token = current_cause.set(cause)
    try:
        yield
    finally:
        current_cause.reset(token)
