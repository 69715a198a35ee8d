"""Body and answer of ingest."""

from __future__ import annotations

from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from atelier.contracts.media import StoredMedia
from atelier.runtime.http.bodies import RequestBody

MAX_ITEMS = 400
"""What the largest body holds, a subject's with three full lists and two single pictures, and more."""
Name = Annotated[str, Field(min_length=1, max_length=64)]


class AttachmentBody(RequestBody):
    """What a file is meant for; `kind` is that of the aggregate which holds the entity."""

    kind: Name
    aggregate_id: UUID
    entity_type: Name
    entity_id: UUID
    slot: Name
    position: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None


class IngestItemBody(RequestBody):
    """One file, by exactly one of a source and the id of a resource; what is null says nothing.

    It may be meant for more than one use: `also` are the others.
    """

    source: Annotated[str, Field(min_length=1)] | None = None
    media_resource_id: UUID | None = None
    attachment: AttachmentBody
    also: Annotated[list[AttachmentBody], Field(max_length=20_000)] = Field(default_factory=list)
    alt_text: str | None = None
    caption: str | None = None
    protected: bool | None = None

    @model_validator(mode="after")
    def names_exactly_one_source(self) -> Self:
        """Raise ValueError where none or both of the two are given."""
        if (self.source is None) == (self.media_resource_id is None):
            raise ValueError("give exactly one of source and media_resource_id")
        return self


class IngestBody(RequestBody):
    """Files for one tenant: an organization, or an owner where `organization_id` is null."""

    owner_id: UUID
    organization_id: UUID | None = None
    items: Annotated[list[IngestItemBody], Field(min_length=1, max_length=MAX_ITEMS)]


class Ingested(BaseModel):
    """The files as they are stored, in the order of the items."""

    data: list[StoredMedia]
