"""What a row must be so that its changes become events."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Mapped

from atelier.contracts.model import State


class Aggregate(Protocol):
    """A root row: it counts its changes and can tell its whole state."""

    id: Mapped[UUID] | UUID
    version: Mapped[int] | int
    updated_at: Mapped[datetime] | datetime

    def state(self) -> State:
        """The row as its events carry it."""
        ...
