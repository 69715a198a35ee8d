"""Shootings, as production owns them."""

from typing import ClassVar
from uuid import UUID

from atelier.contracts.model import Event, State
from atelier.contracts.types import UtcDatetime


class ShootingState(State):
    """A planned production. Its computed statuses are not part of its state."""

    kind: ClassVar[str] = "shootings"

    name: str
    description: str | None = None
    due_date: UtcDatetime | None = None
    archived: bool = False
    season: str | None = None
    collection: str | None = None
    brand: str | None = None
    default_guidelines_id: UUID | None = None


class ShootingCreated(Event[ShootingState]):
    """A production is planned."""


class ShootingUpdated(Event[ShootingState]):
    """What is planned, or whose it is, changed."""


class ShootingDeleted(Event[ShootingState]):
    """The shooting is gone for good, with all it owns."""
