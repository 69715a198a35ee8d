"""Bodies and answers of the operations that ask for generations."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from atelier.runtime.http.bodies import RequestBody

MOST = 10


class StartGenerationsRequest(RequestBody):
    """How many generations each shot type gets."""

    generations_per_shot_type: Annotated[int, Field(strict=True, ge=1, le=MOST)] = 1


class StartGenerationsResponse(BaseModel):
    """The generations that were asked for; the message names shot types that were left out, and why."""

    message: str
    look_id: UUID
    generation_ids: list[UUID]
    generations_per_shot_type: int


class GenerationCreationResult(BaseModel):
    """A generation that was asked for, and the shot that it is for."""

    generation_id: UUID
    look_id: UUID
    shot_id: UUID
