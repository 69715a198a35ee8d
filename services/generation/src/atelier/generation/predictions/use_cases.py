"""The steps of a prediction. Each locks its generation, so that one end of it comes first and stays."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from atelier.contracts.enums import PredictionStatus
from atelier.contracts.generation_requests import GenerationRequest
from atelier.contracts.generations import PredictionCompleted, PredictionFailed
from atelier.contracts.media import StoredMedia
from atelier.generation.generations import repository
from atelier.generation.generations.models import Generation, Prediction
from atelier.generation.generations.use_cases import settle
from atelier.generation.ports import BackendError
from atelier.generation.predictions.retries import may_retry
from atelier.runtime.authorization import Ownership
from atelier.runtime.unit_of_work import UnitOfWork

LONGEST_MESSAGE = 1000
"""Characters of a backend's message that are kept."""


@dataclass(frozen=True, kw_only=True)
class Making:
    """A prediction in the making: all that is needed without a look at the database."""

    prediction_id: UUID
    seed: int
    request: GenerationRequest
    tool: str
    ownership: Ownership
    """Whose the picture will be: the generation's owner and organization of now."""


async def begin(uow: UnitOfWork, prediction_id: UUID) -> Making | None:
    """Take up a prediction, or go on with one after a crash; None where it has ended or is gone."""
    generation, prediction = await _locked(uow, prediction_id)
    if generation is None or prediction is None:
        return None
    if prediction.status == PredictionStatus.PENDING:
        prediction.step(PredictionStatus.PROCESSING, uow.now)
        settle(uow, generation)
    return Making(
        prediction_id=prediction.id,
        seed=prediction.seed,
        request=generation.asked,
        tool=generation.tool,
        ownership=Ownership(generation.owner_id, generation.organization_id),
    )


async def complete(uow: UnitOfWork, prediction_id: UUID, image: StoredMedia, seconds: float) -> None:
    """Keep the picture; nothing where the prediction was cancelled meanwhile.

    Nobody confirms the attachment of such a picture then, so media takes it away.
    """
    generation, prediction = await _locked(uow, prediction_id)
    if generation is None or prediction is None:
        return
    prediction.step(PredictionStatus.COMPLETED, uow.now)
    prediction.image = image.model_dump(mode="json")
    prediction.duration_seconds = round(seconds, 3)
    prediction.error_category = prediction.error_message = None
    uow.emit(generation, PredictionCompleted, prediction_id=prediction_id)
    settle(uow, generation)


async def fail(uow: UnitOfWork, prediction_id: UUID, error: BackendError) -> int | None:
    """Note a failure. Returns how many there were where another try is due; None where it has ended."""
    generation, prediction = await _locked(uow, prediction_id)
    if generation is None or prediction is None:
        return None
    prediction.failures += 1
    prediction.error_category = error.category.value
    prediction.error_message = error.message[:LONGEST_MESSAGE]
    prediction.updated_at = uow.now
    if may_retry(error.category, prediction.failures):
        return prediction.failures
    prediction.step(PredictionStatus.FAILED, uow.now)
    uow.emit(generation, PredictionFailed, prediction_id=prediction_id)
    settle(uow, generation)
    return None


async def _locked(uow: UnitOfWork, prediction_id: UUID) -> tuple[Generation | None, Prediction | None]:
    """A prediction that hasn't ended, with its generation, both for changing."""
    generation = await repository.lock_of_prediction(uow, prediction_id)
    if generation is None:
        return None, None
    prediction = generation.prediction(prediction_id)
    return (None, None) if prediction.has_ended else (generation, prediction)
