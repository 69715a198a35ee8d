"""Bodies and answers of the resolution presets' operations."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from atelier.contracts.public.presets import ResolutionPresetPublic
from atelier.runtime.http.bodies import RequestBody

Name = Annotated[str, Field(min_length=1, max_length=255)]
Pixels = Annotated[int, Field(strict=True, gt=0, le=2**31 - 1)]


class ResolutionPresetCreate(RequestBody):
    """A new preset. Only administrators may set `owner_id`."""

    name: Name
    width: Annotated[Pixels, Field(description="Width in pixels.")]
    height: Annotated[Pixels, Field(description="Height in pixels.")]
    owner_id: UUID | None = None
    organization_id: UUID | None = None


class ResolutionPresetUpdate(RequestBody):
    """Changes of a preset: what isn't sent stays. `organization_id: null` makes it personal."""

    name: Name | None = None
    width: Pixels | None = None
    height: Pixels | None = None
    owner_id: UUID | None = None
    organization_id: UUID | None = None


class ResolutionPresetsPublic(BaseModel):
    """A page of presets; `count` is of all that match."""

    data: list[ResolutionPresetPublic]
    count: int
