"""What can be done with generations."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid5

from atelier.contracts.enums import GenerationStatus, PredictionStatus
from atelier.contracts.generation_requests import GenerationRequest
from atelier.contracts.generations import (
    GenerationCancelled,
    GenerationCompleted,
    GenerationDeleted,
    GenerationFailed,
    GenerationStarted,
    GenerationUpdated,
)
from atelier.contracts.products import ProductState
from atelier.contracts.shots import ShotState
from atelier.generation.generations import repository
from atelier.generation.generations.models import Generation, Prediction, status_of
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import require_member
from atelier.runtime.entities import change
from atelier.runtime.errors import NotFoundError, UnavailableError
from atelier.runtime.http.pages import Page
from atelier.runtime.references import References
from atelier.runtime.unit_of_work import UnitOfWork

MAKE = "make-prediction"
"""The job that makes one picture; its key is the prediction's id."""
DELETE = "delete-generations"
"""The job that deletes a product's generations; its key is the product's id."""
BATCH = 100
OPEN = (GenerationStatus.PENDING, GenerationStatus.PROCESSING)


async def take_over(uow: UnitOfWork, request: GenerationRequest, tool: str) -> None:
    """Begin what production asked for, with a job for each picture; the same request again is nothing.

    Nothing is begun for a shot or product that was deleted before: nobody could see the result.
    """
    await repository.hold(uow, request.shot_id, request.product_id)
    if await repository.any_gone(uow, (request.shot_id, request.product_id)):
        return
    if await repository.exists(uow, request.id):
        return
    generation = Generation(
        id=request.id,
        created_at=uow.now,
        updated_at=uow.now,
        owner_id=request.owner_id,
        organization_id=request.organization_id,
        request=request.model_dump(mode="json"),
        product_id=request.product_id,
        shot_id=request.shot_id,
        tool=tool,
    )
    uow.add(generation)
    for number in range(request.batch_size):
        prediction = _prediction(uow, request, number)
        uow.add(prediction)
        uow.enqueue(MAKE, str(prediction.id), {"prediction_id": str(prediction.id)})


def _prediction(uow: UnitOfWork, request: GenerationRequest, number: int) -> Prediction:
    return Prediction(
        id=uuid5(request.id, str(number)),
        generation_id=request.id,
        number=number,
        created_at=uow.now,
        updated_at=uow.now,
        seed=request.seed + number,
    )


async def cancel_of_shot(uow: UnitOfWork, shot_id: UUID) -> None:
    """Cancel what is still to be made for a shot that is gone; what is there stays."""
    await repository.hold(uow, shot_id)
    await repository.mark_gone(uow, shot_id)
    for generation in await repository.lock_of_shot(uow, shot_id, OPEN):
        for prediction in generation.predictions:
            if not prediction.has_ended:
                prediction.step(PredictionStatus.CANCELLED, uow.now)
        settle(uow, generation)


async def follow_shot(uow: UnitOfWork, shot: ShotState) -> None:
    """Give a shot's generations to whom the shot belongs now."""
    ownership = {"owner_id": shot.owner_id, "organization_id": shot.organization_id}
    for generation in await repository.lock_of_shot(uow, shot.id):
        if change(generation, ownership):
            uow.emit(generation, GenerationUpdated)


async def forget_product(uow: UnitOfWork, product_id: UUID) -> None:
    """Ask for the end of a product's generations: a product may have any number of them."""
    await repository.hold(uow, product_id)
    await repository.mark_gone(uow, product_id)
    uow.enqueue(DELETE, str(product_id), {"product_id": str(product_id)})


async def delete_of_product(uow: UnitOfWork, product_id: UUID) -> bool:
    """Delete the next of a product's generations for good; whether there may be more."""
    generations = await repository.lock_of_product(uow, product_id, BATCH)
    for generation in generations:
        await uow.remove(generation, GenerationDeleted)
    return len(generations) == BATCH


def settle(uow: UnitOfWork, generation: Generation) -> None:
    """Bring a generation to what its predictions say, and tell of it where that is another status."""
    status = status_of([prediction.status for prediction in generation.predictions])
    if status == generation.status:
        return
    generation.status = status.value
    match status.value:
        case "PROCESSING":
            uow.emit(generation, GenerationStarted)
        case "COMPLETED":
            uow.emit(generation, GenerationCompleted)
        case "FAILED":
            uow.emit(generation, GenerationFailed)
        case _:
            uow.emit(generation, GenerationCancelled)


async def list_of_product(
    uow: UnitOfWork,
    references: References,
    principal: Principal,
    organization_id: UUID | None,
    product_id: UUID,
    page: Page,
) -> Sequence[Generation]:
    """A product's generations that the caller may read, newest first; of one organization if named.

    Raises `NotFoundError` for a product that the caller may not know of or that isn't the named
    organization's, and `ForbiddenError` for an organization that they aren't in.
    """
    if organization_id is not None:
        require_member(principal, organization_id)
    generations = await repository.of_product(uow, product_id, organization_id, principal, page)
    if not generations:
        await uow.pause()
        await _require_product(uow, references, principal, organization_id, product_id)
    return generations


async def _require_product(
    uow: UnitOfWork,
    references: References,
    principal: Principal,
    organization_id: UUID | None,
    product_id: UUID,
) -> None:
    """Only an empty list leaves it open whether there is such a product; then catalog is asked.

    Where it is away, an empty list is still true.
    """
    try:
        found = await references.fresh(uow, ProductState, [product_id], principal)
    except UnavailableError:
        return
    product = found.get(product_id)
    if product is None or organization_id not in (None, product.organization_id):
        raise NotFoundError.of("Product")
