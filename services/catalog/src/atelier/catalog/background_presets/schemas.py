"""Bodies and answers of the background presets' operations."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from atelier.catalog.pictures import Image
from atelier.contracts.enums import BackgroundFixStrategy, ShotTypeFraming
from atelier.contracts.public.presets import BackgroundPresetPublic
from atelier.runtime.http.bodies import RequestBody

Name = Annotated[str, Field(min_length=1, max_length=255)]


class BackgroundPresetFramingCreate(RequestBody):
    """The background for one framing; without a framing it serves all those that have none of their own."""

    framing: ShotTypeFraming | None = None
    image: Image


class BackgroundPresetCreate(RequestBody):
    """A new preset, each framing in it once. Only administrators may set `owner_id`."""

    name: Name
    framings: Annotated[list[BackgroundPresetFramingCreate], Field(min_length=1, max_length=100)]
    strategy: BackgroundFixStrategy | None = BackgroundFixStrategy.DEFAULT
    owner_id: UUID | None = None
    organization_id: UUID | None = None


class BackgroundPresetsPublic(BaseModel):
    """A page of presets; `count` is of all that match."""

    data: list[BackgroundPresetPublic]
    count: int
