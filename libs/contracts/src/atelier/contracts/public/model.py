"""What every public model has in common."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict

from atelier.contracts.types import UtcDatetime


class PublicModel(BaseModel):
    """An immutable HTTP body that can be read off rows and states by attribute."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class PublicEntity(PublicModel):
    """A body with an identity; both times are set by the service that owns the entity."""

    id: UUID
    created_at: UtcDatetime
    updated_at: UtcDatetime
