"""Generations with their predictions, as generation owns them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar
from uuid import UUID

from atelier.contracts.enums import ErrorCategory, GenerationStatus, PredictionStatus
from atelier.contracts.generation_requests import GenerationRequest
from atelier.contracts.media import Attached, Attaching, StoredMedia, one
from atelier.contracts.model import Event, Open, State


class PredictionState(State):
    """One picture of a generation; `duration_seconds` is how long the backend took.

    Owner and organization are those of the generation, and so is the version of its internal read.
    """

    kind: ClassVar[str] = "predictions"

    generation_id: UUID
    shot_id: UUID | None = None
    product_id: UUID | None = None
    seed: int
    status: Open[PredictionStatus]
    image: StoredMedia | None = None
    favourite: bool = False
    error_category: Open[ErrorCategory] | None = None
    error_message: str | None = None
    duration_seconds: float | None = None


class GenerationState(Attaching):
    """A request to make pictures, and what became of it."""

    kind: ClassVar[str] = "generations"

    request: GenerationRequest
    status: Open[GenerationStatus]
    predictions: tuple[PredictionState, ...] = ()

    def attached(self) -> Iterator[Attached]:
        """The picture of each prediction, which is an entity of its own."""
        for prediction in self.predictions:
            yield from one("PREDICTION", prediction.id, "result_image", prediction.image)


class GenerationUpdated(Event[GenerationState]):
    """Whose it is changed, with its shot or by the end of its organization."""


class GenerationStarted(Event[GenerationState]):
    """A worker has begun."""


class GenerationCompleted(Event[GenerationState]):
    """Every prediction has ended, and at least one has its picture."""


class GenerationFailed(Event[GenerationState]):
    """Every prediction has failed for good."""


class GenerationCancelled(Event[GenerationState]):
    """It is no longer wanted; what wasn't made won't be."""


class GenerationDeleted(Event[GenerationState]):
    """The generation is gone for good, with its predictions."""


class PredictionCompleted(Event[GenerationState]):
    """A picture is there."""

    prediction_id: UUID


class PredictionFailed(Event[GenerationState]):
    """A picture can't be made; the prediction says why."""

    prediction_id: UUID
